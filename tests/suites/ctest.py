#!/usr/bin/env python3
"""ctest.py BUILD - runs what CTest knows, and counts the single cmocka tests.

A program that fails without naming a test (a sanitizer, a signal, a timeout)
counts as one failure.  The last line is "N passed, N failed, N skipped".
"""
import os
import re
import subprocess
import sys

LINE = re.compile(r"^(\d+): \[\s*(OK|FAILED|SKIPPED|ERROR)\s*\] ([A-Za-z_]\w*)")
PROGRAM = re.compile(r"^\s*\d+/\d+ Test\s+#(\d+): (\S+) \.*\s*(Passed|\*\*\*\S.*?)\s+[\d.]+ sec")


def main():
    build = sys.argv[1]
    p = subprocess.run(["ctest", "--test-dir", build, "-V", "-j", str(os.cpu_count() or 1)],
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                       errors="replace")
    seen = {}            # program -> {test: verdict}
    programs = {}        # number -> (name, verdict)
    for line in p.stdout.splitlines():
        if m := LINE.match(line):
            tests = seen.setdefault(m[1], {})
            if tests.get(m[3]) not in ("FAILED", "ERROR"):     # cmocka names failures twice
                tests[m[3]] = m[2]
        elif m := PROGRAM.match(line):
            programs[m[1]] = (m[2], m[3])
    passed = failed = skipped = 0
    for number, (name, verdict) in sorted(programs.items(), key=lambda kv: kv[1]):
        verdicts = list(seen.get(number, {}).values())
        bad = verdicts.count("FAILED") + verdicts.count("ERROR")
        if verdict != "Passed" and bad == 0:
            bad = 1
            print(f"FAIL  {name}: {verdict.strip('*')}")
        if verdict == "Passed" and not verdicts:
            passed += 1                                        # not a cmocka program
        passed += verdicts.count("OK")
        skipped += verdicts.count("SKIPPED")
        failed += bad
        for test, v in seen.get(number, {}).items():
            if v != "OK":
                print(f"{'skip' if v == 'SKIPPED' else 'FAIL'}  {name}: {test}")
    broken = {number for number, (_, verdict) in programs.items() if verdict != "Passed"}
    for line in p.stdout.splitlines():
        if line.split(":")[0] in broken:
            print(line)                                        # what those said
    if p.returncode != 0 or not programs:
        print(p.stdout[-2000:])
        failed = max(failed, 1)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
