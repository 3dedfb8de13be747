"""private.py - finds a running instance, or starts a private one for client sessions."""
from __future__ import annotations

import os
import shutil
import socket
import subprocess
from typing import Optional

from .errors import Unreachable


def program(name: str) -> str:
    """$BULKHEAD_BIN/name, or the one on PATH."""
    where = os.environ.get("BULKHEAD_BIN")
    found = os.path.join(where, name) if where else shutil.which(name)
    if not found or not os.access(found, os.X_OK):
        raise Unreachable(f"{name} is neither in $BULKHEAD_BIN nor on PATH")
    return found


def listens(path: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
        try:
            s.connect(path)
            return True
        except OSError:
            return False


def find_runtime_directory(config: Optional[str]) -> Optional[str]:
    """That of the configuration's instance, if it runs and we may ask it."""
    command = [program("bulkhead-broker"), "check", "--print-directories"]
    if config:
        command += ["-c", config]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    for line in done.stdout.splitlines():
        word, _, path = line.partition(" ")
        if word == "runtime" and listens(os.path.join(path.strip(), "broker.sock")):
            return path.strip()
    return None


class Private:
    """A broker of our own with nothing to serve; it ends with us, and takes its directory along."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [program("bulkhead-broker"), "client", "--private"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self._process.stdout
        word, _, self.directory = self._process.stdout.readline().strip().partition(" ")
        if word != "client":
            self.stop()
            raise Unreachable("a private broker did not start")

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
