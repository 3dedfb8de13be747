"""A put over a file that is there: what is seen under the name is the old file or the new one."""
import contextlib
import os
import time

from case import case, expect, expect_equal
from cutting import Relay
from fixture import PASSWORD
from samba import Samba
from script import NEW, RECONNECT, RESUME, WHOLE, on

OLD = b"what was there before"
SIZE = 12_000_000
PATIENCE = 150     # a request has 60 s, and a server that breaks an oplock may take 35 of them twice


class Stage:
    """A server whose share holds the file, and a new content for it."""

    def __init__(self, t, s, peer):
        self.t, self.s, self.peer = t, s, peer
        self.new = os.urandom(SIZE)
        self.source = f"{t.folder()}/new"
        with open(self.source, "wb") as f:
            f.write(self.new)
        with open(peer.path("f"), "wb") as f:
            f.write(OLD)
        os.chmod(peer.path("f"), 0o666)

    def open(self, port=None, **how):
        return self.s.session(port or self.peer.port, self.t.user, PASSWORD, **how)["session"]

    def send(self, session, flags=WHOLE, job=0):
        with open(self.source, "rb") as f:
            return self.s.send("client.put", session=session, share="data", path="f", flags=flags,
                               job=job, local=self.s.give(f.fileno()))

    def put(self, session, **how):
        return self.s.recv(self.send(session, **how), PATIENCE)

    def names(self):
        return sorted(os.listdir(self.peer.path()))

    def content(self):
        with open(self.peer.path("f"), "rb") as f:
            return f.read()

    def expect_only(self, content, what):
        """Nothing else is left; what goes by itself may take a moment."""
        end = time.monotonic() + PATIENCE
        while self.names() != ["f"] and time.monotonic() < end:
            time.sleep(0.05)
        expect_equal(self.names(), ["f"], "names")
        expect(self.content() == content, what)


@contextlib.contextmanager
def stages(t):
    """Our own server, then Debian's smbd where it can run."""
    server = t.server({"data": {"writable": "yes"}})
    os.chmod(server.path(), 0o777)
    with contextlib.ExitStack() as stack:
        yield [Stage(t, on(server), server)] + ([] if not t.root else [
            Stage(t, on(server), stack.enter_context(Samba(t.user, PASSWORD)))])


@case("in the middle of a put the old file is there, after it the new one and nothing else")
def whole_middle(t):
    with stages(t) as all_of_them:
        for g in all_of_them:
            relay = Relay(g.peer.port, 3_000_000, 1, hold=True)
            asked = g.send(g.open(relay.port))
            relay.held()
            expect(g.content() == OLD, "the old content")
            expect_equal(len(g.names()), 2, "names")
            relay.let_go()
            answer = g.s.recv(asked, PATIENCE)
            expect_equal((answer["status"]["name"], answer["in_place"], answer["size"]),
                         ("STATUS_SUCCESS", False, SIZE), "answer")
            g.expect_only(g.new, "the new content")
            relay.close()


@case("a put that is cancelled leaves the old file, and nothing beside it")
def whole_cancelled(t):
    with stages(t) as all_of_them:
        for g in all_of_them:
            relay = Relay(g.peer.port, 3_000_000, 1, hold=True)
            asked = g.send(g.open(relay.port), job=7)
            relay.held()
            g.s.must("client.cancel", job=7)
            expect_equal(g.s.recv(asked, PATIENCE)["status"]["name"], "STATUS_CANCELLED", "status")
            relay.let_go()
            g.expect_only(OLD, "the old content")
            relay.close()


@case("a put whose connection is lost leaves the old file, or goes on and replaces it")
def whole_lost(t):
    with stages(t) as all_of_them:
        for g in all_of_them:
            relay = Relay(g.peer.port, 3_000_000, 1)
            expect_equal(g.put(g.open(relay.port))["status"]["name"], "STATUS_CONNECTION_RESET", "status")
            expect(g.content() == OLD, "the old content")
            relay.close()
            for name in g.names():       # who could take it away was gone
                if name != "f":
                    expect(name.startswith(".put-") and name.endswith(".part"), name)
                    os.unlink(g.peer.path(name))
            relay = Relay(g.peer.port, 3_000_000, 1)
            answer = g.put(g.open(relay.port, flags=RECONNECT))
            expect_equal((answer["status"]["name"], answer["in_place"]), ("STATUS_SUCCESS", False), "answer")
            expect(answer["resumed"] >= 1, f"{answer}")
            g.expect_only(g.new, "the new content")
            relay.close()


@case("where the file cannot be replaced it is written in place, and the answer says so")
def whole_in_place(t):
    with stages(t) as all_of_them:
        for g in all_of_them:
            session = g.open()
            tree = g.s.must("smb.tree_connect", session=session, path="data")["tree"]
            for access in (0x80, 0x81):  # its attributes, which only a rename minds; its data
                held = g.s.must("smb.create", tree=tree, name="f", desired_access=access, impersonation=2,
                                share_access=3, create_disposition=1)["file"]
                answer = g.put(session)
                expect_equal((answer["status"]["name"], answer.get("in_place")),
                             ("STATUS_SUCCESS", True), "answer")
                g.expect_only(g.new, "the new content")
                g.s.must("smb.close", file=held)
            for flags in (WHOLE | NEW, WHOLE | RESUME):
                expect_equal(g.put(session, flags=flags)["status"]["name"], "STATUS_INVALID_PARAMETER",
                             "what excludes each other")
