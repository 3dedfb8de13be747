"""fixture.py - what a case is given: accounts, servers, clients, a temporary folder."""
import os
import re
import shutil
import tempfile

from case import Failed, Skip
from server import Server
from smb import Client

PASSWORD = "pass Wörd-1"         # a blank and a letter beyond ASCII, on purpose
# What no log may say, whatever the case was about; kills are the cases' own.
REPORTS = re.compile(r"Sanitizer|runtime error:|\bfatal\b|process died .*signal=(?!KILL)")


class Fixture:
    def __init__(self, bindir, accounts):
        self.bin = bindir
        self.users = accounts    # two names that may log on
        self.root = os.geteuid() == 0
        self._servers = []
        self._dirs = []

    @property
    def user(self):
        return self.users[0]

    def new_server(self, shares=None, users=None, **kw):
        """An instance with its accounts, not started."""
        s = Server(self.bin, shares, **kw)
        self._servers.append(s)
        for name in users if users is not None else self.users:
            s.add_user(name, PASSWORD)
        return s

    def server(self, shares=None, users=None, **kw):
        return self.new_server(shares, users, **kw).start()

    def client(self, server, user=None, password=PASSWORD, **kw):
        kw.setdefault("share", next(iter(server.shares)))
        return Client(server.port, self.user if user is None else user, password, **kw)

    def folder(self):
        d = tempfile.mkdtemp(prefix="bh.", dir="/tmp")
        os.chmod(d, 0o755)
        self._dirs.append(d)
        return d

    def need(self, program):
        if not shutil.which(program):
            raise Skip(f"{program} is not installed")

    def expect_quiet_logs(self):
        for s in self._servers:
            for line in s.log_tail(10**6).splitlines():
                if REPORTS.search(line):
                    raise Failed(f"the log says: {line}")

    def close(self):
        for s in self._servers:
            s.discard()
        for d in self._dirs:
            shutil.rmtree(d, ignore_errors=True)

    def logs(self):
        return "\n".join(f"--- log of {s.dir}\n{s.log_tail(40)}" for s in self._servers)
