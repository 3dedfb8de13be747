"""The client's commands against Debian's smbd and against our own server."""
import contextlib
import hashlib
import json
import os
import select
import signal

from case import case, expect, expect_equal, expect_in
from command import Command
from fixture import PASSWORD
from samba import Samba
from terminal import Terminal

DIALECTS = ("2.0.2", "2.1", "3.0", "3.0.2", "3.1.1")


class Own:
    """Our server, as the cases want a peer: two shares, port, paths."""
    def __init__(self, t, **conf):
        conf = {k.replace("_", " "): v for k, v in conf.items()}
        self.server = t.server(shares={"data": {"read_only": "no"}, "other": {"read_only": "no"}},
                               conf=conf)
        self.port = self.server.port

    def path(self, *parts, share="data"):
        return self.server.path(*parts, share=share)


@contextlib.contextmanager
def peer(t, kind, **conf):
    if kind == "own":
        yield Own(t, **conf)
    else:
        with Samba(t.user, PASSWORD, **conf) as s:
            yield s


def url(t, p, path="", share="data"):
    return f"smb://{t.user}@127.0.0.1:{p.port}/{share}{path}"


def every_command(t, kind):
    with peer(t, kind) as p:
        c, u = Command(t), url(t, p)
        c.write("up/one.txt", b"one\n")
        c.write("up/sub dir/two", b"2" * 100000)
        expect_in("data", c.must("shares", url(t, p, share="")))
        info = c.must("info", u)
        for told in (t.user, "SMB 3.1.1", "ntlm"):
            expect_in(told, info)
        sealed = json.loads(c.must("info", u, "--require-encryption", "--json"))
        expect_equal((sealed["encrypted"], sealed["user"]), (True, t.user))
        c.must("mkdir", "-p", f"{u}/a/b/c")
        c.must("put", "-rp", "up", f"{u}/a")
        expect_equal(open(p.path("a/up/one.txt"), "rb").read(), b"one\n")
        names = [e["name"] for e in json.loads(c.must("ls", "--json", f"{u}/a"))["entries"]]
        expect_equal(names, ["b", "up"])
        expect_in("sub dir", c.must("ls", "-lR", u))
        expect_in("two", c.must("tree", u, "two"))
        expect_in("up", c.must("ls", "--backup", f"{u}/a"))
        entry = json.loads(c.must("stat", "--json", f"{u}/a/up/one.txt"))
        expect_equal((entry["size"], entry["directory"]), (4, False))
        expect(abs(entry["written"] - os.stat(c.path("up/one.txt")).st_mtime_ns) < 10**6, "-p")
        expect_in("free", c.must("df", u))
        expect_equal(json.loads(c.must("du", "--json", u))["size"], 100004)
        expect_equal(c.must("cat", f"{u}/a/up/one.txt"), "one\n")
        c.must("get", "-rp", f"{u}/a", "down")
        expect_equal(c.read("down/up/sub dir/two"), b"2" * 100000)
        c.must("cp", f"{u}/a/up/one.txt", f"{u}/copy.txt")
        c.must("cp", "-r", f"{u}/a/up", url(t, p, share="other"))
        expect_equal(open(p.path("up/sub dir/two", share="other"), "rb").read(), b"2" * 100000)
        c.must("mv", f"{u}/copy.txt", f"{u}/moved.txt")
        c.refused("STATUS_OBJECT_NAME_COLLISION", "mv", f"{u}/moved.txt", f"{u}/a/up/one.txt")
        c.must("mv", "-f", f"{u}/moved.txt", f"{u}/a/up/one.txt")
        c.must("attrib", "+rh", f"{u}/a/up/one.txt")
        expect_in("RH", c.must("attrib", f"{u}/a/up/one.txt"))
        c.must("attrib", "-rh", f"{u}/a/up/one.txt")
        c.must("times", "--written", "2020-02-02 02:02:02", f"{u}/a/up/one.txt")
        expect_equal(int(os.stat(p.path("a/up/one.txt")).st_mtime), 1580608922)
        expect_in("sddl   O:", c.must("getsd", f"{u}/a"))
        c.must("put", "-", f"{u}/piped", stdin="through a pipe")
        expect_equal(c.must("get", f"{u}/piped", "-"), "through a pipe")
        if kind == "samba":
            expect_in("127.0.0.1", c.must("server", "network", u))
            c.refused("STATUS_ACCESS_DENIED", "server", "sessions", u)    # not for this user
        c.refused("STATUS_DIRECTORY_NOT_EMPTY", "rmdir", f"{u}/a")
        c.must("rm", "-r", f"{u}/a", f"{u}/pip*")
        c.refused("STATUS_OBJECT_NAME_NOT_FOUND", "stat", f"{u}/a")
        expect_equal(os.listdir(p.path()), [])


@case("every command works with Debian's smbd", root=True)
def commands_samba(t):
    every_command(t, "samba")


@case("every command works with our server")
def commands_own(t):
    every_command(t, "own")


def every_dialect(t, kind):
    with peer(t, kind) as p:
        c, u = Command(t), url(t, p)
        for dialect in DIALECTS:
            at = ("--min-dialect", dialect, "--max-dialect", dialect)
            encrypted = ["--require-encryption"] if dialect >= "3" else []
            for how in ([], ["--require-signing"], encrypted):
                data = os.urandom(300000)
                c.write("f", data)
                c.must("put", "--checksum", "f", f"{u}/{dialect}", *at, *how)
                c.must("get", "--checksum", f"{u}/{dialect}", "g", *at, *how)
                expect_equal(c.read("g"), data, f"{dialect} {how}")
                expect_in(dialect, c.must("ls", u, *at, *how))
        c.refused("STATUS_", "ls", u, "--max-dialect", "2.1", "--require-encryption")


@case("all dialects, signed, encrypted, with Debian's smbd", root=True, timeout=300)
def dialects_samba(t):
    every_dialect(t, "samba")


@case("all dialects, signed, encrypted, with our server", timeout=300)
def dialects_own(t):
    every_dialect(t, "own")


@case("a server that has less than what is required is refused", root=True)
def requirements(t):
    with peer(t, "samba", server_max_protocol="SMB2_10", server_signing="disabled") as p:
        c = Command(t)
        c.must("ls", url(t, p))
        c.refused("STATUS_", "ls", url(t, p), "--min-dialect", "3.0")
        c.refused("STATUS_", "ls", url(t, p), "--require-encryption")


@case("logons: password from a file or a prompt's place, NT hash, wrong ones, and who is nobody")
def logons(t):
    p = Own(t)
    c = Command(t)
    u = f"smb://127.0.0.1:{p.port}/data"
    c.must("ls", f"smb://{t.user}@localhost:{p.port}/data")
    c.env.pop("BULKHEAD_PASSWORD")
    c.write("pw", PASSWORD.encode() + b"\n")
    c.must("ls", "-U", t.user, "--password-file", "pw", u)
    c.must("ls", "--user", t.user, "--password-stdin", u, stdin=PASSWORD + "\n")
    try:
        digest = hashlib.new("md4", PASSWORD.encode("utf-16-le")).hexdigest()
        c.must("ls", "-U", t.user, "--nt-hash", digest, u)
        c.refused("STATUS_LOGON_FAILURE", "ls", "-U", t.user, "--nt-hash", "0" * 32, u)
    except ValueError:
        pass                     # a Python without MD4
    c.env["BULKHEAD_PASSWORD"] = "wrong"
    c.refused("unknown user or wrong password", "ls", "-U", t.user, u)
    c.refused("STATUS_", "ls", "--guest", u)


@case("--guest gets where guests may, and nowhere else")
def guests(t):
    server = t.server(shares={"open": {"guest_ok": "yes"}, "data": {}})
    c = Command(t)
    open(server.path("for all"), "w").close()
    expect_equal(c.must("ls", "--guest", f"smb://127.0.0.1:{server.port}/open"), "for all\n")
    c.refused("STATUS_ACCESS_DENIED", "ls", "--guest", f"smb://127.0.0.1:{server.port}/data")


@case("a running instance lends its processes; the session is listed nowhere afterwards")
def running_instance(t):
    p = Own(t)
    c = Command(t, conf=p.server.file)
    expect_equal(c.must("ls", url(t, p)), "")
    c.must("put", p.server.file, f"{url(t, p)}/conf")
    expect_equal(c.must("cat", f"{url(t, p)}/conf"), open(p.server.file).read())
    told = json.loads(p.server.must("call", "client.sessions"))
    expect_equal(told["sessions"], [])
    expect_equal(json.loads(p.server.must("call", "cred.list"))["creds"], [])


@case("a shell in a terminal: completion, a transfer with its progress, Ctrl-C, another share")
def shell_terminal(t):
    with peer(t, "own") as p:
        c = Command(t)
        with open(p.path("big file"), "wb") as f:
            f.truncate(6 << 30)
        os.mkdir(p.path("folder"))
        tty = Terminal(c.argv("shell", f"//127.0.0.1:{p.port}/data", "-U", t.user), c.folder, c.env)
        try:
            tty.until("data:/> ")
            tty.type("cd fo\t\n")
            tty.until("data:/folder> ")
            tty.type("cd none\n")
            tty.until("no such name")
            tty.type("cd ..\nget bi\t\n")
            tty.until(r"%  .* of 6.0 GiB  .*/s")
            tty.type("\x03")
            tty.until("interrupted")
            tty.until("data:/> ")
            tty.type("use ot\t\n")
            tty.until("other:/> ")
            tty.type("du\n")
            tty.until("0 B in 0 files")
            tty.type("quit\n")
            expect_equal(tty.end(), 0, "exit code")
        finally:
            tty.close()
        expect_equal([n for n in os.listdir(c.folder) if not n.startswith(".bulkhead_h")], [])


def watched(t, kind):
    with peer(t, kind) as p:
        c = Command(t)
        os.mkdir(p.path("w"))
        os.chmod(p.path("w"), 0o777)
        w = c.start("watch", "-R", f"{url(t, p)}/w")
        try:
            line, tries = "", 0
            while "added" not in line and tries < 100:   # it begins to watch in the middle of one, perhaps
                tries += 1
                c.must("mkdir", f"{url(t, p)}/w/{tries}")
                if select.select([w.stdout], [], [], 0.3)[0]:
                    line = w.stdout.readline()
            expect_in("added", line)
            w.send_signal(signal.SIGINT)
            expect_equal(w.wait(20), 0, "exit code")
        finally:
            w.kill()


@case("changes on Debian's smbd are seen", root=True)
def watch_samba(t):
    watched(t, "samba")


@case("changes on our server are seen")
def watch_own(t):
    watched(t, "own")


@case("the session's process is killed: a clear error, and the next command works")
def session_killed(t):
    p = Own(t)
    c = Command(t, conf=p.server.file)
    open(p.path("here"), "w").close()
    s = c.start("shell", "-k", f"//127.0.0.1:{p.port}/data", "-U", t.user, stdin=-1)
    s.stdin.write("ls\n")
    s.stdin.flush()
    line = s.stdout.readline()
    expect_equal(line, "here\n", line or s.stderr.read())
    os.kill(p.server.processes("session")[0]["pid"], signal.SIGKILL)
    out, err = s.communicate("ls\nls\nls\nls\n", timeout=60)
    expect_in("here\n", out, "what came afterwards")
    expect_in("bulkhead: smb://127.0.0.1", err)
    expect(len(err.splitlines()) <= 2, f"more errors than one or two:\n{err}")
    expect_equal(s.returncode, 1, "exit code")
