#!/usr/bin/env python3
"""python.py - the package's own tests, by pytest, against a broker that is a fake; its types, by mypy; its wheel."""
import pathlib
import re
import subprocess
import sys

import wheels

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MYPY = "/usr/bin/mypy"


def check_types():
    """The word of the count that it adds to."""
    if not pathlib.Path(MYPY).exists():
        print("skip  types: mypy is not installed")
        return "skipped"
    done = subprocess.run([MYPY, "--strict", "--no-incremental", str(ROOT / "python/bulkhead")],
                          text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
    print(f"{'FAIL' if done.returncode else 'pass'}  types\n{done.stdout}")
    return "failed" if done.returncode else "passed"


def main():
    done = subprocess.run(["/usr/bin/python3", "-m", "pytest", "-q", "-p", "no:cacheprovider",
                           str(ROOT / "python/tests")], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=300)
    print(done.stdout)
    last = done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""
    count = {w: int(n) for n, w in re.findall(r"(\d+) (passed|failed|error|skipped)", last)}
    for word in (check_types(), wheels.check()):
        count[word] = count.get(word, 0) + 1
    failed = count.get("failed", 0) + count.get("error", 0)
    if done.returncode != 0:
        failed = max(failed, 1)
    print(f"{count.get('passed', 0)} passed, {failed} failed, {count.get('skipped', 0)} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
