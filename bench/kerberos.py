#!/usr/bin/env python3
"""kerberos.py - what a logon costs the server: Bulkhead and Debian's smbd, with tickets and with passwords.

  bench/kerberos.py --build DIR [--logons N] [--reps N]

A logon is one run of smbclient: NEGOTIATE, SESSION_SETUP, TREE_CONNECT, LOGOFF, nothing else.  Its ticket is fetched
before, so that the KDC, which belongs to the run and listens on 127.0.0.1, has no part in it.  Counted is the CPU time
of the server's cgroup.  Rounds alternate between the servers; the ratio is that of the medians.  Needs root, Heimdal's
KDC, and a Unix account alice.
"""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "tests", "integration")]

from kdc import HOST, REALM, Kdc, KrbClient        # noqa: E402
from run import PASSWORD, SHM, Server              # noqa: E402


class Here:
    """What Kdc wants of a test's fixture."""
    def need(self, program):
        pass


def share_of(s):
    path = os.path.join(s.dir, "share")
    os.makedirs(path)
    os.chmod(path, 0o777)
    return path


def bulkhead(base, build, keytab):
    s = Server("bulkhead", base)
    conf = os.path.join(s.dir, "bulkhead.conf")
    with open(conf, "w") as f:
        f.write(f"[global]\n  listen = 127.0.0.1:{s.port}\n  state directory = {s.dir}/state\n"
                f"  runtime directory = {s.dir}/run\n  realm = {REALM}\n  keytab = {keytab}\n"
                f"[bench]\n  path = {share_of(s)}\n")
    program = os.path.join(build, "bin", "bulkhead")
    subprocess.run([program, "-c", conf, "user", "add", "alice", "--password-stdin"],
                   input=PASSWORD + "\n", text=True, check=True, stdout=subprocess.DEVNULL)
    return s.start([program, "-c", conf, "serve"])


def samba(base, keytab, kdc):
    """samba.sh's settings, and what tickets need."""
    s = Server("smbd", base)
    share_of(s)
    os.environ["KRB5_CONFIG"] = kdc.conf
    with open(f"{s.dir}/map", "w") as f:
        f.write(f'alice = "alice@{REALM}" "{REALM}\\alice" alice\n')
    more = (f"  realm = {REALM}\n  security = user\n  kerberos method = dedicated keytab\n"
            f"  dedicated keytab file = FILE:{keytab}\n  username map = {s.dir}/map\n")
    script = os.path.join(s.dir, "samba.sh")
    with open(os.path.join(HERE, "samba.sh")) as f:
        text = f.read().replace("  server role = standalone server\n",
                                "  server role = standalone server\n" + more)
    with open(script, "w") as f:
        f.write(text)
    return s.start(["sh", script, s.dir, str(s.port), "fair"])


def cpu_us(s):
    with open(s.clock) as f:
        text = f.read().split()
    return int(text[0]) / 1000 if len(text) == 1 else int(text[text.index("usage_usec") + 1])


class Client:
    """smbclient by either way."""
    def __init__(self, server, kdc, cache):
        self.server, self.kdc, self.cache = server, kdc, cache
        self.shares = {"bench": {}}
        self.port = server.port

    def ticket(self):
        KrbClient(self.kdc, self.cache, self).must("exit")

    def password(self):
        subprocess.run(["smbclient", "//127.0.0.1/bench", "-p", str(self.port), "-s", "/dev/null", "-m",
                        "SMB3_11", "-U", f"alice%{PASSWORD}", "-c", "exit"], check=True,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def cost(server, logon, n):
    before = cpu_us(server)
    for _ in range(n):
        logon()
    return (cpu_us(server) - before) / n


def measure(servers, kdc, cache, args):
    for name in ("ticket", "password"):
        clients = [Client(s, kdc, cache) for s in servers]
        found = [[], []]
        for c in clients:
            cost(c.server, getattr(c, name), 3)             # tickets, caches, workers
        for _ in range(args.reps):
            for i, c in enumerate(clients):
                found[i].append(cost(c.server, getattr(c, name), args.logons))
        ours, theirs = (statistics.median(f) for f in found)
        print(f"| logon with a {name} | us | {ours:.0f} | {theirs:.0f} | {ours / theirs:.2f} |", flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--build", required=True)
    p.add_argument("--logons", type=int, default=40)
    p.add_argument("--reps", type=int, default=5)
    args = p.parse_args()
    servers = []
    with tempfile.TemporaryDirectory(dir=SHM) as base, Kdc(Here()) as kdc:
        os.chmod(base, 0o755)
        keytab = os.path.join(base, "keytab")
        kdc.add_service(f"cifs/{HOST}", keytab)
        kdc.add_user("alice", PASSWORD)
        try:
            servers.append(bulkhead(base, os.path.abspath(args.build), keytab))
            servers.append(samba(base, keytab, kdc))
            measure(servers, kdc, kdc.kinit("alice", PASSWORD), args)
        finally:
            for s in servers:
                s.stop()


if __name__ == "__main__":
    main()
