"""rows_header.py - the header and the frame: what is decided before a body is looked at.

[MS-SMB2] 2.1, 2.2.1, 3.3.5.2 to 3.3.5.2.5, 3.3.5.16
"""
import struct

import smb2
from smb2 import ASYNC, CLOSED, ECHO, RELATED, RESPONSE, SIGNED, UNSOLICITED
from stage import NO_ANSWER, add, any_answer, row
from table import REQUESTS

ECHO_BODY = b"\4\0\0\0"
REFUSED = {CLOSED, "INVALID_PARAMETER"}


def session_row(name, wants, **fields):
    """An ECHO with these header fields, on the kept session and on a stranger's connection."""
    add(f"header: {name}", wants,
        lambda stage: stage.call(stage.session, ECHO, ECHO_BODY, **fields))
    add(f"early header: {name}", set(wants) | {CLOSED},
        lambda stage: stage.call(stage.negotiated(), ECHO, ECHO_BODY, **fields))


# ---- fields of the header ----

for _size in (0, 1, 63, 65, 0xffff):
    session_row(f"StructureSize {_size}", REFUSED, size=_size)
for _magic in (b"\xffSMB", b"\xfcSMB", b"\xfdSMB", b"\xfeSMC", bytes(4)):
    session_row(f"ProtocolId {_magic.hex()}", {CLOSED}, magic=_magic)
session_row("the flag of a response", {CLOSED}, flags=RESPONSE)
session_row("reserved flags", {"SUCCESS"}, flags=0x0fffff80)
session_row("a status in a request", {"SUCCESS"}, status=0xc000000d)
session_row("the flags of DFS and replay", {"SUCCESS"}, flags=0x30000000)
session_row("the async flag with a nonsense id", {"SUCCESS", "INVALID_PARAMETER"}, flags=ASYNC,
            pid=0xffffffff, tid=0xffffffff)
session_row("related to nothing", {"INVALID_PARAMETER"}, flags=RELATED)
for _code in (0x13, 0x14, 0x7f, 0xff, 0x8000, 0xffff):
    add(f"header: command {_code:#x}", REFUSED,
        lambda stage, code=_code: stage.call(stage.session, code, ECHO_BODY))
    add(f"early header: command {_code:#x}", REFUSED | {"USER_SESSION_DELETED"},
        lambda stage, code=_code: stage.call(stage.negotiated(), code, ECHO_BODY))
for _next in (1, 4, 7, 8, 63, 64, 65, 68, 72, 1 << 16, 0x7ffffff8, 0xfffffff8, 0xffffffff):
    session_row(f"NextCommand {_next:#x}", REFUSED, next=_next)

# ---- who asks ----


@row("header: unsigned where signing is mandatory", "ACCESS_DENIED")
def unsigned(stage):
    return stage.call(stage.session, ECHO, ECHO_BODY, sign=False)


@row("header: signed with another signature", "ACCESS_DENIED")
def forged(stage):
    c = stage.session
    data = c.message(ECHO, ECHO_BODY)
    return stage.outcome(c, data[:48] + bytes(16) + data[64:])


@row("header: changed after it was signed", "ACCESS_DENIED")
def altered(stage):
    c = stage.session
    data = bytearray(c.message(smb2.READ, c.read_body(c.fids["file"], 16)))
    data[70] ^= 1
    return stage.outcome(c, bytes(data))


@row("header: signed by a stranger", {"ACCESS_DENIED", "USER_SESSION_DELETED", "SUCCESS"})
def early_signed(stage):
    return stage.call(stage.negotiated(), ECHO, ECHO_BODY, flags=SIGNED)


for _r in REQUESTS:
    if _r.name not in ("negotiate", "session_setup", "cancel", "echo"):
        add(f"{_r.name}: SessionId unknown", "USER_SESSION_DELETED",
            lambda stage, r=_r: stage.call(stage.session, r.code, r.build(stage.session.fids),
                                           sid=0x1234567890, sign=False))
        add(f"{_r.name}: SessionId 0", "USER_SESSION_DELETED",
            lambda stage, r=_r: stage.call(stage.session, r.code, r.build(stage.session.fids),
                                           sid=0, sign=False))
        if _r.name not in ("logoff", "tree_connect"):
            for _tid in (0, 0xffffffff, 0x7ffffff0):
                add(f"{_r.name}: TreeId {_tid:#x}", "NETWORK_NAME_DELETED",
                    lambda stage, r=_r, tid=_tid:
                    stage.call(stage.session, r.code, r.build(stage.session.fids), tid=tid))


@row("header: a session of another connection", "USER_SESSION_DELETED", fresh=True)
def borrowed(stage):
    mine, other = stage.new_session(), stage.new_session()
    return stage.call(mine, ECHO + 1, REQUESTS[14].build(other.fids), sid=other.sid, sign=False)


@row("header: the SessionId of a logon under way", "USER_SESSION_DELETED")
def half_way(stage):
    c = stage.negotiated()
    sid = c.setup(smb2.ntlm.negotiate(), sid=0).sid
    return stage.call(c, smb2.TREE_CONNECT, REQUESTS[3].build({}), sid=sid)


# ---- message ids and credits, 3.3.5.2.3 ----

def held(c):
    """Ids that were granted and not used."""
    return c.credits - c.mid


def mid_row(name, wants, pick, **fields):
    def act(stage):
        c = stage.session
        return stage.call(c, ECHO, ECHO_BODY, mid=pick(c), **fields)
    add(f"header: MessageId {name}", wants, act)


mid_row("used before", {CLOSED}, lambda c: c.mid - 1)
mid_row("0 again", {CLOSED}, lambda c: 0)
mid_row("just outside of the window", {CLOSED}, lambda c: c.credits)
mid_row("far outside of the window", {CLOSED}, lambda c: c.mid + (1 << 40))
mid_row("of unsolicited messages", {CLOSED}, lambda c: UNSOLICITED)
mid_row("before that", {CLOSED}, lambda c: UNSOLICITED - 1)
mid_row("with a charge that reaches beyond the window", {CLOSED}, lambda c: c.mid, charge=0xffff)
mid_row("with a charge that covers used ones", {CLOSED}, lambda c: c.mid - 2, charge=4)


@row("header: CreditCharge 0", "SUCCESS")
def charge_none(stage):
    return stage.call(stage.session, ECHO, ECHO_BODY, charge=0)


@row("header: more asked for than the CreditCharge pays", "INVALID_PARAMETER")
def underpaid(stage):
    c = stage.session
    return stage.call(c, smb2.READ, c.read_body(c.fids["file"], 65537), charge=1)


@row("header: more asked for, and CreditCharge 0", "INVALID_PARAMETER")
def unpaid(stage):
    c = stage.session
    return stage.call(c, smb2.READ, c.read_body(c.fids["file"], 65537), charge=0)


@row("header: no credit asked for, a hundred times", "SUCCESS", fresh=True)
def poor(stage):
    c = stage.new_session()
    outcomes = {stage.call(c, ECHO, ECHO_BODY, credits=0) for _ in range(100)}
    return outcomes.pop() if len(outcomes) == 1 else str(outcomes)


@row("header: 65535 credits asked for, a hundred times: never more than 8192 held", "SUCCESS",
     fresh=True)
def rich(stage):
    c = stage.new_session()
    for _ in range(100):
        c.call(ECHO, ECHO_BODY, credits=0xffff)
    return "SUCCESS" if held(c) <= 8192 else f"{held(c)} credits"


add("header: all credits for one request", "SUCCESS", fresh=True, act=lambda stage: (
    lambda c: stage.call(c, ECHO, ECHO_BODY, charge=held(c)))(stage.new_session()))
add("header: credits overdrawn by one", CLOSED, fresh=True, act=lambda stage: (
    lambda c: stage.call(c, ECHO, ECHO_BODY, charge=held(c) + 1))(stage.new_session()))


@row("header: an id is never used, thousands of others are", CLOSED, fresh=True)
def skipped(stage):
    c = stage.new_session()
    c.next_mid()
    outcome = "SUCCESS"
    while outcome == "SUCCESS" and c.mid < 20000:
        outcome = stage.call(c, ECHO, ECHO_BODY, credits=500)
    return outcome


# ---- CANCEL, 3.3.5.16: never answered, whatever it names ----

def cancel_row(name, **fields):
    def act(stage):
        c = stage.session
        return stage.unanswered(c, c.message(smb2.CANCEL, ECHO_BODY, **{"mid": 0, **fields}))
    add(f"cancel: {name}", NO_ANSWER, act)


for _id in (0, 1, 0xffffffff, UNSOLICITED):
    cancel_row(f"AsyncId {_id:#x}", flags=ASYNC, pid=_id & 0xffffffff, tid=_id >> 32)
    cancel_row(f"MessageId {_id:#x}", mid=_id)
cancel_row("CreditCharge 65535", charge=0xffff)


@row("cancel: of a session that is not there", NO_ANSWER)
def cancel_elsewhere(stage):
    c = stage.session
    return stage.unanswered(c, c.message(smb2.CANCEL, ECHO_BODY, mid=0, sid=99, sign=False))


def watching(stage):
    c = stage.new_session()
    mid = c.submit(smb2.CHANGE_NOTIFY, REQUESTS[15].build(c.fids))
    return c, mid, c.answers()[0]


@row("cancel: twice, the wrong id first", "CANCELLED", fresh=True)
def cancel_twice(stage):
    c, mid, interim = watching(stage)
    for number in (interim.async_id + 1, interim.async_id, interim.async_id):
        c.send(smb2.framed(c.message(smb2.CANCEL, ECHO_BODY, mid=mid, flags=ASYNC,
                                     pid=number & 0xffffffff, tid=number >> 32)))
    return c.answer(mid).status


@row("cancel: another connection's request is left alone", "SUCCESS", fresh=True)
def cancel_foreign(stage):
    (c, mid, interim), other = watching(stage), stage.new_session()
    other.send(smb2.framed(other.message(smb2.CANCEL, ECHO_BODY, mid=mid, flags=ASYNC,
                                         pid=interim.pid, tid=interim.tid)))
    other.echo()
    return c.echo().status


for _name, _code, _wants in (("CLOSE", 6, "NOTIFY_CLEANUP"), ("TREE_DISCONNECT", 4, None),
                             ("LOGOFF", 2, None)):
    def _pending(stage, code=_code):
        c, mid, _ = watching(stage)
        r = REQUESTS[code]
        c.submit(code, r.build({**c.fids, "file": c.fids["dir"]}))
        return c.answer(mid).status
    add(f"change_notify: pending at {_name}",
        {_wants} if _wants else {"NOTIFY_CLEANUP", "CANCELLED", "USER_SESSION_DELETED",
                                 "NETWORK_NAME_DELETED", "FILE_CLOSED"}, _pending, fresh=True)


# ---- frames, 2.1 ----

FRAMES = {
    "length 0": b"\0\0\0\0",
    "length 1": b"\0\0\0\1\xfe",
    "length 63": b"\0\0\0\x3f" + smb2.header(ECHO)[:63],
    "length 2^24-1": b"\0\xff\xff\xff" + smb2.header(ECHO) + ECHO_BODY,
    "a first byte that is not 0": b"\x81\0\0\x44" + smb2.header(ECHO) + ECHO_BODY,
    "all ones": b"\xff" * 300,
    "SMB1": smb2.framed(b"\xffSMB\x72" + bytes(60)),
    "compressed": smb2.framed(b"\xfcSMB" + bytes(100)),
    "compressed, with a size of all ones": smb2.framed(b"\xfcSMB" + b"\xff" * 100),
    "text": b"GET / HTTP/1.0\r\n\r\n" * 4,
}
for _name, _data in FRAMES.items():
    add(f"frame: {_name}", CLOSED, lambda stage, d=_data: stage.raw(stage.session, d))
    add(f"early frame: {_name}", CLOSED, lambda stage, d=_data: stage.raw(stage.negotiated(), d))
    add(f"first frame: {_name}", CLOSED, lambda stage, d=_data: stage.raw(stage.bare(), d))
for _n in (65537, 1 << 20):
    add(f"early frame: of {_n} bytes", CLOSED,
        lambda stage, n=_n: stage.raw(stage.negotiated(), struct.pack(">I", n) + bytes(70)))


def smb1_negotiate(words=0, length=None, dialects=b"\2SMB 2.002\0\2SMB 2.???\0"):
    body = bytes([words]) + struct.pack("<H", len(dialects) if length is None else length)
    return smb2.framed(b"\xffSMB\x72" + bytes(4) + b"\x18\x01\x28" + bytes(20) + body + dialects)


SMB1 = {
    "WordCount 255": (CLOSED, smb1_negotiate(words=255)),
    "ByteCount 65535": (CLOSED, smb1_negotiate(length=65535)),
    "ByteCount 0": (CLOSED, smb1_negotiate(length=0)),
    "no dialects": (CLOSED, smb1_negotiate(dialects=b"")),
    "dialects without an end": (CLOSED, smb1_negotiate(dialects=b"\2SMB 2.002")),
    "dialects of another format": (CLOSED, smb1_negotiate(dialects=b"\3SMB 2.002\0")),
    "only dialects of SMB1": (CLOSED, smb1_negotiate(dialects=b"\2NT LM 0.12\0")),
    "thousands of dialects": ({CLOSED, "SUCCESS"},
                              smb1_negotiate(dialects=b"\2SMB 2.???\0" * 5000)),
    "as it should be": ("SUCCESS", smb1_negotiate()),
}
for _name, (_wants, _data) in SMB1.items():
    add(f"SMB1 negotiate: {_name}", _wants, lambda stage, d=_data: stage.raw(stage.bare(), d))
    add(f"SMB1 negotiate late: {_name}", CLOSED, lambda stage, d=_data: stage.raw(stage.session, d))
    for _cut in range(36, len(_data), 5):
        if len(_data) < 200:
            add(f"SMB1 negotiate: {_name}, cut to {_cut}", any_answer(),
                lambda stage, d=_data, n=_cut: stage.raw(stage.bare(), smb2.framed(d[4:n])))


@row("frame: half of another in the same segment", "SUCCESS", fresh=True)
def half_behind(stage):
    c = stage.new_session()
    first, second = (smb2.framed(c.message(ECHO, ECHO_BODY)) for _ in range(2))
    c.send(first + second[:40])
    c.answer()
    stage.new_session()                     # the same worker: it must not be busy with the half
    c.send(second[40:])
    return c.answer().status


# ---- large WRITEs, which are received apart from the others ----

def big_write(name, wants, **build):
    """64 KiB and more of payload."""
    def act(stage):
        c = stage.session
        request = REQUESTS[9]
        cut = build.get("cut", 100000)
        fields = {k: v for k, v in build.items() if k not in ("cut", "charge")}
        body = request.build(c.fids, **{"length": 100000, **fields})[:request.fixed] + bytes(cut)
        return stage.call(c, smb2.WRITE, body, charge=build.get("charge", 2))
    add(f"large write: {name}", wants, act)


big_write("as it should be", "SUCCESS")
big_write("length one too many", "INVALID_PARAMETER", length=100001)
big_write("length of all ones", {CLOSED, "INVALID_PARAMETER"}, length=0xffffffff)
big_write("length one too few", "SUCCESS", length=99999)
big_write("length 0", {"SUCCESS", "INVALID_PARAMETER"}, length=0)
big_write("paid with one credit", "INVALID_PARAMETER", charge=1)
for _off in (0, 1, 63, 64, 111, 113, 0x7fff, 0xffff):
    big_write(f"offset {_off}", "INVALID_PARAMETER", data_offset=_off)
big_write("offset behind an empty gap", {"SUCCESS", "INVALID_PARAMETER"}, data_offset=120,
          length=99992)
big_write("a channel", "INVALID_PARAMETER", channel=1)
big_write("a channel's description, absurd", any_answer(), channel=2, channel_offset=0xffff,
          channel_length=0xffff)
big_write("a file that is not open", "FILE_CLOSED", fid=b"\x77" * 16)
big_write("the file is a directory", {"INVALID_DEVICE_REQUEST", "ACCESS_DENIED"}, fid="dir")
big_write("an offset beyond all files", {"INVALID_PARAMETER", "DISK_FULL", "SUCCESS"},
          offset=(1 << 63) - 1)
big_write("StructureSize wrong", "INVALID_PARAMETER", size=48)


@row("large write: more than is offered", {CLOSED, "INVALID_PARAMETER"})
def write_too_large(stage):
    c = stage.session
    body = REQUESTS[9].build(c.fids, length=0x00900000)[:48] + bytes(0x00900000)
    return stage.call(c, smb2.WRITE, body, charge=144)


@row("large write: ended in the middle", NO_ANSWER, fresh=True)
def write_cut_off(stage):
    c = stage.new_session()
    data = smb2.framed(c.message(smb2.WRITE, c.write_body(c.fids["file"], bytes(300000)), charge=5))
    for n in (90, 170, 20000, 299999):
        c.send(data[:n])
        c.close()
        c = stage.new_session()
    return NO_ANSWER
