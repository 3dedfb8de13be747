"""A storage host that dies, is cut off, and comes back; and parts of a front end that do."""
import os
import signal

from afar import Front, Held, big_file, cables_of, wait_for
from case import case, expect, expect_equal

def one_host(t):
    return Front(t, ["one"], cables_of(t, 1)).start()


def comes_back(t, front, die, live):
    """In the middle of a transfer."""
    big_file(front, "one")
    held = Held(t, front.client("one"))
    try:
        die(front.storages["one"])
        front.storages["one"].wait_gone()
        held.transfer.drain()
        code, out = held.transfer.result()
        expect(code != 0 or "NT_STATUS_" in out, f"the transfer: {out}")
    finally:
        held.close()
    live(front.storages["one"])
    front.storages["one"].wait_up()
    front.client("one").eventually("ls", 60)


@case("a storage host that is killed in the middle of a transfer comes back", root=True)
def killed(t):
    with one_host(t) as f:
        comes_back(t, f, lambda s: s.kill(), lambda s: s.start())


@case("a storage host whose cable is pulled is missed, and its share returns with the cable",
      root=True)
def cable_pulled(t):
    with one_host(t) as f:
        comes_back(t, f, lambda s: s.cable.pull(), lambda s: s.cable.plug())


@case("when the relay dies a storage is met again, its fsd is the same")
def relay_killed(t):
    with Front(t, ["one"]).start() as f:
        c = f.client("one")
        c.must("mkdir d")
        pid = f.storages["one"].row()["pid"]
        os.kill(f.server.processes("relay")[0]["pid"], signal.SIGKILL)
        c.eventually("ls", 60)
        expect_equal(f.storages["one"].row()["pid"], pid, "pid of the fsd")


@case("when the bridge dies the storages join again")
def bridge_killed(t):
    with Front(t, ["one"]).start() as f:
        os.kill(f.server.processes("bridge")[0]["pid"], signal.SIGKILL)
        f.server.must_log("a host has come", 2)
        f.storages["one"].wait_up()
        f.client("one").eventually("ls", 60)


@case("when the directory dies open files of another host go on, and its outpost joins the next")
def directory_killed(t):
    with Front(t, ["one"]).start() as f:
        want = big_file(f, "one")
        held = Held(t, f.client("one"))
        try:
            pid = f.storages["one"].row()["pid"]
            os.kill(f.server.processes("directory")[0]["pid"], signal.SIGKILL)
            wait_for("the outpost joins again", lambda: "joined again" in f.storages["one"].log())
            f.storages["one"].wait_up()
            expect_equal(f.storages["one"].row()["pid"], pid, "pid of the fsd")
            held.finish(want)
        finally:
            held.close()
        f.client("one").must("ls")


@case("when a storage's fsd dies its outpost starts another, and the share is back")
def fsd_killed(t):
    with Front(t, ["one"]).start() as f:
        pid = f.storages["one"].row()["pid"]
        os.kill(pid, signal.SIGKILL)
        wait_for("another fsd", lambda: (f.storages["one"].row() or {"pid": pid})["pid"] != pid)
        f.client("one").eventually("ls", 60)


@case("a front end that is started again finds its storages")
def front_again(t):
    with Front(t, ["one"]).start() as f:
        f.server.stop()
        f.server.start()
        f.storages["one"].wait_up()
        f.client("one").eventually("ls", 60)
