"""accounts.py - Unix accounts for the time of a run (as root only).

Their names start with bht and the pid of the run that made them, so that a
later run can remove what a killed one left.
"""
import os
import pwd
import subprocess
import time

PREFIX = "bht"


def _run(*argv):
    for _ in range(20):          # another run may hold the lock of /etc/passwd
        p = subprocess.run(argv, capture_output=True, text=True)
        if p.returncode == 0:
            return
        time.sleep(0.2)
    raise RuntimeError(f"{' '.join(argv)}: {p.stderr.strip()}")


def _owner(name):
    digits = name[len(PREFIX):].rstrip("abcdefghijklmnopqrstuvwxyz")
    return int(digits) if name.startswith(PREFIX) and digits.isdigit() else None


def remove_stale():
    for entry in pwd.getpwall():
        owner = _owner(entry.pw_name)
        if owner and not os.path.exists(f"/proc/{owner}"):
            try:
                _run("userdel", entry.pw_name)
            except RuntimeError:
                pass             # another run was faster


def create(letters):
    """One account per letter; the names, in order."""
    names = [f"{PREFIX}{os.getpid()}{letter}" for letter in letters]
    for name in names:
        _run("useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent",
             "--shell", "/usr/sbin/nologin", "--user-group", name)
    return names


def delete(names):
    for name in names:
        try:
            _run("userdel", name)
        except RuntimeError as e:
            print(e)
