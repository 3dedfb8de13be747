"""broker.py - one connection to the scripting socket of an instance.

`connect()` finds a running instance, or starts a private one that ends with this
program.  Calls may come from several threads; each waits for its own answer.
"""
from __future__ import annotations

import itertools
import os
import time
from typing import Any, Callable, Iterator, Optional

import zmq

from . import descriptors, wire
from .errors import Unreachable
from .private import Private, find_runtime_directory
from .pump import Pump


class Broker:
    """endpoint: ipc://DIRECTORY/broker.sock, or tcp:// with CURVE keys."""

    def __init__(self, endpoint: str, *, server_key: str = "", public_key: str = "",
                 secret_key: str = "", timeout: float = 60.0,
                 private: Optional[Private] = None) -> None:
        self.endpoint = endpoint
        self.timeout = timeout
        self.private = private
        self._numbers = itertools.count(1)
        self._context: zmq.Context[Any] = zmq.Context()
        dealer = self._context.socket(zmq.DEALER)
        dealer.linger = 0
        if server_key:
            dealer.curve_serverkey = server_key.encode()
            dealer.curve_publickey = public_key.encode()
            dealer.curve_secretkey = secret_key.encode()
        dealer.connect(endpoint)
        self._dealer = dealer
        self._pump = Pump(dealer)

    # ---- life ----

    def __enter__(self) -> "Broker":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        self._pump.close()
        self._dealer.close()
        self._context.term()
        if self.private:
            self.private.stop()

    @property
    def runtime_directory(self) -> Optional[str]:
        """Where pass.sock is; None over tcp://, where no descriptor can be handed in."""
        if not self.endpoint.startswith("ipc://"):
            return None
        return os.path.dirname(self.endpoint[len("ipc://"):])

    def hand_in(self, fd: int) -> str:
        """The token that names this descriptor in one request."""
        if self.runtime_directory is None:
            raise Unreachable("a descriptor cannot be handed to another host")
        return descriptors.hand_in(self.runtime_directory, fd)

    # ---- calls ----

    def call(self, method: str, fields: Optional[dict[str, Any]] = None,
             binary: Optional[bytes] = None, *, timeout: Optional[float] = None,
             idle: Optional[Callable[[], None]] = None) -> wire.Reply:
        """One question, one answer; raises Error.

        timeout: seconds, None takes the connection's.  idle is called ten times
        a second while the answer is awaited, from the calling thread.
        """
        until = time.monotonic() + (self.timeout if timeout is None else timeout)
        number = self.send(method, fields, binary)
        try:
            while True:
                message = self.take(number, min(0.1, until - time.monotonic()) if idle else
                                    until - time.monotonic())
                if message:
                    return wire.result(message, method)
                if time.monotonic() >= until:
                    raise Unreachable("no answer in time", method)
                if idle:
                    idle()
        finally:
            self._pump.forget(b"%d" % number)

    def send(self, method: str, fields: Optional[dict[str, Any]] = None,
             binary: Optional[bytes] = None) -> int:
        """Asks without waiting; take() with the number returned brings the answer."""
        number = next(self._numbers)
        self._pump.send(b"%d" % number, wire.request(number, method, fields or {}, binary))
        return number

    def take(self, number: int, seconds: float = 0.0) -> Optional[wire.Message]:
        """The answer to that question if it comes within the time."""
        return self._pump.reply(b"%d" % number, time.monotonic() + seconds)

    def event(self, seconds: float = 0.0) -> Optional[dict[str, Any]]:
        """The next event, or None when none comes in that time."""
        message = self._pump.event(time.monotonic() + seconds)
        return message.object if message else None

    def events(self, seconds: float) -> Iterator[dict[str, Any]]:
        """Events until none has come for that long."""
        while (e := self.event(seconds)) is not None:
            yield e

    # ---- administration ----

    def version(self) -> dict[str, Any]:
        return self.call("version").fields

    def methods(self) -> list[dict[str, Any]]:
        return list(self.call("methods").fields["methods"])

    def status(self) -> dict[str, Any]:
        return self.call("status").fields

    def users(self) -> list[dict[str, Any]]:
        return list(self.call("user.list").fields["users"])

    def user_add(self, name: str, password: str) -> None:
        self.call("user.add", {"name": name, "kind": "password"}, password.encode())

    def user_del(self, name: str) -> None:
        self.call("user.del", {"name": name})

    def server_sessions(self) -> list[dict[str, Any]]:
        return list(self.call("session.list").fields["sessions"])

    def shares(self) -> list[dict[str, Any]]:
        return list(self.call("share.list").fields["shares"])

    def opens(self) -> list[dict[str, Any]]:
        return list(self.call("open.list").fields["opens"])

    def reload(self) -> str:
        return str(self.call("reload").fields.get("problems", ""))


def connect(endpoint: Optional[str] = None, *, config: Optional[str] = None,
            timeout: float = 60.0) -> Broker:
    """The instance of this configuration if it runs and lets us ask, else a private one.

    endpoint: an ipc:// or tcp:// endpoint instead; then nothing is started.
    """
    if endpoint:
        return Broker(endpoint, timeout=timeout)
    runtime = find_runtime_directory(config)
    if runtime:
        return Broker(f"ipc://{runtime}/broker.sock", timeout=timeout)
    private = Private()
    return Broker(f"ipc://{private.directory}/broker.sock", timeout=timeout, private=private)
