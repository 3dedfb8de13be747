"""get and put against servers that are there, die, and come back."""
import json
import os
import signal

from case import case, expect, expect_equal
from command import Command
from cutting import Relay
from fixture import PASSWORD
from samba import Samba
from transfer_files import digest_of, make, until

SIZE = 192 << 20
MIDDLE = 64 << 20


def own(t):
    return t.server(shares={"data": {"read_only": "no"}})


def url(t, p, path=""):
    return f"smb://{t.user}@127.0.0.1:{p.port}/data{path}"


def held(p):
    """A way to the server whose first connection stops in the middle of a large file."""
    return Relay(p.port, MIDDLE, hold=True)


@case("large files keep at least eight requests in flight, both ways, and arrive whole")
def in_flight(t):
    p, c = own(t), Command(t)
    want = make(p.path("big"), SIZE)
    got = json.loads(c.must("get", "--json", "--checksum", f"{url(t, p)}/big"))
    expect(got["in_flight"] >= 8, f"get: {got['in_flight']} in flight")
    expect_equal(digest_of(c.path("big")), want)
    put = json.loads(c.must("put", "--json", "big", f"{url(t, p)}/back"))
    expect(put["in_flight"] >= 8, f"put: {put['in_flight']} in flight")
    expect_equal(digest_of(p.path("back")), want)


def half_got(t, p, conf=None):
    """(command, relay, the get that hangs in the middle, digest of the whole)"""
    c, relay = Command(t, conf=conf), held(p)
    want = make(p.path("big"), SIZE)
    g = c.start("get", "--resume", f"{url(t, relay)}/big")
    relay.held()
    until(lambda: any(n.endswith(".part") and os.stat(c.path(n)).st_blocks > 0
                      for n in os.listdir(c.folder)))
    return c, relay, g, want


@case("Debian's smbd is killed in the middle of a get and comes back: the file is right", root=True,
      timeout=200)
def get_server_killed(t):
    with Samba(t.user, PASSWORD) as p:
        c, relay, g, want = half_got(t, p)
        p.kill()
        p.start()
        relay.let_go()
        g.communicate(timeout=120)
        if g.returncode != 0:    # it gave up: the same once more goes on
            c.must("get", "--resume", "--checksum", f"{url(t, p)}/big")
        expect_equal(digest_of(c.path("big")), want)


@case("Debian's smbd is killed in the middle of a put and comes back: the file is right", root=True,
      timeout=200)
def put_server_killed(t):
    with Samba(t.user, PASSWORD) as p:
        c, relay = Command(t), held(p)
        want = make(c.path("big"), SIZE)
        g = c.start("put", "--resume", "big", url(t, relay))
        relay.held()
        p.kill()
        p.start()
        relay.let_go()
        g.communicate(timeout=120)
        c.must("put", "--resume", "--checksum", "big", url(t, p))
        expect_equal(digest_of(p.path("big")), want)


@case("Ctrl-C, then the same with --resume: only the rest is fetched")
def interrupted(t):
    p = own(t)
    c, relay, g, want = half_got(t, p)
    g.send_signal(signal.SIGINT)
    g.communicate(timeout=60)
    relay.close()
    expect_equal(g.returncode, 1, "exit code")
    c.must("get", "--resume", "--checksum", f"{url(t, p)}/big")
    expect_equal(digest_of(c.path("big")), want)
    expect_equal(sorted(os.listdir(c.folder)), ["big"])


@case("a tree of many small files, there and back", timeout=200)
def many_files(t):
    p, c = own(t), Command(t)
    for i in range(600):
        c.write(f"tree/{i % 7}/sub {i % 3}/{i}.bin", b"%d" % i * (i % 50))
    c.must("put", "-rp", "-j", "8", "tree", url(t, p))
    c.must("get", "-rp", "-j", "8", f"{url(t, p)}/tree", "back")
    for d, _, names in os.walk(c.path("tree")):
        for n in names:
            a, b = os.path.join(d, n), os.path.join(d, n).replace("/tree/", "/back/")
            expect_equal(open(b, "rb").read(), open(a, "rb").read(), n)
            expect(abs(os.stat(a).st_mtime_ns - os.stat(b).st_mtime_ns) < 1000, f"time of {n}")


@case("a tree goes from our server to Debian's smbd and back, through no disk of ours", root=True)
def between_servers(t):
    with Samba(t.user, PASSWORD) as there:
        here, c = own(t), Command(t)
        want = make(here.path("big"), 24 << 20)
        os.mkdir(here.path("tree"))
        for i in range(20):
            with open(here.path(f"tree/{i}"), "w") as f:
                f.write(str(i) * i)
        c.must("cp", f"{url(t, here)}/big", url(t, there))
        c.must("cp", "-rp", f"{url(t, here)}/tree", url(t, there))
        expect_equal(digest_of(there.path("big")), want)
        expect_equal(open(there.path("tree/19")).read(), "19" * 19)
        expect_equal(int(os.stat(there.path("tree/3")).st_mtime),
                     int(os.stat(here.path("tree/3")).st_mtime))
        c.must("cp", f"{url(t, there)}/big", f"{url(t, here)}/again")
        expect_equal(digest_of(here.path("again")), want)
        expect_equal(os.listdir(c.folder), [])


@case("the session's process is killed in the middle: a clear error, and --resume goes on")
def session_killed(t):
    p = own(t)
    c, relay, g, want = half_got(t, p, conf=p.file)
    os.kill(p.processes("session")[0]["pid"], signal.SIGKILL)
    _, err = g.communicate(timeout=60)
    relay.close()
    expect_equal(g.returncode, 1, f"exit code\n{err}")
    expect("STATUS_" in err and "smb://" in err, err)
    c.must("get", "--resume", "--checksum", f"{url(t, p)}/big")
    expect_equal(digest_of(c.path("big")), want)
