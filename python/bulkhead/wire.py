"""wire.py - the frames of the scripting socket; no socket here.

A request is "BH1", id, method, JSON object and at most one binary frame; a
reply mirrors id and method, an event has an empty or the subscription's id and
the method "event".
"""
from __future__ import annotations

import json
from typing import Any, NamedTuple, Optional, Sequence

from .errors import Error, Unreachable

MAGIC = b"BH1"


class Reply(NamedTuple):
    """fields: the JSON object without its status; binary: the binary frame or b""."""

    fields: dict[str, Any]
    binary: bytes


class Message(NamedTuple):
    id: bytes
    method: str
    object: dict[str, Any]
    binary: bytes


def request(number: int, method: str, fields: dict[str, Any],
            binary: Optional[bytes] = None) -> list[bytes]:
    frames = [MAGIC, b"%d" % number, method.encode(), json.dumps(fields).encode()]
    return frames if binary is None else [*frames, binary]


def parse(frames: Sequence[bytes]) -> Message:
    if len(frames) < 4 or frames[0] != MAGIC:
        raise Unreachable("what answers there is no broker")
    try:
        obj = json.loads(frames[3])
    except ValueError:
        obj = None
    if not isinstance(obj, dict):
        raise Unreachable("an answer that is no JSON object")
    return Message(frames[1], frames[2].decode(errors="replace"), obj,
                   frames[4] if len(frames) > 4 else b"")


def result(message: Message, method: str) -> Reply:
    """The answer, or the exception that it is."""
    fields = dict(message.object)
    status = fields.pop("status", None)
    if not isinstance(status, dict) or not isinstance(status.get("number"), int):
        raise Unreachable("an answer without a status", method)
    number = status["number"]
    if number & 0x80000000 and (number & 0x40000000 or "message" in fields):
        raise Error(str(status.get("name")), number,
                    str(fields.get("message", "it failed")), method)
    return Reply(fields, message.binary)
