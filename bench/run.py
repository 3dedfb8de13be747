#!/usr/bin/env python3
"""run.py - Bulkhead and Debian's smbd under the same load, side by side.

  bench/run.py --build DIR [--only REGEX] [--reps N] [--seconds S] [--json FILE]

DIR is a Release build; bulkhead-load is built there.  Both servers listen on 127.0.0.1 only and serve equal
shares in memory; their state is below a temporary directory and goes with it.
Workloads alternate between the servers, --reps times; medians are printed.
Cost is the server's CPU time (its cgroup's clock): ms per GB (10^9 bytes) where
data is moved, else us per operation.  Against smbd there are two columns: as
Debian ships it, and without asynchronous I/O, which is cheaper in memory;
`ratio` is our cost over the cheaper of both.  At depth 1 everything is pinned to
one core: across cores the price of a wake-up would hide that of the work.

Needs root (smbd switches users, cgroups) and a Unix account alice.
"""
import argparse
import glob
import json
import os
import re
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PASSWORD = "bench-only"
SHM = "/dev/shm"
IDLE = 1000


def rows():
    """(name, arguments of bulkhead-load, unit)"""
    for size, way in (("1m", "read"), ("1m", "write"), ("4k", "read"), ("4k", "write")):
        for protect in ("plain", "sign", "seal"):
            for depth in (1, 32):
                unit = "ms/GB" if size == "1m" else "us/op"
                yield f"{way} {size}, {protect}, depth {depth}", (f"{way}-{size}", protect, depth), unit
    for work, name in (("openclose", "open+close"), ("stat", "stat")):
        for depth in (1, 32):
            yield f"{name}, sign, depth {depth}", (work, "sign", depth), "us/op"
    yield "list 10,000 names, sign", ("list", "sign", 1), "us/op"
    yield "connect+login+tree, sign", ("connect", "sign", 1), "us/op"
    yield f"{IDLE} idle sessions", ("idle", "sign", IDLE), "kB each"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """A running server in a CPU cgroup of its own."""

    def __init__(self, name, base):
        self.name, self.dir, self.port = name, os.path.join(base, name), free_port()
        os.mkdir(self.dir, 0o755)
        root = "/sys/fs/cgroup/cpuacct"
        self.cgroup = os.path.join(root if os.path.isdir(root) else "/sys/fs/cgroup",
                                   f"bench-{os.getpid()}-{name}")
        os.mkdir(self.cgroup)
        usage = os.path.join(self.cgroup, "cpuacct.usage")
        self.clock = usage if os.path.exists(usage) else os.path.join(self.cgroup, "cpu.stat")

    def start(self, argv):
        def enter():
            with open(os.path.join(self.cgroup, "cgroup.procs"), "w") as f:
                f.write(str(os.getpid()))
        log = open(os.path.join(self.dir, "out"), "w")
        # A session of its own: smbd ends by killing its process group.
        self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                        preexec_fn=enter, start_new_session=True,
                                        env={**os.environ, "BENCH_PASSWORD": PASSWORD})
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                time.sleep(0.1)
        sys.exit(f"{self.name} does not listen; see {log.name}")

    def pids(self):
        with open(os.path.join(self.cgroup, "cgroup.procs")) as f:
            return [int(p) for p in f.read().split()]

    def pin(self, cores):
        for pid in self.pids():
            for task in glob.glob(f"/proc/{pid}/task/*"):
                try:
                    os.sched_setaffinity(int(os.path.basename(task)), cores)
                except OSError:
                    pass

    def pss(self):
        """kB"""
        total = 0
        for pid in self.pids():
            try:
                with open(f"/proc/{pid}/smaps_rollup") as f:
                    total += int(re.search(r"^Pss:\s+(\d+)", f.read(), re.M).group(1))
            except OSError:
                pass
        return total

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        for _ in range(100):
            if not self.pids():
                break
            for pid in self.pids():     # smbd's helpers; all of this cgroup are ours
                try:
                    os.kill(pid, signal.SIGTERM)
                except ProcessLookupError:
                    pass
            time.sleep(0.1)
        os.rmdir(self.cgroup)


def fill(share):
    os.makedirs(os.path.join(share, "many"))
    with open(os.path.join(share, "bench.dat"), "wb") as f:
        for _ in range(256):
            f.write(os.urandom(1 << 20))
    for i in range(10000):
        with open(os.path.join(share, "many", f"f{i:05}"), "w") as f:
            f.write("x")
    subprocess.run(["chown", "-R", "alice", share], check=True)


def start_bulkhead(base, build, name="bulkhead"):
    s = Server(name, base)
    fill(os.path.join(s.dir, "share"))
    conf = os.path.join(s.dir, "bulkhead.conf")
    with open(conf, "w") as f:
        f.write(f"[global]\n  listen = 127.0.0.1:{s.port}\n  state directory = {s.dir}/state\n"
                f"  runtime directory = {s.dir}/run\n  server signing = auto\n"
                f"  smb encrypt = desired\n[bench]\n  path = {s.dir}/share\n  read only = no\n")
    program = os.path.join(build, "bin", "bulkhead")
    subprocess.run([program, "-c", conf, "user", "add", "alice", "--password-stdin"],
                   input=PASSWORD + "\n", text=True, check=True, stdout=subprocess.DEVNULL)
    return s.start([program, "-c", conf, "serve"])


def start_samba(base, flavour):
    s = Server(f"smbd-{flavour}", base)
    fill(os.path.join(s.dir, "share"))
    return s.start([os.path.join(HERE, "samba.sh"), s.dir, str(s.port), flavour])


def load(server, opt, work, protect, depth, seconds):
    argv = [os.path.join(opt.build, "bench", "bulkhead-load"), str(server.port), "bench", "alice",
            work, protect, str(depth), str(seconds), server.clock]
    return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                            env={**os.environ, "BENCH_PASSWORD": PASSWORD})


def measure_idle(server, opt, work, protect, n):
    before = server.pss()
    p = load(server, opt, work, protect, n, 0)
    if not p.stdout.readline():
        return None
    time.sleep(0.5)
    each = (server.pss() - before) / n
    p.communicate()
    return {"cost": each, "rate": n}


def measure(server, opt, args, unit):
    """{cost, rate}, or None: MB/s where data is moved, else operations a second."""
    work, protect, depth = args
    if work == "idle":
        return measure_idle(server, opt, *args)
    cores = os.sched_getaffinity(0)
    one = {min(cores)} if depth == 1 else cores
    server.pin(one)
    os.sched_setaffinity(0, one)
    p = load(server, opt, work, protect, depth, opt.seconds)
    os.sched_setaffinity(0, cores)
    out, _ = p.communicate(timeout=120)
    if p.returncode != 0:
        return None
    r = json.loads(out)
    if unit == "ms/GB":
        return {"cost": r["server_ns"] * 1000 / r["bytes"], "rate": r["bytes"] * 1000 / r["ns"]}
    return {"cost": r["server_ns"] / 1000 / r["ops"], "rate": r["ops"] * 1e9 / r["ns"]}


def median(results, key):
    values = [r[key] for r in results if r]
    return statistics.median(values) if values else None


def compare(servers, opt):
    for name, args, unit in rows():
        if not re.search(opt.only, name):
            continue
        got = [[] for _ in servers]
        for _ in range(1 if args[0] == "idle" else opt.reps):
            for results, server in zip(got, servers):
                results.append(measure(server, opt, args, unit))
        row = {"row": name, "unit": unit,
               **{s.name: {k: median(g, k) for k in ("cost", "rate")} for s, g in zip(servers, got)}}
        others = [row[s.name]["cost"] for s in servers[1:] if row[s.name]["cost"]]
        ours = row[servers[0].name]["cost"]
        row["ratio"] = ours / min(others) if ours is not None and others else None
        yield row


def show(value):
    if value is None:
        return "-"
    return f"{value:.2f}" if value < 10 else f"{value:.0f}" if value >= 100 else f"{value:.1f}"


def show_row(row, names):
    cells = [row["row"], row["unit"], *(show(row[n]["cost"]) for n in names), show(row["ratio"]),
             *(show(row[n]["rate"]) for n in names)]
    print("| " + " | ".join(cells) + " |", flush=True)


def main():
    ap = argparse.ArgumentParser(description=__doc__,
                                 formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--build", required=True)
    ap.add_argument("--only", default="", help="rows whose names match")
    ap.add_argument("--reps", type=int, default=3)
    ap.add_argument("--seconds", type=float, default=1.0)
    ap.add_argument("--json", help="the rows, for comparison with another release")
    opt = ap.parse_args()
    subprocess.run(["cmake", "--build", opt.build, "--target", "bulkhead-load"], check=True,
                   stdout=subprocess.DEVNULL)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 16384), hard))
    base = tempfile.mkdtemp(prefix="bench-", dir=SHM)
    os.chmod(base, 0o755)
    servers, done = [], []
    try:
        servers.append(start_bulkhead(base, opt.build))
        servers.append(start_samba(base, "fair"))
        servers.append(start_samba(base, "aio0"))
        names = [s.name for s in servers]
        print("| | unit | " + " | ".join(f"cost {n}" for n in names) + " | ratio | " +
              " | ".join(f"rate {n}" for n in names) + " |")
        print("|---|---|" + "--:|" * (2 * len(names) + 1))
        for row in compare(servers, opt):
            done.append(row)
            show_row(row, names)
    finally:
        for s in servers:
            s.stop()
        shutil.rmtree(base, ignore_errors=True)
    if opt.json:
        with open(opt.json, "w") as f:
            json.dump(done, f, indent=1)


if __name__ == "__main__":
    main()
