#!/usr/bin/python3
"""run.py - Debian's smbtorture against an instance of ours, one leaf test a process.

    run.py --bin DIR [--list FILE] [-j N] [--raw DIR] [PATTERN...]

Each job has a share of its own, since tests use fixed names.  A word behind a
test's name is what it needs: "kdc" logs on with tickets, which takes a KDC of
Heimdal's and root (for a name of the server's that is not localhost).  Tests
named in KNOWN are run; one that fails is reported as skipped with the reason.  The last
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
from case import Skip                     # noqa: E402
from kdc import HOST, REALM, Kdc          # noqa: E402
from server import Server                 # noqa: E402

PASSWORD = "torture-1"
SECONDS = 60


def read_list(path):
    """{test: what it needs}"""
    lines = (l.split("#")[0].split() for l in path.read_text().splitlines())
    return {l[0]: l[1:] for l in lines if l}


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


def smbtorture(run, share, name, kerberos):
    """The command; with tickets in a mount namespace where the server has a name."""
    host = HOST if kerberos else "127.0.0.1"
    argv = ["timeout", "-k", "5", str(SECONDS), "smbtorture", f"//{host}/{share}",
            "-p", str(run.server.port), "-U", f"{run.users[0]}%{PASSWORD}", "-s", "/dev/null",
            "--format=subunit", "--target=samba3",
            f"--option=torture:user2name={run.users[1]}",
            f"--option=torture:user2password={PASSWORD}", name]
    if not kerberos:
        return argv
    argv += ["--use-kerberos=required", f"--realm={REALM}"]
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c",
            f'mount --bind {run.kdc.dir}/hosts /etc/hosts && exec "$@"', "sh", *argv]


class Run:
    """An instance, its users, and a realm where there can be one."""
    def __init__(self, args, users):
        self.users, self.raw = users, args.raw
        self.shares = queue.Queue()
        self.kdc, self.no_kdc = None, "a KDC test takes root"
        shares = {f"t{i}": {"read_only": "no"} for i in range(args.j)}
        for share in shares:
            self.shares.put(share)
        # Some tests authenticate again as nobody, which some share has to allow.
        self.server = Server(os.path.abspath(args.bin), {**shares, "open": {"guest_ok": "yes"}})

    def start(self, kerberos):
        if kerberos and os.geteuid() == 0:
            try:
                self.start_kdc()
            except Skip as e:
                self.no_kdc = str(e)
        for user in self.users:
            self.server.add_user(user, PASSWORD)
        self.server.start()

    def start_kdc(self):
        self.kdc = Kdc(self).start()
        keytab = f"{self.kdc.dir}/keytab"
        self.kdc.add_service(f"cifs/{HOST}", keytab)
        self.kdc.add_user(self.users[0], PASSWORD)
        with open(f"{self.kdc.dir}/hosts", "w") as f:
            f.write(f"127.0.0.1 localhost {HOST}\n")
        self.server.conf.update({"realm": REALM, "keytab": keytab})
        self.server.write_conf()

    def need(self, program):
        if not shutil.which(program):
            raise Skip(f"{program} is not installed")

    def test(self, name, needs):
        if "kdc" in needs and not self.kdc:
            return name, "skip", self.no_kdc, 0
        share = self.shares.get()
        folder = self.server.path(share=share)
        for entry in os.scandir(folder):         # the last test's remains
            shutil.rmtree(entry.path) if entry.is_dir(follow_symlinks=False) else os.unlink(entry.path)
        start = time.monotonic()
        p = subprocess.run(smbtorture(self, share, name, "kdc" in needs),
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, text=True, errors="replace",
                           env=self.kdc.env() if self.kdc else None)
        self.shares.put(share)
        if self.raw:
            (pathlib.Path(self.raw) / name).write_text(p.stdout)
        return name, *verdict(p.returncode, p.stdout), time.monotonic() - start

    def discard(self):
        self.server.discard()
        if self.kdc:
            self.kdc.__exit__()


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


def run_all(args, tests, users):
    run = Run(args, users)
    try:
        run.start(any("kdc" in needs for needs in tests.values()))
        with concurrent.futures.ThreadPoolExecutor(args.j) as pool:
            return report(pool.map(lambda t: run.test(*t), tests.items()), read_known())
    finally:
        run.discard()


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--bin", default=str(HERE.parent.parent / "build/release/bin"))
    p.add_argument("--list", type=pathlib.Path, default=HERE / "everyday.txt")
    p.add_argument("-j", type=int, default=os.cpu_count() or 1)
    p.add_argument("--raw", help="keep each test's output in this directory")
    p.add_argument("patterns", nargs="*")
    args = p.parse_args()
    tests = {n: needs for n, needs in read_list(args.list).items()
             if not args.patterns or any(fnmatch.fnmatch(n, q) for q in args.patterns)}
    if not shutil.which("smbtorture"):
        print("skip  smbtorture is not installed")
        print(f"0 passed, 0 failed, {len(tests)} skipped")
        return 0
    users = ["torture1", "torture2"]
    if os.geteuid() != 0:
        return run_all(args, tests, users)
    accounts.remove_stale()
    users = accounts.create("xy")
    try:
        return run_all(args, tests, users)
    finally:
        accounts.delete(users)


if __name__ == "__main__":
    sys.exit(main())
