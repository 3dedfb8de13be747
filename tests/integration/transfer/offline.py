"""get, put and cp against a stand-in for the scripting socket."""
import hashlib
import json
import os
import signal
import time

from case import case, expect, expect_equal, expect_in
from fakeapi import Offline

URL = "smb://alice@h/data"
BIG = bytes(range(256)) * 4096 * 3 + b"end"          # 3 MiB and a bit


def offline(t, **files):
    return Offline(t, {"data": {"a.txt": b"hello\n", "big": BIG, "dir/sub/c": b"ccc",
                                "dir/d": b"d", "dir/empty": None, **files}, "two": {}})


def must(o, *args, **kw):
    code, out, err = o.run(*args, **kw)
    expect_equal((code, err), (0, ""), f"bulkhead {' '.join(args)}\n{out}")
    return out


def refused(o, saying, *args, code=1):
    got, out, err = o.run(*args)
    expect_equal(got, code, f"exit code of {args}\n{out}{err}")
    expect_in(saying, err, "what it says")


def tree(root):
    return {os.path.relpath(os.path.join(d, n), root): open(os.path.join(d, n), "rb").read()
            for d, _, names in os.walk(root) for n in names}


def until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        expect(time.monotonic() < end, "it never happened")
        time.sleep(0.02)


@case("a file and a tree, there and back, with times and checksums")
def there_and_back(t):
    with offline(t) as o:
        must(o, "get", "-rp", "--checksum", f"{URL}/dir", "got")
        expect_equal(tree(f"{o.folder}/got"), {"sub/c": b"ccc", "d": b"d"})
        expect(os.path.isdir(f"{o.folder}/got/empty"), "no empty directory")
        expect_equal(os.stat(f"{o.folder}/got/d").st_mtime_ns, 1_700_000_000 * 10**9)
        must(o, "get", f"{URL}/big", "got")
        expect_equal(open(f"{o.folder}/got/big", "rb").read(), BIG)
        must(o, "put", "-rp", "--checksum", "got", f"{URL}/back")
        expect_equal(o.api.data("back/big"), BIG)
        expect_equal(o.api.data("back/sub/c"), b"ccc")
        expect_equal(o.api.find("data", "back/d").written, 1_700_000_000 * 10**9)
        must(o, "put", "got", f"{URL}/dir", "-r")       # into what is there
        expect_equal(o.api.data("dir/got/sub/c"), b"ccc")
        must(o, "put", "-", f"{URL}/piped", stdin="from a pipe")
        expect_equal(o.api.data("piped"), b"from a pipe")
        expect_equal(must(o, "cat", f"{URL}/a.txt", f"{URL}/piped"), "hello\nfrom a pipe")
        expect_equal(o.api.nonsense, [])


@case("several files at a time, as many as --jobs says")
def parallel(t):
    with offline(t, **{f"many/{i}": b"x" * 70000 for i in range(20)}) as o:
        o.api.slow = 0.05
        must(o, "get", "-r", "-j", "6", f"{URL}/many", "m")
        expect_equal(o.api.most_at_once, 6)
        expect_equal(len(os.listdir(f"{o.folder}/m")), 20)
        expect_equal(len(o.api.asked("client.open")), 1)


@case("names that lead elsewhere are refused one by one, the rest arrives, exit code 1")
def hostile_names(t):
    with offline(t) as o:
        o.api.lies[("data", "dir")] = ["..", "../../evil", "/etc/evil", "a\\..\\evil", "", ".", "D",
                                       "x" * 300]
        os.mkdir(f"{o.folder}/in")
        code, _, err = o.run("get", "-r", f"{URL}/dir", "in")
        expect_equal(code, 1)
        for what in ('".." is refused: it leads elsewhere', "holds a separator", "it is empty",
                     "only by case", "too long"):
            expect_in(what, err)
        expect_equal(set(os.listdir(o.folder)) - {"bin", "r", "in"}, set())
        expect_equal(set(tree(f"{o.folder}/in/dir")) - {"d", "D"}, {"sub/c"})


@case("a local symbolic link inside of the target is no way out of it")
def local_links(t):
    with offline(t) as o:
        os.makedirs(f"{o.folder}/in/dir")
        os.mkdir(f"{o.folder}/outside")
        os.symlink("../../outside", f"{o.folder}/in/dir/sub")
        os.symlink("../../outside/d", f"{o.folder}/in/dir/d")
        code, _, _ = o.run("get", "-r", f"{URL}/dir", "in")
        expect_equal(code, 1)
        expect_equal(os.listdir(f"{o.folder}/outside"), [])
        expect_equal(open(f"{o.folder}/in/dir/d", "rb").read(), b"d")
        os.mkdir(f"{o.folder}/src")
        os.symlink("/etc/passwd", f"{o.folder}/src/link")
        refused(o, "a symbolic link, not followed", "put", "-r", "src", URL)
        expect_equal(o.api.find("data", "src").children, {})


@case("a file has its name only when it is whole; what was there stays until then")
def whole_or_not(t):
    with offline(t) as o:
        with open(f"{o.folder}/big", "w") as f:
            f.write("old")
        o.api.slow = 0.2
        p = o.start("get", f"{URL}/big")
        until(lambda: o.api.at_once == 1)
        expect_equal(open(f"{o.folder}/big").read(), "old")
        p.send_signal(signal.SIGINT)
        _, err = p.communicate(timeout=30)
        expect_equal(p.returncode, 1, "exit code")
        expect_in("interrupted", err)
        expect_equal(sorted(os.listdir(o.folder)), ["big", "bin", "r"])
        expect_equal(open(f"{o.folder}/big").read(), "old")


@case("--resume goes on where it stopped, with the same version only")
def resume(t):
    with offline(t) as o:
        o.api.slow = 0.1
        p = o.start("get", "--resume", f"{URL}/big")

        def parts():
            return [n for n in os.listdir(o.folder) if n.endswith(".part")]
        until(lambda: parts() and os.stat(f"{o.folder}/{parts()[0]}").st_size > 4 * 65536)
        p.send_signal(signal.SIGINT)
        expect_equal(p.wait(30), 1, "exit code")
        o.api.slow = 0
        must(o, "get", "--resume", "--checksum", f"{URL}/big")
        asked = o.api.asked("client.get")
        expect(asked[1]["offset"] >= 65536, f"began at {asked[1]['offset']}")
        expect_equal(open(f"{o.folder}/big", "rb").read(), BIG)
        expect_equal(parts(), [])
        # another version of the file does not go on with what is left of this one
        o.api.slow = 0.1
        p = o.start("get", "--resume", f"{URL}/big")
        until(lambda: parts() and os.stat(f"{o.folder}/{parts()[0]}").st_size > 2 * 65536)
        p.send_signal(signal.SIGINT)
        p.wait(30)
        o.api.slow = 0
        o.api.make("data", "big", BIG[::-1]).written += 10**9
        must(o, "get", "--resume", f"{URL}/big")
        expect_equal(open(f"{o.folder}/big", "rb").read(), BIG[::-1])


@case("a put goes on as well, and leaves half a file only with --resume")
def resume_put(t):
    with offline(t) as o:
        with open(f"{o.folder}/up", "wb") as f:
            f.write(BIG)
        for args, left in ((("put",), False), (("put", "--resume"), True)):
            o.api.slow = 0.1
            p = o.start(*args, "up", URL)
            until(lambda: o.api.at_once == 1)
            time.sleep(0.3)
            p.send_signal(signal.SIGINT)
            expect_equal(p.wait(30), 1, "exit code")
            expect_equal("up" in o.api.find("data", "").children, left, f"left after {args}")
        o.api.slow = 0
        must(o, "put", "--resume", "--checksum", "up", URL)
        expect_equal(o.api.data("up"), BIG)


@case("different checksums are an error, and the file does not get its name")
def checksums(t):
    with offline(t) as o:
        o.api.corrupt = True
        refused(o, "the checksums of the two sides differ", "get", "--checksum", f"{URL}/big", "x")
        expect(not os.path.exists(f"{o.folder}/x"), "the file is there")
        with open(f"{o.folder}/up", "wb") as f:
            f.write(BIG)
        refused(o, "the checksums of the two sides differ", "put", "--checksum", "up", f"{URL}/y")


@case("--include, --exclude, --dry-run, --no-clobber")
def choices(t):
    with offline(t, **{"s/a.c": b"1", "s/a.o": b"2", "s/t/b.c": b"3", "s/t/skip/c.c": b"4"}) as o:
        must(o, "get", "-r", "--include", "*.c", "--exclude", "skip", f"{URL}/s", "s1")
        expect_equal(tree(f"{o.folder}/s1"), {"a.c": b"1", "t/b.c": b"3"})
        must(o, "get", "-r", "--exclude", "s/t/*", f"{URL}/s", "s2")
        expect_equal(tree(f"{o.folder}/s2"), {"a.c": b"1", "a.o": b"2"})
        plan = json.loads(must(o, "get", "-r", "--dry-run", "--json", f"{URL}/s", "s3"))
        expect_equal([p["to"] for p in plan["plan"] if not p["directory"]],
                     ["s3/a.c", "s3/a.o", "s3/t/b.c", "s3/t/skip/c.c"])
        expect(not os.path.exists(f"{o.folder}/s3"), "a dry run made something")
        with open(f"{o.folder}/a.txt", "w") as f:
            f.write("mine")
        told = json.loads(must(o, "get", "--no-clobber", "--json", f"{URL}/a.txt"))
        expect_equal((told["files"], told["skipped"]), (0, 1))
        expect_equal(open(f"{o.folder}/a.txt").read(), "mine")
        refused(o, "the name exists already", "put", "--no-clobber", "a.txt", URL)
        refused(o, "-r takes it", "get", f"{URL}/dir")
        refused(o, "only into a directory", "get", f"{URL}/a.txt", f"{URL}/big", "none")


@case("cp: by the server itself, and from one session to another through a pipe")
def copies(t):
    with offline(t) as o:
        must(o, "cp", "-r", f"{URL}/dir", "smb://alice@h/two")
        expect_equal(o.api.data("dir/sub/c", "two"), b"ccc")
        expect_equal(len(o.api.asked("client.copy")), 2)
        must(o, "cp", f"{URL}/big", "smb://bob@h/two/big2")
        expect_equal(hashlib.sha256(o.api.data("big2", "two")).digest(),
                     hashlib.sha256(BIG).digest())
        expect_equal(len(o.api.asked("client.copy")), 2)
        expect_equal(o.api.nonsense, [])
        # half of a file is no file; what the other server refused stays as it was
        o.api.broken["client.get"] = "STATUS_ACCESS_DENIED"
        refused(o, "smb://h/data/big: access denied", "cp", f"{URL}/big", "smb://bob@h/two/big3")
        expect("big3" not in o.api.find("two", "").children, "half a copy stays")
        o.api.broken["client.put"] = "STATUS_ACCESS_DENIED"
        refused(o, "smb://h/two/big2: access denied", "cp", f"{URL}/big", "smb://bob@h/two/big2")
        expect_equal(len(o.api.data("big2", "two")), len(BIG))


@case("what failed is listed at the end; a lost session does not make every file fail for itself")
def failures(t):
    with offline(t, **{f"many/{i}": b"x" for i in range(30)}) as o:
        del o.api.find("data", "many").children["7"]
        o.api.lies[("data", "many")] = ["7"]
        refused(o, "smb://h/data/many/7: no such name", "get", "-r", f"{URL}/many", "m")
        expect_equal(len(os.listdir(f"{o.folder}/m")), 29)
        o.api.broken["client.get"] = "STATUS_CONNECTION_RESET"
        code, _, err = o.run("get", "-r", "-j", "1", f"{URL}/many", "n")
        expect_equal(code, 1)
        expect_in("were not tried: the session is gone", err)
        expect_equal(len(err.splitlines()), 2, err)


@case("a small file that grew after it was listed arrives whole, and so does one that got smaller")
def grown(t):
    with offline(t) as o:
        for name, data in (("more", BIG * 3), ("less", b"now")):
            node = o.api.make("data", name, data)
            node.entry = lambda leaf, node=node: {**type(node).entry(node, leaf), "size": 5}
            must(o, "get", f"{URL}/{name}")
            expect_equal(open(f"{o.folder}/{name}", "rb").read() == data, True, name)
