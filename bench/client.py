#!/usr/bin/env python3
"""client.py - our client beside smbclient and rclone, at the same work.

  bench/client.py --build DIR [--only REGEX] [--clients REGEX] [--reps N] [--size MIB] [--json FILE]

DIR is a Release build.  Debian's smbd and our server serve one directory in memory
on 127.0.0.1.  Each client does each piece of work in turn, --reps times; medians are printed.
Ours is measured twice: with the instance that it starts for itself (start and end
included), and with one that runs already ("running").  CPU is that of all processes
of a client, by the clock of their cgroup: ms per GB (10^9 bytes) where data is moved,
else ms for the whole; the server's CPU is not in it.  `peak` is the sum over a client's
processes of the most memory each had (VmHWM, shared pages counted in each), MB.
Wall times only as ratios: ours over the other's, medians of turns taken one after the other.

Needs root (cgroups, smbd), smbclient, rclone and a Unix account alice.
"""
import argparse
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from run import HERE, PASSWORD, SHM, Server

SMALL, MANY, STATS = 2000, 10000, 1000
MODES = ("plain", "sign", "seal")
TRANSFERS = ("get", "put")


def rows(size):
    """(name, work, mode, unit)"""
    for way in TRANSFERS:
        for mode in MODES:
            yield f"{way} {size} MiB, {mode}", way, mode, "ms/GB"
    yield f"get -r, {SMALL} files of 4 KiB", "getmany", "sign", "ms"
    yield f"put -r, {SMALL} files of 4 KiB", "putmany", "sign", "ms"
    yield f"ls of {MANY}", "ls", "sign", "ms"
    yield f"{STATS} stat in one run", "stat", "sign", "ms"
    yield "ls of one name", "one", "sign", "ms"


class Place:
    """Where a client reads and writes on this side; emptied for each turn."""
    def __init__(self, base, size):
        self.dir = os.path.join(base, "local")
        self.source, self.big = os.path.join(base, "source"), os.path.join(base, "source", "big")
        os.makedirs(os.path.join(self.source, "small"))
        with open(self.big, "wb") as f:
            for _ in range(size):
                f.write(os.urandom(1 << 20))
        for i in range(SMALL):
            with open(os.path.join(self.source, "small", f"s{i:05}"), "wb") as f:
                f.write(os.urandom(4096))

    def empty(self):
        shutil.rmtree(self.dir, ignore_errors=True)
        os.mkdir(self.dir)


def fill(share, place):
    os.makedirs(os.path.join(share, "many"))
    os.makedirs(os.path.join(share, "one", "name"))
    os.mkdir(os.path.join(share, "in"))
    os.link(place.big, os.path.join(share, "big"))
    shutil.copytree(os.path.join(place.source, "small"), os.path.join(share, "small"))
    for i in range(MANY):
        open(os.path.join(share, "many", f"f{i:05}"), "w").close()
    subprocess.run(["chown", "-R", "alice", share], check=True)


# ---- clients: the command line and the standard input of each piece of work ----

class Bulkhead:
    """conf: of an instance that runs; without, one is started for each command."""
    def __init__(self, build, conf=None):
        self.name = "running" if conf else "private"
        self.argv = [os.path.join(build, "bin", "bulkhead"), *(["-c", conf] if conf else [])]

    def work(self, work, mode, port, place):
        url = f"smb://alice@127.0.0.1:{port}/bench"
        flags = {"plain": [], "sign": ["--require-signing"], "seal": ["--require-encryption"]}[mode]
        stats = [f"stat many/f{i:05}" for i in range(STATS)]
        words = {"get": ["get", "-q", f"{url}/big", place.dir], "put": ["put", "-q", place.big, f"{url}/in"],
                 "getmany": ["get", "-qr", f"{url}/small", place.dir],
                 "putmany": ["put", "-qr", f"{place.source}/small", f"{url}/in"],
                 "ls": ["ls", f"{url}/many"], "one": ["ls", f"{url}/one"], "stat": ["shell", url]}[work]
        return [*self.argv, words[0], *flags, *words[1:]], "\n".join(stats) if work == "stat" else ""


class Smbclient:
    name = "smbclient"

    def work(self, work, mode, port, place):
        protect = {"plain": "off", "sign": "sign", "seal": "encrypt"}[mode]
        script = {"get": f"get big {place.dir}/big", "put": f"put {place.big} in\\big",
                  "getmany": f"lcd {place.dir}; recurse ON; prompt OFF; mget small",
                  "putmany": f"lcd {place.source}; cd in; recurse ON; prompt OFF; mput small",
                  "ls": "ls many\\*", "one": "ls one\\*", "stat": None}[work]
        stats = "\n".join(f"allinfo many\\f{i:05}" for i in range(STATS))
        return ["smbclient", "//127.0.0.1/bench", "-p", str(port), "-U", f"alice%{PASSWORD}", "-s",
                os.path.join(place.dir, "..", "none.conf"), f"--client-protection={protect}",
                *(["-c", script] if script else [])], "" if script else stats


class Rclone:
    """Signs what it must and no more, seals where a share demands it; has no stat."""
    name = "rclone"

    def __init__(self, base):
        self.conf = os.path.join(base, "rclone.conf")
        self.password = subprocess.run(["rclone", "obscure", PASSWORD], capture_output=True, text=True,
                                       check=True).stdout.strip()

    def work(self, work, mode, port, place):
        if work == "stat" or (mode == "sign" and work in TRANSFERS):
            return None, None
        with open(self.conf, "w") as f:
            f.write(f"[srv]\ntype = smb\nhost = 127.0.0.1\nport = {port}\nuser = alice\n"
                    f"pass = {self.password}\n")
        at = "srv:sealed" if mode == "seal" else "srv:bench"
        words = {"get": ["copy", f"{at}/big", place.dir], "put": ["copy", place.big, f"{at}/in"],
                 "getmany": ["copy", f"{at}/small", f"{place.dir}/small"],
                 "putmany": ["copy", f"{place.source}/small", f"{at}/in/small"],
                 "ls": ["lsf", f"{at}/many"], "one": ["lsf", f"{at}/one"]}[work]
        return ["rclone", "--config", self.conf, "--retries", "1", *words], ""


# ---- servers ----

def conf_of(s, shares):
    text = (f"[global]\n  listen = 127.0.0.1:{s.port}\n  state directory = {s.dir}/state\n"
            f"  runtime directory = {s.dir}/run\n  server signing = auto\n  smb encrypt = offered\n")
    with open(os.path.join(s.dir, "bulkhead.conf"), "w") as f:
        f.write(text + shares)
    return f.name


def start_bulkhead(name, base, build, share):
    s = Server(name, base)
    at = f"  path = {share}\n  read only = no\n"
    s.conf = conf_of(s, f"[bench]\n{at}[sealed]\n{at}  smb encrypt = required\n")
    program = os.path.join(build, "bin", "bulkhead")
    subprocess.run([program, "-c", s.conf, "user", "add", "alice", "--password-stdin"],
                   input=PASSWORD + "\n", text=True, check=True, stdout=subprocess.DEVNULL)
    return s.start([program, "-c", s.conf, "serve"])


def start_samba(base, share):
    s = Server("smbd", base)
    os.symlink(share, os.path.join(s.dir, "share"))
    return s.start([os.path.join(HERE, "samba.sh"), s.dir, str(s.port), "fair"])


# ---- measuring ----

def clock(server):
    """ns"""
    with open(server.clock) as f:
        text = f.read()
    if server.clock.endswith("cpu.stat"):
        return int(re.search(r"usage_usec (\d+)", text).group(1)) * 1000
    return int(text)


class Peak:
    """Looks at a cgroup's processes every 20 ms; the most that each has had."""
    def __init__(self, group):
        self.group, self.kb, self.over = group, {}, threading.Event()
        self.thread = threading.Thread(target=self.watch)

    def watch(self):
        while not self.over.wait(0.02):
            for pid in self.group.pids():
                try:
                    with open(f"/proc/{pid}/status") as f:
                        self.kb[pid] = int(re.search(r"^VmHWM:\s+(\d+)", f.read(), re.M).group(1))
                except (OSError, AttributeError):
                    pass

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *why):
        self.over.set()
        self.thread.join()


def measure(client, group, work, mode, port, place):
    """{cpu: ms, wall: s, peak: MB}, or None where the client has no such thing."""
    argv, text = client.work(work, mode, port, place)
    if argv is None:
        return None
    place.empty()
    def enter():
        with open(os.path.join(group.cgroup, "cgroup.procs"), "w") as f:
            f.write(str(os.getpid()))
    before, start = clock(group), time.monotonic()
    with Peak(group) as peak:
        done = subprocess.run(argv, input=text, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              preexec_fn=enter, env={**os.environ, "BULKHEAD_PASSWORD": PASSWORD},
                              timeout=300, check=False)
    wall, cpu = time.monotonic() - start, clock(group) - before
    if done.returncode != 0:
        print(f"{client.name}: {work}: {done.stderr[-300:]}", file=sys.stderr)
        return None
    return {"cpu": cpu / 1e6, "wall": wall, "peak": sum(peak.kb.values()) / 1024}


def clean(share, place):
    shutil.rmtree(os.path.join(share, "in"))
    os.mkdir(os.path.join(share, "in"))
    subprocess.run(["chown", "alice", os.path.join(share, "in")], check=True)
    place.empty()


def median(results, key):
    values = [r[key] for r in results if r]
    return statistics.median(values) if values else None


def compare(server, clients, share, place, opt):
    """clients: (client, cgroup)s, the other ones last."""
    for name, work, mode, unit in rows(opt.size):
        if not re.search(opt.only, name):
            continue
        got = {c.name: [] for c, _ in clients}
        for _ in range(opt.reps):
            for client, group in clients:
                got[client.name].append(measure(client, group, work, mode, server.port, place))
                clean(share, place)
        row = {"server": server.name, "row": name, "unit": unit}
        for client, results in got.items():
            row[client] = {k: median(results, k) for k in ("cpu", "wall", "peak")}
            if unit == "ms/GB" and row[client]["cpu"]:
                row[client]["cpu"] /= opt.size * (1 << 20) / 1e9
        yield row


def show(value):
    if value is None:
        return "–"
    return f"{value:.2f}" if value < 10 else f"{value:.0f}" if value >= 100 else f"{value:.1f}"


def ratio(row, other, key):
    ours = row.get("private", {}).get(key)
    theirs = row.get(other, {}).get(key)
    return ours / theirs if ours and theirs else None


def show_row(row, names):
    others = [n for n in names if n not in ("private", "running")]
    cells = [row["server"], row["row"], row["unit"], *(show(row[n]["cpu"]) for n in names),
             *(show(ratio(row, o, "cpu")) for o in others), *(show(ratio(row, o, "wall")) for o in others),
             *(show(row[n]["peak"]) for n in names)]
    print("| " + " | ".join(cells) + " |", flush=True)


def show_head(names):
    others = [n for n in names if n not in ("private", "running")]
    cells = ["server", "work", "unit", *(f"cpu {n}" for n in names), *(f"cpu/{o}" for o in others),
             *(f"wall/{o}" for o in others), *(f"peak {n}" for n in names)]
    print("| " + " | ".join(cells) + " |")
    print("|---|---|---|" + "--:|" * (len(cells) - 3))


def cgroups(base, build, servers, opt):
    """Every client in a cgroup; the one that runs shares it with its instance."""
    share = os.path.join(base, "nothing")
    os.mkdir(share)
    plain = Server("client", base)
    instance = start_bulkhead("instance", base, build, share)
    servers += [instance]
    ours = [(Bulkhead(build), plain), (Bulkhead(build, instance.conf), instance)]
    every = ours + [(Smbclient(), plain), (Rclone(base), plain)]
    return plain, [(c, g) for c, g in every if re.search(opt.clients, c.name)]


def main():
    ap = argparse.ArgumentParser(description=__doc__,
                                 formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--build", required=True)
    ap.add_argument("--only", default="", help="rows whose names match")
    ap.add_argument("--clients", default="", help="clients whose names match")
    ap.add_argument("--servers", default="", help="servers whose names match")
    ap.add_argument("--reps", type=int, default=3)
    ap.add_argument("--size", type=int, default=1024, help="of the large file, MiB")
    ap.add_argument("--json", help="the rows, for comparison with another release")
    opt = ap.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    base = tempfile.mkdtemp(prefix="bench-", dir=SHM)
    os.chmod(base, 0o755)
    os.environ["BENCH_ENCRYPT"] = "auto"    # "desired" would have every client encrypt
    share, running, plain, done = os.path.join(base, "share"), [], None, []
    open(os.path.join(base, "none.conf"), "w").close()
    try:
        place = Place(base, opt.size)
        fill(share, place)
        plain, clients = cgroups(base, opt.build, running, opt)
        servers = [start_samba(base, share), start_bulkhead("bulkhead", base, opt.build, share)]
        running += servers
        names = [c.name for c, _ in clients]
        show_head(names)
        for server in servers:
            if re.search(opt.servers, server.name):
                for row in compare(server, clients, share, place, opt):
                    done.append(row)
                    show_row(row, names)
    finally:
        for s in running:
            s.stop()
        if plain:
            os.rmdir(plain.cgroup)
        shutil.rmtree(base, ignore_errors=True)
    if opt.json:
        with open(opt.json, "w") as f:
            json.dump(done, f, indent=1)


if __name__ == "__main__":
    main()
