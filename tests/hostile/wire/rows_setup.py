"""rows_setup.py - NEGOTIATE and logons in wrong orders and with spoilt tokens.

[MS-SMB2] 3.3.5.3 to 3.3.5.5, [MS-NLMP] 2.2.1, [MS-SPNG] 3.2; strangers reach all of this.
"""
import random
import struct

import ntlm
import smb2
from smb2 import CLOSED, NEGOTIATE, SESSION_SETUP
from stage import add, row
from table import BY_NAME

REFUSED = {"INVALID_PARAMETER", "LOGON_FAILURE", "USER_SESSION_DELETED", CLOSED}
GOES_ON = "MORE_PROCESSING_REQUIRED"
ECHO_BODY = b"\4\0\0\0"


def setup(stage, c, token, **fields):
    return stage.call(c, SESSION_SETUP, c.setup_body(token), **{"sid": 0, **fields})


# ---- SPNEGO by hand ----

def der(tag, *parts):
    body = b"".join(parts)
    n = len(body)
    length = bytes([n]) if n < 128 else bytes([0x82]) + struct.pack(">H", n)
    return bytes([tag]) + length + body


SPNEGO = bytes.fromhex("06062b0601050502")
NTLMSSP = bytes.fromhex("060a2b06010401823702020a")
KRB5 = bytes.fromhex("06092a864886f712010202")


def neg_token_init(token, mechs=(NTLMSSP,)):
    return der(0x60, SPNEGO, der(0xa0, der(0x30, der(0xa0, der(0x30, *mechs)),
                                           der(0xa2, der(4, token)))))


def neg_token_resp(token):
    return der(0xa1, der(0x30, der(0xa2, der(4, token))))


INIT = neg_token_init(ntlm.negotiate())
TOKENS = {
    "empty": b"",
    "one byte": b"\x60",
    "an indefinite length": b"\x60\x80" + INIT[2:],
    "a length of four ones": b"\x60\x84\xff\xff\xff\xff" + INIT[2:],
    "a length of eight bytes": b"\x60\x88" + bytes(7) + b"\xff" + INIT[2:],
    "a length beyond the token": b"\x60\x7f" + INIT[2:],
    "nothing inside": der(0x60),
    "only an OID": der(0x60, SPNEGO),
    "another OID": der(0x60, KRB5, INIT[10:]),
    "no mechanism": neg_token_init(ntlm.negotiate(), ()),
    "Kerberos only, and NTLM inside": neg_token_init(ntlm.negotiate(), (KRB5,)),
    "a thousand mechanisms": neg_token_init(ntlm.negotiate(), (NTLMSSP,) * 1000),
    "nested without end": b"\x60\x82\xff\xf0" + b"\xa0\x82\xff\xe0" * 2000,
    "text": b"GET / HTTP/1.0\r\n\r\n",
    "zeros": bytes(1000),
    "ones": b"\xff" * 1000,
    "an answer where a beginning is due": neg_token_resp(b""),
    "60000 bytes": b"\x60\x82\xea\x00" + bytes(60000),
    "NTLMSSP without more": b"NTLMSSP\0",
    "NTLMSSP message 0": b"NTLMSSP\0" + struct.pack("<I", 0) + bytes(60),
    "NTLMSSP message 2": b"NTLMSSP\0" + struct.pack("<I", 2) + bytes(60),
    "NTLMSSP message 3 first": ntlm.authenticate("x", "y", type(
        "", (), {"nonce": bytes(8), "info": bytes(4)}))[0],
    "NTLMSSP message of all ones": b"NTLMSSP\0" + b"\xff" * 60,
}
for _name, _token in TOKENS.items():
    # a Kerberos offer may be answered with "use NTLM"
    _wants = REFUSED | ({GOES_ON} if "mechanisms" in _name or "Kerberos" in _name else set())
    add(f"early token: {_name}", _wants,
        lambda stage, t=_token: setup(stage, stage.negotiated(), t))
    add(f"token: {_name}", _wants, lambda stage, t=_token: setup(stage, stage.session, t))

add("early token: as it should be, in SPNEGO", GOES_ON,
    lambda stage: setup(stage, stage.negotiated(), INIT))
add("early token: as it should be, raw", GOES_ON,
    lambda stage: setup(stage, stage.negotiated(), ntlm.negotiate()))
for _cut in range(len(INIT)):
    add(f"early token: SPNEGO cut to {_cut}", REFUSED,
        lambda stage, n=_cut: setup(stage, stage.negotiated(), INIT[:n]))
for _cut in range(8, 16):
    add(f"early token: NTLMSSP cut to {_cut}", REFUSED,
        lambda stage, n=_cut: setup(stage, stage.negotiated(), ntlm.negotiate()[:n]))
_rng = random.Random(311)
for _n in range(150):
    _token = bytearray(INIT)
    for _ in range(1 + _n % 3):
        _token[_rng.randrange(len(_token))] = _rng.choice((0, 1, 0x7f, 0x80, 0x84, 0xff))
    add(f"early token: spoilt SPNEGO {_n}", REFUSED | {GOES_ON},
        lambda stage, t=bytes(_token): setup(stage, stage.negotiated(), t))
for _n in range(30):
    add(f"early token: random {_n}", REFUSED,
        lambda stage, t=_rng.randbytes(_rng.randrange(1, 400)): setup(stage, stage.negotiated(), t))
for _where in (("domain",), ("workstation",), ("domain", "workstation")):
    for _value in ((0xffff, 0xffff, 0xffffffff), (1, 1, 0xffffffff), (0xffff, 0, 0), (8, 8, 31)):
        add(f"early token: NTLMSSP NEGOTIATE {'+'.join(_where)} {_value}", REFUSED | {GOES_ON},
            lambda stage, w=_where, v=_value: setup(stage, stage.negotiated(),
                                                    ntlm.negotiate(**{k: v for k in w})))


# ---- the second message ----

def answer(stage, c, user=None, password=None, wrap=lambda t: t, **spoil):
    """Both steps of a logon, the last one spoilt."""
    first = c.setup(ntlm.negotiate(), sid=0)
    token, _ = ntlm.authenticate(password or stage.password, user or stage.user,
                                 ntlm.Challenge(first.bytes), **spoil)
    return setup(stage, c, wrap(token), sid=first.sid)


ABSURD = ((0xffff, 0xffff, 64), (8, 8, 0xffffffff), (8, 8, 0xfffffff8), (8, 8, 0x7fffffff),
          (8, 8, 0), (8, 8, 12), (8, 8, 63), (1, 1, 64), (0xffff, 0xffff, 0xffffffff))
for _field in ("lm", "nt", "domain", "user", "workstation", "key"):
    for _value in ABSURD:
        # LM and workstation are not looked at beyond their bounds
        _wants = REFUSED | ({"SUCCESS"} if _field in ("lm", "workstation", "key") else set())
        add(f"early answer: {_field} {_value}", _wants, lambda stage, f=_field, v=_value:
            answer(stage, stage.negotiated(), spoil={f: v}))
add("early answer: an empty NT response, and a user", REFUSED,
    lambda stage: answer(stage, stage.negotiated(), spoil={"nt": (0, 0, 64)}))
add("early answer: an NTLMv1 response", REFUSED,
    lambda stage: answer(stage, stage.negotiated(), spoil={"nt": (24, 24, 64)}))
add("early answer: flags of all ones", REFUSED | {"SUCCESS"},
    lambda stage: answer(stage, stage.negotiated(), flags=0xffffffff))
add("early answer: flags of zero", REFUSED | {"SUCCESS"},
    lambda stage: answer(stage, stage.negotiated(), flags=0))
add("early answer: the wrong password", "LOGON_FAILURE",
    lambda stage: answer(stage, stage.negotiated(), password="no"))
add("early answer: nobody we know", "LOGON_FAILURE",
    lambda stage: answer(stage, stage.negotiated(), user="nobody-we-know"))
add("early answer: a name of 3000 characters", REFUSED,
    lambda stage: answer(stage, stage.negotiated(), user="n" * 3000))
add("early answer: a name with a zero in it", REFUSED,
    lambda stage: answer(stage, stage.negotiated(), user=stage.user + "\0x"))
add("early answer: a name that climbs", REFUSED,
    lambda stage: answer(stage, stage.negotiated(), user="../../etc/passwd"))
for _cut in (0, 8, 12, 40, 63, 64, 100, 200):
    add(f"early answer: cut to {_cut}", REFUSED, lambda stage, n=_cut:
        answer(stage, stage.negotiated(), wrap=lambda t: t[:n]))
add("early answer: as it should be", "SUCCESS", lambda stage: answer(stage, stage.negotiated()))


# ---- wrong orders ----

def in_order(name, wants, fresh=False):
    return row(f"order: {name}", wants, fresh)


@in_order("SESSION_SETUP before NEGOTIATE", CLOSED)
def setup_first(stage):
    return setup(stage, stage.bare(), ntlm.negotiate())


@in_order("NEGOTIATE twice", {CLOSED, "INVALID_PARAMETER"})
def negotiate_twice(stage):
    c = stage.negotiated()
    return stage.call(c, NEGOTIATE, c.negotiate_body())


@in_order("NEGOTIATE in the middle of a logon", {CLOSED, "INVALID_PARAMETER"})
def negotiate_between(stage):
    c = stage.negotiated()
    c.setup(ntlm.negotiate(), sid=0)
    return stage.call(c, NEGOTIATE, c.negotiate_body())


@in_order("the answer without the question", REFUSED)
def answer_unasked(stage):
    c = stage.negotiated()
    return setup(stage, c, TOKENS["NTLMSSP message 3 first"], sid=0x1234)


@in_order("the question twice", REFUSED)
def question_twice(stage):
    c = stage.negotiated()
    sid = c.setup(ntlm.negotiate(), sid=0).sid
    return setup(stage, c, ntlm.negotiate(), sid=sid)


@in_order("the answer twice", {"USER_SESSION_DELETED", "LOGON_FAILURE", "ACCESS_DENIED",
                               "INVALID_PARAMETER", GOES_ON})
def answer_twice(stage):
    c = stage.negotiated()
    first = c.setup(ntlm.negotiate(), sid=0)
    token, _ = ntlm.authenticate(stage.password, stage.user, ntlm.Challenge(first.bytes))
    if setup(stage, c, token, sid=first.sid) != "SUCCESS":
        return "the first answer was refused"
    return setup(stage, c, token, sid=first.sid)


@in_order("the answer on another connection", "USER_SESSION_DELETED")
def answer_elsewhere(stage):
    c, other = stage.negotiated(), stage.negotiated()
    first = c.setup(ntlm.negotiate(), sid=0)
    token, _ = ntlm.authenticate(stage.password, stage.user, ntlm.Challenge(first.bytes))
    return setup(stage, other, token, sid=first.sid)


@in_order("an answer to an older question", {"LOGON_FAILURE", "USER_SESSION_DELETED"})
def answer_older(stage):
    c = stage.negotiated()
    old = c.setup(ntlm.negotiate(), sid=0)
    new = c.setup(ntlm.negotiate(), sid=0)
    token, _ = ntlm.authenticate(stage.password, stage.user, ntlm.Challenge(old.bytes))
    return setup(stage, c, token, sid=new.sid)


@in_order("the right password after a wrong one", "SUCCESS")
def second_try(stage):
    c = stage.negotiated()
    answer(stage, c, password="no")
    return answer(stage, c)


@in_order("binding to a session that is not there", {"REQUEST_NOT_ACCEPTED", "USER_SESSION_DELETED",
                                                     "INVALID_PARAMETER"})
def bind_nowhere(stage):
    c = stage.negotiated()
    return stage.call(c, SESSION_SETUP, c.setup_body(ntlm.negotiate(), flags=1), sid=77)


@in_order("binding to another's session, unsigned", {"REQUEST_NOT_ACCEPTED", "USER_SESSION_DELETED",
                                                     "INVALID_PARAMETER", "ACCESS_DENIED"})
def bind_unsigned(stage):
    victim, c = stage.session, stage.negotiated()
    return stage.call(c, SESSION_SETUP, c.setup_body(ntlm.negotiate(), flags=1), sid=victim.sid)


@in_order("PreviousSessionId of nobody", "SUCCESS")
def previous_of_nobody(stage):
    c = stage.negotiated()
    first = c.setup(ntlm.negotiate(), sid=0)
    token, _ = ntlm.authenticate(stage.password, stage.user, ntlm.Challenge(first.bytes))
    return stage.call(c, SESSION_SETUP, c.setup_body(token, previous=(1 << 64) - 1), sid=first.sid)


@in_order("PreviousSessionId with a wrong password leaves the old session", "SUCCESS", fresh=True)
def previous_without_right(stage):
    victim, c = stage.new_session(), stage.negotiated()
    first = c.setup(ntlm.negotiate(), sid=0)
    token, _ = ntlm.authenticate("no", stage.user, ntlm.Challenge(first.bytes))
    stage.call(c, SESSION_SETUP, c.setup_body(token, previous=victim.sid), sid=first.sid)
    return stage.call(victim, smb2.ECHO, ECHO_BODY)


@in_order("LOGOFF, and on as if nothing had been", "USER_SESSION_DELETED", fresh=True)
def after_logoff(stage):
    c = stage.new_session()
    c.call(smb2.LOGOFF, ECHO_BODY)
    return stage.call(c, smb2.READ, c.read_body(c.fids["file"], 16), sign=False)


@in_order("TREE_DISCONNECT, and on as if nothing had been", "NETWORK_NAME_DELETED", fresh=True)
def after_disconnect(stage):
    c = stage.new_session()
    c.call(smb2.TREE_DISCONNECT, ECHO_BODY)
    return stage.call(c, smb2.READ, c.read_body(c.fids["file"], 16))


@in_order("a file of a tree that was left, through another tree", "FILE_CLOSED", fresh=True)
def through_another_tree(stage):
    c = stage.new_session()
    c.tree("data")
    return stage.call(c, smb2.READ, c.read_body(c.fids["file"], 16))


@in_order("nine logons begun on one connection", CLOSED)
def nine_rounds(stage):
    c = stage.negotiated()
    outcomes = [setup(stage, c, ntlm.negotiate()) for _ in range(9)]
    return outcomes[-1]


@in_order("forty logons begun on an authenticated connection", {"INSUFFICIENT_RESOURCES", CLOSED},
          fresh=True)
def forty_rounds(stage):
    c = stage.new_session()
    return [setup(stage, c, ntlm.negotiate()) for _ in range(40)][-1]


@in_order("thirty ECHOs and no logon", CLOSED)
def thirty_echoes(stage):
    c = stage.negotiated()
    return [stage.call(c, smb2.ECHO, ECHO_BODY) for _ in range(30)][-1]


# ---- NEGOTIATE contexts, 2.2.3.1 ----

def negotiate_311(stage, contexts, count, at=None, dialect=0x0311):
    c = stage.bare()
    body = struct.pack("<HHHHI16sIHHH", 36, 1, 1, 0, 0x40, b"g" * 16,
                       104 if at is None else at, count, 0, dialect) + b"\0\0" + contexts
    return stage.call(c, NEGOTIATE, body)


PREAUTH = struct.pack("<HHIHHH", 1, 38, 0, 1, 32, 1) + bytes(32) + b"\0\0"
SHA = {"none": (b"", 0), "sixty thousand that are not there": (PREAUTH, 60000),
       "one cut off": (PREAUTH[:20], 1), "a length beyond the end": (
           struct.pack("<HHI", 1, 0xffff, 0) + bytes(40), 1),
       "an empty preauth": (struct.pack("<HHI", 1, 0, 0), 1),
       "no hash that we know": (struct.pack("<HHIHHH", 1, 38, 0, 1, 32, 99) + bytes(34), 1),
       "more hashes than bytes": (struct.pack("<HHIHHH", 1, 38, 0, 0xffff, 32, 1) + bytes(34), 1),
       "a salt longer than the context": (
           struct.pack("<HHIHHH", 1, 38, 0, 1, 0xffff, 1) + bytes(34), 1),
       "the same twice": (PREAUTH * 2, 2),
       "no cipher in the list": (PREAUTH + struct.pack("<HHIH", 2, 2, 0, 0), 2),
       "more ciphers than bytes": (PREAUTH + struct.pack("<HHIHH", 2, 4, 0, 0xffff, 1), 2)}
for _name, (_contexts, _count) in SHA.items():
    add(f"negotiate contexts: {_name}",
        {"INVALID_PARAMETER", "SMB_NO_PREAUTH_INTEGRITY_HASH_OVERLAP"},
        lambda stage, c=_contexts, n=_count: negotiate_311(stage, c, n))
for _at in (0, 1, 63, 64, 100, 102, 105, 0xffff, 0x7fffffff, 0xffffffff):
    add(f"negotiate contexts: offset {_at:#x}", "INVALID_PARAMETER",
        lambda stage, at=_at: negotiate_311(stage, PREAUTH, 1, at))
add("negotiate contexts: one unknown besides", "SUCCESS", lambda stage: negotiate_311(
    stage, PREAUTH + struct.pack("<HHI", 0x7777, 8, 0) + bytes(8), 2))
add("negotiate: no dialect of ours", {"NOT_SUPPORTED", "INVALID_PARAMETER"},
    lambda stage: negotiate_311(stage, PREAUTH, 1, dialect=0x0999))
add("negotiate: no dialect at all", "INVALID_PARAMETER", lambda stage: stage.call(
    stage.bare(), NEGOTIATE, struct.pack("<HHHHI16sQ", 36, 0, 1, 0, 0, bytes(16), 0)))
add("negotiate: sixty thousand dialects", {"INVALID_PARAMETER", CLOSED}, lambda stage: stage.call(
    stage.bare(), NEGOTIATE, BY_NAME["negotiate"].build({}, dialect_count=30000)[:36] +
    b"\x10\2" * 30000))


# ---- the negotiation told again, 3.3.5.15.12 ----

def validate(name, wants, caps=0x40, guid=None, mode=1, count=1, dialect=0x0210, cut=None):
    def act(stage):
        c = stage.new_session()
        said = struct.pack("<I16sHHH", caps, guid or bytes(16), mode, count, dialect)[:cut]
        body = BY_NAME["ioctl"].build(c.fids, ctl_code=0x00140204)[:56] + said
        body = body[:28] + struct.pack("<I", len(said)) + body[32:]
        return stage.call(c, smb2.IOCTL, body)
    add(f"validate negotiate: {name}", wants, act, fresh=True)


validate("another client guid", CLOSED)
validate("cut off", {CLOSED, "INVALID_PARAMETER"}, cut=10)
validate("empty", {CLOSED, "INVALID_PARAMETER"}, cut=0)
validate("sixty thousand dialects", {CLOSED, "INVALID_PARAMETER"}, count=60000)
