"""pump.py - the thread that owns the socket.

ZeroMQ sockets belong to one thread.  Everybody else leaves frames in a queue,
wakes this one through a socket pair, and waits for answers on a condition.
"""
from __future__ import annotations

import collections
import socket
import threading
import time
from typing import Any, Optional

import zmq

from . import wire
from .errors import Unreachable

EVENTS_KEPT = 10_000        # for one subscription


class Events:
    """What one subscription got and nobody has taken yet."""

    def __init__(self) -> None:
        self.messages: collections.deque[wire.Message] = collections.deque()
        self.dropped = 0

    def add(self, message: wire.Message) -> None:
        if len(self.messages) < EVENTS_KEPT:
            self.messages.append(message)
        else:
            self.dropped += 1


class Pump:
    """monitor: tells when the other side does not let us in, which ZeroMQ would try again for ever."""

    def __init__(self, dealer: Any, monitor: Any = None) -> None:
        self._dealer = dealer
        self._monitor = monitor
        self._out: collections.deque[list[bytes]] = collections.deque()
        self._waiting: set[bytes] = set()
        self._replies: dict[bytes, wire.Message] = {}
        self._events: dict[bytes, Events] = {}
        self._news = threading.Condition()
        self._ended: Optional[str] = None
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_out.setblocking(False)
        self._thread = threading.Thread(target=self._run, name="bulkhead", daemon=True)
        self._thread.start()

    # ---- for everybody ----

    def send(self, key: bytes, frames: list[bytes], events: bool = False) -> None:
        """events: those of this request are kept until forget()."""
        with self._news:
            if self._ended is not None:
                raise Unreachable(self._ended)
            self._waiting.add(key)
            if events:
                self._events[key] = Events()
            self._out.append(frames)
        self._wake_in.send(b"\0")

    def reply(self, key: bytes, until: float) -> Optional[wire.Message]:
        """The answer if it comes before that (monotonic) time."""
        with self._news:
            while key not in self._replies:
                if self._ended is not None:
                    raise Unreachable(self._ended)
                left = until - time.monotonic()
                if left <= 0:
                    return None
                self._news.wait(left)
            return self._replies.pop(key)

    def forget(self, key: bytes) -> None:
        with self._news:
            self._waiting.discard(key)
            self._replies.pop(key, None)
            self._events.pop(key, None)

    def event(self, key: bytes, until: float) -> Optional[wire.Message]:
        with self._news:
            events = self._events.get(key)
            if events is None:
                raise Unreachable("that subscription is over")
            while not events.messages:
                if self._ended is not None:
                    raise Unreachable(self._ended)
                left = until - time.monotonic()
                if left <= 0:
                    return None
                self._news.wait(left)
            return events.messages.popleft()

    def dropped(self, key: bytes) -> int:
        with self._news:
            return self._events[key].dropped if key in self._events else 0

    def close(self) -> None:
        self._end("the connection was closed")
        self._thread.join()
        self._wake_in.close()
        self._wake_out.close()

    # ---- the thread ----

    def _end(self, why: str) -> None:
        with self._news:
            self._ended = self._ended or why
            self._news.notify_all()
        self._wake_in.send(b"\0")

    def _run(self) -> None:
        poller = zmq.Poller()
        poller.register(self._dealer, zmq.POLLIN)
        poller.register(self._wake_out, zmq.POLLIN)
        if self._monitor is not None:
            poller.register(self._monitor, zmq.POLLIN)
        while self._ended is None:
            ready = dict(poller.poll())
            if self._monitor in ready:
                self._monitor.recv_multipart()
                self._end("the server does not let this user, or this key, ask")
                return
            try:
                while self._wake_out.recv(4096):
                    pass
            except BlockingIOError:
                pass
            self._send_all()
            self._receive_all()

    def _send_all(self) -> None:
        while self._out:
            self._dealer.send_multipart(self._out.popleft())

    def _receive_all(self) -> None:
        while True:
            try:
                message = wire.parse(self._dealer.recv_multipart(zmq.DONTWAIT))
            except zmq.Again:
                return
            except Unreachable as e:
                self._end(e.message)
                return
            with self._news:
                self._keep(message)
                self._news.notify_all()

    def _keep(self, message: wire.Message) -> None:
        if message.method == "event":
            if message.id in self._events:
                self._events[message.id].add(message)
        elif message.id in self._waiting:
            self._waiting.discard(message.id)
            self._replies[message.id] = message
