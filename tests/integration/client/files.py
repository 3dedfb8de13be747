"""Everyday work over the scripting socket, on every dialect, signed and encrypted."""
import os

from case import case, expect, expect_equal
from fixture import PASSWORD
from samba import Samba
from script import DFS, HASH, OFFERED, REQUIRED, on

DIALECTS = (0x0202, 0x0210, 0x0300, 0x0302, 0x0311)
CONTENT = b"two lines\nof text\n"


def listing(s, session, share, path="", pattern=""):
    names, cursor = {}, 0
    while True:
        page = s.must("client.ls", session=session, share=share, path=path, pattern=pattern,
                      cursor=cursor)
        for e in page["entries"]:
            expect(e["name"] not in names, f"{e['name']} came twice")
            names[e["name"]] = e
        cursor = page["cursor"]      # as it came: large numbers are strings
        if cursor == 0:
            return names


def work(s, session, share):
    def name(method, path, **more):
        return s.must(method, session=session, share=share, path=path, **more)

    name("client.mkdir", "d")
    expect_equal(name("client.put", "d/f", binary=CONTENT)["bytes"], len(CONTENT), "bytes")
    entry = name("client.stat", "d/f")
    expect_equal((entry["name"], entry["size"], entry["directory"]), ("f", len(CONTENT), False), "stat")
    expect_equal(name("client.get", "d/f")["data"], CONTENT, "content")
    expect_equal(list(listing(s, session, share, "d")), ["f"], "listing")
    name("client.mv", "d/f", to="d/g")
    expect_equal(s.status("client.stat", session=session, share=share, path="d/f"),
                 "STATUS_OBJECT_NAME_NOT_FOUND", "the old name")
    expect(name("client.attrib", "d/g", set=2)["attributes"] & 2, "hidden")
    when = 1_600_000_000_000_000_000
    expect_equal(name("client.times", "d/g", written=when)["written"], when, "written")
    expect_equal(name("client.copy", "d/g", to="d/h")["bytes"], len(CONTENT), "copied")
    expect_equal(name("client.get", "d/h")["data"], CONTENT, "the copy")
    expect_equal(s.status("client.rmdir", session=session, share=share, path="d"),
                 "STATUS_DIRECTORY_NOT_EMPTY", "a directory that is not empty")
    name("client.rm", "d/g")
    name("client.rm", "d/h")
    name("client.rmdir", "d")
    expect(name("client.df", "")["total"] > 0, "room on the share")


def every_way(s, port, user, share):
    for dialect in DIALECTS:
        for signing, encrypt in ((OFFERED, OFFERED), (REQUIRED, OFFERED), (OFFERED, REQUIRED)):
            if encrypt == REQUIRED and dialect < 0x0300:
                continue
            o = s.session(port, user, PASSWORD, min_dialect=dialect, max_dialect=dialect,
                          signing=signing, encrypt=encrypt)
            expect_equal(o["dialect"], dialect, "dialect")
            expect(signing != REQUIRED or o["signed"], "signed")
            expect(encrypt != REQUIRED or o["encrypted"], "encrypted")
            work(s, o["session"], share)
            s.must("client.close", session=o["session"])


@case("files and directories with our own server, each dialect, plain, signed and encrypted")
def own(t):
    server = t.server({"data": {"writable": "yes"}})
    os.chmod(server.path(), 0o777)
    every_way(on(server), server.port, t.user, "data")


@case("the same with Debian's smbd", root=True)
def smbd(t):
    s = on(t.server())
    with Samba(t.user, PASSWORD) as peer:
        every_way(s, peer.port, t.user, "data")
        o = s.session(peer.port, t.user, PASSWORD)
        work(s, o["session"], "sealed")      # encrypted because the share demands it


@case("a directory of 3000 names comes in pages, each name once")
def large_listing(t):
    server = t.server()
    for i in range(3000):
        open(server.path(f"n{i}"), "w").close()
    s = on(server)
    o = s.session(server.port, t.user, PASSWORD)
    expect_equal(len(listing(s, o["session"], "data")), 3000, "names")
    expect_equal(len(listing(s, o["session"], "data", pattern="n29??")), 100, "names that match")


@case("a descriptor handed in is read and written, eight requests and more in flight")
def descriptors(t):
    server = t.server({"data": {"writable": "yes"}})
    os.chmod(server.path(), 0o777)
    s, content = on(server), os.urandom(24_000_001)
    o = s.session(server.port, t.user, PASSWORD)
    folder = t.folder()
    for name in ("in", "out"):
        open(f"{folder}/{name}", "wb").close()
    with open(f"{folder}/in", "wb") as f:
        f.write(content)
    with open(f"{folder}/in", "rb") as f:
        put = s.must("client.put", session=o["session"], share="data", path="big", flags=HASH,
                     local=s.give(f.fileno()))
    with open(f"{folder}/out", "r+b") as f:
        got = s.must("client.get", session=o["session"], share="data", path="big", flags=HASH,
                     local=s.give(f.fileno()))
    expect_equal(open(f"{folder}/out", "rb").read() == content, True, "the same bytes")
    expect_equal(put["hash"], got["hash"], "hash")
    expect(put["in_flight"] >= 8 and got["in_flight"] >= 8, f"{put} {got}")


@case("a pipe takes a file in order")
def pipe(t):
    server = t.server()
    content = os.urandom(3_000_000)
    with open(server.path("f"), "wb") as f:
        f.write(content)
    s = on(server)
    o = s.session(server.port, t.user, PASSWORD)
    r, w = os.pipe()
    token = s.give(w)
    os.close(w)
    asked = s.send("client.get", session=o["session"], share="data", path="f", local=token)
    got = bytearray()
    while chunk := os.read(r, 65536):
        got += chunk
    os.close(r)
    expect_equal(s.recv(asked, 30)["bytes"], len(content), "bytes")
    expect(bytes(got) == content, "the same bytes")


@case("a DFS link is followed, on this server and to another, if the script says so", root=True)
def dfs(t):
    s = on(t.server())
    with Samba(t.user, PASSWORD) as peer:
        os.symlink("msdfs:127.0.0.1\\data", f"{peer.dir}/links/here")
        os.symlink("msdfs:localhost\\data\\sub", f"{peer.dir}/links/there")
        os.mkdir(peer.path("sub"))
        plain = s.session(peer.port, t.user, PASSWORD)["session"]
        expect_equal(s.status("client.stat", session=plain, share="links", path="here/f"),
                     "STATUS_PATH_NOT_COVERED", "not allowed")
        follows = s.session(peer.port, t.user, PASSWORD, flags=DFS)["session"]
        for link, path in (("here", "f"), ("there", "sub/g")):
            name = os.path.basename(path)
            s.must("client.put", CONTENT, session=follows, share="links", path=f"{link}/{name}", job=3)
            expect_equal(open(peer.path(path), "rb").read(), CONTENT, path)
            expect_equal(s.must("client.get", session=follows, share="links",
                                path=f"{link}/{name}")["data"], CONTENT, name)
            expect(name in listing(s, follows, "links", link), f"{name} is listed")
            with open(f"{t.folder()}/f", "w+b") as f:
                s.must("client.get", session=follows, share="links", path=f"{link}/{name}",
                       local=s.give(f.fileno()))
                expect_equal(f.read(), CONTENT, f"{name} to a descriptor")
