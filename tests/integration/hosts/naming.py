"""Hosts by name: looked up when somebody goes there, and again when nobody is there any more."""
import os

from afar import Front, wait_for
from case import case, expect_equal

NAME = "vault.test"
PRIVATE = ["unshare", "-m", "--propagation", "private", "sh", "-c",
           'mount --bind "$1" /etc/hosts && shift && exec "$@"', "sh"]


def works(front, share):
    code, out = front.client(share).run("ls")
    return code == 0 and "NT_STATUS_" not in out


def by_name(storage, host):
    storage.front = f"{host}:{storage.front.rpartition(':')[2]}"


def write_hosts(path, *lines):
    """In place: it is a mount for those who look."""
    with open(path, "w", encoding="ascii") as f:
        f.writelines(f"{line}\n" for line in ("127.0.0.1 localhost", *lines))


@case("front end and storage find each other by name", timeout=300)
def both_ways(t):
    with Front(t, ["one"], called={"one": "localhost"}) as f:
        by_name(f.storages["one"], "localhost")
        f.start()
        c = f.client("one")
        c.eventually("mkdir d", 60)
        expect_equal(c.names(), ["d"], "names")
        expect_equal(os.listdir(f.server.path(share="one")), ["d"], "what the storage has")


@case("a name that means another address when the storage comes back is followed, without a restart",
      root=True, timeout=400)
def moved(t):
    t.need("unshare")
    hosts = os.path.join(t.folder(), "hosts")
    write_hosts(hosts, f"127.0.0.2 {NAME}")
    with Front(t, ["one"], called={"one": NAME}, before=[*PRIVATE, hosts]) as f:
        s = f.storages["one"]
        port = s.data.rpartition(":")[2]
        s.data = f"127.0.0.2:{port}"
        f.start()
        wait_for("the share", lambda: works(f, "one"), 120)
        relay = f.server.processes("relay")[0]["pid"]
        s.kill()
        s.wait_gone()
        write_hosts(hosts, f"127.0.0.3 {NAME}")
        s.data = f"127.0.0.3:{port}"
        s.start()
        wait_for("the share at its new address", lambda: works(f, "one"), 120)
        expect_equal(f.server.processes("relay")[0]["pid"], relay, "pid of the relay")
        f.server.must_log("storage=one is at addr=127.0.0.3")


@case("a name without an address is said, keeps nobody else waiting, and is asked for again", root=True,
      timeout=400)
def unknown(t):
    t.need("unshare")
    hosts = os.path.join(t.folder(), "hosts")
    write_hosts(hosts)
    with Front(t, ["one", "two"], called={"one": NAME}, before=[*PRIVATE, hosts]) as f:
        f.storages["two"].start()
        f.storages["one"].start()
        wait_for("the one that is there", lambda: works(f, "two"), 120)
        wait_for("a line about the other", lambda: "no address for storage=one" in f.server.log_tail(10**6), 120)
        write_hosts(hosts, f"127.0.0.1 {NAME}")
        wait_for("the other", lambda: works(f, "one"), 120)
