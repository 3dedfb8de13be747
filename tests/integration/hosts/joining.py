"""Who may join as a storage from another host, and what becomes of whoever may not."""
import os
import socket

from afar import Front, Storage, wait_for
from case import Skip, case, expect, expect_equal
from cutting import Relay
from server import free_port

try:
    import zmq
except ImportError:
    zmq = None

OPEN, BEAT, DATA, CLOSE = 1, 2, 3, 4


def need_curve():
    if zmq is None or not zmq.has("curve"):
        raise Skip("python3-zmq with CURVE is not installed")


def read_key(path):
    with open(path, encoding="ascii") as f:
        return dict(line.rstrip("\n").split(" = ", 1) for line in f if not line.startswith("#"))


class Peer:
    """Somebody who holds a key and says what they please."""
    def __init__(self, front, path):
        need_curve()
        key = read_key(path)
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.linger = 0
        self.socket.curve_serverkey = key["server-key"].encode()
        self.socket.curve_publickey = key["public-key"].encode()
        self.socket.curve_secretkey = key["secret-key"].encode()
        self.socket.connect(f"tcp://{front}")

    def say(self, kind, stream=0, born=0, datagram=b"", flags=0, more=b""):
        self.socket.send(bytes([kind, flags, 0, 0]) + stream.to_bytes(4, "little")
                         + born.to_bytes(4, "little") + len(datagram).to_bytes(4, "little")
                         + datagram + more)

    def hears(self, seconds=30):
        return self.socket.recv()[0] if self.socket.poll(seconds * 1000) else None

    def opens(self):
        self.say(OPEN)
        expect_equal(self.hears(), OPEN, "the answer to OPEN")
        return self

    def close(self):
        self.socket.close()
        self.context.term()


@case("a storage of another host is read, written and listed like any other")
def reads_and_writes(t):
    with Front(t, ["one"]).start() as f:
        big = os.urandom(5_000_000)
        path = os.path.join(t.folder(), "big")
        with open(path, "wb") as out:
            out.write(big)
        c = f.client("one")
        c.must(f'mkdir d; put "{path}" d\\big; get d\\big "{path}.back"; rename d\\big d\\small')
        with open(f"{path}.back", "rb") as back:
            expect(back.read() == big, "what came back differs")
        with open(f.server.path("d", "small", share="one"), "rb") as there:
            expect(there.read() == big, "what the storage has differs")
        expect_equal(c.names("d\\*"), ["small"], "names")


@case("a key that is none of ours, a script's key and a revoked key do not join")
def wrong_keys(t):
    with Front(t, ["one"]) as f:
        s = f.storages["one"]
        stranger = f.key("one", f"{f.server.dir}/other.key")
        f.server.must("keys", "revoke", "other")
        script = f"{f.server.dir}/script.key"
        f.server.must("keys", "create", "script", "--out", script)
        server_key = read_key(s.key)["server-key"]
        with open(script, encoding="ascii") as old:
            lines = [f"server-key = {server_key}\n" if line.startswith("server-key") else line
                     for line in old]
        os.remove(script)
        with open(os.open(script, os.O_WRONLY | os.O_CREAT, 0o600), "w") as new:
            new.writelines(lines)
        for key in (stranger, script):
            bad = Storage(f.server, "one", s.front, s.data)
            bad.key, bad.runtime = key, f"{f.server.dir}/bad.run"
            bad.start()
            try:
                wait_for("a refusal", lambda: "does not let this key in" in bad.log())
                expect(not bad.row(), "it has joined")
            finally:
                bad.stop()
        f.start()


@case("a front end with another key than the storage was told is not believed")
def wrong_server(t):
    with Front(t, ["one"]) as f:
        s = f.storages["one"]
        with open(s.key, encoding="ascii") as old:
            lines = old.readlines()
        other = read_key(s.key)["public-key"]
        with open(s.key, "w", encoding="ascii") as new:
            new.writelines(f"server-key = {other}\n" if line.startswith("server-key") else line
                           for line in lines)
        s.start()
        wait_for("a refusal", lambda: "cannot join" in s.log())
        expect(not s.row(), "it has joined")


@case("a storage whose key is revoked is gone at once, and stays away")
def revoked(t):
    with Front(t, ["one"]).start() as f:
        f.server.must("keys", "revoke", "one")
        s = f.storages["one"]
        s.wait_gone()
        f.server.must_log("its key has been revoked")
        wait_for("its refusal", lambda: "does not let this key in" in s.log())
        expect(not s.row(), "it is back")


@case("of two hosts that claim one storage the second is refused, and the first serves on")
def claimed_twice(t):
    with Front(t, ["one"]).start() as f:
        s = f.storages["one"]
        second = Storage(f.server, "one", s.front, f"127.0.0.1:{free_port()}")
        second.key, second.runtime = f.key("one", f"{f.server.dir}/second.key"), f"{f.server.dir}/two.run"
        before = s.row()["pid"]
        second.start()
        try:
            f.server.must_log("refused to join role=spawner")
            expect_equal(s.row()["pid"], before, "pid of the fsd")
            f.client("one").must("ls")
        finally:
            second.stop()


@case("a storage that the configuration does not name is refused")
def unknown_storage(t):
    with Front(t, ["one"]) as f:
        s = f.storages["one"]
        bad = Storage(f.server, "nowhere", s.front, s.data)
        bad.key = s.key
        bad.start()
        try:
            f.server.must_log("refused to join role=spawner")
        finally:
            bad.stop()
        f.start()


@case("whoever has a key and talks nonsense is cut, others are not touched")
def nonsense(t):
    need_curve()
    with Front(t, ["one"]).start() as f:
        front, pid = f.storages["one"].front, f.storages["one"].row()["pid"]
        key = f.key("one", f"{f.server.dir}/bad.key")
        words = [
            lambda p: p.socket.send(b""),
            lambda p: p.socket.send(b"\xff" * 100),
            lambda p: p.socket.send_multipart([b"\x02" + b"\0" * 15, b"more"]),
            lambda p: p.say(OPEN),                                  # a second time
            lambda p: p.say(DATA),                                  # nothing in it
            lambda p: p.say(DATA, datagram=b"x", flags=1, more=b"memory"),  # that is not its to give
            lambda p: p.say(DATA, datagram=b"x", more=b"more"),
            lambda p: p.say(CLOSE, datagram=b"x"),
            lambda p: [p.say(DATA, datagram=b"x", born=1), p.say(DATA, datagram=b"x", born=1)],
            lambda p: [p.say(DATA, datagram=b"x", born=n) for n in range(1, 100)],
            lambda p: p.say(DATA, datagram=b"\x01\x01" + b"\0" * 22),  # a record, but no dir_join
        ]
        for say in words:
            p = Peer(front, key).opens()
            try:
                say(p)
                wait_for("its end", lambda: p.hears() == CLOSE)
            finally:
                p.close()
        expect_equal(f.storages["one"].row()["pid"], pid, "pid of the honest one's fsd")
        f.client("one").must("ls")


@case("a joined host that falls silent is cut")
def silent(t):
    need_curve()
    with Front(t, ["one"]) as f:
        p = Peer(f.storages["one"].front, f.key("one", f"{f.server.dir}/quiet.key")).opens()
        try:
            wait_for("its end", lambda: p.hears() == CLOSE)
        finally:
            p.close()


@case("a handshake that was recorded and is played again opens nothing")
def replayed(t):
    with Front(t, ["one"]) as f:
        s = f.storages["one"]
        host, port = s.front.rsplit(":", 1)
        tape, ear = [], Relay(int(port), 1 << 40)
        pump = ear.pump
        taped = []

        def record(a, b, count):
            if a.getpeername()[1] != int(port) and not taped:     # from the storage, the first time
                taped.append(a)
                a = Taped(a, tape)
            pump(a, b, count)
        ear.pump = record
        s.front = f"127.0.0.1:{ear.port}"
        s.start()
        s.wait_up()
        s.stop()
        ear.close()
        s.wait_gone()
        came = f.server.log_tail(10**6).count("a storage's host has come")
        with socket.create_connection((host, int(port))) as again:
            again.settimeout(30)
            try:
                again.sendall(b"".join(tape))
                while again.recv(4096):
                    pass
            except OSError:
                pass
        s.front = f"{host}:{port}"
        f.start()
        expect_equal(f.server.log_tail(10**6).count("a storage's host has come"), came + 1,
                     "hosts that have come")


class Taped:
    """A socket whose bytes are kept."""
    def __init__(self, sock, tape):
        self.sock, self.tape = sock, tape

    def recv(self, n):
        data = self.sock.recv(n)
        self.tape.append(data)
        return data

    def __getattr__(self, name):
        return getattr(self.sock, name)
