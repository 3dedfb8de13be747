"""url.py - smb://[USER@]HOST[:PORT][/SHARE[/PATH]], with %-encoding."""
from __future__ import annotations

from typing import NamedTuple
from urllib.parse import unquote


class Url(NamedTuple):
    user: str
    host: str
    port: int
    share: str
    path: str


def parse(text: str) -> Url:
    if not text.startswith("smb://"):
        raise ValueError(f"{text!r} is no smb:// URL")
    authority, _, rest = text[len("smb://"):].partition("/")
    user, _, hostport = authority.rpartition("@")
    if hostport.startswith("["):
        host, bracket, port = hostport[1:].partition("]")
        if not bracket:
            raise ValueError(f"{text!r}: a ']' is missing")
        port = port.removeprefix(":") if port else ""
    else:
        host, _, port = hostport.partition(":")
    if not host:
        raise ValueError(f"{text!r} names no host")
    if port and not (port.isdigit() and 0 < int(port) < 65536):
        raise ValueError(f"{text!r}: {port!r} is no port")
    share, _, path = rest.partition("/")
    return Url(unquote(user), unquote(host), int(port or 445), unquote(share),
               unquote(path).strip("/"))
