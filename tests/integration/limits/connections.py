"""Strangers: how many, how long, how much, and how often they may guess."""
import pathlib
import socket
import struct
import sys
import time

from case import case, expect, expect_equal
from fixture import PASSWORD

sys.path.append(str(pathlib.Path(__file__).resolve().parent))
from honest import login, served, smb2                # noqa: E402
from weight import Weight                             # noqa: E402


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


@case("two hundred connections that say one byte are closed in time and hinder nobody")
def slowloris(t):
    server = t.server(conf={"auth timeout": "3"})
    served(t, server)
    before = Weight(server)
    start = time.monotonic()
    half = [connect(server) for _ in range(200)]
    for s in half:
        s.sendall(b"\0")
    expect(served(t, server) < 5, "an honest client had to wait")
    for s in half:
        expect(closed_within(s, 20) is not None, "half a message is waited for without end")
        s.close()
    took = time.monotonic() - start
    expect(2.5 < took < 15, f"closed after {took:.1f} s where 3 are configured")
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
    expect(2.5 < took < 12, f"a connection lived {took:.1f} s where 3 are configured")


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
        expect(closed_within(c.sock, 12) is not None, f"{name} stays for ever")
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
    expect(took < 5, f"the user's own logon from elsewhere took {took:.1f} s")
    took = served(t, server, t.users[1])
    expect(took < 10, f"another user's logon from the same address took {took:.1f} s")
    for c in guessers:
        c.close()
    before.expect_same(server)
