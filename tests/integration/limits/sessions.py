"""What a session can have: opens, trees, further sessions, requests that wait."""
import pathlib
import struct
import sys
import time

from case import case, expect, expect_equal
from fixture import PASSWORD

sys.path.append(str(pathlib.Path(__file__).resolve().parent))
from honest import ECHO_BODY, login, served, smb2     # noqa: E402
from weight import Weight                             # noqa: E402


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
    expect(served(t, server) < 5, "another connection had to wait")
    c.close()
    time.sleep(0.5)
    before.expect_same(server)
