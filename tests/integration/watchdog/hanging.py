"""A process that is there and answers nothing: named, ended, replaced; one that was only slow stays."""
import json
import os
import re
import signal
import time

from afar import wait_for
from case import case, expect, expect_equal, expect_in

SECONDS = 4             # before a silent one is ended, if the directory itself comes to its beats
LONG = 300


def rows(server, role):
    """What status has about that role; nothing while the api itself is being replaced."""
    p = server.command("status", "--json")
    return [r for r in json.loads(p.stdout)["processes"] if r["role"] == role] if p.returncode == 0 else []


def serving(server, role, but=0):
    return next((r for r in rows(server, role) if r["serving"] and r["pid"] != but), None)


def stopped(server, role):
    row = serving(server, role)
    try:
        if row:
            os.kill(row["pid"], signal.SIGSTOP)
        return row and row["pid"]
    except ProcessLookupError:
        return None


def hangs(server, role):
    """Stops a process of that role.  It is ended by name, and another has its place."""
    pid = wait_for(f"a {role}", lambda: stopped(server, role), LONG)
    said = re.compile(rf"killed: it hangs role={role} peer=\d+ pid={pid} ")
    wait_for(f"{role} is ended", lambda: said.search(server.log_tail(10**6)), LONG)
    wait_for(f"{role} is gone", lambda: not os.path.exists(f"/proc/{pid}"), LONG)
    return pid


def watched(t, **conf):
    return t.server(conf={"watchdog": SECONDS, **conf})


@case("an fsd, a gate or an account store that hangs is replaced, and the next connection works",
      timeout=900)
def daemons(t):
    server = watched(t)
    client = t.client(server)
    client.must("ls")
    for role in ("fsd", "gate", "store", "names"):
        old = hangs(server, role)
        row = wait_for(f"another {role}", lambda r=role, o=old: serving(server, r, o), LONG)
        expect(row["restarts"] > 0, f"restarts of {role}: {row}")
        expect(row["hung"] > 0, f"status does not say that {role} hung: {row}")
        client.eventually("ls", LONG)
    expect_in("hung and was replaced: fsd, ", server.must("status"))


@case("a worker that hangs is ended, and its user's next connection has another", timeout=600)
def worker(t):
    server = watched(t, **{"idle worker timeout": 3600})
    client = t.client(server)
    client.must("ls")
    old = hangs(server, "worker")
    client.eventually("ls", LONG)
    expect(old not in [r["pid"] for r in rows(server, "worker")], "the worker that hung is on the list")


@case("an api or a directory that hangs is replaced, and answers again", timeout=600)
def broker(t):
    server = watched(t)
    client = t.client(server)
    for role in ("api", "directory"):
        old = hangs(server, role)
        wait_for(f"another {role}", lambda r=role, o=old: serving(server, r, o), LONG)
        client.eventually("ls", LONG)


@case("who answers late but in time is not touched, and status says how long it is silent")
def only_slow(t):
    server = t.server(conf={"watchdog": 30})
    row = serving(server, "names")
    os.kill(row["pid"], signal.SIGSTOP)
    try:
        wait_for("its silence is seen", lambda: rows(server, "names")[0]["silent_ms"] >= 1000, LONG)
        expect_in(f"does not answer: names, pid {row['pid']}", server.must("status"))
    finally:
        os.kill(row["pid"], signal.SIGCONT)
    wait_for("it answers", lambda: rows(server, "names")[0]["silent_ms"] == 0)
    expect_equal(serving(server, "names")["pid"], row["pid"], "pid of names")
    t.client(server).must("ls")


@case("a reload turns the watchdog on")
def turned_on(t):
    server = t.server(conf={"watchdog": 0})
    server.conf["watchdog"] = SECONDS
    server.write_conf()
    server.must("reload")
    hangs(server, "names")
    wait_for("another names", lambda: serving(server, "names"))
    t.client(server).eventually("ls", 60)


@case("a machine that stood still, processes and all, kills nobody when it goes on", timeout=300)
def stood_still(t):
    server = t.server(conf={"watchdog": 10, "idle worker timeout": 3600})
    client = t.client(server)
    client.must("ls")
    everybody = {r["pid"]: r["role"] for r in server.processes()}
    for signo in (signal.SIGSTOP, signal.SIGCONT):
        for pid in sorted(everybody, key=lambda p: everybody[p] != "directory"):
            os.kill(pid, signo)
        time.sleep(12)          # not for something to happen: for time to pass
    client.must("ls")
    expect_equal({r["pid"]: r["role"] for r in server.processes()}, everybody, "the processes")
