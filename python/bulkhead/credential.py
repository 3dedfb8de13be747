"""credential.py - what to log on with; the keeper in Bulkhead holds it from then on.

The secret leaves this process in a binary frame and cannot be had back.
"""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Optional

ANONYMOUS, PASSWORD, NT_HASH, AES_KEY, KEYTAB, CCACHE, TICKET = range(7)
KERBEROS = {"desired": 0, "required": 1, "off": 2}


@dataclass(frozen=True)
class Credential:
    """Made by the functions below; `ask()` is what cred.create wants."""

    type: int
    user: str = ""
    domain: str = ""
    kerberos: str = "desired"
    secret: bytes = field(default=b"", repr=False)
    material: bytes = field(default=b"", repr=False)

    def ask(self) -> tuple[dict[str, Any], Optional[bytes]]:
        fields: dict[str, Any] = {"type": self.type, "user": self.user, "domain": self.domain,
                                  "kerberos": KERBEROS[self.kerberos]}
        if self.material:
            fields["kind"] = "material"
            if self.secret:
                fields["secret"] = self.secret.decode()
            return fields, self.material
        if self.secret:
            fields["kind"] = "secret"
            return fields, self.secret
        return fields, None

    @classmethod
    def password(cls, user: str, password: str, **how: str) -> "Credential":
        return cls(PASSWORD, *split(user, how), secret=password.encode())

    @classmethod
    def nt_hash(cls, user: str, hexdigits: str, **how: str) -> "Credential":
        """hexdigits: 32 of them, or LM:NT as other tools print it."""
        return cls(NT_HASH, *split(user, how), secret=hexdigits.rpartition(":")[2].encode())

    @classmethod
    def aes_key(cls, user: str, hexdigits: str, **how: str) -> "Credential":
        return cls(AES_KEY, *split(user, how), secret=hexdigits.encode())

    @classmethod
    def keytab(cls, user: str, path: str, **how: str) -> "Credential":
        return cls(KEYTAB, *split(user, how), material=read(path))

    @classmethod
    def ccache(cls, path: str, **how: str) -> "Credential":
        return cls(CCACHE, *split("", how), material=read(path))

    @classmethod
    def ticket(cls, ticket: bytes, key: str = "", **how: str) -> "Credential":
        """ticket: a KRB-CRED, or a bare Ticket with its session key in hex digits."""
        return cls(TICKET, *split("", how), secret=key.encode(), material=ticket)


def split(user: str, how: dict[str, str]) -> tuple[str, str, str]:
    """USER, DOMAIN\\USER or USER@REALM; and the Kerberos word."""
    unknown = set(how) - {"domain", "kerberos"}
    if unknown:
        raise TypeError(f"unknown argument {sorted(unknown)[0]!r}")
    kerberos = how.get("kerberos", "desired")
    if kerberos not in KERBEROS:
        raise ValueError(f"kerberos is one of {', '.join(KERBEROS)}")
    domain = how.get("domain", "")
    if "\\" in user:
        domain, _, user = user.partition("\\")
    elif "@" in user:
        user, _, domain = user.rpartition("@")
    return user, domain, kerberos


def read(path: str) -> bytes:
    with open(path, "rb") as f:
        return f.read()
