"""A session over several connections, [MS-SMB2] 3.2.4.20.10, 3.2.7.1: they carry a transfer together, and
what was on one that is lost goes over the others."""
import os
import socket

from case import case, expect, expect_equal
from cutting import Relay
from fixture import PASSWORD
from samba import Samba
from script import HASH, RECONNECT, REQUIRED, on

SIZE = 24 << 20


def content():
    return b"".join((b"%015d\n" % i) * 65536 for i in range(SIZE >> 20))


def there_and_back(t, s, session, path):
    """Puts a large file and gets it, whose bytes are compared."""
    folder, want = t.folder(), content()
    with open(f"{folder}/in", "wb") as f:
        f.write(want)
    with open(f"{folder}/in", "rb") as f:
        put = s.must("client.put", session=session, share="data", path="big", flags=HASH,
                     local=s.give(f.fileno()))
    expect(open(path, "rb").read() == want, "what was put")
    open(f"{folder}/out", "wb").close()
    with open(f"{folder}/out", "r+b") as f:
        got = s.must("client.get", session=session, share="data", path="big", flags=HASH,
                     local=s.give(f.fileno()))
    expect(open(f"{folder}/out", "rb").read() == want, "what was fetched")
    expect_equal(put["hash"], got["hash"], "hash")
    return put, got


def several(t, s, port, path, **how):
    o = s.session(port, t.user, PASSWORD, channels=4, **how)
    expect_equal(o["channels"], 1, "channels before there is anything to carry")
    there_and_back(t, s, o["session"], path)
    expect_equal(s.must("client.info", session=o["session"])["channels"], 4, "channels")
    s.must("client.close", session=o["session"])


@case("four connections carry one file, on our server, each dialect, signed and encrypted")
def channels_own(t):
    server = t.server({"data": {"writable": "yes"}})
    os.chmod(server.path(), 0o777)
    s = on(server)
    for dialect in (0x0300, 0x0302, 0x0311):
        several(t, s, server.port, server.path("big"), max_dialect=dialect)
    several(t, s, server.port, server.path("big"), encrypt=REQUIRED)


@case("the same on Debian's smbd", root=True)
def channels_smbd(t):
    s = on(t.server())
    with Samba(t.user, PASSWORD) as peer:
        for dialect in (0x0300, 0x0311):
            several(t, s, peer.port, peer.path("big"), max_dialect=dialect)
        several(t, s, peer.port, peer.path("big"), encrypt=REQUIRED)


def established(port):
    """Where our ends of connections with that port lead to."""
    with open("/proc/net/tcp") as f:
        rows = [line.split() for line in f]
    ends = [r[2].split(":") for r in rows if r[3] == "01"]
    return sorted(socket.inet_ntoa(bytes.fromhex(a)[::-1]) for a, p in ends if p == f"{port:04X}")


@case("the connections go to the addresses that the server names", root=True)
def channels_addresses(t):
    s = on(t.server())
    with Samba(t.user, PASSWORD, interfaces="127.0.0.1/8 127.0.0.2/8") as peer:
        session = s.session(peer.port, t.user, PASSWORD, channels=3)["session"]
        there_and_back(t, s, session, peer.path("big"))
        expect_equal(established(peer.port), ["127.0.0.1", "127.0.0.1", "127.0.0.2"], "addresses")


def lost(t, s, port, path, **how):
    """Three of four connections end after a megabyte; the last one carries what they had."""
    for cuts in (1, 3):
        relay = Relay(port, after=1 << 20, cuts=cuts)
        session = s.session(relay.port, t.user, PASSWORD, channels=4, **how)["session"]
        put, got = there_and_back(t, s, session, path)
        expect_equal((put["resumed"], got["resumed"]), (0, 0), "begun again")
        info = s.must("client.info", session=session)
        expect_equal((info["channels"], info["reconnects"]), (4 - cuts, 0), "channels, reconnects")
        expect_equal(s.must("client.stat", session=session, share="data", path="big")["size"], SIZE,
                     "size, asked over what is left")
        s.must("client.close", session=session)
        relay.close()


@case("what was on connections that are lost goes over those that are left")
def channels_lost(t):
    server = t.server({"data": {"writable": "yes"}})
    os.chmod(server.path(), 0o777)
    lost(t, on(server), server.port, server.path("big"))
    lost(t, on(server), server.port, server.path("big"), encrypt=REQUIRED)


@case("the same on Debian's smbd", root=True)
def channels_lost_smbd(t):
    s = on(t.server())
    with Samba(t.user, PASSWORD) as peer:
        lost(t, s, peer.port, peer.path("big"))
        lost(t, s, peer.port, peer.path("big"), encrypt=REQUIRED)


@case("all connections are lost: the session comes back and makes as many again")
def channels_all_lost(t):
    server = t.server({"data": {"writable": "yes"}})
    os.chmod(server.path(), 0o777)
    s = on(server)
    relay = Relay(server.port, after=1 << 20, cuts=4)
    session = s.session(relay.port, t.user, PASSWORD, channels=4, flags=RECONNECT)["session"]
    there_and_back(t, s, session, server.path("big"))
    info = s.must("client.info", session=session)
    expect_equal((info["channels"], info["reconnects"]), (4, 1), "channels, reconnects")
    relay.close()
