"""Whoever comes to the ports between hosts without a key: a few are borne, the others cut."""
import os
import socket

from afar import Front, wait_for
from case import case, expect

MANY = 300              # more than all that may be strangers at a time
THEIRS = "127.0.0.9"    # an address of their own


def flood(address):
    """Connections that say nothing."""
    host, _, port = address.rpartition(":")
    crowd = []
    for _ in range(MANY):
        crowd.append(socket.create_connection((host, int(port)), timeout=60,
                                              source_address=(THEIRS, 0)))
    return crowd


def is_cut(sock):
    sock.setblocking(False)
    try:
        while sock.recv(4096):          # libzmq's greeting
            pass
        return True
    except BlockingIOError:
        return False
    except OSError:
        return True


@case("strangers at a storage's port are cut, the share is used and a new user comes in meanwhile",
      timeout=300)
def at_storage(t):
    with Front(t, ["one"]).start() as f:
        s = f.storages["one"]
        crowd = flood(s.data)
        try:
            wait_for("strangers are cut", lambda: "strangers are cut port=storage" in s.log() +
                     f.server.log_tail(10**6))
            wait_for("some have gone", lambda: sum(map(is_cut, crowd)) > MANY // 2)
            f.client("one").eventually("mkdir d", 60)
            t.client(f.server, user=t.users[1], share="one").eventually("mkdir e", 60)
        finally:
            for sock in crowd:
                sock.close()
        expect(sorted(os.listdir(f.server.path(share="one"))) == ["d", "e"], "the folders")


@case("strangers where storages join are cut, and an honest one joins meanwhile", timeout=300)
def at_front(t):
    with Front(t, ["one"]) as f:
        crowd = flood(f.storages["one"].front)
        try:
            f.server.must_log("strangers are cut port=storages")
            wait_for("some have gone", lambda: sum(map(is_cut, crowd)) > MANY // 2)
            f.start()
            f.client("one").eventually("ls", 60)
        finally:
            for sock in crowd:
                sock.close()
