#!/usr/bin/env python3
"""run.py - hostile bytes on the wire, by tables, against a server in whole.

    run.py --bin DIR [-v] [PATTERN...]

After each row an honest connection, open all the time, must still work, and no
process may have been restarted.  rows_*.py hold the tables, stage.py says what
a row is.  The last line is "N passed, N failed, N skipped".
"""
import argparse
import fnmatch
import os
import pathlib
import signal
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent / "integration")]

import accounts                                       # noqa: E402
import crypto                                         # noqa: E402
import smb2                                           # noqa: E402
from server import Server                             # noqa: E402
from stage import ROWS, Stage                         # noqa: E402
import rows_bind                                      # noqa: E402,F401
import rows_body                                      # noqa: E402,F401
import rows_compound                                  # noqa: E402,F401
import rows_header                                    # noqa: E402,F401
import rows_inside                                    # noqa: E402,F401
import rows_krb                                       # noqa: E402
import rows_random                                    # noqa: E402,F401
import rows_seal                                      # noqa: E402,F401
import rows_setup                                     # noqa: E402,F401

PASSWORD = "pass Wörd-1"
STATUS_EVERY = 100           # rows between two looks at the process table
REPORTS = ("AddressSanitizer", "runtime error:", "SUMMARY: ", "fatal ")
SPARED = 20                  # failures shown in full


class Witness:
    """The honest one."""
    TEXT = b"nobody may touch this\n"

    def __init__(self, server, user):
        with open(server.path("witness"), "wb") as f:
            f.write(self.TEXT)
        self.c = smb2.open_session(server.port, user, PASSWORD, "data")
        self.fid = self.c.create("witness", access=0x00120089)

    def complaint(self):
        """None, or what does not work any more."""
        try:
            if self.c.echo().status != "SUCCESS":
                return "the witness's echo failed"
            a = self.c.call(smb2.READ, self.c.read_body(self.fid, 100))
            if a.status != "SUCCESS" or self.c.data_of(a) != self.TEXT:
                return f"the witness's read: {a.status}"
        except (smb2.Closed, smb2.Silent) as e:
            return f"the witness's connection: {type(e).__name__}"
        return None


class Watch:
    """Processes and log of the server."""

    def __init__(self, server):
        self.server = server
        self.before = self.processes()

    def processes(self):
        # a worker comes for a user and may go again; whoever stays must not be restarted
        return {r["pid"]: r["role"] for r in self.server.processes()}

    def complaint(self):
        now = self.processes()
        gone = {pid: role for pid, role in self.before.items() if pid not in now}
        if gone:
            self.before = now
            return f"gone: {gone}"
        if any(r["restarts"] for r in self.server.processes()):
            return "something was restarted"
        with open(f"{self.server.dir}/log", errors="replace") as f:
            for line in f:
                if any(word in line for word in REPORTS):
                    return f"in the log: {line.strip()}"
        return None


def play(row, stage, witness):
    """None, or why the row has failed."""
    try:
        outcome = row.act(stage)
    except (smb2.Closed, smb2.Silent, OSError, ValueError, AttributeError) as e:
        stage.settle(smb2.CLOSED, True)
        return f"could not be played: {type(e).__name__} {e}"
    stage.settle(outcome, row.fresh)
    if outcome not in row.wants:
        some = sorted(row.wants) if len(row.wants) < 8 else "any answer"
        return f"{outcome}, wanted {some}"
    return witness.complaint()


def play_all(rows, server, stage, user, verbose):
    witness, watch = Witness(server, user), Watch(server)
    passed = failed = 0
    for number, row in enumerate(rows, 1):
        why = play(row, stage, witness)
        if number % STATUS_EVERY == 0 or number == len(rows) or (why and failed < SPARED):
            why = why or watch.complaint()
        if why:
            failed += 1
            print(f"FAIL  {row.name}: {why}", flush=True)
        else:
            passed += 1
            if verbose:
                print(f"pass  {row.name}")
        if witness.complaint():
            witness = Witness(server, user)
    return passed, failed


def parse():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--bin", default=str(HERE.parents[2] / "build/release/bin"))
    p.add_argument("-v", action="store_true")
    p.add_argument("patterns", nargs="*")
    return p.parse_args()


def main():
    args = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))     # finally clauses still run
    crypto.check()
    rows = [r for r in ROWS if not args.patterns or
            any(fnmatch.fnmatch(r.name, p) for p in args.patterns)]
    names = ["alice"]
    if os.geteuid() == 0:
        accounts.remove_stale()
        names = accounts.create("a")
    server = Server(os.path.abspath(args.bin), {"data": {"read only": "no"}},
                    {"realm": rows_krb.REALM})
    start = time.monotonic()
    try:
        server.add_user(names[0], PASSWORD)
        server.start()
        server.must("keytab", "add", rows_krb.SPN, "--aes256", "-", stdin=rows_krb.KEY + "\n")
        stage = Stage(server.port, names[0], PASSWORD, server.path())
        passed, failed = play_all(rows, server, stage, names[0], args.v)
        if failed:
            print(server.log_tail(40))
    except (Exception, SystemExit):
        print(server.log_tail(40))
        raise
    finally:
        server.discard()
        if os.geteuid() == 0:
            accounts.delete(names)
    print(f"{len(rows)} rows in {time.monotonic() - start:.0f} s")
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
