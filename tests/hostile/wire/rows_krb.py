"""rows_krb.py - Kerberos tokens from strangers, in every framing.

The server has a key (KEY, for SPN), so a token that names it gets as far as
decryption.  No row can be let in: nobody here has a ticket.
[RFC4120] 5.5.1, [RFC4121] 4.1, [RFC4178] 4.2
"""
import random
import struct

import ntlm
from rows_setup import GOES_ON, KRB5, NTLMSSP, REFUSED, der, neg_token_init, neg_token_resp, setup
from smb2 import CLOSED
from stage import add

REALM, SPN, KEY = "WIRE.EXAMPLE", "cifs/fs.wire.example", "11" * 32
MS_KRB5 = bytes.fromhex("06092a864882f712010202")
NEGOEX = bytes.fromhex("060a2b0601040182370202" + "1e")


def number(n):
    return der(2, bytes([n]))


def string(s):
    return der(0x1b, s.encode())


def sealed(etype=18, kvno=1, cipher=bytes(range(200))):
    return der(0x30, der(0xa0, number(etype)), der(0xa1, number(kvno)), der(0xa2, der(4, cipher)))


def ticket(realm=REALM, name=SPN.split("/"), part=None):
    return der(0x61, der(0x30, der(0xa0, number(5)), der(0xa1, string(realm)),
                         der(0xa2, der(0x30, der(0xa0, number(2)),
                                       der(0xa1, der(0x30, *map(string, name))))),
                         der(0xa3, part or sealed())))


def ap_req(tkt=None, authenticator=None, options=b"\0\x20\0\0\0", kind=14):
    return der(0x6e, der(0x30, der(0xa0, number(5)), der(0xa1, number(kind)),
                         der(0xa2, der(3, options)), der(0xa3, tkt or ticket()),
                         der(0xa4, authenticator or sealed())))


def gss(inner, kind=b"\1\0", oid=KRB5):
    return der(0x60, oid, kind, inner)


GOOD = gss(ap_req())
TOKENS = {
    "as a client would, with a ticket of nobody's": GOOD,
    "no AP-REQ at all": gss(b""),
    "an AP-REP": gss(ap_req(), b"\2\0"),
    "a KRB-ERROR": gss(ap_req(), b"\3\0"),
    "an unknown kind": gss(ap_req(), b"\xff\xff"),
    "user to user": gss(ap_req(), b"\4\0"),
    "Windows' OID inside": gss(ap_req(), oid=MS_KRB5),
    "another realm": gss(ap_req(ticket("OTHER.EXAMPLE"))),
    "another service": gss(ap_req(ticket(name=["host", "fs"]))),
    "a service of a thousand parts": gss(ap_req(ticket(name=["x"] * 1000))),
    "a service without a name": gss(ap_req(ticket(name=[]))),
    "a name with a zero": gss(ap_req(ticket(name=["cifs", "fs\0.wire.example"]))),
    "an encryption type that is none": gss(ap_req(ticket(part=sealed(99)))),
    "RC4": gss(ap_req(ticket(part=sealed(23)))),
    "DES": gss(ap_req(ticket(part=sealed(3)))),
    "nothing encrypted": gss(ap_req(ticket(part=sealed(cipher=b"")))),
    "one byte encrypted": gss(ap_req(ticket(part=sealed(cipher=b"x")))),
    "20000 bytes encrypted": gss(ap_req(ticket(part=sealed(cipher=bytes(20000))))),
    "another message type": gss(ap_req(kind=10)),
    "options of no bits": gss(ap_req(options=b"")),
    "an indefinite length": b"\x60\x80" + GOOD[4:],
    "random behind the OID": gss(random.Random(4120).randbytes(300)),
}
FRAMES = {
    "raw": lambda t: t,
    "SPNEGO": lambda t: neg_token_init(t, (MS_KRB5, KRB5, NTLMSSP)),
    "SPNEGO, Kerberos only": lambda t: neg_token_init(t, (KRB5,)),
}
for _name, _token in TOKENS.items():
    for _frame, _wrap in FRAMES.items():
        add(f"ticket: {_name}, {_frame}", REFUSED,
            lambda stage, t=_wrap(_token): setup(stage, stage.negotiated(), t))
    add(f"ticket: {_name}, again on a session", REFUSED, lambda stage, t=_token: setup(
        stage, (s := stage.new_session()), FRAMES["SPNEGO"](t), sid=s.sid), fresh=True)
for _cut in range(1, len(GOOD), 5):
    add(f"ticket: cut to {_cut}", REFUSED, lambda stage, n=_cut: setup(
        stage, stage.negotiated(), FRAMES["SPNEGO"](GOOD[:n])))
_rng = random.Random(1510)
for _n in range(150):
    _spoilt = bytearray(GOOD)
    for _ in range(1 + _n % 3):
        _spoilt[_rng.randrange(len(_spoilt))] = _rng.choice((0, 1, 0x30, 0x7f, 0x80, 0x84, 0xff))
    add(f"ticket: spoilt {_n}", REFUSED | {GOES_ON}, lambda stage, t=bytes(_spoilt): setup(
        stage, stage.negotiated(), FRAMES["SPNEGO" if _rng.random() < 0.5 else "raw"](t)))


# ---- more than one round ----

def asked(stage, mechs):
    """The server was offered something else first and asked for another token."""
    c = stage.negotiated()
    return c, c.setup(neg_token_init(b"not for us", mechs), sid=0)


def mic_resp(mic):
    return der(0xa1, der(0x30, der(0xa3, der(4, mic))))


def second(name, wants, token, mechs=(NEGOEX, KRB5, NTLMSSP)):
    def act(stage):
        c, first = asked(stage, mechs)
        if first.status != GOES_ON:
            return first.status
        return setup(stage, c, token, sid=first.sid)
    add(f"ticket, second round: {name}", wants, act)


add("ticket: NEGOEX first", GOES_ON,
    lambda stage: asked(stage, (NEGOEX, KRB5, NTLMSSP))[1].status)
second("a token of nobody's", REFUSED, neg_token_resp(GOOD))
second("NTLMSSP where Kerberos was agreed on", REFUSED, neg_token_resp(ntlm.negotiate()))
second("raw where it was SPNEGO", REFUSED, GOOD)
second("a MIC and no token", REFUSED, mic_resp(bytes(28)))
second("a beginning where it goes on", REFUSED, neg_token_init(GOOD, (KRB5,)))
second("nothing", REFUSED | {CLOSED}, b"")
second("a MIC of 5000 bytes", REFUSED, mic_resp(struct.pack(">I", 1) * 1250))
