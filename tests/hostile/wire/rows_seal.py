"""rows_seal.py - encrypted messages that do not open, and what is inside of those that do.

[MS-SMB2] 2.2.41, 3.3.5.2.1.1.  The specification: a message that does not open
ends the connection.
"""
import struct

import smb2
from smb2 import CLOSED, ECHO
from stage import add, row

ECHO_BODY = b"\4\0\0\0"
DIALECTS = {"3.0": 0x0300, "3.1.1": 0x0311}


def seal_row(name, wants, make):
    """make(c) -> the bytes of a frame."""
    for version, dialect in DIALECTS.items():
        def act(stage, dialect=dialect):
            c = stage.new_session(dialect)
            return stage.outcome(c, make(c))
        add(f"encrypted {version}: {name}", wants, act, fresh=True)


def echo(c, **fields):
    return c.message(ECHO, ECHO_BODY, sign=False, **fields)


def spoil(at, bits=1):
    def make(c):
        data = bytearray(c.seal(echo(c)))
        data[at] ^= bits
        return bytes(data)
    return make


seal_row("as it should be", "SUCCESS", lambda c: c.seal(echo(c)))
for _name, _at in (("signature", 4), ("nonce", 20), ("OriginalMessageSize", 36), ("reserved", 40),
                   ("Flags", 42), ("SessionId", 44), ("payload", 60)):
    seal_row(f"a bit of the {_name} changed", CLOSED, spoil(_at))
for _cut in (4, 19, 36, 51, 52, 53, 100):
    seal_row(f"cut to {_cut}", CLOSED, lambda c, n=_cut: c.seal(echo(c))[:n])
seal_row("longer than was sealed", CLOSED, lambda c: c.seal(echo(c)) + bytes(8))
seal_row("OriginalMessageSize 0", CLOSED, lambda c: c.seal(echo(c), size=0))
seal_row("OriginalMessageSize of all ones", CLOSED, lambda c: c.seal(echo(c), size=0xffffffff))
seal_row("OriginalMessageSize one more", CLOSED, lambda c: c.seal(echo(c), size=69))
seal_row("an unknown session", CLOSED, lambda c: c.seal(echo(c), sid=0x123456))
seal_row("session 0", CLOSED, lambda c: c.seal(echo(c), sid=0))
seal_row("flags 0", CLOSED, lambda c: c.seal(echo(c), flags=0))
seal_row("flags of all ones", CLOSED, lambda c: c.seal(echo(c), flags=0xffff))
seal_row("with another key", CLOSED, lambda c: c.seal(echo(c), key=bytes(16)))
seal_row("nothing inside", CLOSED, lambda c: c.seal(b""))
seal_row("three bytes inside", CLOSED, lambda c: c.seal(b"\xfeSM"))
seal_row("another encrypted message inside", CLOSED, lambda c: c.seal(c.seal(echo(c))))
seal_row("garbage", CLOSED, lambda c: b"\xfdSMB" + b"\x55" * 200)
seal_row("SMB1 inside", CLOSED, lambda c: c.seal(b"\xffSMB" + bytes(60)))
seal_row("another session inside", {"USER_SESSION_DELETED", "ACCESS_DENIED", CLOSED},
         lambda c: c.seal(c.message(smb2.TREE_DISCONNECT, ECHO_BODY, sid=0x77, sign=False)))
seal_row("a NEGOTIATE inside", {CLOSED, "INVALID_PARAMETER"},
         lambda c: c.seal(c.message(smb2.NEGOTIATE, c.negotiate_body(), sign=False)))
seal_row("a LOGOFF inside, which is answered", "SUCCESS",
         lambda c: c.seal(c.message(smb2.LOGOFF, ECHO_BODY, sign=False)))
seal_row("a compound whose NextCommand leads out", {CLOSED, "INVALID_PARAMETER"},
         lambda c: c.seal(echo(c, next=0x10000)))
seal_row("large garbage", CLOSED, lambda c: b"\xfdSMB" + bytes(38) + b"\1\0" +
         struct.pack("<Q", c.sid) + bytes(200000))


@row("encrypted: the same bytes twice", CLOSED, fresh=True)
def replayed(stage):
    c = stage.new_session(0x0311)
    data = c.seal(echo(c))
    if stage.outcome(c, data) != "SUCCESS":
        return "refused the first time"
    return stage.outcome(c, data)


@row("encrypted: another connection's message", CLOSED, fresh=True)
def stolen(stage):
    c, other = stage.new_session(0x0311), stage.new_session(0x0311)
    return stage.outcome(other, c.seal(echo(c)))


@row("encrypted: on 2.1, where it does not exist", CLOSED)
def too_old(stage):
    c = stage.session
    return stage.outcome(c, c.seal(echo(c)))


@row("early encrypted: before there is a session", CLOSED)
def too_early(stage):
    return stage.raw(stage.negotiated(0x0311), smb2.framed(b"\xfdSMB" + bytes(48) + bytes(68)))


# ---- signatures of 3.x ----

def sign_row(name, wants, make):
    for version, dialect in DIALECTS.items():
        def act(stage, dialect=dialect):
            c = stage.new_session(dialect)
            return stage.outcome(c, make(c))
        add(f"signed {version}: {name}", wants, act, fresh=True)


sign_row("as it should be", "SUCCESS", lambda c: c.message(ECHO, ECHO_BODY))
sign_row("not at all", "ACCESS_DENIED", echo)
sign_row("with zeros", "ACCESS_DENIED", lambda c: echo(c, flags=smb2.SIGNED))


@row("signed: with another connection's key", "ACCESS_DENIED", fresh=True)
def other_key(stage):
    c, other = stage.new_session(0x0311), stage.new_session(0x0311)
    c.sign_key = other.sign_key
    return stage.call(c, ECHO, ECHO_BODY)
