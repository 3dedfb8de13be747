"""package.py - the Python package as a script has it: its programs and a peer to work with."""
import contextlib
import os
import pathlib
import sys

from case import Skip, expect_equal
from fixture import PASSWORD
from kdc import REALM, Kdc
from samba import Samba

HOST, SERVICE = "localhost", "cifs/localhost"
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "python"))
try:
    import bulkhead
    import bulkhead.aio
except ImportError as e:
    if e.name != "zmq":
        raise
    bulkhead = None


def need(t):
    """The package, with the programs of this build."""
    if bulkhead is None:
        raise Skip("python3-zmq is not installed")
    os.environ["BULKHEAD_BIN"] = t.bin
    return bulkhead


@contextlib.contextmanager
def own(t, **how):
    """Our own server, writable, and what connects to its scripting socket: (url, local folder, broker)."""
    need(t)
    server = t.server({"data": {"writable": "yes"}, "other": {"writable": "yes"},
                       "sealed": {"writable": "yes", "smb_encrypt": "required"}}, **how)
    with bulkhead.connect(config=server.file) as broker:
        yield f"smb://{t.user}@127.0.0.1:{server.port}/data", server.path(), broker


def alone(t):
    """A configuration whose instance does not run."""
    folder = t.folder()
    with open(f"{folder}/conf", "w") as f:
        f.write(f"[global]\nruntime directory = {folder}/run\n")
    return f.name


@contextlib.contextmanager
def smbd(t):
    """Debian's smbd with the same shares, by a private instance."""
    need(t)
    with Samba(t.user, PASSWORD) as peer, bulkhead.connect(config=alone(t)) as broker:
        yield f"smb://{t.user}@127.0.0.1:{peer.port}/data", peer.path(), broker


def peers(t):
    """Each of them that can be had here."""
    yield own
    if t.root:
        yield smbd


@contextlib.contextmanager
def realm(t):
    """(KDC, URL, broker, the service's keytab)"""
    need(t)
    with contextlib.ExitStack() as stack:
        kdc = Kdc(t)
        stack.push(kdc)
        kdc.start()
        keytab = f"{t.folder()}/service.keytab"
        kdc.add_service(SERVICE, keytab)
        kdc.add_user(t.user, PASSWORD)
        server = t.server(users=[], conf={"realm": REALM, "kdc": f"127.0.0.1:{kdc.port}",
                                          "keytab": keytab})
        broker = stack.enter_context(bulkhead.connect(config=server.file))
        yield kdc, f"smb://{HOST}:{server.port}/data", broker, keytab


def refused(status, call, *args, **how):
    """That it raises an Error of this status, which it returns."""
    try:
        got = call(*args, **how)
    except bulkhead.Error as e:
        expect_equal(e.status, status, f"{e}")
        return e
    expect_equal(got, status, "it went through")
