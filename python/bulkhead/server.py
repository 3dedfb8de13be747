"""server.py - an SMB server in one statement, for as long as the block lasts.

    with bulkhead.Server(shares={"docs": "/srv/docs"}, users={"alice": "secret"}) as s:
        print(s.address)
"""
from __future__ import annotations

import atexit
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from typing import Any, Mapping, Optional, Union
from urllib.parse import quote

from .broker import Broker
from .errors import Unreachable
from .private import program


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def line(key: str, value: Any) -> str:
    value = {True: "yes", False: "no"}[value] if isinstance(value, bool) else value
    return f"{key.replace('_', ' ')} = {value}"

class Server:
    """shares: name -> path, or name -> a dict with "path" and whatever differs there:
    readonly, require_encryption, guest, or keys of bulkhead.conf(5).

    users: name -> password; as root they are Unix accounts as well.  What is
    said of all shares holds for those that do not say otherwise.  listen:
    ADDRESS:PORT, else a free port of this machine.  conf: keys of [global].
    """

    def __init__(self, shares: Mapping[str, Union[str, Mapping[str, Any]]],
                 users: Optional[Mapping[str, str]] = None, *, readonly: bool = True,
                 require_encryption: bool = False, guest: bool = False,
                 listen: str = "",
                 conf: Optional[Mapping[str, Any]] = None) -> None:
        self.shares = shares
        self.users = dict(users or {})
        self.readonly = readonly
        self.require_encryption = require_encryption
        self.guest = guest
        self.listen = listen or f"127.0.0.1:{free_port()}"
        self.conf = dict(conf or {})
        self.address = ""
        self.directory = ""
        self._process: Optional[subprocess.Popen[str]] = None

    # ---- configuration ----

    def _share_keys(self, what: Union[str, Mapping[str, Any]]) -> dict[str, Any]:
        given = {"path": what} if isinstance(what, str) else dict(what)
        if given.pop("require_encryption", False):
            given["smb encrypt"] = "required"
        keys = {"read only": given.pop("readonly", self.readonly),
                "guest ok": given.pop("guest", self.guest)}
        return {**keys, **given}

    def _text(self) -> str:
        lines = ["[global]", f"listen = {self.listen}",
                 f"state directory = {self.directory}/state",
                 f"runtime directory = {self.directory}/run"]
        if self.require_encryption:
            lines.append("smb encrypt = required")
        lines += [line(k, v) for k, v in self.conf.items()]
        for name, what in self.shares.items():
            lines.append(f"[{name}]")
            lines += [line(k, v) for k, v in self._share_keys(what).items()]
        if any("\n" in text for text in lines):
            raise ValueError("a name, path or value holds a line break")
        return "\n".join(lines) + "\n"

    # ---- life ----

    def start(self) -> "Server":
        self.directory = tempfile.mkdtemp(prefix="bhpy.")
        os.chmod(self.directory, 0o755)
        atexit.register(self.stop)          # whatever becomes of the program's own end
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def _start(self) -> None:
        config = f"{self.directory}/bulkhead.conf"
        with open(config, "w", encoding="utf-8") as f:
            f.write(self._text())
        command = [program("bulkhead"), "-c", config]
        for name, password in self.users.items():
            done = subprocess.run([*command, "user", "add", name, "--password-stdin"],
                                  input=password + "\n", text=True, capture_output=True,
                                  check=False)
            if done.returncode != 0:
                raise Unreachable(f"user add {name}: {done.stderr.strip()}")
        with open(f"{self.directory}/log", "w", encoding="utf-8") as log:
            self._process = subprocess.Popen([*command, "serve"], stdout=subprocess.PIPE,
                                             stderr=log, stdin=subprocess.DEVNULL, text=True)
        assert self._process.stdout
        said = self._process.stdout.readline()
        if not said.startswith("ready "):
            raise Unreachable("the server did not start: " + self.log()[-2000:])
        self.address = said.split()[1]

    def stop(self) -> None:
        atexit.unregister(self.stop)
        if self._process:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            assert self._process.stdout
            self._process.stdout.close()
            self._process = None
        if self.directory:
            shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self) -> "Server":
        return self.start()

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def log(self) -> str:
        with open(f"{self.directory}/log", encoding="utf-8", errors="replace") as f:
            return f.read()

    def url(self, share: str = "", user: str = "") -> str:
        who = quote(user, safe="") + "@" if user else ""
        return f"smb://{who}{self.address}" + (f"/{quote(share)}" if share else "")

    def broker(self) -> Broker:
        """A connection to its scripting socket: administration, events, handlers."""
        return Broker(f"ipc://{self.directory}/run/broker.sock")
