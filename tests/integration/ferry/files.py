"""get, put, cat and cp by an instance on another machine: local files go as frames, by its key."""
import json
import os
import signal
import subprocess

from case import Skip, case, expect, expect_equal, expect_in
from command import Command
from cutting import Relay
from fixture import PASSWORD
from samba import Samba
from server import free_port
from transfer_files import digest_of, make, until

SIZE = 48 << 20
MIDDLE = 20 << 20


class Afar(Command):
    """The command with no instance of its own: it asks one by TCP, perhaps through a relay."""
    def __init__(self, t, server, port=None):
        super().__init__(t)
        self.there = ("--connect", f"tcp://127.0.0.1:{port or server.api_port}",
                      "--key", f"{server.dir}/script.key")

    def argv(self, *args):
        return [f"{self.bin}/bulkhead", args[0], *self.there, *args[1:]]


def asked(t):
    """An instance that scripts of other machines may come to, with a share of its own."""
    port = free_port()
    server = t.server({"data": {"read_only": "no"}}, conf={"api listen": f"127.0.0.1:{port}"})
    server.api_port = port
    server.must("keys", "create", "script", "--out", f"{server.dir}/script.key")
    return server


def url(t, p, path=""):
    return f"smb://{t.user}@127.0.0.1:{p.port}/data{path}"


@case("a large file, both ways, with times and checksums, at least eight requests in flight")
def both_ways(t):
    p = asked(t)
    c = Afar(t, p)
    want = make(c.path("big"), SIZE)
    put = json.loads(c.must("put", "--json", "--checksum", "-p", "big", url(t, p)))
    expect(put["in_flight"] >= 8, f"put: {put['in_flight']} in flight")
    expect_equal(digest_of(p.path("big")), want, "what was put")
    expect_equal(os.listdir(p.path()), ["big"], "nothing is left beside it")
    got = json.loads(c.must("get", "--json", "--checksum", "-p", f"{url(t, p)}/big", "again"))
    expect(got["in_flight"] >= 8, f"get: {got['in_flight']} in flight")
    expect_equal(digest_of(c.path("again")), want, "what was fetched")
    expect_equal(int(os.stat(c.path("again")).st_mtime), int(os.stat(c.path("big")).st_mtime))
    expect_equal(c.read("again"), c.read("big"))


@case("a tree with files of many sizes, many at a time, some of them left out", timeout=240)
def trees(t):
    p = asked(t)
    c = Afar(t, p)
    for i in range(40):
        c.write(f"tree/{i % 3}/sub {i % 2}/{i}.bin", os.urandom(i * i * 700))
        c.write(f"tree/{i % 3}/{i}.tmp", b"no")
    c.must("put", "-rp", "-j", "32", "--exclude", "*.tmp", "tree", url(t, p))
    c.must("get", "-rp", "-j", "64", "--checksum", f"{url(t, p)}/tree", "back")
    found = 0
    for d, _, names in os.walk(c.path("back")):
        for n in names:
            a = os.path.join(d, n)
            b = a.replace("/back/", "/tree/")
            with open(a, "rb") as got, open(b, "rb") as want:
                expect_equal(got.read() == want.read(), True, n)
            found += 1
    expect_equal(found, 40, "files that came back")
    c.must("get", "-r", "--include", "39.*", f"{url(t, p)}/tree", "some")
    expect_equal([n for _, _, names in os.walk(c.path("some")) for n in names], ["39.bin"])
    before = os.stat(c.path("back/0/sub 0/0.bin")).st_mtime_ns
    told = json.loads(c.must("get", "-r", "--no-clobber", "--json", f"{url(t, p)}/tree", "back"))
    expect_equal((told["files"], os.stat(c.path("back/0/sub 0/0.bin")).st_mtime_ns), (40, before))
    expect_equal(os.path.exists(c.path("back/tree/2/sub 1/29.bin")), True, "into what is there")


@case("standard input and output, a named pipe, the shell: what comes is what went")
def streams(t):
    p = asked(t)
    c = Afar(t, p)
    text = "".join(f"line {i}\n" for i in range(300_000))       # 3.5 MiB: many frames
    c.must("put", "-", f"{url(t, p)}/piped", stdin=text)
    with open(p.path("piped"), encoding="ascii") as f:
        expect_equal(f.read() == text, True, "what was put from standard input")
    expect_equal(c.must("cat", f"{url(t, p)}/piped") == text, True, "cat")
    expect_equal(c.must("get", f"{url(t, p)}/piped", "-") == text, True, "get to -")
    c.must("put", "-", f"{url(t, p)}/none", stdin="")
    expect_equal(c.must("cat", f"{url(t, p)}/none"), "", "an empty one")
    os.mkfifo(c.path("fifo"))
    reader = subprocess.Popen(["wc", "-c", c.path("fifo")], stdout=subprocess.PIPE, text=True)
    c.must("get", f"{url(t, p)}/piped", "fifo")
    expect_equal(reader.communicate(timeout=60)[0].split()[0], str(len(text)), "through a fifo")
    c.write("a.txt", b"a" * 200_000)
    c.write("b.txt", b"b" * 3)
    out = c.must("shell", url(t, p), "-c", "mput *.txt; mkdir d; lcd /; more b.txt; ls")
    expect_in("bbb", out)
    expect_equal(os.path.getsize(p.path("a.txt")), 200_000)
    c.must("shell", url(t, p), "-c", f"lcd {c.folder}; get a.txt c.txt; mget *.txt")
    expect_equal(c.read("c.txt"), b"a" * 200_000)
    c.refused("no such name", "cat", f"{url(t, p)}/nothing")


@case("from one server to another, through this machine", root=True)
def between_servers(t):
    with Samba(t.user, PASSWORD) as there:
        p = asked(t)
        c = Afar(t, p)
        want = make(p.path("big"), SIZE)
        os.mkdir(p.path("tree"))
        for i in range(12):
            with open(p.path(f"tree/{i}"), "wb") as f:
                f.write(b"%d" % i * 100_000 * i)
        c.must("cp", f"{url(t, p)}/big", url(t, there))
        c.must("cp", "-r", "-j", "12", f"{url(t, p)}/tree", url(t, there))
        expect_equal(digest_of(there.path("big")), want)
        for i in range(12):
            with open(there.path(f"tree/{i}"), "rb") as f:
                expect_equal(f.read() == b"%d" % i * 100_000 * i, True, f"tree/{i}")
        c.must("cp", f"{url(t, there)}/big", f"{url(t, p)}/again")
        expect_equal(digest_of(p.path("again")), want)
        expect_equal(os.listdir(c.folder), [])


# ---- what goes wrong on the way ----

def half_got(t, p, port=None):
    """(command, the relay to the files that holds, the get that hangs, digest)"""
    c, relay = Afar(t, p, port), Relay(p.port, MIDDLE, hold=True)
    want = make(p.path("big"), SIZE)
    g = c.start("get", "--resume", f"{url(t, relay)}/big")
    relay.held()
    until(lambda: any(n.endswith(".part") and os.stat(c.path(n)).st_blocks > 0
                      for n in os.listdir(c.folder)))
    return c, relay, g, want


def goes_on(t, p, c, want):
    c.there = Afar(t, p).there
    c.must("get", "--resume", "--checksum", f"{url(t, p)}/big")
    expect_equal(digest_of(c.path("big")), want)
    expect_equal(os.listdir(c.folder), ["big"])


@case("Ctrl-C in the middle of a get, then the same with --resume")
def interrupted(t):
    p = asked(t)
    c, relay, g, want = half_got(t, p)
    g.send_signal(signal.SIGINT)
    _, err = g.communicate(timeout=60)
    relay.close()
    expect_equal(g.returncode, 1, "exit code")
    expect_in("interrupted", err)
    goes_on(t, p, c, want)


@case("the session process over there is killed in the middle: a clear error, and --resume goes on")
def session_killed(t):
    p = asked(t)
    c, relay, g, want = half_got(t, p)
    os.kill(p.processes("session")[0]["pid"], signal.SIGKILL)
    _, err = g.communicate(timeout=60)
    relay.close()
    expect_equal(g.returncode, 1, f"exit code\n{err}")
    expect("STATUS_" in err and "smb://" in err, err)
    goes_on(t, p, c, want)


@case("the connection to that machine ends in the middle: said at once, exit code 1, --resume goes on")
def cable_cut(t):
    p = asked(t)
    c, want = Afar(t, p), make(p.path("big"), SIZE)
    cut = Relay(p.api_port, MIDDLE, cuts=10**6)
    c.there = Afar(t, p, cut.port).there
    _, _, err = c.run("get", "--resume", f"{url(t, p)}/big")
    expect_in("the connection to the server has ended", err)
    expect(any(n.endswith(".part") for n in os.listdir(c.folder)), "nothing is left to go on with")
    goes_on(t, p, c, want)
    os.unlink(p.path("big"))
    c.there = Afar(t, p, cut.port).there
    code, _, err = c.run("put", "--resume", "big", url(t, p))
    cut.close()
    expect_equal(code, 1, "exit code of a put")
    expect_in("the connection to the server has ended", err)
    c.there = Afar(t, p).there
    c.must("put", "--resume", "--checksum", "big", url(t, p))
    expect_equal(digest_of(p.path("big")), want)


@case("what is replaced keeps its content until all of the new one is there; an interrupted put leaves it")
def whole(t):
    p = asked(t)
    c, relay = Afar(t, p), Relay(p.port, MIDDLE, hold=True)
    with open(p.path("big"), "w", encoding="ascii") as f:
        f.write("old")
    want = make(c.path("big"), SIZE)
    g = c.start("put", "big", url(t, relay))
    relay.held()
    with open(p.path("big"), encoding="ascii") as f:
        expect_equal(f.read(), "old", "in the middle")
    g.send_signal(signal.SIGINT)
    relay.let_go()
    g.communicate(timeout=60)
    relay.close()
    expect_equal(g.returncode, 1, "exit code")
    with open(p.path("big"), encoding="ascii") as f:
        expect_equal(f.read(), "old", "after Ctrl-C")
    until(lambda: os.listdir(p.path()) == ["big"])
    c.must("put", "big", url(t, p))
    expect_equal(digest_of(p.path("big")), want)


@case("no room here is said with the local file's name", root=True)
def disk_full(t):
    p = asked(t)
    c = Afar(t, p)
    make(p.path("big"), 4 << 20)
    os.mkdir(c.path("small"))
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", c.path("small")],
                      capture_output=True, check=False).returncode != 0:
        raise Skip("no tmpfs may be mounted here")
    try:
        err = c.refused("No space left", "get", f"{url(t, p)}/big", "small")
        expect_in("big: No space left", err)
        expect_equal(os.listdir(c.path("small")), [], "what is left of it")
    finally:
        subprocess.run(["umount", c.path("small")], check=True)
    c.refused("No such file", "put", "missing", url(t, p))
    os.mkdir(c.path("dir"))
    c.refused("a directory", "put", "dir", url(t, p))
