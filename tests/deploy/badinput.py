"""badinput.py - what can be wrong around containers: keys, volumes, neighbours.

Each is an error in words, and the instance goes on.
"""
import glob
import os
import pathlib
import socket

from package import check
from pods import until


class Stranger:
    """One more container beside the instance, gone when the block ends."""

    def __init__(self, c, service, *options, volumes=()):
        self.podman = c.podman
        caps = ("SETUID", "SETGID", "KILL", "CHOWN", "DAC_OVERRIDE")
        self.argv = ["run", "-d", "--name", "stranger", "--read-only", "--cap-drop=ALL",
                     *(f"--cap-add={o}" for o in caps), "--network=none", *options,
                     *(w for v in volumes for w in ("-v", v)), f"localhost/bulkhead-{service}"]

    def __enter__(self):
        self.started = self.podman(*self.argv)
        return self

    def __exit__(self, *_):
        self.podman("rm", "-f", "-t", "0", "stranger")

    def says(self, what, words):
        seen = until(lambda: words in self.podman("logs", "stranger").stdout)
        check(what, seen, self.started.stdout + self.podman("logs", "stranger").stdout)

    def ends(self, what, code):
        state = until(lambda: (s := self.podman.inspect("stranger")["State"])["Status"]
                      not in ("running", "created", "initialized") and s)
        check(what, state and state["ExitCode"] == code, state)


def keys(c):
    runtime, folder = "bh_run:/run/bulkhead", f"{c.podman.where}/keys"
    os.mkdir(folder)
    now = pathlib.Path(c.dir, "secrets/join.key").read_text()
    for name, text in {"wrong": os.urandom(32).hex(), "right": now, "old": now,
                       "none": "change me\n"}.items():
        path = f"{folder}/{name}"
        pathlib.Path(path).write_text(text)
        os.chmod(path, 0o600)
    pathlib.Path(c.dir, "secrets/join.key").write_text(os.urandom(32).hex())
    c.podman("restart", "-t", "20", c.name("broker"))
    c.healthy()
    c.works("a new join key is read when the broker starts again")
    for what, key in {"a wrong key": "wrong", "a revoked key": "old"}.items():
        with Stranger(c, "clientd", volumes=(runtime, f"{folder}/{key}:/run/secrets/join.key:ro")) as s:
            s.says(f"{what} is refused", "refuses us: STATUS_ACCESS_DENIED")
    with Stranger(c, "clientd", volumes=(
            runtime, f"{c.dir}/secrets/join.key:/run/secrets/join.key:ro")) as s:
        s.says("a second one for a seat that is taken is refused",
               "refuses us: STATUS_ACCESS_DENIED")
    with Stranger(c, "clientd", volumes=(runtime,)) as s:
        s.says("a key that is not mounted is named", "cannot read the key")
    with Stranger(c, "broker", volumes=(f"{c.dir}/bulkhead.conf:/etc/bulkhead/bulkhead.conf:ro",
                                        f"{folder}/none:/run/secrets/join.key:ro",
                                        "fresh:/var/lib/bulkhead")) as s:
        s.says("a text that is no key is named", "64 hexadecimal digits")
        s.ends("and nothing starts", 1)


def volumes(c):
    conf = f"{c.dir}/bulkhead.conf:/etc/bulkhead/bulkhead.conf:ro"
    key = f"{c.dir}/secrets/join.key:/run/secrets/join.key:ro"
    with Stranger(c, "fsd", volumes=(key,)) as s:
        s.says("without the runtime volume a container says whom it waits for",
               'cannot join endpoint="ipc:///run/bulkhead/join.sock"')
    with Stranger(c, "broker", volumes=(conf, key, "bh_state:/var/lib/bulkhead")) as s:
        s.says("a second broker on a state directory is refused", "another instance (pid 1)")
        s.ends("with exit code 1", 1)
    with Stranger(c, "broker", volumes=(conf, key, "fresh:/var/lib/bulkhead:ro")) as s:
        s.says("a read-only state volume is named", "/var/lib/bulkhead/lock: Read-only file system")
        s.ends("with exit code 1", 1)
    c.podman("volume", "rm", "-f", "fresh")
    c.works("the instance goes on")


NOISE = [b"", b"\0" * 40, b"\xff" * 4096, b"GET / HTTP/1.1\r\n\r\n", os.urandom(2048),
         b"\xff" + b"\0" * 8 + b"\x7f\x03\0NULL" + b"\0" * 48 + b"\x04\xff" + os.urandom(200)]


def shout(path, kind, noise):
    with socket.socket(socket.AF_UNIX, kind) as s:
        s.settimeout(20)
        try:
            s.connect(path)
            s.sendall(noise)
            s.recv(4096)
        except OSError:
            pass                        # cut, which is what it deserves


def neighbour(c):
    """What another container with the runtime volume could do as root."""
    runtime, before = c.runtime(), c.pids()
    sockets = glob.glob(f"{runtime}/links/*/*") + [f"{runtime}/broker.sock"]
    check("there are sockets to shout at", len(sockets) >= 4, sockets)
    for noise in NOISE:
        if noise:
            shout(f"{runtime}/join.sock", socket.SOCK_SEQPACKET, noise)
            for path in sockets:
                shout(path, socket.SOCK_STREAM, noise)
    c.works("a neighbour's nonsense at the sockets bothers nobody")
    check("and no container ended", c.pids() == before, c.logs())


def attempts(c):
    keys(c)
    volumes(c)
    neighbour(c)
