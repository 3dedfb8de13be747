"""smb.py - Debian's smbclient, one call at a time."""
import itertools
import os
import subprocess
import threading
import time

from case import Failed, Skip

SIGN = ["--client-protection=sign"]
ENCRYPT = ["--client-protection=encrypt"]
PLAIN = ["--client-protection=off"]

_numbers = itertools.count()


class Client:
    def __init__(self, port, user, password, share="data", dialect="SMB3_11", extra=()):
        self.port, self.user, self.password = port, user, password
        self.share, self.dialect, self.extra = share, dialect, list(extra)

    def argv(self, commands, share=None, extra=()):
        level = ["-m", self.dialect, f"--option=client min protocol={self.dialect}"]
        return ["smbclient", f"//127.0.0.1/{share or self.share}", "-p", str(self.port),
                "-U", f"{self.user}%{self.password}", "-s", "/dev/null", "-t", "60",
                *level, *self.extra, *extra, "-c", commands]

    def start(self, commands, share=None, extra=(), **popen):
        return subprocess.Popen(self.argv(commands, share, extra), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                errors="replace", **popen)

    def run(self, commands, share=None, extra=(), cwd=None, timeout=110):
        """Exit code and output."""
        try:
            p = subprocess.run(self.argv(commands, share, extra), stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               errors="replace", cwd=cwd, timeout=timeout)
        except FileNotFoundError:
            raise Skip("smbclient is not installed")
        return p.returncode, p.stdout

    def must(self, commands, share=None, extra=(), cwd=None, timeout=110):
        code, out = self.run(commands, share, extra, cwd, timeout)
        if code != 0 or "NT_STATUS_" in out:
            raise Failed(f"smbclient {commands!r}: exit {code}\n{out[-2000:]}")
        return out

    def refused(self, commands, status, share=None, extra=()):
        """The command fails, and the status named is why."""
        code, out = self.run(commands, share, extra)
        if f"NT_STATUS_{status}" not in out:
            raise Failed(f"smbclient {commands!r}: wanted {status}, exit {code}\n{out[-2000:]}")
        return out

    def names(self, pattern="*", share=None):
        """What `ls` shows, without . and .."""
        names = []
        for line in self.must(f"ls {pattern}", share).splitlines():
            # two blanks, the name, attributes in a column of their own, size, date
            if line.startswith("  ") and len(line) > 40:
                name = line[2:].rsplit(None, 6)[0].rstrip()
                head, _, attrs = name.rpartition(" ")
                names.append(head.rstrip() if attrs and set(attrs) <= set("DAHSRN") else name)
        return [n for n in names if n not in (".", "..")]

    def eventually(self, commands, seconds=15):
        """Works after a restart of something: retried until it does."""
        until = time.monotonic() + seconds
        while True:
            code, out = self.run(commands)
            if code == 0 and "NT_STATUS_" not in out:
                return out
            if time.monotonic() > until:
                raise Failed(f"still fails after {seconds} s: {commands!r}\n{out[-2000:]}")
            time.sleep(0.2)


class Transfer:
    """A `get` into a FIFO: it waits for its reader, and gigabytes need no disk.

        with Transfer(client, "name", directory) as f:
            f.read(1)            # it runs now, and stands still until read on
    """
    def __init__(self, client, name, directory):
        self.fifo = os.path.join(directory, f"fifo{next(_numbers)}")
        os.mkfifo(self.fifo)
        self.client = client.start(f'get "{name}" "{self.fifo}"')
        threading.Thread(target=self._unblock, daemon=True).start()
        self.file = open(self.fifo, "rb", buffering=0)

    def _unblock(self):
        """A client that ends before it opens the FIFO must not leave us waiting."""
        self.client.wait()
        try:
            os.close(os.open(self.fifo, os.O_WRONLY | os.O_NONBLOCK))
        except OSError:
            pass                 # no reader, or gone: nobody waits

    def __enter__(self):
        return self.file

    def __exit__(self, *_):
        self.file.close()
        self.client.kill()
        self.client.wait()

    def drain(self, digest=None):
        """Reads to the end; the number of bytes."""
        total = 0
        while chunk := self.file.read(1 << 20):
            total += len(chunk)
            if digest:
                digest.update(chunk)
        return total

    def result(self):
        """After drain(): exit code and output of smbclient."""
        out = self.client.communicate(timeout=60)[0]
        return self.client.returncode, out


def get_digest(client, name, digest, directory):
    transfer = Transfer(client, name, directory)
    transfer.drain(digest)
    code, out = transfer.result()
    transfer.file.close()
    if code != 0 or "NT_STATUS_" in out:
        raise Failed(f"get {name}: exit {code}\n{out[-2000:]}")
    return digest.hexdigest()
