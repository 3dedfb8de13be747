"""Kill -9 of each process: restarted, and the next connection works."""
import json
import os
import signal
import time

from case import Failed, case, expect, expect_equal
from smb import Transfer

SECONDS = 15


def kill_role(server, role):
    """Kills the (newest) process of the role; its row."""
    row = server.processes(role)[-1]
    os.kill(row["pid"], signal.SIGKILL)
    return row


def wait_replaced(server, row):
    """Until status shows a serving process of that role with another pid."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        p = server.command("status", "--json")
        if p.returncode == 0:
            for r in json.loads(p.stdout)["processes"]:
                if r["role"] == row["role"] and r["pid"] != row["pid"] and r["serving"]:
                    return r
        time.sleep(0.1)
    raise Failed(f"no new {row['role']} within {SECONDS} s\n{server.log_tail()}")


def killed_and_restarted(t, role):
    server = t.server()
    with open(server.path("hello"), "w") as f:
        f.write("hello\n")
    client = t.client(server)
    client.must("get hello /dev/null")
    others = {r["role"]: r["pid"] for r in server.processes() if r["role"] not in (role, "worker")}
    row = kill_role(server, role)
    new = wait_replaced(server, row)
    expect(new["restarts"] > row["restarts"], f"restarts of {role}: {new['restarts']}")
    client.eventually("get hello /dev/null")
    for other, pid in others.items():
        expect_equal([r["pid"] for r in server.processes(other)], [pid], f"pids of {other}")
    server.stop()


@case("gate killed: restarted, the next connection works")
def gate(t):
    killed_and_restarted(t, "gate")


@case("store killed: restarted, the next logon works")
def store(t):
    killed_and_restarted(t, "store")


@case("names killed: restarted, the next logon works")
def names(t):
    killed_and_restarted(t, "names")


@case("fsd killed: restarted, the next connection works")
def fsd(t):
    killed_and_restarted(t, "fsd")


@case("api killed: restarted, status answers again")
def api(t):
    killed_and_restarted(t, "api")


@case("directory killed: restarted, the next connection works")
def directory(t):
    killed_and_restarted(t, "directory")


@case("worker killed: the next connection gets a new one, nobody else is touched")
def worker(t):
    server = t.server()
    client = t.client(server)
    client.must("ls")
    others = {r["role"]: r["pid"] for r in server.processes() if r["role"] != "worker"}
    kill_role(server, "worker")
    client.eventually("ls")
    now = {r["role"]: r["pid"] for r in server.processes() if r["role"] != "worker"}
    expect_equal(now, others, "the other processes")
    server.stop()


@case("a connection that is established goes on when gate, store and api are killed")
def established_goes_on(t):
    server = t.server()
    with open(server.path("slow"), "wb") as f:
        f.truncate(64 << 20)
    transfer = Transfer(t.client(server), "slow", t.folder())
    with transfer as f:
        f.read(1)
        for role in ("gate", "store", "api"):
            wait_replaced(server, kill_role(server, role))
        rest = transfer.drain()
        out = transfer.result()[1]
    expect_equal(rest + 1, 64 << 20, "bytes that arrived\n" + out)


@case("the spawner killed: nothing of the instance stays behind")
def spawner(t):
    server = t.server()
    t.client(server).must("ls")
    kill_role(server, "spawner")
    server.process.wait(10)
    server.expect_gone(10)
    server.start()
    t.client(server).must("ls")
    server.stop()
