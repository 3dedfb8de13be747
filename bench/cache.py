#!/usr/bin/env python3
"""cache.py - the same file asked about again and again, with leases and without.

  bench/cache.py --build DIR [--reps N] [--calls N]

DIR is a Release build.  A Python script asks our client for one file of 4 KiB on Debian's
smbd, by client.stat and by client.get, N times each, in sessions that keep files under a
lease and in sessions that do not, in turn.  CPU of the session process and of smbd, bytes on
the wire and wall time, medians; then the ratios, with over without.

Needs root (cgroups, smbd), a Unix account alice and /usr/bin/python3 with python3-zmq.
"""
import argparse
import glob
import os
import shutil
import statistics
import sys
import tempfile
import time

import run

sys.path.insert(0, os.path.join(os.path.dirname(run.HERE), "python"))
import bulkhead                                       # noqa: E402

COLUMNS = ("session, us", "smbd, us", "bytes", "wall, us")


def cpu(pids):
    """ns of these processes, all their threads."""
    total = 0
    for pid in pids:
        for path in glob.glob(f"/proc/{pid}/task/*/schedstat"):
            with open(path) as f:
                total += int(f.read().split()[0])
    return total


def sessions(server):
    """The processes that speak SMB for scripts."""
    for pid in server.pids():
        with open(f"/proc/{pid}/cmdline") as f:
            if f.read().startswith("bulkhead-clientd\0session"):
                yield pid


def measure(ours, smbd, broker, work, cache, calls):
    url = f"smb://alice@127.0.0.1:{smbd.port}/bench"
    with bulkhead.open(url, password=run.PASSWORD, broker=broker, cache=cache) as s:
        ask = s.stat if work == "stat" else s.read
        ask("4k")
        info = s.info()
        was = [cpu(sessions(ours)), cpu(smbd.pids()), info["bytes_in"] + info["bytes_out"], time.monotonic_ns()]
        for _ in range(calls):
            ask("4k")
        wall, info = time.monotonic_ns(), s.info()
        now = [cpu(sessions(ours)), cpu(smbd.pids()), info["bytes_in"] + info["bytes_out"], wall]
    each = [(b - a) / calls for a, b in zip(was, now)]
    return [each[0] / 1000, each[1] / 1000, each[2], each[3] / 1000]


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--build", required=True)
    ap.add_argument("--reps", type=int, default=3)
    ap.add_argument("--calls", type=int, default=1000)
    opt = ap.parse_args()
    base = tempfile.mkdtemp(prefix="bench-", dir=run.SHM)
    os.chmod(base, 0o755)
    servers = []
    try:
        servers.append(run.start_bulkhead(base, opt.build))
        servers.append(run.start_samba(base, "smbd"))
        ours, smbd = servers
        with open(os.path.join(smbd.dir, "share", "4k"), "wb") as f:
            f.write(os.urandom(4096))
        print("| each | " + " | ".join(COLUMNS) + " |\n|---|" + "--:|" * len(COLUMNS))
        with bulkhead.connect(f"ipc://{ours.dir}/run/broker.sock") as broker:
            for work in ("stat", "get"):
                got = {True: [], False: []}
                for _ in range(opt.reps):
                    for cache in got:
                        got[cache].append(measure(ours, smbd, broker, work, cache, opt.calls))
                mid = {c: [statistics.median(x) for x in zip(*got[c])] for c in got}
                for name, cells in (("without", [f"{x:.1f}" for x in mid[False]]),
                                    ("with", [f"{x:.1f}" for x in mid[True]]),
                                    ("ratio", [f"{a / b:.3f}" for a, b in zip(mid[True], mid[False])])):
                    print(f"| {work}, {name} | " + " | ".join(cells) + " |", flush=True)
    finally:
        for s in servers:
            s.stop()
        shutil.rmtree(base, ignore_errors=True)


if __name__ == "__main__":
    main()
