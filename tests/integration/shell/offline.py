"""The client's commands against a stand-in for the scripting socket."""
import json
import os
import signal
import time

from case import case, expect, expect_equal, expect_in
from fakeapi import Offline
from terminal import Terminal

URL = "smb://alice@h/data"
FILES = {"a.txt": b"hello\n", "b b.bin": b"x" * 1000, "dir/sub/c": b"ccc\n", "dir/d": b"d",
         "alpha one": b"1", "alpha two": b"22", "e\u202e\x1b[2J": b"evil"}


def offline(t):
    return Offline(t, {"data": dict(FILES), "two": {}})


def must(o, *args):
    code, out, err = o.run(*args)
    expect_equal((code, err), (0, ""), f"bulkhead {' '.join(args)}\n{out}")
    return out


def refused(o, code, saying, *args):
    got, out, err = o.run(*args)
    expect_equal(got, code, f"exit code of {args}\n{out}{err}")
    expect_in(saying, err, "what it says")


@case("each command asks what it should, with the fields there are")
def asks(t):
    with offline(t) as o:
        must(o, "mkdir", "-p", f"{URL}/x/y/z")
        must(o, "rmdir", f"{URL}/x/y/z")
        must(o, "mv", f"{URL}/alpha%20one", f"{URL}/x")
        must(o, "attrib", "+rh", "-a", f"{URL}/dir/d")
        must(o, "times", f"{URL}/dir/d", "--written", "1600000000000000000")
        must(o, "setsd", f"{URL}/dir", "D:(A;;FA;;;WD)")
        must(o, "cp", f"{URL}/a.txt", "smb://alice@h/two")
        must(o, "rm", "-r", f"{URL}/x/y")
        must(o, "df", URL)
        expect_equal(o.api.data("x/alpha one"), b"1")
        expect_equal(o.api.find("data", "dir/d").attributes, 3)
        expect_equal(o.api.find("data", "dir/d").written, 1600000000000000000)
        expect_equal(o.api.find("data", "dir").sddl, "D:(A;;FA;;;WD)")
        expect_equal(o.api.data("a.txt", "two"), b"hello\n")
        expect_equal(o.api.asked("client.setsd")[0]["info"], 4)
        expect_equal(o.api.nonsense, [], "fields that are none")


@case("a listing is sorted, read to its end and, as JSON, in integers")
def listing(t):
    with offline(t) as o:
        out = json.loads(must(o, "ls", "--json", URL))
        names = [e["name"] for e in out["entries"]]
        expect_equal(names, sorted(names, key=str.lower))
        expect_equal(len(names), 6)
        expect_equal(out["entries"][0]["written"], 1_700_000_000 * 10**9)
        by_size = must(o, "ls", "-S", URL).split("\n")
        expect_equal(by_size[0], "b b.bin")
        expect_equal(must(o, "ls", "-Sr", URL).split("\n")[-2], "b b.bin")
        expect_equal(must(o, "ls", f"{URL}/*.TXT"), "a.txt\n")
        deep = json.loads(must(o, "tree", "--json", URL, "^c$"))
        expect_equal(deep["entries"][0]["entries"][0]["entries"][0]["name"], "c")
        expect_equal(len(deep["entries"]), 1)


@case("a name that is taken, or names that are not there, are the ones that are named")
def named(t):
    with offline(t) as o:
        refused(o, 1, "smb://h/data/dir/d: ", "mv", f"{URL}/a.txt", f"{URL}/dir/d")
        refused(o, 1, "smb://h/data/none: ", "mv", f"{URL}/none", f"{URL}/dir/d2")
        refused(o, 1, 'nothing fits "x*"', "stat", f"{URL}/x*")
        refused(o, 2, '"+"', "attrib", "+", f"{URL}/a.txt")


@case("a copy that is interrupted, or onto itself, is no file")
def copies(t):
    with offline(t) as o:
        o.api.make("data", "big", bytes(40 * 65536))
        o.api.slow = 3600                    # it stays in the middle
        for name in ("new", "a.txt"):
            p = o.start("cp", f"{URL}/big", f"{URL}/{name}")
            until = time.monotonic() + 60
            while not o.api.asked("client.copy") and time.monotonic() < until:
                time.sleep(0.02)
            p.send_signal(signal.SIGINT)
            p.communicate(timeout=60)
            expect_equal(p.returncode, 1, "exit code")
            o.api.log.clear()
        o.api.slow = 0
        refused(o, 1, "smb://h/data/new: no such name", "stat", f"{URL}/new")
        must(o, "stat", f"{URL}/a.txt")      # was there before, and is not ours to take away
        refused(o, 1, "smb://h/data/BIG: it is the same file", "cp", f"{URL}/big", f"{URL}/BIG")


@case("two local names that are one to a server are not put over each other")
def put_doubles(t):
    with offline(t) as o:
        os.mkdir(f"{o.folder}/l")
        for name in ("a", "A", "b", "Ä", "ä"):
            with open(f"{o.folder}/l/{name}", "w") as f:
                f.write(name)
        code, _, err = o.run("put", "-r", "l", URL)
        expect_equal((code, err.count("differs from it only by case")), (1, 2), err)
        expect_equal([o.api.data(f"l/{n}") for n in ("A", "b", "Ä")],
                     [b"A", b"b", "Ä".encode()])


@case("packed rows that are cut, lengthened or hold a NUL are no listing")
def torn(t):
    with offline(t) as o:
        for tear in (lambda b: b[:-3], lambda b: b[:5], lambda b: b + b"\0",
                     lambda b: b[:8] + b"\xff\xff" + b[10:], lambda b: b[:10] + b"\0" + b[11:]):
            o.api.tear = tear
            p = o.run("ls", URL)
            expect_equal(p[0], 1, "exit code")
            expect_in("is no listing", p[2])
        o.api.tear = bytes
        must(o, "ls", URL)


@case("what a server chose never reaches the terminal as it is")
def hostile_names(t):
    with offline(t) as o:
        o.api.lies[("data", "")] = ["\x1b]0;owned\x07", "\u009b2J", "..", "a/b"]
        for args in (("ls", URL), ("ls", "-lR", URL), ("tree", URL), ("shares", "smb://h"),
                     ("get", "-r", "--dry-run", URL, "."), ("get", "-r", URL, "."),
                     ("rm", "-r", f"{URL}/*"), ("stat", f"{URL}/e*")):
            _, out, err = o.run(*args)
            for bad in ("\x1b", "\x07", "\u009b", "\u202e"):
                expect(bad not in out + err, f"{args} printed {bad!r}")


@case("directories without end, and names without end, are no end of us")
def endless(t):
    with offline(t) as o:
        o.api.make("data", "/".join("d" * 1 for _ in range(400)) + "/x", b"")
        for args in (("ls", "-R", URL), ("du", URL), ("get", "-r", f"{URL}/d", "."),
                     ("rm", "-r", f"{URL}/d")):
            refused(o, 1, "more than 128 directories deep", *args)
        expect(must(o, "tree", URL), "a tree")


@case("exit codes: 0 done, 1 did not work, 2 not understood; the address is named")
def exit_codes(t):
    with offline(t) as o:
        refused(o, 1, "smb://h/data/none: no such name (STATUS_OBJECT_NAME_NOT_FOUND)",
                "stat", f"{URL}/none")
        refused(o, 1, "smb://h/gone: no such share", "ls", "smb://h/gone")
        refused(o, 2, "wanted is smb://", "ls", "/tmp")
        refused(o, 2, "needs an address", "ls")
        refused(o, 2, "a share has to be named", "stat", "smb://h")
        refused(o, 2, "does not take --jobs", "ls", URL, "--jobs", "2")
        refused(o, 2, "3.1.1", "ls", "--min-dialect", "4", URL)
        refused(o, 2, "a whole share", "rm", "-r", URL)
        refused(o, 2, "within one share", "mv", f"{URL}/a.txt", "smb://alice@h/two/a")
        refused(o, 2, "a password does not belong", "ls", "smb://alice:pw@h/data")
        refused(o, 2, "only in the shell", "cd", "dir")
        o.api.logon_fails = True
        refused(o, 1, "unknown user or wrong password (STATUS_LOGON_FAILURE)", "ls", URL)


@case("options reach the session: dialects, signing, encryption, time; the password is a frame")
def session_options(t):
    with offline(t) as o:
        must(o, "ls", URL, "--min-dialect", "3.0", "--max-dialect=3.0.2", "--require-signing",
             "--require-encryption", "--timeout", "7", "--workstation", "W", "--spn", "cifs/x",
             "--channels", "2", "--dfs", "--no-links", "--backup")
        asked = o.api.asked("client.open")[0]
        expect_equal({k: asked[k] for k in ("min_dialect", "max_dialect", "signing", "encrypt",
                                            "timeout_ms", "workstation", "spn", "channels", "flags")},
                     {"min_dialect": 0x300, "max_dialect": 0x302, "signing": 2, "encrypt": 2,
                      "timeout_ms": 7000, "workstation": "W", "spn": "cifs/x", "channels": 2,
                      "flags": 1 | 4 | 8 | 16})
        expect_equal(o.api.passwords, ["secret-Wört".encode()])
        expect("secret-W" not in json.dumps(o.api.log), "the password is in JSON")
        must(o, "ls", "-U", "user@REALM", "smb://h/data")
        expect_equal(o.api.asked("cred.create")[-1]["user"], "user@REALM")
        expect_equal(o.api.asked("client.open")[-1]["flags"], 1, "unless asked for")
        expect_equal(len(o.api.asked("client.close")), 2)


@case("a watch prints what changes until Ctrl-C, and ends it with exit code 0")
def watching(t):
    with offline(t) as o:
        p = o.start("watch", "-R", f"{URL}/dir")
        until = time.monotonic() + 20
        while not o.api.watches and time.monotonic() < until:
            time.sleep(0.02)
        o.api.event(action=4, path="old\x1bname", to="")
        o.api.event(action=5, path="new", to="")
        expect_in("renamed from", p.stdout.readline())
        expect_in("renamed to     new", p.stdout.readline())
        p.send_signal(signal.SIGINT)
        expect_equal(p.wait(20), 0, "exit code")
        expect_equal(len(o.api.asked("client.unwatch")), 1)


@case("commands of -c, of files and of a pipe; the first that fails ends them, unless -k")
def scripts(t):
    with offline(t) as o:
        code, out, err = o.run("shell", "//alice@h/data",
                               "-c", "cd dir; pwd; cat sub/c; cd none; pwd")
        expect_equal((code, out), (1, "smb://h/data/dir\nccc\n"))
        expect_in("smb://h/data/dir/none", err)
        code, out, _ = o.run("shell", "-k", "//h/data", "-c", "cd none; pwd # said ; ls")
        expect_equal((code, out), (1, "smb://h/data\n"))
        code, out, _ = o.run("shell", "//h", stdin="use two\n\npwd\nfrob\npwd\n")
        expect_equal((code, out), (2, "smb://h/two\n"))
        with open(f"{o.folder}/script", "w") as f:
            f.write("cat 'a.txt'\nget \"b b.bin\" here\nquit\ncat a.txt\n")
        code, out, err = o.run("shell", "//h/data", "script")
        expect_equal((code, out, err), (0, "hello\n", ""))
        expect_equal(open(f"{o.folder}/here", "rb").read(), b"x" * 1000)
        refused(o, 1, "no such share", "shell", "//h/nope", "-c", "pwd")
        refused(o, 1, "not a directory", "shell", "//h/data/a.txt", "-c", "pwd")
        refused(o, 2, "a quote is not closed", "shell", "//h/data", "-c", "cat 'a.txt")
        refused(o, 2, "not in the shell", "shell", "//h/data", "-c", "serve")
        expect_equal(o.api.nonsense, [])


@case("with --json the shell's own words answer in it; tree takes a path where it looks like one")
def shell_json(t):
    with offline(t) as o:
        out = must(o, "shell", "--json", "//h/data", "-c", "cd dir; pwd; lpwd; backup on")
        decoder, at, told = json.JSONDecoder(), 0, {}
        while at < len(out):
            one, end = decoder.raw_decode(out[at:])
            told.update(one)
            at += end + 1
        expect_equal(told, {"url": "smb://h/data/dir", "directory": o.folder, "backup": "on"})
        for path in ("./dir", "dir/", "/dir"):
            expect_in("sub/", must(o, "shell", "//h/data", "-c", f"tree {path}"))
        expect_in("1 directory, 1 file\n", must(o, "shell", "//h/data", "-c", "tree dir . 1"))


@case("every word of the shell works, lost sessions are opened again")
def words(t):
    with offline(t) as o:
        os.mkdir(f"{o.folder}/l")
        for name in ("one", "two"):
            with open(f"{o.folder}/l/{name}", "w") as f:
                f.write(name)
        text = ("shares; server network; server sessions; use data; tree sub 2; lcd l; lpwd;"
                "lls -l; mput *; mkdir new; put -r ../l new; ls -l; mget alpha*; get -r dir; rm one;"
                "cp two three; mv three four; stat four; df; du; attrib +h four; times four;"
                "md m; rename m n; dir n; rd n; allinfo four; ? ls; cp four five; del five;"
                "getsd; setsd four 'D:(A;;FA;;;WD)'; resume get 'b b.bin'; more a.txt; backup on;"
                "ls; backup; rm -r new; rmdir dir/none")
        code, out, err = o.run("shell", "//alice@h", "-c", text)
        expect_equal(code, 1, f"exit code\n{out}{err}")
        expect_equal(err, "bulkhead: smb://h/data/dir/none: no such name "
                     "(STATUS_OBJECT_NAME_NOT_FOUND)\n")
        expect_equal(o.api.nonsense, [])
        flags = [rq["flags"] for rq in o.api.asked("client.open")]
        expect_equal([f & 4 for f in flags], [0, 4, 0], "backup intent")
        expect_equal(open(f"{o.folder}/l/alpha two").read(), "22")
        expect_equal(open(f"{o.folder}/l/dir/sub/c").read(), "ccc\n")
        o.api.broken["client.ls"] = "STATUS_CONNECTION_RESET"
        code, out, err = o.run("shell", "-k", "//h/data", "-c", "ls; cat a.txt")
        expect_equal((code, out), (1, "hello\n"))
        expect_in("STATUS_CONNECTION_RESET", err)


@case("on a terminal: completion, history, progress, Ctrl-C ends a transfer and not the shell")
def terminal(t):
    with offline(t) as o:
        o.api.make("data", "big", os.urandom(40 * 65536))
        tty = Terminal([f"{o.bin}/bulkhead", "shell", "//alice@h/data"], o.folder, o.env)
        try:
            tty.until("data:/> ")
            tty.type("cat a.\t")
            tty.until("txt")
            tty.type("\n")
            tty.until("hello\r?\n")
            tty.type("l\t")
            tty.until("ls +lcd +lpwd +lls")
            tty.type("\x03")                  # the line goes, the shell stays
            tty.until("data:/> $")
            tty.type("ls -l alpha\t\t")
            tty.until("alpha one +alpha two")
            tty.type("tw\t\n")
            tty.until(" 2 .*alpha two")
            tty.type("ls -l 'alp\to\t\n")
            tty.until(" 1 .*alpha one")
            tty.type("cd d\t\n")
            tty.until("data:/dir> ")
            tty.type("cd ..\nhelp wat\t\n")
            tty.until("changes in a directory")
            tty.type("get --che\t")
            tty.until("cksum")
            tty.type("\x03")
            o.api.slow = 0.2
            tty.type("get big\n")
            tty.until(r"\[\.*\] +0%  .* of 2.5 MiB  .*/s")
            tty.type("\x03")
            tty.until("get: interrupted")
            tty.until("data:/> ")
            expect_equal([n for n in os.listdir(o.folder) if "bulkhead-" in n or n == "big"], [])
            expect_equal(len(o.api.asked("client.cancel")), 1)
            o.api.slow = 0
            tty.type("get big\npwd\n")
            tty.until("smb://h/data\r")
            tty.type("\x1b[A\n")              # the same once more
            tty.until("smb://h/data\r")
            tty.type("quit\n")
            expect_equal(tty.end(), 0, "exit code")
        finally:
            tty.close()
        expect_equal(open(f"{o.folder}/big", "rb").read(), o.api.data("big"))
        expect_equal(os.stat(f"{o.folder}/.bulkhead_history").st_mode & 0o777, 0o600)


@case("a terminal that is closed in the middle of a transfer: what is not whole goes")
def hung_up(t):
    with offline(t) as o:
        o.api.make("data", "big", os.urandom(40 * 65536))
        o.api.slow = 0.2
        for argv in (["get", f"{URL}/big"], ["shell", "//alice@h/data"]):
            tty = Terminal([f"{o.bin}/bulkhead", *argv], o.folder, o.env)
            try:
                if argv[0] == "shell":
                    tty.until("data:/> ")
                    tty.type("get big\n")
                tty.until(r"\[\.*\] +0%  .* of 2.5 MiB  .*/s")
                tty.hang_up()
            finally:
                tty.close()
            expect_equal([n for n in os.listdir(o.folder) if "bulkhead-" in n or n == "big"], [])


@case("colours on a terminal only, and not with NO_COLOR")
def colours(t):
    with offline(t) as o:
        for env, wanted in (({}, True), ({"NO_COLOR": "1"}, False)):
            tty = Terminal([f"{o.bin}/bulkhead", "ls", URL], o.folder, {**o.env, **env})
            try:
                tty.end()
                expect_equal(b"\x1b[1;34m" in tty.shown, wanted, f"colour with {env}")
            finally:
                tty.close()
        expect("\x1b" not in must(o, "ls", URL), "colour without a terminal")
