"""What nobody may have too much of: connections, time, memory, opens, trees, sessions, waits.

Each case ends with an honest client that is served, nobody restarted, and as
many descriptors and as much memory as before.  The client is the raw one of
tests/hostile/wire, since no honest program does these things.
"""
import pathlib
import socket
import struct
import sys
import threading
import time

from case import case, expect, expect_equal
from fixture import PASSWORD

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "hostile/wire"))
import smb2                                           # noqa: E402
sys.path.append(str(pathlib.Path(__file__).resolve().parent))
from weight import Weight                             # noqa: E402

MIB = 1 << 20
ECHO_BODY = b"\4\0\0\0"


def login(t, server, user=None, dialect=0x0311, **kw):
    return smb2.open_session(server.port, user or t.user, PASSWORD, "data", dialect, **kw)


def served(t, server, user=None, **kw):
    """A new client gets what it wants; seconds that it took."""
    start = time.monotonic()
    c = login(t, server, user, **kw)
    expect_equal(c.echo().status, "SUCCESS", "an honest client's echo")
    c.close()
    return time.monotonic() - start


def closed_within(sock, seconds):
    """Seconds until the server closes; None if it does not."""
    start = time.monotonic()
    sock.settimeout(seconds)
    try:
        while sock.recv(65536):
            sock.settimeout(max(0.01, start + seconds - time.monotonic()))
    except TimeoutError:
        return None
    except OSError:
        pass
    return time.monotonic() - start


def connect(server):
    s = socket.create_connection(("127.0.0.1", server.port), timeout=10)
    return s


# ---- connections without a logon ----

@case("two hundred connections that say one byte are closed in time and hinder nobody")
def slowloris(t):
    server = t.server(conf={"auth timeout": "3"})
    served(t, server)
    before = Weight(server)
    start = time.monotonic()
    half = [connect(server) for _ in range(200)]
    for s in half:
        s.sendall(b"\0")
    expect(served(t, server) < 2, "an honest client had to wait")
    for s in half:
        expect(closed_within(s, 10) is not None, "half a message is waited for without end")
        s.close()
    took = time.monotonic() - start
    expect(2.5 < took < 8, f"closed after {took:.1f} s where 3 are configured")
    before.expect_same(server)


@case("who drips a byte now and then gains no time")
def dripping(t):
    server = t.server(conf={"auth timeout": "3"})
    c = smb2.Connection(server.port)
    data = smb2.framed(c.message(smb2.NEGOTIATE, c.negotiate_body()))
    start = time.monotonic()
    try:
        for byte in data:
            c.sock.sendall(bytes([byte]))
            time.sleep(0.2)
    except OSError:
        pass
    took = time.monotonic() - start
    expect(2.5 < took < 6, f"a connection lived {took:.1f} s where 3 are configured")


@case("a logon has to be finished in time, wherever it stands; a session may be idle")
def authentication_timeout(t):
    server = t.server(conf={"auth timeout": "2"})
    stages = {"connected": smb2.Connection(server.port), "negotiated": smb2.Connection(server.port),
              "half way": smb2.Connection(server.port)}
    session = login(t, server)
    stages["negotiated"].negotiate()
    stages["half way"].negotiate()
    stages["half way"].setup(smb2.ntlm.negotiate(), sid=0)
    for name, c in stages.items():
        expect(closed_within(c.sock, 6) is not None, f"{name} stays for ever")
    expect_equal(session.echo().status, "SUCCESS", "the session's echo")


@case("a flood up to the limit drops strangers, not sessions, and lets the honest in")
def flood(t):
    server = t.server(conf={"max connections": "100"})
    session = login(t, server)
    before = Weight(server)
    strangers = []
    for _ in range(300):
        strangers.append(connect(server))
    fds = Weight(server).descriptors("gate")
    expect(fds <= before.descriptors("gate") + 110, f"the gate has {fds} descriptors")
    tries = 0
    while tries < 20:
        tries += 1
        try:
            served(t, server)
            break
        except (smb2.Closed, OSError):
            pass
    expect(tries < 20, "nobody gets in during a flood")
    expect_equal(session.echo().status, "SUCCESS", "the echo of a session from before")
    for s in strangers:
        s.close()
    before.expect_same(server)


@case("a first message of 64 KiB is read, a longer one is not")
def long_first_message(t):
    server = t.server()
    for n, wanted in ((65536, "an answer"), (65537, "an end")):
        c = smb2.Connection(server.port)
        c.negotiate()
        token = bytes(n - 64 - 24)
        body = struct.pack("<HBBIIHHQ", 25, 0, 1, 0, 0, 88, min(len(token), 65535), 0) + token
        data = c.message(smb2.SESSION_SETUP, body, sid=0)
        expect_equal(len(data), n, "bytes of the message")
        try:
            c.send(smb2.framed(data))
            got = "an answer" if c.answer() else ""
        except smb2.Closed:
            got = "an end"
        expect_equal(got, wanted, f"a message of {n} bytes")


@case("the ninth round of a logon ends the connection")
def rounds(t):
    server = t.server()
    c = smb2.Connection(server.port)
    c.negotiate()
    seen = 0
    try:
        while seen < 20:
            c.setup(smb2.ntlm.negotiate(), sid=0)
            seen += 1
    except smb2.Closed:
        pass
    expect_equal(seen, 8, "rounds that were answered")


@case("logons that are begun and left leave nothing behind")
def begun_and_left(t):
    server = t.server()
    served(t, server)
    before = Weight(server)
    for _ in range(10):
        begun = [smb2.Connection(server.port) for _ in range(100)]
        for c in begun:
            c.negotiate()
            c.setup(smb2.ntlm.negotiate(), sid=0)
        expect(served(t, server) < 3, "an honest logon had to wait")
        for c in begun:
            c.close()
    before.expect_same(server)


@case("who guesses on fifty connections delays logons from there a little, from elsewhere not")
def guessing(t):
    server = t.server(conf={"auth timeout": "20"})
    served(t, server, t.users[1])
    before = Weight(server)
    guessers = [smb2.Connection(server.port) for _ in range(50)]
    for c in guessers:
        c.negotiate()
        first = c.setup(smb2.ntlm.negotiate(), sid=0)
        token, _ = smb2.ntlm.authenticate("no", t.user, smb2.ntlm.Challenge(first.bytes))
        c.submit(smb2.SESSION_SETUP, c.setup_body(token), sid=first.sid)
    took = served(t, server, t.user, source="127.0.0.2")
    expect(took < 2, f"the user's own logon from elsewhere took {took:.1f} s")
    took = served(t, server, t.users[1])
    expect(took < 8, f"another user's logon from the same address took {took:.1f} s")
    for c in guessers:
        c.close()
    before.expect_same(server)


# ---- what a session can have ----

@case("more opens than there may be are refused by their own status, and come back")
def opens(t):
    server = t.server(shares={"data": {"read_only": "no"}}, conf={"max open files": "300"})
    with open(server.path("f"), "w") as f:
        f.write("x")
    c = login(t, server)
    other = login(t, server, t.users[1])
    before = Weight(server)
    fids, refused = [], None
    while refused is None and len(fids) < 1000:
        fid = c.create("f", access=0x00120089)
        if isinstance(fid, bytes):
            fids.append(fid)
        else:
            refused = fid.status
    expect_equal(refused, "TOO_MANY_OPENED_FILES", "the status of one open too many")
    expect(100 <= len(fids) <= 300, f"{len(fids)} opens of 300")
    expect(isinstance(other.create("f", access=0x00120089), bytes),
           "one user's opens are all that there are: another gets none")
    a = c.call(smb2.READ, c.read_body(fids[-1], 10))
    expect_equal(c.data_of(a), b"x", "read through the last open")
    for fid in fids:
        expect_equal(c.call(smb2.CLOSE, c.close_body(fid)).status, "SUCCESS", "CLOSE")
    fid = c.create("f", access=0x00120089)
    expect(isinstance(fid, bytes), "no open after all were closed")
    for x in (c, other):
        x.close()
    before.expect_same(server)


@case("opens of a connection that just ends are given back")
def opens_left_behind(t):
    server = t.server(shares={"data": {"read_only": "no"}}, conf={"max open files": "300"})
    with open(server.path("f"), "w") as f:
        f.write("x")
    served(t, server)
    before = Weight(server)
    for _ in range(8):
        c = login(t, server)
        for _ in range(100):
            fid = c.create("f", access=0x00120089)
            expect(isinstance(fid, bytes), f"refused: {fid}")
        c.close()
        time.sleep(0.2)
    before.expect_same(server)


@case("trees and sessions have a limit, beyond which a status says so")
def trees_and_sessions(t):
    server = t.server()
    c = login(t, server)
    before = Weight(server)
    status, n = "SUCCESS", 0
    while status == "SUCCESS" and n < 3000:
        status = c.tree("data").status
        n += 1
    expect(n < 3000, "three thousand trees in one session")
    expect_equal(status, "INSUFFICIENT_RESOURCES", "the status of one tree too many")
    status, n, sids = "SUCCESS", 0, []
    keys, c.sign_key = c.sign_key, None
    while status == "SUCCESS" and n < 300:
        c.sid = 0
        status = c.login(t.user, PASSWORD).status
        sids.append(c.sid)
        c.sign_key = None
        n += 1
    expect(n < 300, "three hundred sessions on one connection")
    expect(status in ("INSUFFICIENT_RESOURCES", "TOO_MANY_SESSIONS", "REQUEST_NOT_ACCEPTED"),
           f"one session too many: {status}")
    c.sign_key, c.sid = keys, 0
    c.close()
    served(t, server)
    before.expect_same(server)


@case("thousands of waiting requests are bounded, and end with their connection")
def waits(t):
    server = t.server(shares={"data": {"read_only": "no"}})
    served(t, server)
    before = Weight(server)
    c = login(t, server, dialect=0x0210, timeout=5)
    fid = c.create("", access=0x00120089, options=1)
    body = struct.pack("<HHI16sII", 32, 1, 1000, fid, 0x17, 0)
    while c.credits < 4000:
        c.call(smb2.ECHO, ECHO_BODY, credits=500)
    sent = 0
    while sent < 3000:
        c.submit(smb2.CHANGE_NOTIFY, body, credits=0)
        sent += 1
    interim = 0
    c.sock.settimeout(1)
    try:
        while True:
            interim += sum(a.status == "PENDING" for a in c.answers())
    except smb2.Silent:
        pass
    expect(interim <= 1024, f"{interim} interim answers")
    c.sock.settimeout(5)
    expect(served(t, server) < 2, "another connection had to wait")
    c.close()
    time.sleep(0.5)
    before.expect_same(server)


# ---- payload memory ----

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
            expect(took < 2, f"{name} other connection waits {took:.1f} s")
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
        expect(time.monotonic() - start < 2, "an honest write has to wait")
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
