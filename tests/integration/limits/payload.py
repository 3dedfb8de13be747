"""Payload memory: who takes or sends slowly holds no more than a share of it."""
import pathlib
import socket
import sys
import threading
import time

from case import case, expect, expect_equal

sys.path.append(str(pathlib.Path(__file__).resolve().parent))
from honest import ECHO_BODY, MIB, login, served, smb2     # noqa: E402
from weight import Weight                             # noqa: E402


def big_file(server, mib):
    with open(server.path("big"), "wb") as f:
        f.truncate(mib * MIB)


def ask_much(c, fid, n, size=MIB):
    """n reads, none of whose answers is taken."""
    while c.credits - c.mid < n * (size // 65536) and c.mid < 20000:
        c.call(smb2.ECHO, ECHO_BODY, credits=2000)
    c.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    return [c.submit(smb2.READ, c.read_body(fid, size, i * size), charge=size // 65536, credits=0)
            for i in range(n)]


@case("a client that asks for much and reads nothing stops no other one", timeout=180)
def slow_reader(t):
    server = t.server(shares={"data": {"read_only": "no"}})
    big_file(server, 256)
    with open(server.path("small"), "wb") as f:
        f.write(b"small")
    same, other = login(t, server, dialect=0x0210), login(t, server, t.users[1], dialect=0x0210)
    fids = {x: x.create("small", access=0x00120089) for x in (same, other)}
    before = Weight(server)
    greedy = [login(t, server, dialect=0x0210) for _ in range(3)]
    mids = [ask_much(c, c.create("big", access=0x00120089), 200) for c in greedy]
    time.sleep(1)
    for name, x in (("the same user's", same), ("another user's", other)):
        for _ in range(20):
            start = time.monotonic()
            a = x.call(smb2.READ, x.read_body(fids[x], 5))
            took = time.monotonic() - start
            expect_equal(x.data_of(a), b"small", f"what {name} other connection reads")
            expect(took < 5, f"{name} other connection waits {took:.1f} s")
    worker = Weight(server).resident("worker")
    expect(worker < 700_000, f"a worker of {worker} KB")
    for c, wanted in zip(greedy, mids):       # at last they do read, and all of it is there
        c.sock.settimeout(20)
        got = {}
        while len(got) < len(wanted):
            for a in c.answers():
                if a.status != "PENDING":
                    got[a.mid] = a
        expect(all(got[m].status == "SUCCESS" for m in wanted), "a read failed")
        expect(all(len(c.data_of(got[m])) == MIB for m in wanted), "a read is short")
        c.close()
    before.expect_same(server)


@case("half written messages hold no memory that others need", timeout=180)
def slow_writer(t):
    server = t.server(shares={"data": {"read_only": "no"}})
    same = login(t, server, dialect=0x0210)
    fid = same.create("small", access=0x0012019f, disposition=3)
    before = Weight(server)
    slow = []
    for i in range(30):
        c = login(t, server, dialect=0x0210)
        mine = c.create(f"w{i}", access=0x0012019f, disposition=3)
        while c.credits - c.mid < 200:
            c.call(smb2.ECHO, ECHO_BODY, credits=500)
        data = smb2.framed(c.message(smb2.WRITE, c.write_body(mine, bytes(8 * MIB)), charge=128))
        c.send(data[:200_000])
        slow.append((c, data, i))
    for n in range(20):
        start = time.monotonic()
        a = same.call(smb2.WRITE, same.write_body(fid, b"s" * 60000))
        expect_equal(a.status, "SUCCESS", "an honest write")
        expect(time.monotonic() - start < 5, "an honest write has to wait")
    for c, data, _ in slow[:5]:               # the rest comes after all
        c.send(data[200_000:])
        expect_equal(c.answer().status, "SUCCESS", "a write that took its time")
    for c, _, _ in slow:
        c.close()
    before.expect_same(server)


@case("eight connections with hundreds of large reads and writes at once get all they asked for",
      timeout=180)
def arena_exhaustion(t):
    server = t.server(shares={"data": {"read_only": "no"}})
    big_file(server, 64)
    served(t, server)
    before = Weight(server)
    wrong = []

    def take(c, n):
        try:
            while n > 0:
                for a in c.answers():
                    n -= a.status != "PENDING"
                    if a.status not in ("PENDING", "SUCCESS"):
                        wrong.append(a.status)
        except Exception as e:
            wrong.append(repr(e))

    def load(number):
        try:
            c = login(t, server, dialect=0x0210)
            fid = c.create("big", access=0x00120089)
            out = c.create(f"out{number}", access=0x0012019f, disposition=3)
            while c.credits - c.mid < 1100:
                c.call(smb2.ECHO, ECHO_BODY, credits=2000)
            taker = threading.Thread(target=take, args=(c, 60))
            taker.start()                     # who only sends, blocks both sides
            for i in range(30):
                c.submit(smb2.READ, c.read_body(fid, MIB, i * MIB), charge=16, credits=16)
                c.submit(smb2.WRITE, c.write_body(out, bytes([number]) * MIB, i * MIB),
                         charge=16, credits=16)
            taker.join(90)
            c.close()
        except Exception as e:
            wrong.append(repr(e))
    threads = [threading.Thread(target=load, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(100)
        expect(not thread.is_alive(), "a connection got no further")
    expect_equal(wrong, [], "what went wrong")
    for number in range(8):
        with open(server.path(f"out{number}"), "rb") as f:
            expect(f.read() == bytes([number]) * 30 * MIB, f"out{number} has other bytes")
    before.expect_same(server)
