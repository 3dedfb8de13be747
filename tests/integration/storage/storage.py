"""Shares on several fsds of one instance: each is its own, and the others do not notice its end."""
import os
import signal
import struct
import subprocess

from case import case, expect, expect_equal, expect_in
from posts import (BAD_NETWORK_NAME, NETWORK_NAME_DELETED, SHARE_UNAVAILABLE, Post, connect,
                   status_of, storages, tree, wait_for)

READ, WRITE, SHARE = 0x00120089, 0x00120116, 7
OPEN_IF, OVERWRITE_IF = 3, 5


def create(c, tid, name):
    return c.openFile(tid, name, desiredAccess=READ | WRITE, shareMode=SHARE,
                      creationDisposition=OPEN_IF)


def talk(c, tid, fid, data):
    """Writes and reads it back."""
    c.writeFile(tid, fid, data, 0)
    expect_equal(c.readFile(tid, fid, 0, len(data)) == data, True, "what was written is read")


@case("files on three fsds are written, read and listed in one session", root=True)
def one_session(t):
    with storages(t) as (server, _):
        c = connect(t, server)
        files = {}
        for share in ("own", "a", "b"):
            tid = tree(c, share)
            files[share] = tid, create(c, tid, f"file on {share}")
        for n in (10, 70_000, 1 << 20):
            for tid, fid in files.values():
                talk(c, tid, fid, os.urandom(n))
        for share, (tid, fid) in files.items():
            c.closeFile(tid, fid)
            names = {e.get_longname() for e in c.listPath(share, "*")} - {".", ".."}
            expect_equal(names, {f"file on {share}"}, f"names on {share}")
            expect_equal(set(os.listdir(server.path(share=share))), names, f"the disk of {share}")
        shares = {s["shi1_netname"].rstrip("\0") for s in c.listShares()}
        expect_equal(shares, {"own", "a", "b", "IPC$"}, "shares by srvsvc")
        expect_equal(status_of(lambda: c.connectTree("nobodys")), BAD_NETWORK_NAME, "unknown share")
        c.logoff()


@case("large encrypted and plain transfers go between storages and a client", root=True)
def transfers(t):
    folder = t.folder()
    data = os.urandom(9 << 20)
    with open(f"{folder}/big", "wb") as f:
        f.write(data)
    with storages(t) as (server, _):
        for extra in ([], ["--client-protection=encrypt"]):
            client = t.client(server, extra=extra)
            for share in ("own", "a", "b"):
                client.must(f'put "{folder}/big" big; get big "{folder}/back"', share=share)
                with open(f"{folder}/back", "rb") as f:
                    expect_equal(f.read() == data, True, f"bytes of {share}")


@case("a storage's fsd is killed: its trees end, the other's open files go on, and it comes back",
      root=True)
def killed(t):
    with storages(t) as (server, posts):
        c = connect(t, server)
        ta, tb, to = (tree(c, s) for s in ("a", "b", "own"))
        fa, fb, fo = create(c, ta, "file"), create(c, tb, "file"), create(c, to, "file")
        for tid, fid in ((ta, fa), (tb, fb), (to, fo)):
            talk(c, tid, fid, b"before")
        pid = posts["beta"].kill_fsd()
        wait_for("the tree never ended", lambda: status_of(lambda: c.readFile(tb, fb, 0, 5)) ==
                 NETWORK_NAME_DELETED)
        for tid, fid in ((ta, fa), (to, fo)):
            talk(c, tid, fid, b"while it is away")
        posts["beta"].wait(but_not=pid)
        tb = tree(c, "b")
        fb = create(c, tb, "file")
        expect_equal(c.readFile(tb, fb, 0, 6), b"before", "what had been written")
        for tid, fid in ((ta, fa), (tb, fb), (to, fo)):
            talk(c, tid, fid, b"after")
        c.logoff()


@case("a request that waits at a storage is answered when that dies", root=True)
def waiting(t):
    with storages(t) as (server, posts):
        c = connect(t, server, preferredDialect=0x0210)      # which is not encrypted
        tb = tree(c, "b")
        one, two = create(c, tb, "file"), create(c, tb, "file")
        first = lock(c, tb, one)
        expect_equal(answer(c) if first == PENDING else first, 0, "the first lock")  # on a slow machine
        expect_equal(lock(c, tb, two), PENDING, "the second lock's interim answer")
        posts["beta"].kill_fsd()
        expect_equal(answer(c), NETWORK_NAME_DELETED, "the second lock")


PENDING, EXCLUSIVE = 0x103, 2


def lock(c, tid, fid):
    """Asks for the first ten bytes; the status of the first answer."""
    low = c.getSMBServer()
    packet = low.SMB_PACKET()
    packet["Command"], packet["TreeID"] = 10, tid
    packet["Data"] = struct.pack("<HHI16sQQII", 48, 1, 0, fid, 0, 10, EXCLUSIVE, 0)
    low.sendSMB(packet)
    return answer(c)


def answer(c):
    """The status of the next message, be it an interim one: impacket would read over that."""
    raw = c.getSMBServer()._NetBIOSSession.recv_packet(60).get_trailer()
    return struct.unpack_from("<I", raw, 8)[0]


@case("a share whose storage is away: a status to try again upon, and logons take no notice",
      root=True)
def away(t):
    with storages(t, names=["alpha"]) as (server, posts):
        c = connect(t, server)
        expect_equal(status_of(lambda: c.connectTree("b")), SHARE_UNAVAILABLE, "share b")
        server.must_log('a share\'s storage is not there share="b" storage="beta"')
        expect_equal(status_of(lambda: c.connectTree("nobodys")), BAD_NETWORK_NAME, "unknown share")
        tid = tree(c, "a")
        talk(c, tid, create(c, tid, "file"), b"hello")
        shares = {s["shi1_netname"].rstrip("\0") for s in c.listShares()}
        expect_equal(shares, {"own", "a", "IPC$"}, "shares by srvsvc")
        rows = {r["storage"]: r["there"] for r in server.status()["storages"]}
        expect_equal(rows, {"alpha": True, "beta": False}, "storages")
        posts["beta"] = Post(server, "beta")     # the session is older than this storage
        posts["beta"].wait()
        tid = tree(c, "b")
        talk(c, tid, create(c, tid, "file"), b"hello")
        rows = {r["name"]: r["storage"] for r in server.status()["shares"]}
        expect_equal(rows, {"own": "", "a": "alpha", "b": "beta"}, "shares of status")
        text = server.must("status")
        expect_in("STORAGE", text)
        expect_in("beta", text)


@case("no share is left for the instance's own fsd: it does not run, and everything works", root=True)
def none_of_our_own(t):
    shares = {"a": {"read_only": "no", "storage": "alpha"}}
    with storages(t, names=["alpha"], shares=shares) as (server, posts):
        expect_equal([r["storage"] for r in server.processes("fsd")], ["alpha"], "fsds")
        t.client(server, share="a").must("mkdir d; ls")
        posts["alpha"].stop()
        wait_for("the storage is still there", lambda: not server.processes("fsd"))
        code, out = t.client(server, share="a").run("ls")
        expect(code != 0, "a share without its storage")
        expect_in("tree connect failed", out)
        t.client(server, share="IPC$").must("exit")


@case("a name is taken once, and only if the configuration has it", root=True)
def claims(t):
    with storages(t, names=["alpha"]) as (server, posts):
        row = posts["alpha"].wait()
        for name in ("alpha", "gamma"):
            second = Post(server, name)
            wait_for("the outpost does not say so", lambda: "refuses us" in second.text())
            expect(any("refused to join" in line and f'storage="{name}"' in line
                       for line in server.log_tail(10**6).splitlines()),
                   f"the log lacks the refusal\n{server.log_tail()}")
            second.stop()
        expect_equal(posts["alpha"].wait()["pid"], row["pid"], "the fsd of alpha")
        code = subprocess.run([f"{server.bin}/bulkhead-broker", "outpost", "fsd", "--storage",
                               "not/a/name", "--join", "ipc:///", "--key", "/"], timeout=30,
                              capture_output=True).returncode
        expect_equal(code, 2, "exit code of a name that is none")
        posts["alpha"].stop()
        posts["alpha"] = Post(server, "alpha")   # the seat is free again
        posts["alpha"].wait(but_not=row["pid"])


@case("copying from one storage to another is refused as the specification says; clients then copy",
      root=True)
def copies(t):
    from impacket.smb3structs import FSCTL_SRV_COPYCHUNK, FSCTL_SRV_REQUEST_RESUME_KEY
    with storages(t) as (server, _):
        c = connect(t, server)
        ta, tb = tree(c, "a"), tree(c, "b")
        fa, fb = create(c, ta, "from"), create(c, tb, "to")
        data = os.urandom(1000)
        c.writeFile(ta, fa, data, 0)
        low = c.getSMBServer()
        key = low.ioctl(ta, fa, FSCTL_SRV_REQUEST_RESUME_KEY, flags=1, maxOutputResponse=32)[:24]
        chunk = key + struct.pack("<II", 1, 0) + struct.pack("<QQII", 0, 0, 1000, 0)

        def copy(tid, fid):
            low.ioctl(tid, fid, FSCTL_SRV_COPYCHUNK, flags=1, inputBlob=chunk,
                      maxOutputResponse=12)
        # [MS-SMB2] 3.3.5.15.6: no open there has this key
        expect_equal(status_of(lambda: copy(tb, fb)), 0xC0000034, "copying across storages")
        same = create(c, ta, "same")
        expect_equal(status_of(lambda: copy(ta, same)), 0, "copying on one storage")
        c.writeFile(tb, fb, c.readFile(ta, fa, 0, 1000), 0)
        expect_equal(c.readFile(tb, fb, 0, 1000) == data, True, "the client's own copy")


@case("a file is renamed on its own storage only", root=True)
def renames(t):
    with storages(t) as (server, _):
        c = connect(t, server)
        tid = tree(c, "a")
        c.closeFile(tid, create(c, tid, "old"))
        c.rename("a", "old", "new")
        expect_equal(os.listdir(server.path(share="a")), ["new"], "names on a")
        expect(status_of(lambda: c.rename("a", "new", "\\\\127.0.0.1\\b\\new")) != 0,
               "a rename to another share")
        expect_equal(os.listdir(server.path(share="a")), ["new"], "names on a")
        expect_equal(os.listdir(server.path(share="b")), [], "names on b")


@case("two users on two storages: each has what is theirs, and its end at both", root=True)
def users(t):
    with storages(t) as (server, _):
        one, two = connect(t, server, t.users[0]), connect(t, server, t.users[1])
        for c, name in ((one, "one"), (two, "two")):
            for share in ("a", "b"):
                tid = tree(c, share)
                talk(c, tid, create(c, tid, name), name.encode())
        opens = {(o["user"], o["storage"]) for o in server.status()["opens"]}
        expect_equal(opens, {(u, s) for u in t.users for s in ("alpha", "beta")}, "opens")
        one.logoff()
        wait_for("the first user's files are still open", lambda:
                 {o["user"] for o in server.status()["opens"]} == {t.users[1]})
        sids = {os.stat(server.path("one", share=s)).st_uid for s in ("a", "b")}
        expect_equal(len(sids), 1, "owners of one's files")
        two.logoff()


@case("the server is killed: its storages let go of what was open, and serve the next one", root=True,
      timeout=300)
def server_killed(t):
    with storages(t) as (server, posts):
        c = connect(t, server)
        tid = tree(c, "a")
        c.openFile(tid, "held", desiredAccess=READ | WRITE, shareMode=0,
                   creationDisposition=OPEN_IF)
        pid = posts["alpha"].wait()["pid"]
        os.kill(next(r["pid"] for r in server.processes("spawner")), signal.SIGKILL)
        server.process.wait(30)
        wait_for("processes of the server are left", lambda: only_storages(server, posts))
        server.start()
        expect_equal(posts["alpha"].wait()["pid"], pid, "the fsd of alpha, which went on")
        c = connect(t, server)
        tid = tree(c, "a")
        wait_for("the file is still held", lambda: status_of(
            lambda: create(c, tid, "held")) == 0, seconds=150)


def only_storages(server, posts):
    """Nothing of the server but the outposts, their fsds and what those log to."""
    mine = {p.process.pid for p in posts.values()}
    return all(pid in mine or b"bulkhead-fsd" in open(f"/proc/{pid}/cmdline", "rb").read()
               for pid, _ in server.left_over())
