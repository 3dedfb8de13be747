"""private.py - an instance for client sessions: the one that runs, or one of our own."""
from __future__ import annotations

import os
import shutil
import subprocess
import threading
from typing import Optional

from .errors import Unreachable


def program(name: str) -> str:
    """$BULKHEAD_BIN/name, the one on PATH, or the one beside `bulkhead` on PATH."""
    where = os.environ.get("BULKHEAD_BIN")
    found = os.path.join(where, name) if where else shutil.which(name) or beside(name)
    if not found or not os.access(found, os.X_OK):
        raise Unreachable(f"{name} is neither in $BULKHEAD_BIN nor on PATH")
    return found


def beside(name: str) -> Optional[str]:
    command = shutil.which("bulkhead")
    return command and os.path.join(os.path.dirname(os.path.realpath(command)), name)


class Private:
    """`bulkhead-broker client`: `directory` is the runtime directory to ask in.

    If the configuration's own instance runs and lets us in, it is that one's.
    Else an instance of our own with nothing to serve, which ends with us and
    takes its directory along.
    """

    def __init__(self, config: Optional[str] = None) -> None:
        self.directory = ""
        self.ours = False
        self._command = [program("bulkhead-broker"), "client"]
        if config:
            self._command += ["-c", config]
        self._started, self._over = threading.Event(), threading.Event()
        self._said = ""
        # it ends with the thread that started it, so that thread has to live
        self._thread = threading.Thread(target=self._run, name="bulkhead-private", daemon=True)
        self._thread.start()
        self._started.wait()
        if not self.directory:
            raise Unreachable("bulkhead-broker client: " + (self._said or "it said nothing"))

    def _run(self) -> None:
        try:
            process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                       text=True, errors="replace")
        except OSError as e:
            self._said = str(e)
            self._started.set()
            return
        assert process.stdout and process.stderr
        with process.stdout, process.stderr:
            word, _, path = process.stdout.readline().rstrip("\n").partition(" ")
            if word not in ("client", "running"):
                self._said = process.stderr.read(4096).strip()
        self.ours = word == "client"
        self.directory = path if word in ("client", "running") else ""
        self._started.set()
        if self.ours:
            self._over.wait()
            process.terminate()
        finish(process)

    def stop(self) -> None:
        self._over.set()
        self._thread.join()


def finish(process: "subprocess.Popen[str]") -> None:
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
