"""The scripting socket, spoken to without our own client."""
import json
import pwd
import random
import time

from case import Skip, case, expect, expect_equal, expect_in
from fixture import PASSWORD

try:
    import zmq
except ImportError:
    zmq = None


class Script:
    """One DEALER at the instance's socket."""
    def __init__(self, server, hwm=1000):
        if zmq is None:
            raise Skip("python3-zmq is not installed")
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.rcvhwm = hwm
        self.socket.connect(f"ipc://{server.dir}/r/broker.sock")

    def send(self, *frames):
        self.socket.send_multipart(list(frames))

    def recv(self, seconds=5):
        expect(self.socket.poll(seconds * 1000), "no answer")
        frames = self.socket.recv_multipart()
        return frames[:3], json.loads(frames[3])

    def raw(self, *frames):
        self.send(*frames)
        return self.recv()[1]

    def ask(self, method, binary=(), **fields):
        self.send(b"BH1", b"7", method.encode(), json.dumps(fields).encode(), *binary)
        head, answer = self.recv()
        expect_equal(head, [b"BH1", b"7", method.encode()], "frames of the answer")
        return answer

    def name(self, method, **fields):
        return self.ask(method, **fields)["status"]["name"]


@case("frames are mirrored; version and methods answer; unknown methods and fields are named")
def frames(t):
    s = Script(t.server())
    expect_equal(s.ask("version")["api"], "BH1", "api")
    names = {m["name"] for m in s.ask("methods")["methods"]}
    expect({"status", "user.add", "session.close", "reload", "shutdown"} <= names, f"{names}")
    expect_equal(s.name("frobnicate"), "STATUS_NOT_FOUND", "status")
    answer = s.ask("user.del", name="x", colour="red")
    expect_equal(answer["status"]["number"], 0xC000000D, "status")
    expect_in("colour", answer["message"])


@case("a password comes as a field or as the binary frame, and never comes back")
def secrets(t):
    server = t.server()
    s = Script(server)
    expect_equal(s.name("user.add", name="one", password="pass Word-1"), "STATUS_SUCCESS")
    answer = s.ask("user.add", [b"pass Word-2"], name="two", kind="password")
    expect_equal(answer["status"]["name"], "STATUS_SUCCESS")
    expect_equal(s.name("user.add", name="two", password="x"), "STATUS_USER_EXISTS")
    said = json.dumps(s.ask("user.list")) + open(f"{server.dir}/log").read()
    for secret in ("Word-1", "Word-2"):
        expect(secret not in said, f"{secret} was told")
    for name in ("one", "two"):
        expect_equal(s.name("user.del", name=name), "STATUS_SUCCESS")


@case("nonsense of every kind is answered with an error, and the api lives")
def nonsense(t):
    server = t.server()
    s = Script(server)
    before = server.processes("api")[0]["pid"]
    for bad in ([b""], [b"x"], [b"BH1"], [b"BH1", b"1" * 65, b"m", b"{}"],
                [b"BH1", b"1", b"status\0", b"{}"], [b"BH1", b"1", b"status", b"{["],
                [b"BH1", b"1", b"status", b"[" * 100000], [b"BH1", b"1", b"status", b"7"],
                [b"BH1", b"1", b"user.del", b'{"name":"a","name":"b"}'],
                [b"BH1", b"1", b"user.del", b'{"name":"' + b"x" * 900000 + b'"}'],
                [b"BH1", b"1", b"version", b"{}", b"x", b"y"], [b"BH1"] + [b"x"] * 40):
        expect_equal(s.raw(*bad)["status"]["name"], "STATUS_INVALID_PARAMETER", f"{bad[:3]}")
    rng = random.Random(1)
    words = [b"BH1", b"1", b"methods", b"{}", b'{"name":"x"}', b"version", b""]
    end = time.monotonic() + 3
    while time.monotonic() < end:
        s.send(*(rng.choice(words) if rng.random() < .5 else rng.randbytes(rng.choice((1, 9, 90)))
                 for _ in range(rng.randint(1, 8))))
        while s.socket.poll(0):
            s.socket.recv_multipart()
    expect_equal(server.processes("api")[0]["pid"], before, "pid of api")


@case("who asks much and reads nothing holds up nobody")
def slow_reader(t):
    server = t.server()
    slow = Script(server)
    for i in range(2000):
        try:
            slow.socket.send_multipart([b"BH1", b"%d" % i, b"methods", b"{}"], zmq.NOBLOCK)
        except zmq.Again:
            break
    expect_equal(Script(server).name("version"), "STATUS_SUCCESS")


def ask_many(s, n, method, **fields):
    for i in range(n):
        s.send(b"BH1", b"%d" % (100 + i), method.encode(), json.dumps(fields).encode())


@case("of what is asked for and not read 64 MiB wait; then answers say so, and content comes again once it is read",
      timeout=300)
def unread(t):
    server = t.server({"data": {}})
    size, n = 8 << 20, 24
    with open(server.path("large"), "wb") as f:
        f.truncate(size)
    s, admin = Script(server, hwm=1), Script(server)
    cred = s.ask("cred.create", [PASSWORD.encode()], type=1, user=t.user, kerberos=2,
                 kind="secret")["cred"]
    session = s.ask("client.open", host="127.0.0.1", port=server.port, cred=cred)["session"]
    where = {"session": session, "share": "data", "path": "large"}
    ask_many(s, n, "client.get", **where)
    until = time.monotonic() + 120
    while admin.ask("status")["counters"]["answers_withheld"] == 0:
        expect(time.monotonic() < until, "everything was kept for who does not read")
        time.sleep(.05)
    got = [s.recv(60)[1] for _ in range(n)]
    names = [a["status"]["name"] for a in got]
    expect_equal(set(names), {"STATUS_SUCCESS", "STATUS_QUOTA_EXCEEDED"}, "what came")
    expect_in("64 MiB", next(a["message"] for a in got if "message" in a))
    expect(names.count("STATUS_SUCCESS") >= 7, f"{names}")
    expect_equal(s.ask("client.get", **where)["status"]["name"], "STATUS_SUCCESS", "afterwards")
    server.must_log("a script does not read what it asked for")


@case("not root: the owner is administrator of the instance, another uid asks who answers", root=True)
def roles(t):
    server = t.server(users=["anyone"], uid=pwd.getpwnam(t.user).pw_uid)
    expect_in("processes", server.must("call", "status"))
    # in the api's user namespace every other uid looks the same, root's too
    other = Script(server)
    expect_equal(other.name("version"), "STATUS_SUCCESS")
    expect_equal(other.name("user.list"), "STATUS_ACCESS_DENIED")


@case("an administrator ends the instance by word")
def shutdown(t):
    server = t.server()
    expect_equal(Script(server).name("shutdown"), "STATUS_SUCCESS")
    expect_equal(server.process.wait(10), 0, "exit code")
