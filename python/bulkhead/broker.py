"""broker.py - one connection to the scripting socket of an instance.

`connect()` finds a running instance, or starts a private one that ends with this
program.  Calls may come from several threads; each waits for its own answer.
"""
from __future__ import annotations

import itertools
import json
import os
import time
from typing import Any, Callable, Optional

import zmq

from . import descriptors, wire
from .errors import Unreachable
from .credential import Credential, Held
from .private import Private
from .pump import Pump
from .subscription import Subscription


class Broker:
    """endpoint: ipc://DIRECTORY/broker.sock, or tcp:// with CURVE keys."""

    def __init__(self, endpoint: str, *, server_key: str = "", public_key: str = "",
                 secret_key: str = "", timeout: float = 60.0,
                 private: Optional[Private] = None) -> None:
        self.endpoint = endpoint
        self.timeout = timeout
        self.private = private
        self._closed = False
        self._numbers = itertools.count(1)
        self._context: zmq.Context[Any] = zmq.Context()
        dealer = self._context.socket(zmq.DEALER)
        dealer.linger = 0
        if server_key:
            dealer.curve_serverkey = server_key.encode()
            dealer.curve_publickey = public_key.encode()
            dealer.curve_secretkey = secret_key.encode()
        monitor = dealer.get_monitor_socket(zmq.EVENT_HANDSHAKE_FAILED_AUTH)
        dealer.connect(endpoint)
        self._dealer = dealer
        self._monitor = monitor
        self._pump = Pump(dealer, monitor)

    # ---- life ----

    def __enter__(self) -> "Broker":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._pump.close()
        self._dealer.disable_monitor()
        self._monitor.close(0)
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
            self.forget(number)

    def send(self, method: str, fields: Optional[dict[str, Any]] = None,
             binary: Optional[bytes] = None, *, events: bool = False) -> int:
        """Asks without waiting; take() with the number returned brings the answer.

        events: those that come under this request are kept for event().
        """
        number = next(self._numbers)
        self._pump.send(b"%d" % number, wire.request(number, method, fields or {}, binary),
                        events)
        return number

    def take(self, number: int, seconds: float = 0.0) -> Optional[wire.Message]:
        """The answer to that question if it comes within the time."""
        return self._pump.reply(b"%d" % number, time.monotonic() + seconds)

    def forget(self, number: int) -> None:
        """Neither an answer nor events to that question are wanted any more."""
        self._pump.forget(b"%d" % number)

    def event(self, number: int, seconds: float = 0.0) -> Optional[dict[str, Any]]:
        """The next event to that question, or None when none comes in that time."""
        message = self._pump.event(b"%d" % number, time.monotonic() + seconds)
        return message.object if message else None

    def dropped_events(self, number: int) -> int:
        """How many came while too many waited to be taken."""
        return self._pump.dropped(b"%d" % number)

    def subscribe(self) -> Subscription:
        """What one's own client sessions tell; a context manager and an iterator."""
        return Subscription(self, "subscribe", {}, "unsubscribe", {})

    # ---- credentials and packets ----

    def keep(self, credential: Credential) -> Held:
        """Hands a credential in; what comes back stands for it until it is dropped."""
        fields, binary = credential.ask()
        return Held(self, self.call("cred.create", fields, binary).fields["cred"])

    def credentials(self) -> list[dict[str, Any]]:
        return list(self.call("cred.list").fields["creds"])

    def sessions(self) -> list[dict[str, Any]]:
        """One's own sessions with other servers."""
        return list(self.call("client.sessions").fields["sessions"])

    def decode(self, message: bytes, **known: Any) -> list[dict[str, Any]]:
        """SMB2 messages as objects with the specification's names.

        known: dialect, and of an answer request_known, info_type, info_class,
        ctl_code, is_pipe.
        """
        text = self.call("packet.decode", known, message).binary
        return list(json.loads(text)["packets"])

    def build(self, packet: Any) -> bytes:
        """{"Header": {...}, "Body": {...}}, or a list of such, as bytes.

        What is given stands as given, however wrong; the rest is filled in.
        """
        text = json.dumps({"packets": packet} if isinstance(packet, list) else packet)
        return self.call("packet.build", {}, text.encode()).binary

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


def read_key(path: str) -> dict[str, str]:
    """What `bulkhead keys create --out` wrote: connect, server-key, public-key, secret-key."""
    words = {}
    with open(path, encoding="ascii") as f:
        for line in f:
            word, equals, value = line.rstrip("\n").partition(" = ")
            if equals and not line.startswith("#"):
                words[word] = value
    return words


def connect(endpoint: Optional[str] = None, *, config: Optional[str] = None,
            key: Optional[str] = None, timeout: float = 60.0) -> Broker:
    """The instance of this configuration if it runs and lets us ask, else a private one.

    endpoint: an ipc:// or tcp:// endpoint instead; then nothing is started.  key: the file
    of `bulkhead keys create`, which also says where to go unless endpoint does.
    """
    if key:
        words = read_key(key)
        return Broker(endpoint or words["connect"], server_key=words["server-key"],
                      public_key=words["public-key"], secret_key=words["secret-key"],
                      timeout=timeout)
    if endpoint:
        return Broker(endpoint, timeout=timeout)
    private = Private(config)
    return Broker(f"ipc://{private.directory}/broker.sock", timeout=timeout, private=private)
