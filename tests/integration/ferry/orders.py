"""client.local as scripts speak it: orders in any order, answers that make no sense, callers that go."""
import json
import os
import time

from case import case, expect, expect_equal
from fixture import PASSWORD
from script import HASH, Script

READ, WRITE = 1, 2
FERRY = "5a" * 16
CHUNK = 512 << 10


class Keeping(Script):
    """Answers come in any order: what is not asked for now is kept."""
    def __init__(self, runtime):
        super().__init__(runtime)
        self.kept = {}

    def pull(self, until):
        expect(self.socket.poll(max(0, until - time.monotonic()) * 1000), "no answer")
        frames = self.socket.recv_multipart()
        self.kept[frames[1]] = {**json.loads(frames[3]),
                                "data": frames[4] if len(frames) > 4 else b""}

    def recv(self, wanted, seconds):
        return self.first([wanted], seconds)[1]

    def first(self, wanted, seconds=60):
        """(which, the answer) of the first of them that is answered."""
        until = time.monotonic() + seconds
        while not (come := [w for w in wanted if w in self.kept]):
            self.pull(until)
        return come[0], self.kept.pop(come[0])


class Ferry:
    """A script with a session, and calls that wait for orders."""
    def __init__(self, t, waiting=8):
        self.server = t.server({"data": {"read_only": "no"}})
        self.script = Keeping(f"{self.server.dir}/r")
        cred = self.script.must("cred.create", PASSWORD.encode(), type=1, user=t.user, kerberos=2,
                                kind="secret")["cred"]
        self.session = self.script.must("client.open", host="127.0.0.1", port=self.server.port,
                                        cred=cred)["session"]
        self.calls = [self.wait() for _ in range(waiting)]

    def wait(self, **told):
        binary = told.pop("binary", None)
        return self.script.send("client.local", binary, ferry=FERRY, wait=True, **told)

    def move(self, method, path, job=7, **fields):
        return self.script.send(method, session=self.session, share="data", path=path, ferry=FERRY,
                                job=job, **fields)

    def order(self):
        """The next; calls that are answered without one are made again."""
        while True:
            which, got = self.script.first(self.calls)
            self.calls.remove(which)
            expect_equal(got["status"]["name"], "STATUS_SUCCESS", f"a call that waits: {got}")
            if got["what"]:
                return got
            self.calls.append(self.wait())

    def tell(self, order, binary=None, **fields):
        self.calls.append(self.wait(order=order["order"], binary=binary, **fields))

    def status(self, **fields):
        binary = fields.pop("binary", None)
        return self.script.status("client.local", binary, ferry=FERRY, **fields)

    def end(self, moving):
        got = self.script.recv(moving, 100)
        return got["status"]["name"], got


def supply(f, data, n):
    """Carries out n orders of a put, the later of each pair first."""
    for _ in range(n // 2):
        pair = [f.order(), f.order()]
        for o in reversed(pair):
            expect_equal((o["what"], o["job"], o["length"]), (READ, 7, CHUNK), "an order")
            f.tell(o, data[o["offset"]:o["offset"] + o["length"]])


@case("what is told in another order arrives in the right one; the end is where an answer is short")
def reordered(t):
    f = Ferry(t)
    data = os.urandom(5 * CHUNK + 1000)
    moving = f.move("client.put", "up", flags=HASH)
    supply(f, data, 16)
    status, got = f.end(moving)
    expect_equal((status, got["bytes"]), ("STATUS_SUCCESS", len(data)), f"{got}")
    with open(f.server.path("up"), "rb") as there:
        expect_equal(there.read() == data, True, "what arrived")
    moving = f.move("client.get", "up", job=8)
    came, n = bytearray(len(data)), 0
    while n < len(data):
        o = f.order()
        if o["job"] != 8:               # the put read ahead of its end
            f.tell(o)
            continue
        expect_equal((o["what"], len(o["data"])), (WRITE, o["length"]), "an order")
        came[o["offset"]:o["offset"] + o["length"]] = o["data"]
        n += o["length"]
        f.tell(o)
    expect_equal((f.end(moving)[0], bytes(came) == data), ("STATUS_SUCCESS", True), "what came")


@case("what cannot be carried out ends the transfer with its status; the file is not replaced")
def failing(t):
    f = Ferry(t)
    with open(f.server.path("up"), "w", encoding="ascii") as old:
        old.write("old")
    moving = f.move("client.put", "up", flags=16)
    o = f.order()
    f.tell(o, failed=0xC0000185)                       # STATUS_IO_DEVICE_ERROR
    expect_equal(f.end(moving)[0], "STATUS_IO_DEVICE_ERROR", "of the put")
    with open(f.server.path("up"), encoding="ascii") as there:
        expect_equal(there.read(), "old", "what was there")
    with open(f.server.path("down"), "wb") as big:
        big.write(bytes(4 * CHUNK))
    moving = f.move("client.get", "down", job=9)
    while (o := f.order())["job"] != 9:
        f.tell(o)
    f.tell(o, failed=0xC000007F)                       # STATUS_DISK_FULL
    expect_equal(f.end(moving)[0], "STATUS_DISK_FULL", "of the get")


@case("nonsense is refused or ignored: more than was asked for, twice, unknown orders, no job, no ferry")
def nonsense(t):
    f = Ferry(t, waiting=2)
    expect_equal(f.status(order=12345, failed=0), "STATUS_SUCCESS", "an order that nobody gave")
    expect_equal(f.status(binary=b"x"), "STATUS_INVALID_PARAMETER", "content without an order")
    expect_equal(f.script.status("client.local", ferry="00" * 16), "STATUS_INVALID_PARAMETER",
                 "no ferry")
    expect_equal(f.script.status("client.put", session=f.session, share="data", path="x",
                                 ferry=FERRY, job=0), "STATUS_INVALID_PARAMETER", "no job")
    moving = f.move("client.put", "up", pipe=True)
    o = f.order()
    expect_equal(f.status(order=o["order"], binary=bytes(CHUNK + 1)), "STATUS_INVALID_PARAMETER",
                 "more than was asked for")
    expect_equal(f.status(order=o["order"], binary=b"all"), "STATUS_SUCCESS", "in the end")
    expect_equal(f.status(order=o["order"], binary=b"but"), "STATUS_SUCCESS", "once more")
    status, got = f.end(moving)
    expect_equal((status, got["size"]), ("STATUS_SUCCESS", 3), f"{got}")
    with open(f.server.path("up"), "rb") as there:
        expect_equal(there.read(), b"all", "what arrived")
    for i in range(70):
        f.script.send("client.local", ferry=f"{i + 1:032x}", wait=True)
    answer = f.script.ask("client.local", ferry="77" * 16)
    expect_equal(answer["status"]["name"], "STATUS_INSUFFICIENT_RESOURCES", "too many ferries")


@case("a transfer whose caller does not carry out orders can be cancelled, and waits for no other's")
def apart(t):
    f = Ferry(t)
    moving = f.move("client.put", "up")
    order = f.order()
    other = Script(f"{f.server.dir}/r")
    lost = other.send("client.local", ferry="a5" * 16, wait=True)
    expect_equal(f.script.status("client.cancel", job=7), "STATUS_SUCCESS", "cancel")
    expect_equal(f.end(moving)[0], "STATUS_CANCELLED", "of the put")
    f.tell(order, b"too late")
    other.send("client.local", ferry="a5" * 16, end=True)
    expect_equal(other.recv(lost, 60)["what"], 0, "an order for another ferry")
    expect(f.script.must("client.stat", session=f.session, share="data", path=""), "the session")
