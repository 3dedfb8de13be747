#!/usr/bin/env python3
"""scripting.py - what a busy script costs, and what it costs file service beside it.

  bench/scripting.py --build DIR [--rate N] [--reps N] [--seconds S]

One Python program asks `version` at --rate calls a second over one ZeroMQ DEALER, while
bulkhead-load reads files.  Three situations in turn, forwards and backwards: no script; a script at
this instance; the same script at another instance of this machine, which takes the same CPU from
the load but shares no process with it.  Cost of file service is the CPU time of all processes but
the api, per operation; the api's own is per call.  Medians are printed.

Needs root (cgroups) and a Unix account alice; /usr/bin/python3 with python3-zmq.
"""
import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import run

ROWS = (("read 4k, sign, depth 32", ("read-4k", "sign", 32)),
        ("stat, sign, depth 32", ("stat", "sign", 32)),
        ("read 1m, sign, depth 1", ("read-1m", "sign", 1)))
TICK = 0.005
FLIGHT = 100            # 128 are the most that one uid may have


def script(endpoint, rate, seconds):
    """Calls at that rate as far as answers keep up; how many were answered a second."""
    import zmq
    s = zmq.Context().socket(zmq.DEALER)
    s.linger = 0
    s.connect(endpoint)
    began = time.monotonic()
    sent = got = 0
    while (now := time.monotonic() - began) < seconds:
        while sent < now * rate and sent - got < FLIGHT:
            s.send_multipart([b"BH1", b"%d" % sent, b"version", b"{}"])
            sent += 1
        if sent == got:
            time.sleep(TICK)
        elif s.poll(100):
            s.recv_multipart()
            got += 1
    print(json.dumps(got / now))


class Api:
    """The api of a server, in a cgroup of its own from now on."""

    def __init__(self, server, build):
        self.endpoint = f"ipc://{server.dir}/run/broker.sock"
        said = subprocess.run([f"{build}/bin/bulkhead", "-c", f"{server.dir}/bulkhead.conf",
                               "status", "--json"], check=True, capture_output=True, text=True)
        pid = next(p["pid"] for p in json.loads(said.stdout)["processes"] if p["role"] == "api")
        self.cgroup = server.cgroup + "-api"
        os.mkdir(self.cgroup)
        with open(f"{self.cgroup}/cgroup.procs", "w") as f:
            f.write(str(pid))
        self.clock = server.clock.replace(server.cgroup, self.cgroup)

    def ns(self):
        with open(self.clock) as f:
            word = f.read().split()
        return int(word[1]) * 1000 if word[0] == "usage_usec" else int(word[0])

    def stop(self):
        for _ in range(100):
            with open(f"{self.cgroup}/cgroup.procs") as f:
                if not f.read():
                    break
            time.sleep(0.1)
        os.rmdir(self.cgroup)


def measure(server, api, args, opt):
    """api: whom the script asks; None: there is none."""
    asking = None
    if api:
        asking = subprocess.Popen(["/usr/bin/python3", __file__, "--script", api.endpoint,
                                   str(opt.rate), str(opt.seconds + 1)], stdout=subprocess.PIPE,
                                  text=True)
        before = api.ns()
        time.sleep(0.5)
    p = run.load(server, opt, *args, opt.seconds)
    out, _ = p.communicate(timeout=120)
    r = json.loads(out)
    got = {"cost": r["server_ns"] / 1000 / r["ops"], "rate": r["ops"] * 1e9 / r["ns"]}
    if asking:
        got["calls"] = json.loads(asking.communicate(timeout=120)[0])
        got["each"] = (api.ns() - before) / 1000 / (got["calls"] * (opt.seconds + 1))
    return got


def row(name, args, server, situations, opt):
    got = [[] for _ in situations]
    order = list(range(len(situations)))
    for _ in range(opt.reps):
        for i in order + order[::-1]:
            got[i].append(measure(server, situations[i], args, opt))

    def mid(i, key):
        return statistics.median(g[key] for g in got[i])
    cells = [name, f"{mid(0, 'cost'):.1f}",
             *(f"{mid(i, key) / mid(0, key):.2f}" for key in ("cost", "rate") for i in (1, 2)),
             f"{mid(1, 'calls'):.0f}", f"{mid(1, 'each'):.1f}"]
    print("| " + " | ".join(cells) + " |", flush=True)


def main():
    ap = argparse.ArgumentParser(description=__doc__,
                                 formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--build", required=True)
    ap.add_argument("--rate", type=int, default=10000)
    ap.add_argument("--reps", type=int, default=3)
    ap.add_argument("--seconds", type=float, default=2.0)
    opt = ap.parse_args()
    subprocess.run(["cmake", "--build", opt.build, "--target", "bulkhead-load"], check=True,
                   stdout=subprocess.DEVNULL)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 16384), hard))
    base = tempfile.mkdtemp(prefix="bench-", dir=run.SHM)
    os.chmod(base, 0o755)
    servers, apis = [], []
    try:
        for name in ("here", "there"):
            os.mkdir(f"{base}/{name}", 0o755)
            servers.append(run.start_bulkhead(f"{base}/{name}", opt.build, name))
            apis.append(Api(servers[-1], opt.build))
        print("| beside it | us/op alone | cost, script here | cost, script elsewhere "
              "| rate, script here | rate, script elsewhere | calls/s | api, us/call |")
        print("|---|" + "--:|" * 7)
        for name, args in ROWS:
            row(name, args, servers[0], [None, *apis], opt)
    finally:
        for s in servers:
            s.stop()
        for a in apis:
            a.stop()
        shutil.rmtree(base, ignore_errors=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--script"]:
        script(sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
    else:
        main()
