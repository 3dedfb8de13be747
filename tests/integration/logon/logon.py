"""Who gets in, as whom, and what the others are told."""
import os
import pwd
import statistics
import time

from case import case, expect, expect_equal
from fixture import PASSWORD
from smb import ENCRYPT, SIGN, Transfer

ROUNDS = 5
# Both answers wait for the same timer and do the same work.  A machine that is
# busy may add this much to a median; a look-up that gives up early shows more.
TOLERANCE_SECONDS = 0.25


def refusal_seconds(t, **whom):
    """Seconds of each of ROUNDS refusals, on an instance that has seen no failure yet."""
    client = t.client(t.server(), **whom)
    seconds = []
    for _ in range(ROUNDS):
        start = time.monotonic()
        client.refused("ls", "LOGON_FAILURE")
        seconds.append(time.monotonic() - start)
    return seconds


@case("a wrong password and an unknown user get the same answer after the same time")
def refused_alike(t):
    wrong = refusal_seconds(t, password="not it")
    unknown = refusal_seconds(t, user="nobody-has-this-name")
    difference = statistics.median(w - u for w, u in zip(wrong, unknown))
    for what, seconds in (("wrong password", wrong), ("unknown user", unknown)):
        print(f"{what}: " + ", ".join(f"{s:.3f}" for s in seconds) + " s")
    expect(abs(difference) < TOLERANCE_SECONDS, f"the medians differ by {difference:.3f} s")


@case("an account without a Unix account of its name is refused", root=True)
def no_unix_account(t):
    server = t.server(users=["bh-no-unix-account"])
    t.client(server, user="bh-no-unix-account").refused("ls", "LOGON_FAILURE")


@case("an anonymous logon is refused where no share wants guests")
def anonymous(t):
    server = t.server()
    out = t.client(server, user="", password="").run("ls")[1]
    expect("NT_STATUS_LOGON_FAILURE" in out or "NT_STATUS_ACCESS_DENIED" in out, out)


@case("names of accounts ignore case, passwords do not")
def case_of_names(t):
    server = t.server()
    t.client(server, user=t.user.upper()).must("ls")
    t.client(server, password=PASSWORD.upper()).refused("ls", "LOGON_FAILURE")


@case("an unknown share is refused as BAD_NETWORK_NAME")
def unknown_share(t):
    server = t.server()
    for protection in (SIGN, ENCRYPT):
        t.client(server, extra=protection).refused("ls", "BAD_NETWORK_NAME", share="nowhere")


@case("a file that the user may not read is refused as ACCESS_DENIED", root=True)
def unreadable_file(t):
    server = t.server()
    with open(server.path("secret"), "w") as f:
        f.write("for root only\n")
    os.chmod(server.path("secret"), 0o600)
    t.client(server).refused("get secret /dev/null", "ACCESS_DENIED")


@case("another user's 0600 file stays closed, the own one opens", root=True)
def other_users_file(t):
    server = t.server()
    for name in t.users:
        entry = pwd.getpwnam(name)
        with open(server.path(name), "w") as f:
            f.write(name)
        os.chown(server.path(name), entry.pw_uid, entry.pw_gid)
        os.chmod(server.path(name), 0o600)
    first, second = t.users
    for own, foreign in ((first, second), (second, first)):
        client = t.client(server, user=own)
        client.must(f"get {own} /dev/null")
        client.refused(f"get {foreign} /dev/null", "ACCESS_DENIED")


@case("supplementary groups count", root=True)
def supplementary_groups(t):
    server = t.server()
    gid = pwd.getpwnam(t.users[1]).pw_gid
    with open(server.path("group"), "w") as f:
        f.write("x")
    os.chown(server.path("group"), 0, gid)
    os.chmod(server.path("group"), 0o640)
    t.client(server, user=t.users[1]).must("get group /dev/null")
    t.client(server, user=t.users[0]).refused("get group /dev/null", "ACCESS_DENIED")


@case("two users at once are served by two workers, with a uid each as root")
def two_users_two_workers(t):
    server = t.server()
    with open(server.path("slow"), "wb") as f:
        f.truncate(1 << 30)
    first, second = (Transfer(t.client(server, user=u), "slow", t.folder()) for u in t.users)
    with first as f, second as g:
        f.read(1)
        g.read(1)                        # both transfers run, and wait for us
        status = server.status()
    workers = {p["identity"]: p for p in status["processes"]
               if p["role"] == "worker" and p["identity"]}
    users = sorted(s["user"].lower() for s in status["sessions"])
    expect_equal(users, sorted(t.users), "users with sessions")
    expect_equal(len({w["pid"] for w in workers.values()}), 2, f"workers of {workers}")
    if t.root:
        expect_equal(len({w["uid"] for w in workers.values()}), 2, "uids of workers")


@case("`session close` ends a session, and the client notices")
def session_close(t):
    server = t.server()
    with open(server.path("slow"), "wb") as f:
        f.truncate(1 << 30)
    transfer = Transfer(t.client(server), "slow", t.folder())
    with transfer as f:
        f.read(1)
        session = server.status()["sessions"][0]["session"]
        server.must("session", "close", str(session))
        transfer.drain()
        expect(transfer.result()[0] != 0, "the transfer went on to its end")
    expect_equal(server.status()["sessions"], [], "sessions")
    t.client(server).must("ls")
