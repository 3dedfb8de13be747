#!/usr/bin/env python3
"""fuzz.py BUILD SECONDS - each libFuzzer target for a while, from its seeds.

Red is a crash, a hang, a leak; also a target that is slow (fewer than
EXECUTIONS runs) or blind (new inputs reach nothing that the first did not).
Seeds of fuzz_x: tests/fuzz/seeds/x/, or, for SMB2 messages and captures, the recorded ones.
What is found stays in BUILD/fuzz/found/.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

FUZZ = pathlib.Path(__file__).resolve().parent.parent / "fuzz"
EXECUTIONS = 500
COVERAGE = 20


def seeds_of(target, build):
    seeds = FUZZ / "seeds" / target.name.removeprefix("fuzz_")
    if seeds.is_dir():
        return [str(seeds)]
    if not target.name.startswith(("fuzz_smb2_", "fuzz_dissect", "fuzz_facts", "fuzz_redact")):
        return []
    recorded = build / "fuzz/recorded"
    if not recorded.is_dir():
        subprocess.run(["sh", str(FUZZ / "seed.sh"), str(recorded)], check=True)
    captures = FUZZ.parent / "vectors/dissect"
    return [str(recorded), *([str(captures)] if target.name == "fuzz_dissect" else [])]


def run(target, seconds, found, seeds):
    with tempfile.TemporaryDirectory() as corpus:
        argv = [str(target), f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048",
                "-print_final_stats=1", f"-artifact_prefix={found}/{target.name}-", corpus, *seeds]
        p = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                           errors="replace", timeout=seconds + 120)
    runs = re.search(r"number_of_executed_units:\s*(\d+)", p.stdout)
    runs = int(runs[1]) if runs else 0
    cover = max([int(n) for n in re.findall(r"cov: (\d+)", p.stdout)], default=0)
    if p.returncode != 0:
        return f"exit {p.returncode}\n{p.stdout[-6000:]}", runs, cover
    if runs < EXECUTIONS:
        return f"slow: {runs} runs in {seconds} s", runs, cover
    if cover < COVERAGE:
        return f"blind: {cover} edges", runs, cover
    return None, runs, cover


def main():
    build, seconds = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    targets = sorted(p for p in (build / "fuzz").glob("fuzz_*") if os.access(p, os.X_OK))
    found = build / "fuzz/found"
    found.mkdir(parents=True, exist_ok=True)
    failed = 0
    for target in targets:
        why, runs, cover = run(target, seconds, found, seeds_of(target, build))
        failed += why is not None
        print(f"{'FAIL' if why else 'pass'}  {target.name} {runs} runs, {cover} edges"
              f"{': ' + why if why else ''}", flush=True)
    if not targets:
        print("no targets in", build / "fuzz")
        failed = 1
    print(f"{len(targets) - failed if targets else 0} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
