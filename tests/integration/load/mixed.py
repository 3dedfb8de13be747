"""Fifty connections that read and write for two minutes while workers and gate are killed.

A request that fails because its process died is no fault; a file whose put was
answered and whose get returns other bytes is.  Afterwards nothing may have
grown: descriptors, memory, processes.
"""
import hashlib
import io
import logging
import os
import random
import signal
import threading
import time

from case import Skip, case, expect, expect_equal
from fixture import PASSWORD

CONNECTIONS = 50
SECONDS = 120
KILL_EVERY = 4
GROWTH_KB = 30_000


class Loader(threading.Thread):
    """One connection at a time, made again when it breaks."""

    def __init__(self, number, server, user, until):
        super().__init__(daemon=True)
        self.number, self.server, self.user, self.until = number, server, user, until
        self.rng = random.Random(number)
        self.rounds = self.breaks = 0
        self.wrong = []

    def run(self):
        while time.monotonic() < self.until:
            try:
                self.connection()
            except Exception:
                # whatever impacket makes of a connection that was cut
                self.breaks += 1
                time.sleep(0.2)

    def connection(self):
        from impacket.smbconnection import SMBConnection
        c = SMBConnection("127.0.0.1", "127.0.0.1", sess_port=self.server.port, timeout=30)
        c.login(self.user, PASSWORD)
        for _ in range(5):
            if time.monotonic() > self.until:
                break
            self.round(c)
        c.logoff()

    def round(self, c):
        name = f"n{self.number}.{self.rounds}"
        data = self.rng.randbytes(self.rng.randrange(200_000))
        c.putFile("data", name, io.BytesIO(data).read)
        got = io.BytesIO()
        c.getFile("data", name, got.write)
        if hashlib.sha256(got.getvalue()).digest() != hashlib.sha256(data).digest():
            self.wrong.append(name)
        c.listPath("data", f"n{self.number}.*")
        c.deleteFile("data", name)
        self.rounds += 1


def weigh(server):
    """role -> (descriptors, resident KB) of the processes that are never killed here."""
    weights = {}
    for row in server.processes():
        if row["role"] in ("fsd", "store", "directory", "api"):
            pid = row["pid"]
            with open(f"/proc/{pid}/status") as f:
                rss = next(int(l.split()[1]) for l in f if l.startswith("VmRSS"))
            weights[row["role"]] = (len(os.listdir(f"/proc/{pid}/fd")), rss, pid)
    return weights


def kill_some(server, until):
    killed = 0
    rng = random.Random(1)
    while time.monotonic() < until:
        time.sleep(KILL_EVERY)
        victims = [r for r in server.processes() if r["role"] in ("worker", "gate")]
        if victims:
            os.kill(rng.choice(victims)["pid"], signal.SIGKILL)
            killed += 1
    return killed


@case("two minutes of mixed load with kills: no corruption, no leak, nobody else harmed",
      timeout=300)
def mixed(t):
    try:
        import impacket                                   # noqa: F401
    except ImportError:
        raise Skip("python3-impacket is not installed")
    logging.disable(logging.CRITICAL)                     # of each connection that was cut
    server = t.server(shares={"data": {"read_only": "no"}})
    for user in t.users:                                  # warm: what is allocated once
        t.client(server, user=user).must("put /etc/hostname warm; rm warm")
    before = weigh(server)
    until = time.monotonic() + SECONDS
    loaders = [Loader(i, server, t.users[i % 2], until) for i in range(CONNECTIONS)]
    for loader in loaders:
        loader.start()
    killed = kill_some(server, until)
    for loader in loaders:
        loader.join(60)
    print(f"{sum(l.rounds for l in loaders)} rounds, {killed} kills, "
          f"{sum(l.breaks for l in loaders)} connections broken by them")
    expect_equal([w for l in loaders for w in l.wrong], [], "files with other bytes")
    expect(sum(l.rounds for l in loaders) > CONNECTIONS, "hardly a round was finished")
    t.client(server).eventually("ls")
    time.sleep(2)
    after = weigh(server)
    for role, (fds, rss, pid) in before.items():
        expect_equal(after[role][2], pid, f"pid of {role}")
        expect(after[role][0] <= fds + 8, f"{role}: {fds} descriptors before, {after[role][0]}")
        expect(after[role][1] <= rss + GROWTH_KB, f"{role}: {rss} KB before, {after[role][1]}")
