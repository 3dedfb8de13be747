"""terminal.py - a program on a pseudo-terminal, driven by what it shows."""
import os
import pty
import re
import select
import signal
import time

from case import Failed


class Terminal:
    def __init__(self, argv, cwd, env):
        self.shown = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                os.chdir(cwd)
                os.execve(argv[0], argv, {**env, "TERM": "xterm"})
            finally:
                os._exit(127)

    def _more(self, seconds):
        if not select.select([self.fd], [], [], seconds)[0]:
            return False
        try:
            chunk = os.read(self.fd, 65536)
        except OSError:          # the other side has been closed
            chunk = b""
        self.shown += chunk
        return bool(chunk)

    def until(self, pattern, seconds=30):
        """What came up to the pattern, which is consumed with it."""
        end = time.monotonic() + seconds
        while not (m := re.search(pattern.encode(), self.shown)):
            left = end - time.monotonic()
            if left <= 0 or not self._more(left):
                raise Failed(f"the terminal never showed {pattern!r}, but {self.shown[-2000:]!r}")
        text, self.shown = self.shown[:m.end()], self.shown[m.end():]
        return text.decode(errors="replace")

    def type(self, text):
        os.write(self.fd, text.encode())

    def end(self, seconds=20):
        """Waits for its end; the exit code."""
        until = time.monotonic() + seconds
        while self._more(0.2) or time.monotonic() < until:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = None
                return os.waitstatus_to_exitcode(status)
        raise Failed(f"it does not end: {self.shown[-2000:]!r}")

    def hang_up(self, seconds=60):
        """The window is closed; waits for the program's end."""
        os.close(self.fd)
        self.fd = -1
        until = time.monotonic() + seconds
        while self.pid and time.monotonic() < until:
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                self.pid = None
            time.sleep(0.05)
        if self.pid:
            raise Failed("it does not end without a terminal")

    def close(self):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        if self.fd >= 0:
            os.close(self.fd)
