"""hooks.py - server scripting: decide about an instance's requests, hear of its events.

    with bulkhead.connect() as broker:
        hooks = bulkhead.Hooks(broker)

        @hooks.on_create("*.exe")
        def refuse(ask):
            return bulkhead.deny("STATUS_ACCESS_DENIED")

        hooks.run()

Each registration has a thread, in which its handler runs, one question after
the other.  A handler that raises leaves its request to on_timeout, at once.
"""
from __future__ import annotations

import threading
import traceback
from typing import Any, Callable, Iterator, NamedTuple, Optional

from . import wire
from .broker import Broker
from .errors import Error, Unreachable

ANSWER_SECONDS = 60.0


class Answer(NamedTuple):
    """What a handler returns; None is BUILTIN."""

    action: str
    result: str = ""


BUILTIN = Answer("builtin")
ANSWER = Answer("answer")       # ECHO only: the answer is the script's


def deny(status: str = "STATUS_ACCESS_DENIED") -> Answer:
    return Answer("deny", status)


Facts = dict[str, Any]          # the fields of hook_ask or hook_tell, docs/IPC.md
Handler = Callable[[Facts], Optional[Answer]]
Registered = Callable[[Handler], Handler]


class Hook(NamedTuple):
    number: int                 # the server's
    question: int               # the request that its messages come under
    handler: Handler
    on_timeout: str


class Hooks:
    """Registrations of one connection; they end with it."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self._stopped = threading.Event()

    # ---- registering ----

    def add(self, kind: str, handler: Handler, *, on_timeout: str = "builtin",
            timeout_ms: int = 0, **fields: Any) -> Hook:
        """Every worker of the server knows of it when this returns."""
        number, question = begin(self.broker, {
            "kind": kind, "timeout_ms": timeout_ms, "on_timeout": on_timeout, **fields})
        hook = Hook(number, question, handler, on_timeout)
        threading.Thread(target=self._serve, args=(hook,), daemon=True).start()
        return hook

    def remove(self, hook: Hook) -> None:
        self.broker.call("hook.del", {"hook": hook.number})
        self.broker.forget(hook.question)

    def _register(self, kind: str, **fields: Any) -> Registered:
        def register(handler: Handler) -> Handler:
            self.add(kind, handler, **fields)
            return handler
        return register

    def on_command(self, command: str, **fields: Any) -> Registered:
        return self._register("command", command=command, **fields)

    def on_create(self, pattern: str = "", **fields: Any) -> Registered:
        return self._register("create", pattern=pattern, **fields)

    def on_close(self, pattern: str = "", **fields: Any) -> Registered:
        return self._register("close", pattern=pattern, **fields)

    def on_event(self, *kinds: str, **fields: Any) -> Registered:
        return self._register("event", events=",".join(kinds), **fields)

    # ---- running ----

    def run(self, seconds: Optional[float] = None) -> None:
        """Waits until stop(), or for so long; the handlers run meanwhile, before and after."""
        self._stopped.wait(seconds)

    def stop(self) -> None:
        self._stopped.set()

    def _serve(self, hook: Hook) -> None:
        try:
            while True:
                message = self.broker.event(hook.question, 1.0)
                if message is not None:
                    self._handle(hook, message)
        except Unreachable:                     # removed, or the connection is closed
            pass

    def _handle(self, hook: Hook, message: Facts) -> None:
        try:
            answer = hook.handler(message)
        except Exception:                       # a handler's error is its own
            traceback.print_exc()
            answer = deny() if hook.on_timeout == "deny" else BUILTIN
        if "ask" in message:
            self._answer(message, answer or BUILTIN)

    def _answer(self, message: Facts, answer: Answer) -> None:
        try:
            self.broker.call("hook.answer", {"hook": message["hook"], "ask": message["ask"],
                                             "action": answer.action, "result": answer.result})
        except Error as e:
            if isinstance(e, Unreachable):
                raise
            if e.status != "STATUS_NOT_FOUND":  # that is too late: decided without us
                traceback.print_exc()


def begin(broker: Broker, fields: Facts) -> tuple[int, int]:
    """The hook's number, and that of the request which its messages come under."""
    question = broker.send("hook.add", fields, events=True)
    try:
        answer = broker.take(question, ANSWER_SECONDS)
        if answer is None:
            raise Unreachable("no answer in time", "hook.add")
        return int(wire.result(answer, "hook.add").fields["hook"]), question
    except BaseException:
        broker.forget(question)
        raise


def events(broker: Broker, *kinds: str, share: str = "", pattern: str = "") -> Iterator[Facts]:
    """An instance's events, for ever: `for event in bulkhead.events(broker, "open", "denied")`."""
    number, question = begin(broker, {"kind": "event", "events": ",".join(kinds),
                                      "share": share, "pattern": pattern})
    try:
        while True:
            event = broker.event(question, 1.0)
            if event is not None:
                yield event
    finally:
        broker.call("hook.del", {"hook": number})
        broker.forget(question)
