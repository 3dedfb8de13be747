"""credential.py - what to log on with; the keeper in Bulkhead holds it from then on.

The secret leaves this process in a binary frame and cannot be had back.
"""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Optional

if TYPE_CHECKING:
    from .broker import Broker

ANONYMOUS, PASSWORD, NT_HASH, AES_KEY, KEYTAB, CCACHE, TICKET, SERVICE_KEY = range(8)
FORMS = {"ccache": 0, "keytab": 1, "kirbi": 2}
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

    @classmethod
    def service_key(cls, user: str, service: str, hexdigits: str, **how: str) -> "Credential":
        """A ticket of our own making, with the service's AES key; no KDC is asked."""
        return cls(SERVICE_KEY, *split(user, how), secret=hexdigits.encode(),
                   material=service.encode())


class Held:
    """A credential that was handed in, and its Kerberos tickets; what `open()` takes too."""

    def __init__(self, broker: "Broker", number: Any) -> None:
        self.broker = broker
        self.number = number

    def request(self, service: str = "", *, lifetime: int = 0, renewable: int = 0,
                etype: int = 0) -> dict[str, Any]:
        """A ticket for that service ("cifs/host"), "": a TGT.  Seconds; 0 is the KDC's default."""
        return self.broker.call("ticket.request", {
            "cred": self.number, "spn": service, "lifetime_s": lifetime,
            "renewable_s": renewable, "etype": etype}).fields

    def tickets(self) -> list[dict[str, Any]]:
        return list(self.broker.call("ticket.list", {"cred": self.number}).fields["tickets"])

    def renew(self) -> dict[str, Any]:
        return self.broker.call("ticket.renew", {"cred": self.number}).fields

    def export(self, form: str = "ccache") -> bytes:
        """A file's bytes: "ccache", "keytab" or "kirbi"."""
        reply = self.broker.call("ticket.export", {"cred": self.number, "form": FORMS[form]})
        return bytes.fromhex(reply.fields["material"])

    def drop(self) -> None:
        self.broker.call("cred.drop", {"cred": self.number})

    def __enter__(self) -> "Held":
        return self

    def __exit__(self, *exc: object) -> None:
        self.drop()


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
