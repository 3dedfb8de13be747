"""subscription.py - events, from the request that asks for them to the one that ends them."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, Iterator, Optional

from . import wire
from .errors import Unreachable

if TYPE_CHECKING:
    from .broker import Broker

ANSWER_SECONDS = 60.0


class Subscription:
    """Iterate, or call next() with a time; `dropped` counts what was not taken in time."""

    def __init__(self, broker: "Broker", begin: str, fields: dict[str, Any], end: str,
                 end_fields: dict[str, Any]) -> None:
        self._broker = broker
        self._end = (end, end_fields)
        self._over = False
        self._number = broker.send(begin, fields, events=True)
        try:
            answer = broker.take(self._number, ANSWER_SECONDS)
            if answer is None:
                raise Unreachable("no answer in time", begin)
            wire.result(answer, begin)
        except BaseException:
            broker.forget(self._number)
            raise

    def next(self, seconds: float = 0.0) -> Optional[dict[str, Any]]:
        """None when none comes in that time."""
        return self._broker.event(self._number, seconds)

    @property
    def dropped(self) -> int:
        return self._broker.dropped_events(self._number)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        while not self._over:
            event = self.next(1.0)
            if event is not None:
                yield event

    def close(self) -> None:
        if not self._over:
            self._over = True
            try:
                self._broker.call(*self._end)
            finally:
                self._broker.forget(self._number)

    def __enter__(self) -> "Subscription":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
