"""The package's verbs against our own server and Debian's smbd."""
import hashlib
import os
import socket
import threading

from case import case, expect, expect_equal, expect_in
from fixture import PASSWORD
from package import bulkhead, need, own, peers, refused

CONTENT = b"two lines\nof text\n"
SRVSVC = "4b324fc8-1670-01d3-1278-5a47bf6ee188"
HIDDEN = 2


def sessions(t, **how):
    """(session, local folder) with each peer."""
    for peer in peers(t):
        with peer(t) as (url, local, broker), \
                bulkhead.open(url, password=PASSWORD, broker=broker, **how) as s:
            yield s, local


@case("names: mkdir, stat, ls, mv, attrib, times, rm, rmdir, exists, df")
def names(t):
    need(t)
    for s, local in sessions(t):
        s.mkdir("d")
        s.write("d/f", CONTENT)
        e = s.stat("d/f")
        expect_equal((e.name, e.size, e.directory), ("f", len(CONTENT), False), "stat")
        expect(abs(e.modified.timestamp() - os.stat(f"{local}/d/f").st_mtime) < 1, "modified")
        expect_equal([e.name for e in s.ls("d")], ["f"], "ls")
        expect_equal(list(s.ls("d", "*.none")), [], "a pattern that fits nothing")
        s.mv("d/f", "d/g")
        expect(s.exists("d/g") and not s.exists("d/f"), "the new name only")
        refused("STATUS_OBJECT_NAME_NOT_FOUND", s.stat, "d/f")
        s.write("d/h", b"other")
        refused("STATUS_OBJECT_NAME_COLLISION", s.mv, "d/g", "d/h")
        refused("STATUS_OBJECT_NAME_COLLISION", s.write, "d/h", b"", new=True)
        s.mv("d/g", "d/h", replace=True)
        expect_equal(s.read("d/h"), CONTENT, "what replaced it")
        expect(s.attrib("d/h", set=HIDDEN).attributes & HIDDEN, "hidden")
        expect(not s.attrib("d/h", clear=HIDDEN).attributes & HIDDEN, "not hidden")
        when = 1_600_000_000_000_000_000
        expect_equal(s.times("d/h", written=when).written, when, "written")
        refused("STATUS_DIRECTORY_NOT_EMPTY", s.rmdir, "d")
        s.rm("d/h")
        s.rmdir("d")
        expect(not s.exists("d"), "the folder is gone")
        expect(s.df()["total"] > 0, "room on the share")


@case("a listing of many pages, a tree of folders")
def listings(t):
    need(t)
    wanted = {f"a name that makes pages fill {i:04}" for i in range(3000)}
    for s, local in sessions(t):
        os.mkdir(f"{local}/many")
        os.chmod(local, 0o777)
        for name in wanted:
            open(f"{local}/many/{name}", "w").close()
        expect_equal({e.name for e in s.ls("many")}, wanted, "names")
        os.makedirs(f"{local}/a/b/c")
        open(f"{local}/a/b/f", "w").close()
        seen = [(path, sorted(e.name for e in entries)) for path, entries in s.walk("a")]
        expect_equal(seen, [("a", ["b"]), ("a/b", ["c", "f"]), ("a/b/c", [])], "walk")


@case("files of any size: get and put with progress, checksum and resumption, cat, cp")
def transfers(t):
    need(t)
    blob = os.urandom(20 << 20)
    folder = t.folder()
    with open(f"{folder}/blob", "wb") as f:
        f.write(blob)
    for s, _ in sessions(t):
        seen = []
        moved = s.put(f"{folder}/blob", "blob", checksum=True, durable=True,
                      progress=lambda done, total: seen.append((done, total)))
        expect_equal(moved["hash"], hashlib.sha256(blob).hexdigest(), "hash of put")
        expect_equal(seen[-1], (len(blob), len(blob)), "progress of put")
        refused("STATUS_OBJECT_NAME_COLLISION", s.put, f"{folder}/blob", "blob", new=True)
        expect_equal(s.get("blob", f"{folder}/back")["bytes"], len(blob), "bytes of get")
        expect(same(f"{folder}/back", blob), "what came back")
        os.truncate(f"{folder}/back", 7 << 20)
        expect_equal(s.get("blob", f"{folder}/back", resume=True)["bytes"], 13 << 20, "resumed get")
        expect(same(f"{folder}/back", blob), "what was resumed")
        with s.open("blob", "r+b") as f:
            f.truncate(7 << 20)
        expect_equal(s.put(f"{folder}/blob", "blob", resume=True)["bytes"], 13 << 20, "resumed put")
        expect(s.cat("blob") == blob, "cat")
        refused("STATUS_FILE_TOO_LARGE", s.read, "blob")
        expect_equal(s.cp("blob", "copy"), len(blob), "bytes of cp")
        expect_equal(s.cp("blob", "copy", to_share="other"), len(blob), "cp into another share")
        refused("STATUS_OBJECT_NAME_COLLISION", s.cp, "blob", "copy")
        expect(s.cat("copy") == blob, "the copy")
        expect(s.use("other").cat("copy") == blob, "the copy in the other share")
        s.use("data")


def same(path, content):
    with open(path, "rb") as f:
        return f.read() == content


@case("file objects read, write, seek, append and truncate")
def file_objects(t):
    need(t)
    for s, local in sessions(t):
        with s.open("f", "w+b") as f:
            f.write(b"hello world")
            f.seek(6)
            expect_equal(f.read(5), b"world", "what was written")
            expect_equal(f.read(1), b"", "the end")
            f.seek(-5, os.SEEK_END)
            f.truncate()
            expect_equal((f.tell(), f.size), (6, 6), "truncated")
        with s.open("f", "ab") as f:
            f.write(b"there\nand more\n")
        with s.open("f") as f:
            expect_equal([bytes(line) for line in f], [b"hello there\n", b"and more\n"], "lines")
        refused("STATUS_OBJECT_NAME_COLLISION", s.open, "f", "xb")
        refused("STATUS_OBJECT_NAME_NOT_FOUND", s.open, "none", "r+b")
        big = os.urandom(5 << 20)
        with s.open("big", "wb") as f:
            f.write(big)
        expect(same(f"{local}/big", big), "a write of many requests")


@case("shares, another share, what the server says of itself, a call of one's own")
def server_says(t):
    need(t)
    for s, _ in sessions(t):
        expect({"data", "other", "IPC$"} <= {e["name"] for e in s.shares()}, "shares")
        refused("STATUS_BAD_NETWORK_NAME", s.use, "none")
        expect_equal(s.use("other").share, "other", "another share")
        expect_equal(s.info()["session"], s.id, "session")
        stub = s.rpc("srvsvc", SRVSVC, (3, 0), 21, b"\0\0\0\0" + (100).to_bytes(4, "little"))
        expect_equal(stub[:4], (100).to_bytes(4, "little"), "NetrServerGetInfo")
        try:
            rows = s.server("sessions")
        except bulkhead.Error as e:
            expect_in(e.status, ("STATUS_UNSUCCESSFUL", "STATUS_ACCESS_DENIED"))
        else:
            expect_in(t.user.lower(), [r["name"].lower() for r in rows])
        try:
            rows = s.server("network")
        except bulkhead.Error as e:
            expect_in(e.status, ("STATUS_INVALID_DEVICE_REQUEST", "STATUS_NOT_SUPPORTED",
                                 "STATUS_NOT_FOUND"))
        else:
            expect(all(r["addr"] for r in rows), f"{rows}")


@case("security descriptors come as SDDL, and go back")
def descriptors(t):
    need(t)
    for s, local in sessions(t):
        s.write("f", b"x")
        got = s.getsd("f")
        expect(got["owner"].startswith("S-1-") and "D:" in got["sddl"], f"{got}")
        refused("STATUS_INVALID_SECURITY_DESCR", s.setsd, "f", "D:(A;;XX;;;WD)")
        s.setsd("f", f"D:P(A;;FA;;;{got['owner']})")
        expect(not os.stat(f"{local}/f").st_mode & 0o007, "others may still")


@case("changes below a path, for each of two watches its own")
def watches(t):
    need(t)
    for s, local in sessions(t):
        s.mkdir("a")
        s.mkdir("b")
        with s.watch("a") as first, s.watch("b") as second:
            s.write("a/one", b"1")
            s.write("b/two", b"2")
            for watch, name in ((second, "two"), (first, "one")):
                change = watch.next(20)
                expect_equal((change["kind"], change["action"], change["path"].split("/")[-1]),
                             ("change", 1, name), "event")
            expect_equal(first.dropped, 0, "dropped")


@case("encryption and signing that are required are had, or the session is not")
def required(t):
    need(t)
    for peer in peers(t):
        with peer(t) as (url, _, broker):
            for dialect in ("3.0", "3.1.1"):
                with bulkhead.open(url, password=PASSWORD, broker=broker, require_encryption=True,
                                   min_dialect=dialect, max_dialect=dialect) as s:
                    expect(s.opened["encrypted"], "encrypted")
                    expect_equal(s.info()["dialect"], bulkhead.client.DIALECTS[dialect], "dialect")
                    s.write("f", CONTENT)
            with bulkhead.open(url, password=PASSWORD, broker=broker, require_signing=True,
                               max_dialect="2.1") as s:
                expect(s.opened["signed"] and not s.opened["encrypted"], "signed")
                expect_equal(s.read("f"), CONTENT, "content")
                refused("STATUS_ACCESS_DENIED", s.use, "sealed")
            refused("STATUS_NOT_SUPPORTED", bulkhead.open, url, password=PASSWORD, broker=broker,
                    require_encryption=True, max_dialect="2.1")
            with bulkhead.open(url, password=PASSWORD, broker=broker) as s:
                s.use("sealed").write("g", CONTENT)
            refused("STATUS_LOGON_FAILURE", bulkhead.open, url, password="not it", broker=broker)
            expect_equal((broker.sessions(), broker.credentials()), ([], []), "what is left")


@case("asyncio: many questions at once, a listing, a watch")
def asynchronous(t):
    import asyncio
    need(t)

    async def work(url, broker):
        async with await bulkhead.aio.open(url, password=PASSWORD, broker=broker) as s:
            await s.mkdir("w")
            names = [f"w/{i}" for i in range(40)]
            await asyncio.gather(*(s.write(n, n.encode()) for n in names))
            entries = await asyncio.gather(*(s.stat(n) for n in names))
            expect_equal([e.size for e in entries], [len(n) for n in names], "sizes")
            expect_equal(len([e async for e in s.ls("w")]), 40, "listing")
            changes = s.watch("w")
            first = asyncio.ensure_future(changes.__anext__())
            while not first.done():
                await s.write("w/new", b"x")
                await asyncio.sleep(.1)
            expect_equal(first.result()["kind"], "change", "event")
            await changes.aclose()

    for peer in peers(t):
        with peer(t) as (url, _, broker):
            asyncio.run(asyncio.wait_for(work(url, broker), 60))


@case("threads share a session")
def threads(t):
    with own(t) as (url, _, broker), bulkhead.open(url, password=PASSWORD, broker=broker) as s:
        wrong = []

        def work(i):
            for n in range(20):
                s.write(f"{i}", b"%d" % n)
                if s.read(f"{i}") != b"%d" % n:
                    wrong.append((i, n))

        crowd = [threading.Thread(target=work, args=(i,)) for i in range(8)]
        for one in crowd:
            one.start()
        for one in crowd:
            one.join()
        expect_equal(wrong, [], "what threads read of each other")


@case("a session over a socket that the script connected")
def adopted(t):
    with own(t) as (url, _, broker):
        port = bulkhead.url.parse(url).port
        with socket.create_connection(("127.0.0.1", port)) as sock, \
                bulkhead.open(url, password=PASSWORD, broker=broker, socket=sock) as s:
            s.write("f", CONTENT)
            expect_equal(s.read("f"), CONTENT, "content")


@case("where nothing runs, open() brings an instance and takes it away")
def private(t):
    need(t)
    server = t.server({"data": {"writable": "yes"}})
    os.environ["XDG_CONFIG_HOME"] = t.folder()
    with bulkhead.open(f"smb://{t.user}@127.0.0.1:{server.port}/data", password=PASSWORD) as s:
        where = s.broker.runtime_directory
        expect(s.broker.private.ours or not t.root, "whose instance")
        s.write("f", CONTENT)
        expect_equal(s.read("f"), CONTENT, "content")
        ours = s.broker.private.ours
    expect(not ours or not os.path.exists(where), f"{where} is left")


@case("what is not there is an Error that says so")
def nobody(t):
    need(t)
    folder = t.folder()
    e = refused("STATUS_CONNECTION_DISCONNECTED", bulkhead.connect, config=f"{folder}/none.conf")
    expect_in("none.conf", e.message)
    os.environ["BULKHEAD_BIN"] = folder
    e = refused("STATUS_CONNECTION_DISCONNECTED", bulkhead.connect)
    expect_in("BULKHEAD_BIN", e.message)
    os.environ["BULKHEAD_BIN"] = t.bin
    with own(t) as (url, _, broker):
        closed = bulkhead.url.parse(url)._replace(port=1)
        e = refused("STATUS_CONNECTION_REFUSED", bulkhead.open, f"smb://{closed.host}:1/x",
                    broker=broker)
