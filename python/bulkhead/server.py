"""server.py - an SMB server in one statement, for as long as the block lasts.

    with bulkhead.Server(shares={"docs": "/srv/docs"}, users={"alice": "secret"}) as s:
        print(s.address)
"""
from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from typing import Any, Mapping, Optional, Union

from .broker import Broker
from .errors import Unreachable
from .private import program

SHARE_WORDS = {"readonly", "require_encryption", "guest"}


class Server:
    """shares: name -> path, or name -> configuration keys of that share (with "path").

    users: name -> password.  readonly and require_encryption hold for every
    share that does not say otherwise.  conf: further keys of [global].
    """

    def __init__(self, shares: Mapping[str, Union[str, Mapping[str, Any]]],
                 users: Optional[Mapping[str, str]] = None, *, readonly: bool = True,
                 require_encryption: bool = False, guest: bool = False,
                 listen: str = "127.0.0.1:4450",
                 conf: Optional[Mapping[str, Any]] = None) -> None:
        self.shares = shares
        self.users = dict(users or {})
        self.readonly = readonly
        self.require_encryption = require_encryption
        self.guest = guest
        self.listen = listen
        self.conf = dict(conf or {})
        self.address = ""
        self.directory = ""
        self._process: Optional[subprocess.Popen[str]] = None

    # ---- configuration ----

    def _share_keys(self, what: Union[str, Mapping[str, Any]]) -> dict[str, Any]:
        keys: dict[str, Any] = {
            "read only": "yes" if self.readonly else "no",
            "guest ok": "yes" if self.guest else "no",
        }
        if self.require_encryption:
            keys["smb encrypt"] = "required"
        given = {"path": what} if isinstance(what, str) else dict(what)
        keys.update({k.replace("_", " "): v for k, v in given.items()})
        return keys

    def _text(self) -> str:
        lines = ["[global]", f"listen = {self.listen}",
                 f"state directory = {self.directory}/state",
                 f"runtime directory = {self.directory}/run"]
        lines += [f"{k.replace('_', ' ')} = {v}" for k, v in self.conf.items()]
        for name, what in self.shares.items():
            lines.append(f"[{name}]")
            lines += [f"{k} = {v}" for k, v in self._share_keys(what).items()]
        if any("\n" in line for line in lines):
            raise ValueError("a name, path or value holds a line break")
        return "\n".join(lines) + "\n"

    # ---- life ----

    def start(self) -> "Server":
        self.directory = tempfile.mkdtemp(prefix="bhpy.")
        os.chmod(self.directory, 0o755)
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
        line = self._process.stdout.readline()
        if not line.startswith("ready "):
            raise Unreachable("the server did not start: " + self.log()[-2000:])
        self.address = line.split()[1]

    def stop(self) -> None:
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
        from urllib.parse import quote
        who = quote(user, safe="") + "@" if user else ""
        return f"smb://{who}{self.address}" + (f"/{quote(share)}" if share else "")

    def broker(self) -> Broker:
        """A connection to its scripting socket: administration, events, handlers."""
        return Broker(f"ipc://{self.directory}/run/broker.sock")
