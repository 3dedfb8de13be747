"""posts.py - storages on this machine: outposts with an fsd each, whose shares have folders of their own."""
import contextlib
import os
import signal
import subprocess
import time

from case import Failed, Skip, expect
from fixture import PASSWORD

SECONDS = 30
SHARES = {"own": {"read_only": "no"}, "a": {"read_only": "no", "storage": "alpha"},
          "b": {"read_only": "no", "storage": "beta"}}


def wait_for(what, test, seconds=SECONDS):
    """The value of test(), once it has one that counts."""
    until = time.monotonic() + seconds
    while not (value := test()):
        if time.monotonic() > until:
            raise Failed(f"after {seconds} s: {what}")
        time.sleep(0.05)
    return value


class Post:
    """The spawner of one storage.  Its log is a file in the server's folder."""

    def __init__(self, server, name):
        self.server, self.name = server, name
        self.log = f"{server.dir}/log.{name}"
        self.start()

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [f"{self.server.bin}/bulkhead-broker", "outpost", "fsd", "--storage", self.name,
                 "--join", f"ipc://{self.server.dir}/r/join.sock",
                 "--key", f"{self.server.dir}/s/join.key"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def fsd(self):
        """Its row of `status`, or None."""
        rows = [r for r in self.server.processes("fsd") if r["storage"] == self.name]
        return rows[0] if rows and rows[0]["serving"] else None

    def wait(self, but_not=None):
        """Until its fsd serves, another one than before."""
        return wait_for(f"storage {self.name} is not there\n{self.server.log_tail()}",
                        lambda: (row := self.fsd()) and row["pid"] != but_not and row)

    def kill_fsd(self):
        """kill -9; the pid."""
        pid = self.wait()["pid"]
        os.kill(pid, signal.SIGKILL)
        return pid

    def stop(self, seconds=SECONDS):
        self.process.terminate()
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Failed(f"the outpost {self.name} did not end")
        expect(code == 0, f"the outpost {self.name} ended with {code}")

    def text(self):
        with open(self.log, errors="replace") as f:
            return f.read()


@contextlib.contextmanager
def storages(t, names=("alpha", "beta"), shares=None, **kw):
    """A server and its posts, all there; they end with the case."""
    server = t.server(shares=shares or SHARES, **kw)
    posts = {}
    try:
        for name in names:
            posts[name] = Post(server, name)
        for post in posts.values():
            post.wait()
        yield server, posts
    finally:
        for post in posts.values():
            if post.process.poll() is None:
                post.stop()


def connect(t, server, user=None, **kw):
    """One connection with one session; trees as one likes."""
    try:
        from impacket.smbconnection import SMBConnection
    except ImportError:
        raise Skip("python3-impacket is not installed")
    c = SMBConnection("127.0.0.1", "127.0.0.1", sess_port=server.port, timeout=60, **kw)
    c.login(user or t.user, PASSWORD)
    return c


def status_of(what):
    """The status that a call of impacket's failed with; 0 if it did not."""
    from impacket import smb3, smbconnection
    try:
        what()
    except smbconnection.SessionError as e:
        return e.getErrorCode()
    except smb3.SessionError as e:
        return e.get_error_code()
    return 0


def tree(c, share):
    """A tree, once its storage is ready for one: that it is not yet, clients are told to try again."""
    return wait_for(f"no tree on {share}", lambda: try_tree(c, share))


def try_tree(c, share):
    """A new one: impacket would give out the one that it knows."""
    from impacket.smbconnection import SessionError
    c.getSMBServer()._Session["TreeConnectTable"].pop(share, None)
    try:
        return c.connectTree(share)
    except SessionError as e:
        if e.getErrorCode() != SHARE_UNAVAILABLE:
            raise
    return None


SHARE_UNAVAILABLE = 0xC0000480
NETWORK_NAME_DELETED = 0xC00000C9
BAD_NETWORK_NAME = 0xC00000CC
FILE_CLOSED = 0xC0000128
OBJECT_NAME_NOT_FOUND = 0xC0000034
