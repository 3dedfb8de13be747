"""honest.py - what the cases of this folder share: the raw client, and one that behaves.

The client is that of tests/hostile/wire, since no honest program does what
these cases do.
"""
import pathlib
import sys
import time

from case import expect_equal
from fixture import PASSWORD

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "hostile/wire"))
import smb2                                           # noqa: E402

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
