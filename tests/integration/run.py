#!/usr/bin/python3
"""run.py - runs the cases in the folders beside it, each in a process of its own.

    run.py --bin DIR [-j N] [--list] [PATTERN...]

Patterns are those of the shell, against names like transfer.get_empty.  Cases
named in KNOWN are run too; one that fails is reported as skipped with the
reason given there, one that works is reported so that it can be taken off.
The last line is "N passed, N failed, N skipped".
"""
import argparse
import concurrent.futures
import fnmatch
import importlib.util
import os
import pathlib
import signal
import subprocess
import sys
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import accounts                                       # noqa: E402
from case import CASES, Failed, Skip                  # noqa: E402
from fixture import Fixture                           # noqa: E402

EXIT_SKIP = 77


def load_cases():
    for path in sorted(HERE.glob("*/*.py")):
        spec = importlib.util.spec_from_file_location(f"{path.parent.name}_{path.stem}", path)
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


def load_known():
    known = {}
    for line in (HERE / "KNOWN").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            name, _, reason = line.partition(" ")
            known[name] = reason.strip()
    for name in known:
        if name not in CASES:
            sys.exit(f"KNOWN names {name}, which is no case")
    return known


def run_one(name, bindir, names):
    """In the child: the case itself."""
    fn = CASES[name]
    root = os.geteuid() == 0
    if fn.root is not None and fn.root != root:
        print("needs root" if fn.root else "needs an account that is not root")
        return EXIT_SKIP
    t = Fixture(bindir, names)
    try:
        fn(t)
        t.expect_quiet_logs()
        return 0
    except Skip as e:
        print(e)
        return EXIT_SKIP
    except Failed as e:
        print(e)
        print(t.logs())
    except Exception:
        traceback.print_exc(file=sys.stdout)
        print(t.logs())
    finally:
        t.close()
    return 1


def spawn(name, args):
    """In the runner: (name, exit code, output, seconds)."""
    argv = [sys.executable, __file__, "--bin", args.bin, "--one", name,
            "--accounts", ",".join(args.accounts)]
    start = time.monotonic()
    p = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True, errors="replace",
                         start_new_session=True)
    try:
        out, _ = p.communicate(timeout=CASES[name].timeout)
        code = p.returncode
    except subprocess.TimeoutExpired:
        p.send_signal(signal.SIGTERM)
        try:
            out, _ = p.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(p.pid, signal.SIGKILL)
            out, _ = p.communicate()
        out, code = f"took longer than {CASES[name].timeout} s\n{out}", 1
    return name, code, out.strip(), time.monotonic() - start


def report(results, known):
    passed = failed = skipped = 0
    for name, code, out, seconds in results:
        if code == 0:
            passed += 1
            print(f"pass  {name} ({seconds:.1f} s) {CASES[name].sentence}")
            if name in known:
                print(f"      {name} works now: take it off KNOWN")
            if out:
                print("      " + out.replace("\n", "\n      "))
        elif code == EXIT_SKIP or name in known:
            skipped += 1
            why = out if code == EXIT_SKIP else f"known: {known[name]}"
            print(f"skip  {name} ({seconds:.1f} s) {CASES[name].sentence}: {why}")
        else:
            failed += 1
            print(f"FAIL  {name} ({seconds:.1f} s) {CASES[name].sentence}")
            print("      " + out.replace("\n", "\n      "))
        sys.stdout.flush()
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


def parse():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--bin", default=str(HERE.parent.parent / "build/release/bin"))
    p.add_argument("-j", type=int, default=os.cpu_count() or 1)
    p.add_argument("--list", action="store_true")
    p.add_argument("--one", help=argparse.SUPPRESS)
    p.add_argument("--accounts", default="", help=argparse.SUPPRESS)
    p.add_argument("patterns", nargs="*", default=[])
    return p.parse_args()


def run_all(args, chosen):
    known = load_known()
    args.accounts = ["alice", "bob"]
    if os.geteuid() == 0:
        accounts.remove_stale()
        args.accounts = accounts.create("ab")
    try:
        with concurrent.futures.ThreadPoolExecutor(args.j) as pool:
            return report(pool.map(lambda n: spawn(n, args), chosen), known)
    finally:
        if os.geteuid() == 0:
            accounts.delete(args.accounts)


def main():
    args = parse()
    args.bin = os.path.abspath(args.bin)
    load_cases()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))     # finally clauses still run
    if args.one:
        return run_one(args.one, args.bin, args.accounts.split(","))
    chosen = [n for n in CASES
              if not args.patterns or any(fnmatch.fnmatch(n, p) for p in args.patterns)]
    if args.list:
        for name in chosen:
            print(f"{name:40} {CASES[name].sentence}")
        return 0
    if not os.access(f"{args.bin}/bulkhead", os.X_OK):
        print(f"{args.bin}/bulkhead is not there; build first or name --bin")
        print("0 passed, 1 failed, 0 skipped")
        return 1
    return run_all(args, chosen)


if __name__ == "__main__":
    sys.exit(main())
