"""errors.py - one exception: what the other side answered, in its own words."""
from __future__ import annotations


class Error(Exception):
    """An answer that is no success.

    status: the NTSTATUS's name ("STATUS_ACCESS_DENIED"); number: its value;
    message: a sentence.
    """

    def __init__(self, status: str, number: int, message: str, method: str = "") -> None:
        super().__init__(f"{method}: {message} ({status})" if method else f"{message} ({status})")
        self.status = status
        self.number = number
        self.message = message
        self.method = method


class Unreachable(Error):
    """Nobody answers at the scripting socket, or not in time."""

    def __init__(self, message: str, method: str = "") -> None:
        super().__init__("STATUS_CONNECTION_DISCONNECTED", 0xC000020C, message, method)
