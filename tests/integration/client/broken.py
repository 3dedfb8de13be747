"""Connections that break in the middle, and what is refused."""
import os
import signal
import socket

from case import case, expect, expect_equal
from cutting import Relay
from fixture import PASSWORD
from script import HASH, RECONNECT, REQUIRED, on

SIZE = 20_000_000


@case("a get and a put go on after the connection was cut, and the bytes are right")
def resumed(t):
    server = t.server({"data": {"writable": "yes"}})
    os.chmod(server.path(), 0o777)
    folder, content, s = t.folder(), os.urandom(SIZE), on(server)
    with open(f"{folder}/in", "wb") as f:
        f.write(content)
    open(f"{folder}/out", "wb").close()
    with open(f"{folder}/in", "rb") as f:
        relay = Relay(server.port, 6_000_000, 2)
        o = s.session(relay.port, t.user, PASSWORD, flags=RECONNECT)
        put = s.must("client.put", session=o["session"], share="data", path="big", flags=HASH,
                     local=s.give(f.fileno()))
    expect(put["resumed"] >= 1, f"{put}")
    expect(open(server.path("big"), "rb").read() == content, "the same bytes there")
    relay.close()
    with open(f"{folder}/out", "r+b") as f:
        relay = Relay(server.port, 6_000_000, 2)
        o = s.session(relay.port, t.user, PASSWORD, flags=RECONNECT)
        got = s.must("client.get", session=o["session"], share="data", path="big", flags=HASH,
                     local=s.give(f.fileno()))
    expect(got["resumed"] >= 1, f"{got}")
    expect(open(f"{folder}/out", "rb").read() == content, "the same bytes here")
    expect_equal(got["hash"], put["hash"], "hash")
    relay.close()


@case("without leave to reconnect a cut connection is an error, and the next session works")
def not_resumed(t):
    server = t.server()
    with open(server.path("f"), "wb") as f:
        f.write(os.urandom(SIZE))
    s, relay = on(server), Relay(server.port, 3_000_000, 1)
    o = s.session(relay.port, t.user, PASSWORD)
    with open(f"{t.folder()}/out", "wb") as f:
        expect_equal(s.status("client.get", session=o["session"], share="data", path="f",
                              local=s.give(f.fileno())), "STATUS_CONNECTION_RESET", "status")
    o = s.session(server.port, t.user, PASSWORD)
    expect_equal(s.must("client.stat", session=o["session"], share="data", path="f")["size"], SIZE, "size")
    relay.close()


@case("a wrong password, no such share, no such server: each by its own status")
def refused(t):
    server, s = t.server(), None
    s = on(server)
    expect_equal(s.open(server.port, t.user, "wrong")["status"]["name"], "STATUS_LOGON_FAILURE",
                 "a wrong password")
    o = s.session(server.port, t.user, PASSWORD)
    expect_equal(s.status("client.ls", session=o["session"], share="nowhere"),
                 "STATUS_BAD_NETWORK_NAME", "no such share")
    expect_equal(s.status("client.stat", session=o["session"], share="data", path="../x"),
                 "STATUS_OBJECT_NAME_INVALID", "a path that climbs")
    expect_equal(s.status("client.info", session=str(int(o["session"]) ^ 1 << 40)),
                 "STATUS_USER_SESSION_DELETED", "no such session")
    from server import free_port
    expect_equal(s.open(free_port(), t.user, PASSWORD)["status"]["name"],
                 "STATUS_CONNECTION_REFUSED", "nobody listens")
    expect_equal(s.ask("client.open", host="no-such-host.invalid", timeout_ms=20000)["status"]["name"],
                 "STATUS_BAD_NETWORK_PATH", "no such name")


@case("required encryption is required: a dialect without it is refused")
def encryption_required(t):
    server = t.server(conf={"server max protocol": "SMB2_10"})
    s = on(server)
    answer = s.open(server.port, t.user, PASSWORD, encrypt=REQUIRED)
    expect(answer["status"]["number"] != 0, f"{answer}")
    answer = s.open(server.port, t.user, PASSWORD, encrypt=REQUIRED, max_dialect=0x0210)
    expect_equal(answer["status"]["name"], "STATUS_NOT_SUPPORTED", "status")


@case("a guest's session is none unless the script says so")
def guest(t):
    server = t.server({"data": {"guest ok": "yes"}})
    s = on(server)
    expect_equal(s.open(server.port, "nobody-known", "x")["status"]["name"],
                 "STATUS_LOGON_FAILURE", "a guest unasked")


@case("a session process is killed: a clear error, and the next session works", root=True)
def killed(t):
    server = t.server()
    with open(server.path("f"), "wb") as f:
        f.write(b"x")
    s = on(server)
    o = s.session(server.port, t.user, PASSWORD)
    pids = [p["pid"] for p in server.processes("session")]
    expect_equal(len(pids), 1, "session processes")
    os.kill(pids[0], signal.SIGKILL)
    name = s.status("client.stat", session=o["session"], share="data", path="f")
    expect(name in ("STATUS_CONNECTION_RESET", "STATUS_USER_SESSION_DELETED"), name)
    o = s.session(server.port, t.user, PASSWORD)
    expect_equal(s.must("client.stat", session=o["session"], share="data", path="f")["size"], 1, "size")


@case("two servers at once: one that says nothing does not hold up the other")
def slow(t):
    server = t.server()
    with open(server.path("f"), "wb") as f:
        f.write(b"x")
    s = on(server)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        asked = s.send("client.open", host="127.0.0.1", port=silent.getsockname()[1],
                       timeout_ms=3000)
        o = s.session(server.port, t.user, PASSWORD)
        expect_equal(s.must("client.stat", session=o["session"], share="data", path="f")["size"], 1,
                     "size")
        expect_equal(s.recv(asked, 20)["status"]["name"], "STATUS_IO_TIMEOUT", "the silent one")
