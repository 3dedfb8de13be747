"""ports.py - a port that nobody else takes before our server listens on it.

Not one that the kernel hands out: those are the local ends of other tests'
connections, and one of them may get it, or linger on it, between our look and
the server's bind().  Locked bytes of one file keep suites that run side by
side apart.
"""
import fcntl
import os
import random
import socket

FIRST, LAST = 20000, 29999
LOCKS = f"/tmp/bulkhead-test-ports-{os.getuid()}"      # byte N belongs to whoever uses port N

lock_fd = -1
taken = set()


def is_free(port):
    try:
        fcntl.lockf(lock_fd, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind(("127.0.0.1", port))
        return True
    except OSError:
        return False


def take():
    """Ours until this process ends."""
    global lock_fd
    if lock_fd < 0:
        lock_fd = os.open(LOCKS, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    for port in random.sample(range(FIRST, LAST + 1), 2000):
        if port not in taken and is_free(port):
            taken.add(port)
            return port
    raise RuntimeError(f"no free port in {FIRST}-{LAST}")
