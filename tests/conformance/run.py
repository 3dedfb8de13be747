#!/usr/bin/python3
"""run.py - Debian's smbtorture against an instance of ours, one leaf test a process.

    run.py --bin DIR [--list FILE] [-j N] [--raw DIR] [PATTERN...]

Each job has a share of its own, since tests use fixed names.  Tests named in
KNOWN are run; one that fails is reported as skipped with the reason.  The last
line is "N passed, N failed, N skipped".
"""
import argparse
import concurrent.futures
import fnmatch
import os
import pathlib
import queue
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration"))

import accounts                           # noqa: E402
from server import Server                 # noqa: E402

PASSWORD = "torture-1"
SECONDS = 60


def read_list(path):
    lines = (l.split("#")[0].strip() for l in path.read_text().splitlines())
    return [l for l in lines if l]


def read_known():
    lines = (HERE / "KNOWN").read_text().splitlines()
    return dict(l.split(" ", 1) for l in lines if l and not l.startswith("#"))


def verdict(code, out):
    """pass, skip or fail; and why."""
    results = [l.split(":")[0] for l in out.splitlines()
               if l.startswith(("success:", "failure:", "error:", "skip:", "xfail:"))]
    if code == 124:
        return "fail", f"took longer than {SECONDS} s"
    bad = [r for r in results if r in ("failure", "error", "xfail")]
    if bad or code != 0 and "skip" not in results:
        detail = [l for l in out.splitlines() if l and not l.startswith(("time:", "progress:",
                  "test:", "success:"))]
        return "fail", " / ".join(detail[-4:])[-300:] or f"exit {code}"
    if "success" in results:
        return "pass", ""
    if "skip" in results:
        return "skip", " ".join(l for l in out.splitlines() if not l.startswith(
            ("time:", "progress:", "test:", "skip:")) and l != "]")[-200:]
    return "fail", f"no result, exit {code}"


def run_test(name, server, users, shares, raw):
    share = shares.get()
    folder = server.path(share=share)
    for entry in os.scandir(folder):         # the last test's remains
        shutil.rmtree(entry.path) if entry.is_dir(follow_symlinks=False) else os.unlink(entry.path)
    argv = ["timeout", "-k", "5", str(SECONDS), "smbtorture", f"//127.0.0.1/{share}",
            "-p", str(server.port), "-U", f"{users[0]}%{PASSWORD}", "-s", "/dev/null",
            "--format=subunit", "--target=samba3",
            f"--option=torture:user2name={users[1]}",
            f"--option=torture:user2password={PASSWORD}", name]
    start = time.monotonic()
    p = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, text=True, errors="replace")
    shares.put(share)
    if raw:
        (pathlib.Path(raw) / name).write_text(p.stdout)
    return name, *verdict(p.returncode, p.stdout), time.monotonic() - start


def report(results, known):
    count = dict.fromkeys(("pass", "fail", "skip"), 0)
    for name, result, why, seconds in results:
        if result == "fail" and name in known:
            result, why = "skip", f"known: {known[name]}"
        elif result == "pass" and name in known:
            why = "works now: take it off KNOWN"
        count[result] += 1
        word = "FAIL" if result == "fail" else result
        print(f"{word}  {name} ({seconds:.1f} s){': ' + why if why else ''}", flush=True)
    print(f"{count['pass']} passed, {count['fail']} failed, {count['skip']} skipped")
    return 1 if count["fail"] else 0


def run_all(args, names, users):
    shares = {f"t{i}": {"read_only": "no"} for i in range(args.j)}
    server = Server(os.path.abspath(args.bin), shares)
    try:
        for user in users:
            server.add_user(user, PASSWORD)
        server.start()
        free = queue.Queue()
        for share in shares:
            free.put(share)
        with concurrent.futures.ThreadPoolExecutor(args.j) as pool:
            return report(pool.map(lambda n: run_test(n, server, users, free, args.raw), names),
                          read_known())
    finally:
        server.discard()


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--bin", default=str(HERE.parent.parent / "build/release/bin"))
    p.add_argument("--list", type=pathlib.Path, default=HERE / "everyday.txt")
    p.add_argument("-j", type=int, default=os.cpu_count() or 1)
    p.add_argument("--raw", help="keep each test's output in this directory")
    p.add_argument("patterns", nargs="*")
    args = p.parse_args()
    names = [n for n in read_list(args.list)
             if not args.patterns or any(fnmatch.fnmatch(n, q) for q in args.patterns)]
    if not shutil.which("smbtorture"):
        print("skip  smbtorture is not installed")
        print(f"0 passed, 0 failed, {len(names)} skipped")
        return 0
    users = ["torture1", "torture2"]
    if os.geteuid() != 0:
        return run_all(args, names, users)
    accounts.remove_stale()
    users = accounts.create("xy")
    try:
        return run_all(args, names, users)
    finally:
        accounts.delete(users)


if __name__ == "__main__":
    sys.exit(main())
