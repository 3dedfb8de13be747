"""Nonsense on the port costs whoever sends it the connection, and nobody else anything."""
import hashlib
import os
import random
import socket
import struct
import threading
import time

from case import case, expect, expect_equal


def frames():
    """Beginnings that nobody should finish."""
    rng = random.Random(20)
    smb2 = b"\xfeSMB" + struct.pack("<HHIHH", 64, 0, 0, 0, 1) + bytes(48)
    negotiate = smb2 + struct.pack("<HHHHI", 36, 1, 1, 0, 0) + bytes(16) + bytes(8) + b"\x11\x03"

    def framed(b):
        return struct.pack(">I", len(b)) + b
    yield b""
    yield b"GET / HTTP/1.0\r\n\r\n"
    yield b"\0\0\0\0"
    yield b"\0\xff\xff\xff" + b"A" * 70000
    yield b"\x81\0\0\x44" + bytes(68)                     # a NetBIOS session request
    yield framed(b"\xffSMB" + bytes(28))
    yield framed(b"\xfdSMB" + bytes(48) + b"x" * 64)
    yield framed(b"\xfcSMB" + bytes(12))
    yield framed(smb2)
    yield framed(negotiate)
    yield framed(negotiate) * 100
    for cut in range(0, len(negotiate), 7):
        yield framed(negotiate[:cut])
        yield framed(negotiate)[:cut + 4]
    for _ in range(60):
        mutated = bytearray(negotiate)
        for _ in range(3):
            mutated[rng.randrange(len(mutated))] = rng.randrange(256)
        yield framed(bytes(mutated))
    for _ in range(40):
        yield rng.randbytes(rng.randrange(1, 3000))


def throw(port, data):
    with socket.create_connection(("127.0.0.1", port), timeout=5) as s:
        s.settimeout(0.2)
        try:
            s.sendall(data)
            while s.recv(65536):
                pass
        except OSError:
            pass


@case("garbage on the port disturbs neither a transfer nor any process")
def garbage_disturbs_nothing(t):
    server = t.server()
    with open(server.path("data.bin"), "wb") as f:
        f.write(os.urandom(1 << 20) * 64)
    with open(server.path("data.bin"), "rb") as f:
        want = hashlib.sha256(f.read()).hexdigest()
    client = t.client(server)
    client.must("ls")
    before = {r["pid"]: r["role"] for r in server.processes()}
    thrower = threading.Thread(target=lambda: [throw(server.port, f) for f in frames()])
    thrower.start()
    rounds = 0
    while thrower.is_alive() or rounds == 0:
        target = f"{t.folder()}/got"
        client.must(f"get data.bin {target}")
        with open(target, "rb") as f:
            expect_equal(hashlib.sha256(f.read()).hexdigest(), want, "digest")
        os.unlink(target)
        rounds += 1
    thrower.join()
    after = {r["pid"]: r["role"] for r in server.processes()}
    missing = {pid: role for pid, role in before.items() if pid not in after}
    expect(not missing, f"gone: {missing}\n{server.log_tail()}")


@case("connections that say nothing are closed after the time for authentication", timeout=90)
def silent_connections_are_closed(t):
    server = t.server()
    socks = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(20)]
    start = time.monotonic()
    t.client(server).must("ls")
    for s in socks:
        s.settimeout(45)
        expect_equal(s.recv(1), b"", "byte from a silent connection")
        s.close()
    waited = time.monotonic() - start
    expect(waited < 45, f"closed only after {waited:.0f} s")


@case("five hundred connections at once from one address are served")
def many_connections(t):
    server = t.server()
    socks = []
    try:
        for _ in range(500):
            socks.append(socket.create_connection(("127.0.0.1", server.port), timeout=10))
        t.client(server).must("ls")
    finally:
        for s in socks:
            s.close()
