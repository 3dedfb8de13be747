"""descriptors.py - hands an open file or socket in, at pass.sock.

The token that names it afterwards is random and good once, within a minute, for
requests of the same user.
"""
from __future__ import annotations

import array
import os
import secrets
import socket

from .errors import Unreachable


def hand_in(runtime_directory: str, fd: int) -> str:
    """Returns the token for the field `local` or `socket`."""
    token = secrets.token_bytes(16)
    path = os.path.join(runtime_directory, "pass.sock")
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
        s.settimeout(10)
        try:
            s.connect(path)
            s.sendmsg([token], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))])
            answer = s.recv(4)
        except OSError as e:
            raise Unreachable(f"{path}: {e}") from e
    if answer != b"\0\0\0\0":
        raise Unreachable(f"{path}: the descriptor was refused")
    return token.hex()
