"""rows_compound.py - chains of requests that lean on each other wrongly.  [MS-SMB2] 3.3.5.2.7

The outcome of these rows is the statuses of all elements, in order.
"""
import struct

import smb2
from smb2 import CLOSED, CREATE, ECHO, READ, RELATED, RELATED_FID
from stage import add, row
from table import BY_NAME, REQUESTS

ECHO_BODY = b"\4\0\0\0"
R = {"flags": RELATED}
OK = "SUCCESS"


def open_file(c, name="file"):
    return (CREATE, c.create_body(name), {})


def read(c, fid=RELATED_FID, **fields):
    return (READ, c.read_body(fid, 16), {**R, **fields})


def close(c, fid=RELATED_FID, **fields):
    return (smb2.CLOSE, c.close_body(fid), {**R, **fields})


def compound_row(name, wants, parts):
    def act(stage):
        c = stage.session
        return stage.elements(c, c.compound(parts(c)))
    add(f"compound: {name}", {wants} if isinstance(wants, str) else wants, act, fresh=True)


compound_row("open, read, close", f"{OK} {OK} {OK}", lambda c: [open_file(c), read(c), close(c)])
compound_row("what follows a refused open is refused alike",
             " ".join(["OBJECT_NAME_NOT_FOUND"] * 3),
             lambda c: [open_file(c, "no such file"), read(c), close(c)])
compound_row("read after close", {f"{OK} {OK} FILE_CLOSED"},
             lambda c: [open_file(c), close(c), read(c)])
compound_row("closed twice", {f"{OK} {OK} FILE_CLOSED"},
             lambda c: [open_file(c), close(c), close(c)])
compound_row("all related, also the first",
             {"INVALID_PARAMETER INVALID_PARAMETER", "INVALID_PARAMETER FILE_CLOSED",
              "INVALID_PARAMETER INVALID_HANDLE", "INVALID_PARAMETER NETWORK_NAME_DELETED",
              "INVALID_PARAMETER"},
             lambda c: [read(c, c.fids["file"]), read(c)])
compound_row("related to what names no file", {f"{OK} INVALID_HANDLE", f"{OK} FILE_CLOSED",
                                               f"{OK} INVALID_PARAMETER"},
             lambda c: [(ECHO, ECHO_BODY, {}), read(c)])
compound_row("the FileId of all ones, not related", {f"{OK} FILE_CLOSED"},
             lambda c: [open_file(c), read(c, flags=0)])
compound_row("related, with a FileId of its own that is not open",
             {f"{OK} FILE_CLOSED", f"{OK} {OK}"},
             lambda c: [open_file(c), read(c, b"\x55" * 16)])
compound_row("related, with another SessionId and TreeId: those of the first count",
             {f"{OK} {OK}"},
             lambda c: [open_file(c), read(c, sid=99, tid=99)])
compound_row("not related, with another SessionId", {f"{OK} USER_SESSION_DELETED",
                                                     f"{OK} ACCESS_DENIED"},
             lambda c: [open_file(c), (ECHO + 1, REQUESTS[14].build(c.fids), {"sid": 99})])
compound_row("the first goes wrong, the second does not lean on it", f"INVALID_PARAMETER {OK}",
             lambda c: [(ECHO, b"\5\0\0\0", {}), (ECHO, ECHO_BODY, {})])
compound_row("a NEGOTIATE among them", {CLOSED, f"{OK} INVALID_PARAMETER"},
             lambda c: [(ECHO, ECHO_BODY, {}), (0, c.negotiate_body(), {})])
compound_row("LOGOFF in the middle", {f"{OK} {OK} USER_SESSION_DELETED", f"{OK} {OK} FILE_CLOSED"},
             lambda c: [open_file(c), (smb2.LOGOFF, ECHO_BODY, {}), (READ, c.read_body(
                 c.fids["file"], 16), {})])
compound_row("TREE_DISCONNECT in the middle", {f"{OK} {OK} NETWORK_NAME_DELETED"},
             lambda c: [open_file(c), (smb2.TREE_DISCONNECT, ECHO_BODY, {}), (READ, c.read_body(
                 c.fids["file"], 16), {})])
compound_row("SESSION_SETUP in the middle", {f"{OK} MORE_PROCESSING_REQUIRED {OK}", CLOSED,
                                             f"{OK} INVALID_PARAMETER {OK}"},
             lambda c: [(ECHO, ECHO_BODY, {}), (smb2.SESSION_SETUP, REQUESTS[1].build({}),
                                                {"sid": 0, "sign": False}), (ECHO, ECHO_BODY, {})])
compound_row("an unknown command behind a good one", {CLOSED, f"{OK} INVALID_PARAMETER"},
             lambda c: [(ECHO, ECHO_BODY, {}), (0x77, ECHO_BODY, {})])
compound_row("one unsigned among signed ones", {f"{OK} ACCESS_DENIED {OK}"},
             lambda c: [(ECHO, ECHO_BODY, {}), (ECHO, ECHO_BODY, {"sign": False}),
                        (ECHO, ECHO_BODY, {})])
compound_row("64 ECHOs", " ".join([OK] * 64), lambda c: [(ECHO, ECHO_BODY, {})] * 64)
compound_row("the same message id twice", {CLOSED},
             lambda c: [(ECHO, ECHO_BODY, {}), (ECHO, ECHO_BODY, {"mid": 3})])
compound_row("sixty opens of the same file and no close", " ".join([OK] * 60),
             lambda c: [open_file(c)] * 60)
compound_row("sixty reads related to one open", " ".join([OK] * 61),
             lambda c: [open_file(c)] + [read(c)] * 60)
compound_row("a watch that others would wait for", {f"INTERNAL_ERROR {OK}"},
             lambda c: [(15, REQUESTS[15].build(c.fids), {}), (ECHO, ECHO_BODY, {})])
for _n in (100, 300, 1000):
    compound_row(f"{_n} ECHOs", {" ".join([OK] * _n), CLOSED},
                 lambda c, n=_n: [(ECHO, ECHO_BODY, {})] * n)
for _r in REQUESTS:
    if _r.name not in ("negotiate", "cancel"):
        compound_row(f"{_r.name} cut behind an ECHO",
                     {f"{OK} INVALID_PARAMETER", CLOSED},
                     lambda c, r=_r: [(ECHO, ECHO_BODY, {}), (r.code, r.build(c.fids)[:3], {})])


# ---- NextCommand, [MS-SMB2] 2.2.1.2 ----

def chained(c, next):
    """Two ECHOs, the first with another NextCommand."""
    first = c.message(ECHO, ECHO_BODY + bytes(4), next=72)
    second = c.message(ECHO, ECHO_BODY)
    first = first[:20] + struct.pack("<I", next) + first[24:]
    return (c.signed(first[:16] + b"\0\0\0\0" + first[20:]) if c.sign_key else first) + second


for _next in (8, 16, 64, 71, 73, 76, 80, 104, 136, 140, 144, 0xffffff00, 0xfffffff8):
    add(f"compound: NextCommand {_next:#x} of 72", {CLOSED, "INVALID_PARAMETER", "ACCESS_DENIED"},
        lambda stage, n=_next: stage.outcome(stage.session, chained(stage.session, n)), fresh=True)
    add(f"early compound: NextCommand {_next:#x}", {CLOSED, "INVALID_PARAMETER"},
        lambda stage, n=_next: (lambda c: stage.outcome(c, chained(c, n)))(stage.negotiated()))


@row("compound: an endless one of headers that point to themselves", {CLOSED, "INVALID_PARAMETER"},
     fresh=True)
def pointing_nowhere(stage):
    c = stage.session
    return stage.outcome(c, c.message(ECHO, b"", next=64) + c.message(ECHO, b"", next=64))


@row("compound: cancelled while its last waits", {"CANCELLED"}, fresh=True)
def cancelled(stage):
    c = stage.session
    watch = BY_NAME["change_notify"].build(c.fids)
    c.send(smb2.framed(c.compound([(ECHO, ECHO_BODY, {}), (15, watch, {})])))
    mid = c.mid - 1
    for a in c.answers():
        if a.status == "PENDING":
            c.send(smb2.framed(c.message(smb2.CANCEL, ECHO_BODY, mid=mid, flags=smb2.ASYNC,
                                         pid=a.pid, tid=a.tid)))
    return c.answer(mid).status
