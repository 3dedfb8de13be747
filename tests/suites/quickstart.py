#!/usr/bin/env python3
"""quickstart.py - deploy/quickstart.sh as a newcomer uses it: twice, and every
line that it prints as a command works as it is printed."""
import os
import pathlib
import socket
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/integration"))
import ports  # noqa: E402
SCRIPT = ROOT / "deploy/quickstart.sh"


def check(what, ok, out=""):
    print(f"{'pass' if ok else 'FAIL'}  {what}")
    if not ok:
        print(out[-4000:])
    return ok


def main():
    port = ports.take()
    with tempfile.TemporaryDirectory(prefix="bhq.", dir="/tmp") as parent:
        os.chmod(parent, 0o755)
        where = f"{parent}/quickstart"
        env = {**os.environ, "QUICKSTART_PORT": str(port), "QUICKSTART_DIR": where}

        def run(*argv, **kw):
            return subprocess.run(argv, env=env, text=True, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  timeout=600, cwd="/", **kw)
        results = []
        try:
            first = run(str(SCRIPT))
            results.append(check("quickstart exits 0", first.returncode == 0, first.stdout))
            second = run(str(SCRIPT))
            results.append(check("quickstart a second time exits 0", second.returncode == 0,
                                 second.stdout))
            lines = [l.strip() for l in second.stdout.splitlines()
                     if l.startswith("    ") and second.returncode == 0]
            results.append(check("it prints lines to try", len(lines) >= 2, second.stdout))
            for line in lines:
                p = run("bash", "-c", line)
                results.append(check(line, p.returncode == 0 and "NT_STATUS" not in p.stdout,
                                     p.stdout))
        finally:
            stop = run(str(SCRIPT), "stop")
            remove = run(str(SCRIPT), "remove")
        results.append(check("stop exits 0", stop.returncode == 0, stop.stdout))
        results.append(check("remove leaves nothing", not os.path.exists(where), remove.stdout))
        with socket.socket() as s:
            results.append(check("nobody listens any more",
                                 s.connect_ex(("127.0.0.1", port)) != 0))
    failed = results.count(False)
    print(f"{len(results) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
