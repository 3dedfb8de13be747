"""Several storage hosts behind one front end: each goes alone; a script of yet another host."""
import hashlib
import json
import os
import subprocess

from afar import Front, Held, big_file, cables_of
from case import case, expect, expect_equal, expect_in
from fixture import PASSWORD
from server import free_port

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGE = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(HERE))), "python")

DRIVE = """
import json, sys
from bulkhead.broker import Broker
endpoint, key, port, shares, user, password = json.loads(sys.argv[1])
b = Broker(endpoint, server_key=key["server-key"], public_key=key["public-key"],
           secret_key=key["secret-key"])
cred = b.call("cred.create", {"type": 1, "user": user, "kerberos": 2, "kind": "secret"},
              password.encode()).fields["cred"]
session = b.call("client.open", {"host": "127.0.0.1", "port": port, "cred": cred}).fields["session"]
sizes = {}
for share in shares:
    where = {"session": session, "share": share, "path": "from afar"}
    b.call("client.put", where, share.encode() * 100000)
    sizes[share] = len(b.call("client.get", where).binary)
print(json.dumps(sizes))
b.close()
"""


def read_key(path):
    with open(path, encoding="ascii") as f:
        return dict(line.rstrip("\n").split(" = ", 1) for line in f if not line.startswith("#"))


def outlives(t, front, die, live):
    """one goes and comes back in the middle of a transfer from two; that one never notices."""
    want = big_file(front, "two")
    big_file(front, "one")
    mine, other = Held(t, front.client("one")), Held(t, front.client("two"))
    try:
        die(front.storages["one"])
        front.storages["one"].wait_gone()
        mine.transfer.drain()
        code, out = mine.transfer.result()
        expect(code != 0 or "NT_STATUS_" in out, f"the transfer of the dead storage: {out}")
        front.client("two").must("ls")
        other.finish(want)
        live(front.storages["one"])
        front.storages["one"].wait_up()
        front.client("one").eventually("ls", 60)
    finally:
        mine.close()
        other.close()


@case("a storage host that is killed takes its shares, no other, and comes back", root=True)
def one_of_two_killed(t):
    with Front(t, ["one", "two"], cables_of(t, 2)).start() as f:
        outlives(t, f, lambda s: s.kill(), lambda s: s.start())


@case("a storage host whose cable is pulled is missed, and its shares return with the cable",
      root=True)
def one_of_two_unplugged(t):
    with Front(t, ["one", "two"], cables_of(t, 2)).start() as f:
        outlives(t, f, lambda s: s.cable.pull(), lambda s: s.cable.plug())


@case("a script of one host writes and reads shares of two others through a front end", root=True)
def four_hosts(t):
    cables, door = cables_of(t, 3), free_port()
    with Front(t, ["one", "two"], cables, **{"api listen": f"{cables[2].near}:{door}"}).start() as f:
        path = f"{f.server.dir}/script.key"
        f.server.must("keys", "create", "script", "--admin", "--out", path)
        endpoint = f"tcp://{cables[2].near}:{door}"
        words = [endpoint, read_key(path), f.server.port, ["one", "two"], t.user, PASSWORD]
        done = subprocess.run(cables[2].there("/usr/bin/python3", "-c", DRIVE, json.dumps(words)),
                              env={"PYTHONPATH": PACKAGE, "PYTHONDONTWRITEBYTECODE": "1"},
                              capture_output=True, text=True, timeout=90, check=False)
        expect_equal(done.returncode, 0, done.stderr)
        expect_equal(json.loads(done.stdout), {"one": 300000, "two": 300000}, "sizes")
        for share in ("one", "two"):
            with open(f.server.path("from afar", share=share), "rb") as there:
                expect_equal(there.read(), share.encode() * 100000, f"what {share} has")
        told = subprocess.run(cables[2].there(f"{f.server.bin}/bulkhead", "--connect", endpoint,
                                              "--key", path, "status"),
                              capture_output=True, text=True, timeout=90, check=False)
        expect_equal(told.returncode, 0, told.stderr)
        expect_in("relay", told.stdout)
