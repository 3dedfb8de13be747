"""Lock-outs: seen, ended, configured; and what a thousand wrong passwords cost others."""
import os
import sys
import time

from attempts import ELSEWHERE, LOCAL, SLACK, logon
from case import case, expect, expect_equal, expect_in
from fixture import PASSWORD

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../hostile/wire"))
import ntlm                     # noqa: E402
import smb2                     # noqa: E402

MANY = 1000


def throw(port, user, n):
    """A wrong password that nobody waits for the answer of: judged all the same."""
    c = smb2.Connection(port)
    c.negotiate()
    first = c.setup(ntlm.negotiate(), sid=0)
    token, _ = ntlm.authenticate(f"guess {n}", user, ntlm.Challenge(first.bytes))
    c.submit(smb2.SESSION_SETUP, c.setup_body(token), sid=first.sid)
    c.close()


def eventually(what, seconds=20):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        result = what()
        if result:
            return result
        time.sleep(0.1)
    return what()


def lockouts(server):
    return server.status()["lockouts"]


@case("an administrator sees who is locked out, and ends it")
def seen_and_ended(t):
    server = t.server(conf={"lockout attempts": "3", "lockout duration": "3600"})
    for i in range(3):
        logon(server.port, t.user, f"guess {i}")
    locked = lockouts(server)
    expect_equal([(l["user"], l["failures"]) for l in locked], [(t.user, 3)], "lock-outs")
    expect_in(LOCAL, locked[0]["client"])
    server.must_log("locked out after too many failures")
    expect(not logon(server.port, t.user, PASSWORD)[0], "a locked out account came in")
    expect_in(t.user, server.must("user", "locks"))
    server.must("user", "unlock", t.users[1])
    expect_equal(len(lockouts(server)), 1, "lock-outs after another's were ended")
    server.must("user", "unlock", t.user)
    expect_equal(lockouts(server), [], "lock-outs")
    accepted, took = logon(server.port, t.user, PASSWORD)
    expect(accepted, "still locked out")
    server.must_log("lock-out ended by administration")


@case("an address is locked out for all accounts, and let in again by its name")
def address(t):
    server = t.server(conf={"lockout attempts": "0", "lockout address attempts": "3"})
    for i in range(3):
        logon(server.port, f"nobody-{i}", "guess", ELSEWHERE)
    expect(not logon(server.port, t.user, PASSWORD, ELSEWHERE)[0], "the address is not locked out")
    expect(logon(server.port, t.user, PASSWORD)[0], "another address is locked out as well")
    expect_equal([l["user"] for l in lockouts(server)], [""], "who is locked out")
    server.must("user", "unlock", ELSEWHERE)
    expect(logon(server.port, t.user, PASSWORD, ELSEWHERE)[0], "still locked out")


@case("a lock-out survives the server's restart, with its name")
def survives(t):
    server = t.server(conf={"lockout attempts": "3"})
    for i in range(3):
        logon(server.port, t.user, f"guess {i}")
    server.stop()
    server.start()
    expect_equal([l["user"] for l in lockouts(server)], [t.user], "who is locked out")
    expect(not logon(server.port, t.user, PASSWORD)[0], "forgotten")


@case("a thousand wrong passwords from one address do not hold up a right one from another",
      timeout=240)
def a_thousand(t):
    server = t.server()
    accepted, alone = logon(server.port, t.user, PASSWORD, ELSEWHERE)
    expect(accepted, "the right password was refused")
    for i in range(MANY):
        throw(server.port, t.user, i)
        if i % 250 == 100:
            accepted, took = logon(server.port, t.user, PASSWORD, ELSEWHERE)
            expect(accepted, f"the owner was refused after {i} guesses of another")
            expect(took < alone + SLACK, f"{took:.2f} s instead of {alone:.2f}")
    locked = eventually(lambda: lockouts(server))
    expect_in(LOCAL, str(locked), "lock-outs")
    expect(ELSEWHERE not in str(locked), "the owner's address is locked out")
    accepted, took = logon(server.port, t.user, PASSWORD, ELSEWHERE)
    expect(accepted and took < alone + SLACK, f"accepted={accepted} after {took:.2f} s")
