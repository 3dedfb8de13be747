"""Files under a lease: what is answered without the server, and who takes that away."""
import contextlib
import os
import pwd
import struct
import subprocess
import time

from case import Failed, case, expect, expect_equal, expect_in
from fixture import PASSWORD
from samba import Samba
from script import RECONNECT, REQUIRED, on

NO_CACHE = 0x20
PATIENCE = 90
OLD, NEW = b"what was there first", b"and what came then, which is longer"
HIDDEN = 2
READ, READ_HANDLE = 1, 3
ACK_REQUIRED = 1


class Stage:
    """A server, a script of ours, and somebody else with another client."""

    def __init__(self, t, s, peer):
        self.t, self.s, self.peer = t, s, peer
        t.need("smbclient")
        self.write("f", OLD)
        self.session = None

    def write(self, name, content):
        """On the server's own machine."""
        with open(self.peer.path(name), "wb") as f:
            f.write(content)
        os.chmod(self.peer.path(name), 0o666)
        if self.t.root:
            os.chown(self.peer.path(name), pwd.getpwnam(self.t.user).pw_uid, -1)

    def open(self, **how):
        self.session = self.s.session(self.peer.port, self.t.user, PASSWORD, **how)["session"]
        return self

    def info(self):
        return self.s.must("client.info", session=self.session)

    def ask(self, method, binary=None, path="f", **how):
        return self.s.ask(method, binary, session=self.session, share="data", path=path, **how)

    def must(self, method, binary=None, path="f", **how):
        return self.s.must(method, binary, session=self.session, share="data", path=path, **how)

    def get(self):
        return self.must("client.get")["data"]

    def until(self, what, so, meanwhile=None):
        """Goes on asking; when is up to the server and the machine."""
        end = time.monotonic() + PATIENCE
        while not so():
            if time.monotonic() > end:
                raise Failed(f"{what}: {self.info()}")
            (meanwhile or self.get)()

    def keep(self):
        """The file is asked about until an answer has come from memory."""
        was = self.info()["cached"]
        self.until("answered from memory", lambda: self.info()["cached"] > was)

    def other(self, *commands, fails=None):
        """Another client, from start to end, while the file goes on being asked about."""
        done = subprocess.Popen(["smbclient", "-p", str(self.peer.port), "-U", f"{self.t.user}%{PASSWORD}",
                                 "//127.0.0.1/data", "-c", "; ".join(commands)], text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.until(f"smbclient {commands}", lambda: done.poll() is not None,
                   lambda: self.ask("client.get"))
        said = done.communicate()[0]
        if done.returncode and not (fails and fails in said):
            raise Failed(f"smbclient {commands}: {said}")
        return done.returncode == 0

    def local(self, content):
        """A file for the other one to send."""
        path = f"{self.t.folder()}/new"
        with open(path, "wb") as f:
            f.write(content)
        return path


@contextlib.contextmanager
def smbd(t):
    server = t.server({"data": {"writable": "yes"}})
    with Samba(t.user, PASSWORD) as peer:
        yield Stage(t, on(server), peer)


def servers(t):
    """Our own, then Debian's smbd where it can run."""
    server = t.server({"data": {"writable": "yes"}}, conf={"smb encrypt": "desired"})
    os.chmod(server.path(), 0o777)
    yield Stage(t, on(server), server)
    if t.root:
        with Samba(t.user, PASSWORD) as peer:
            yield Stage(t, on(server), peer)


@case("a file that is asked about again and again is answered without the server")
def lease_kept(t):
    for g in servers(t):
        for dialect in (0x0210, 0x0300, 0x0311):
            g.open(max_dialect=dialect)
            size, end = len(OLD), time.monotonic() + PATIENCE
            while g.info()["cached"] < 20:
                expect(time.monotonic() < end, f"{dialect:#x}: {g.info()}")
                expect_equal(g.get(), OLD, "content")
                expect_equal(g.must("client.stat")["size"], size, "size")
        for how in ({"max_dialect": 0x0202}, {"flags": NO_CACHE}):
            g.open(**how)
            for _ in range(20):
                expect_equal(g.get(), OLD, "content")
            info = g.info()
            expect_equal((info["cached"], info["kept"]), (0, 0), "cached, kept")


@case("what another client writes is seen, and its write waits for nobody")
def lease_written(t):
    for g in servers(t):
        for how in ({}, {"max_dialect": 0x0210}, {"encrypt": REQUIRED}):
            g.open(**how)
            contents, end = [NEW, OLD], time.monotonic() + PATIENCE
            while g.info()["breaks"] == 0:       # a lease may end by itself before the break
                expect(time.monotonic() < end, f"no break: {g.info()}")
                g.keep()
                g.other(f"put {g.local(contents[0])} f")
                g.until("the new content", lambda: g.get() == contents[0])
                contents.reverse()


@case("another client renames, removes and replaces a file that is kept")
def lease_removed(t):
    for g in servers(t):
        g.open()
        g.keep()
        g.other("rename f g")
        g.until("the old name is gone", lambda: g.ask("client.stat")["status"]["name"] ==
                "STATUS_OBJECT_NAME_NOT_FOUND", lambda: None)
        g.other("rename g f")
        g.until("the name is back", lambda: g.ask("client.stat")["status"]["number"] == 0, lambda: None)
        g.keep()
        g.other("rm f")
        new = g.local(NEW)
        g.until("a new file", lambda: g.other(f"put {new} f", fails="DELETE_PENDING"), lambda: None)
        g.until("the new content", lambda: g.ask("client.get")["data"] == NEW, lambda: None)


@case("what the server's own machine does to a file is seen without a break")
def lease_beneath(t):
    for g in servers(t):
        g.open()
        g.keep()
        g.write("f", NEW)
        g.until("the new content", lambda: g.get() == NEW)
        g.keep()
        os.rename(g.peer.path("f"), g.peer.path("g"))
        g.until("the name is gone", lambda: g.ask("client.get")["status"]["name"] ==
                "STATUS_OBJECT_NAME_NOT_FOUND", lambda: None)


def by_number(g):
    """The middle level, which names a file by a number."""
    g.keep()
    tree = g.s.must("smb.tree_connect", session=g.session, path="data")["tree"]
    f = g.s.must("smb.create", tree=tree, name="f", desired_access=0x12019F, impersonation=2,
                 share_access=7, create_disposition=1)["file"]
    expect_equal(g.get(), OLD, "before")
    g.s.must("smb.write", NEW, file=f, offset=0)
    expect_equal(g.get(), NEW, "what smb.write wrote")
    g.s.must("smb.close", file=f)


def one_by_one(g):
    """Each is seen by the very next call."""
    g.keep()
    g.must("client.put", NEW)
    expect_equal(g.get(), NEW, "what was put")
    g.keep()
    g.must("client.attrib", set=HIDDEN)
    expect(g.must("client.stat")["attributes"] & HIDDEN, "hidden")
    g.keep()
    g.must("client.times", written=1_500_000_000 * 10**9)
    expect_equal(g.must("client.stat")["written"], 1_500_000_000 * 10**9, "its time")
    g.keep()
    g.must("client.mv", to="g", replace=False)
    expect_equal(g.ask("client.stat")["status"]["name"], "STATUS_OBJECT_NAME_NOT_FOUND", "the old name")
    g.must("client.put", OLD, path="h")
    g.must("client.mv", path="h", to="f", replace=True)
    g.keep()
    g.must("client.mv", path="g", to="f", replace=True)
    expect_equal(g.get(), NEW, "what was renamed over it")
    g.keep()
    g.must("client.rm")
    expect_equal(g.ask("client.get")["status"]["name"], "STATUS_OBJECT_NAME_NOT_FOUND", "removed")
    g.must("client.put", OLD)
    expect_equal(g.get(), OLD, "put again")


@case("one's own changes are seen by the next call, of another session as well")
def lease_own(t):
    for g in servers(t):
        g.open()
        one_by_one(g)
        by_number(g)
        second = Stage(t, g.s, g.peer).open()
        second.keep()
        for content in (NEW, OLD):
            g.must("client.put", content)
            expect_equal(second.get(), content, "by the other session")


@case("what is kept does not outlive its connection", root=True)
def lease_lost(t):
    with smbd(t) as g:
        g.open(flags=RECONNECT)
        g.keep()
        g.peer.kill()
        g.write("f", NEW)
        g.peer.start()
        g.until("the new content", lambda: g.ask("client.get")["data"] == NEW, lambda: None)
        expect(g.info()["reconnects"] >= 1, f"{g.info()}")


def lease_context(key, state):
    """2.2.13.2.10"""
    body = key + struct.pack("<IIQ16sHH", state, 0, 0, bytes(16), 1, 0)
    return struct.pack("<IHHHHI4sI", 0, 16, 4, 0, 24, len(body), b"RqLs", 0) + body


@case("the break of a lease that a script asked for comes as an event, and is acknowledged", root=True)
def lease_scripts(t):
    with smbd(t) as g:
        g.open()
        g.s.must("subscribe")
        key = os.urandom(16)
        tree = g.s.must("smb.tree_connect", session=g.session, path="data")["tree"]
        made = g.s.must("smb.create", tree=tree, name="f", desired_access=0x120089, impersonation=2,
                        share_access=7, create_disposition=1, oplock_level=0xFF,
                        contexts=lease_context(key, READ_HANDLE | 4).hex())
        expect_in(key.hex(), made["contexts"])
        done = subprocess.Popen(["smbclient", "-p", str(g.peer.port), "-U", f"{t.user}%{PASSWORD}",
                                 "//127.0.0.1/data", "-c", f"get f {t.folder()}/f"],
                                stdout=subprocess.DEVNULL)
        event = g.s.recv(None, PATIENCE)
        detail = event["detail"]
        expect_equal((event["kind"], int(detail["file"]), detail["lease_key"], detail["current_state"],
                      detail["new_state"], detail["flags"] & ACK_REQUIRED),
                     ("lease_break", int(made["file"]), key.hex(), READ_HANDLE | 4, READ_HANDLE, 1), "event")
        left = g.s.must("smb.oplock_break", file=made["file"], lease_key=key.hex(), lease_state=READ_HANDLE)
        expect_equal(left["lease_state"], READ_HANDLE, "what is left")
        expect_equal(done.wait(PATIENCE), 0, "the other one's get")
