"""server.py - one instance: its directories, its configuration, its process.

Everything lies below a short path in /tmp (a Unix socket's path has 107 bytes)
and listens on 127.0.0.1 only.
"""
import json
import os
import selectors
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import ports

from case import Failed

READY_SECONDS = 40
STOP_SECONDS = 10
LOG_SECONDS = 10


def free_port():
    return ports.take()


class Server:
    def __init__(self, bindir, shares=None, conf=None, uid=None):
        """shares: {name: {key: value}}; a path is made unless given.
        conf: keys of [global].  uid: run as this uid instead of the caller's."""
        self.bin = bindir
        self.uid = uid
        self.dir = tempfile.mkdtemp(prefix="bh.", dir="/tmp")
        os.chmod(self.dir, 0o755)
        self.port = free_port()
        self.conf = {
            "listen": f"127.0.0.1:{self.port}",
            "state directory": f"{self.dir}/s",
            "runtime directory": f"{self.dir}/r",
            **(conf or {}),
        }
        self.shares = {}
        for name, keys in (shares or {"data": {}}).items():
            self.share(name, **keys)
        self.file = f"{self.dir}/c.conf"
        self.process = None
        self.before = []         # words in front of `serve`: in which namespaces
        self.write_conf()
        if uid is not None:
            # the build may lie where that uid cannot go
            self.bin = shutil.copytree(bindir, f"{self.dir}/bin")
            for path in [self.dir, *(s["path"] for s in self.shares.values())]:
                os.chown(path, uid, uid)

    # ---- configuration ----

    def share(self, name, **keys):
        keys = {k.replace("_", " "): v for k, v in keys.items()}
        path = keys.setdefault("path", f"{self.dir}/{name}")
        os.makedirs(path, exist_ok=True)
        if path.startswith(self.dir):
            os.chmod(path, 0o777)
        self.shares[name] = keys

    def path(self, *parts, share=None):
        share = share or next(iter(self.shares))
        return os.path.join(self.shares[share]["path"], *parts)

    def write_conf(self):
        with open(self.file, "w") as f:
            f.write("[global]\n")
            f.writelines(f"\t{k} = {v}\n" for k, v in self.conf.items())
            for name, keys in self.shares.items():
                f.write(f"[{name}]\n")
                f.writelines(f"\t{k} = {v}\n" for k, v in keys.items())

    # ---- the command ----

    def as_whom(self):
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.uid, "extra_groups": []}

    def command(self, *args, stdin="", timeout=60):
        """bulkhead -c FILE ARGS; the completed process."""
        return subprocess.run([f"{self.bin}/bulkhead", "-c", self.file, *args], input=stdin,
                              capture_output=True, text=True, timeout=timeout,
                              **self.as_whom())

    def must(self, *args, stdin=""):
        p = self.command(*args, stdin=stdin)
        if p.returncode != 0:
            raise Failed(f"bulkhead {' '.join(args)}: exit {p.returncode}\n{p.stderr}")
        return p.stdout

    def add_user(self, name, password):
        self.must("user", "add", name, "--password-stdin", stdin=password + "\n")

    def status(self):
        return json.loads(self.must("status", "--json"))

    def processes(self, role=None):
        rows = self.status()["processes"]
        return [r for r in rows if role is None or r["role"] == role]

    # ---- life ----

    def start(self, *args, wait=True):
        self.log = open(f"{self.dir}/log", "ab")
        words = [*self.before, f"{self.bin}/bulkhead", "-c", self.file, "serve", *args]
        self.process = subprocess.Popen(words,
                                        stdout=subprocess.PIPE, stderr=self.log,
                                        stdin=subprocess.DEVNULL, **self.as_whom())
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self):
        """The line "ready ADDR:PORT", which nothing that looks like it precedes."""
        sel = selectors.DefaultSelector()
        sel.register(self.process.stdout, selectors.EVENT_READ)
        text = b""
        until = time.monotonic() + READY_SECONDS
        while b"\n" not in text:
            left = until - time.monotonic()
            if left <= 0 or not sel.select(left):
                raise Failed(f"not ready after {READY_SECONDS} s\n{self.log_tail()}")
            chunk = os.read(self.process.stdout.fileno(), 4096)
            if not chunk:
                raise Failed(f"ended before it was ready\n{self.log_tail()}")
            text += chunk
        if text.strip() != f"ready 127.0.0.1:{self.port}".encode():
            raise Failed(f"first line on stdout: {text!r}")

    def must_log(self, words, n=1):
        """These words, n times; a record takes its way through the directory."""
        until = time.monotonic() + LOG_SECONDS
        while self.log_tail(10**6).count(words) < n:
            if time.monotonic() > until:
                raise Failed(f"the log lacks {words!r}:\n{self.log_tail()}")
            time.sleep(0.02)

    def log_tail(self, lines=30):
        try:
            with open(f"{self.dir}/log", errors="replace") as f:
                return "".join(f.readlines()[-lines:])
        except OSError:
            return ""

    def left_over(self):
        """Processes that still belong to this instance, by their arguments."""
        found = []
        mark = f"{self.dir}/r".encode()
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as f:
                    words = f.read().split(b"\0")
            except OSError:
                continue
            if mark in words:
                found.append((int(pid), b" ".join(words).decode(errors="replace")))
        return found

    def stop(self):
        """SIGTERM; exit code 0 within ten seconds, and nothing left."""
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            raise Failed(f"still there {STOP_SECONDS} s after SIGTERM\n{self.log_tail()}")
        if code != 0:
            raise Failed(f"exit {code} after SIGTERM\n{self.log_tail()}")
        self.expect_gone()

    def expect_gone(self, seconds=3):
        until = time.monotonic() + seconds
        while self.left_over():
            if time.monotonic() > until:
                raise Failed(f"left over: {self.left_over()}")
            time.sleep(0.05)

    def discard(self):
        """After a case, however it ended: no process and no file stays."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for pid, _ in self.left_over():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        shutil.rmtree(self.dir, ignore_errors=True)
