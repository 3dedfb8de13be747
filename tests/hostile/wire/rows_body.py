"""rows_body.py - each request spoilt in each field, before and after authentication.

The table in table.py is the source: StructureSize, the body cut at every
length, offsets and lengths that lead elsewhere, plain fields full of ones,
files that are not open.  [MS-SMB2] 3.3.5.2.6, 3.3.5.2.11, and 3.3.5.x of each.
"""
from table import REQUESTS
from smb2 import CLOSED
from stage import NO_ANSWER, add, any_answer

BAD = {"INVALID_PARAMETER"}
# Where the specification or Windows knows a better word.
BETTER = {
    ("create", "impersonation"): {"BAD_IMPERSONATION_LEVEL", "INVALID_PARAMETER"},
    ("create", "name_length"): {"INVALID_PARAMETER", "OBJECT_NAME_INVALID"},
    ("create", "disposition"): BAD,
    ("create", "options"): {"INVALID_PARAMETER", "NOT_SUPPORTED"},
    ("create", "access"): {"ACCESS_DENIED", "INVALID_PARAMETER", "PRIVILEGE_NOT_HELD"},
    ("create", "share_access"): BAD,
    ("read", "length"): BAD,
    ("read", "channel"): BAD,
    ("write", "length"): BAD,
    ("write", "channel"): BAD,
    ("lock", "lock_count"): BAD,
    ("lock", "lock_flags"): BAD,
    ("lock", "range_offset"): {"INVALID_LOCK_RANGE"},
    ("ioctl", "ctl_code"): {"INVALID_DEVICE_REQUEST", "NOT_SUPPORTED", "FILE_CLOSED"},
    ("ioctl", "flags"): {"NOT_SUPPORTED", "INVALID_PARAMETER"},
    ("ioctl", "output_length"): BAD,
    ("ioctl", "max_output"): BAD,
    ("query_directory", "class"): {"INVALID_INFO_CLASS", "INVALID_PARAMETER", "NOT_SUPPORTED"},
    ("query_directory", "output_length"): BAD,
    ("change_notify", "output_length"): BAD,
    ("query_info", "type"): {"INVALID_PARAMETER", "INVALID_INFO_CLASS", "NOT_SUPPORTED"},
    ("query_info", "class"): {"INVALID_INFO_CLASS", "INVALID_PARAMETER", "NOT_SUPPORTED"},
    ("query_info", "output_length"): BAD,
    ("query_info", "input_length"): BAD,
    ("set_info", "type"): {"INVALID_PARAMETER", "INVALID_INFO_CLASS", "NOT_SUPPORTED"},
    ("set_info", "class"): {"INVALID_INFO_CLASS", "INVALID_PARAMETER", "NOT_SUPPORTED"},
    # without a SessionId it is a new logon, whatever it says of binding
    ("session_setup", "flags"): {"REQUEST_NOT_ACCEPTED", "INVALID_PARAMETER",
                                 "MORE_PROCESSING_REQUIRED"},
    ("negotiate", "dialect_count"): BAD,
}


def offsets(request, field):
    """Values for a field that says where a buffer is; total is the message's length."""
    total = 64 + len(request.build({"file": bytes(16), "dir": bytes(16), "none": bytes(16)}))
    yield from (1, 63, 64, 64 + request.fixed - 1, total, total + 8, field.limit - 7, field.limit)


def lengths(request, field):
    n = len(request.buffers[field.buffer])
    yield from (n + 1, n + 8, 0xffff, field.limit)


def spoilt(request):
    """(name, expectation after logon, build arguments, cut) of every variant."""
    for size in (0, 1, request.size - 1, request.size + 1, 0xffff):
        yield f"StructureSize {size}", BAD, {"size": size}, None
    for cut in range(request.fixed):
        yield f"cut to {cut}", BAD, {}, cut
    whole = request.fixed + sum(len(b) for b in request.buffers.values())
    if request.buffers:
        for cut in range(request.fixed, whole):
            yield f"cut to {cut}", BAD, {}, cut
    for f in request.fields:
        if f.points:
            for value in offsets(request, f):
                yield f"{f.name} {value:#x}", BAD, {f.name: value}, None
        elif f.counts:
            for value in lengths(request, f):
                wants = BETTER.get((request.name, f.name), BAD)
                yield f"{f.name} {value:#x}", wants, {f.name: value}, None
            yield f"{f.name} 0", any_answer(), {f.name: 0}, None
        elif not f.is_fid:
            wants = BETTER.get((request.name, f.name), any_answer())
            yield f"{f.name} {f.limit:#x}", wants, {f.name: f.limit}, None


def play(request, build, cut):
    """On the kept session."""
    def act(stage):
        c = stage.session
        body = request.build(c.fids, **build)[:cut]
        if request.name == "cancel":
            return stage.unanswered(c, c.message(request.code, body, mid=0))
        fields = {"sid": 0} if request.name == "session_setup" else {}
        return stage.call(c, request.code, body, **fields)
    return act


def play_early(request, build, cut):
    """On a connection without a session, negotiated unless it is about that."""
    def act(stage):
        c = stage.bare() if request.name == "negotiate" else stage.negotiated()
        nobody = {"file": b"\1" * 16, "dir": b"\1" * 16, "none": b"\xff" * 16}
        body = request.build(nobody, **build)[:cut]
        if request.name == "cancel":
            return stage.unanswered(c, c.message(request.code, body, mid=0))
        return stage.call(c, request.code, body)
    return act


def early_wants(request, wants):
    """3.3.5.2.9: without a session there is no session."""
    if request.name == "cancel":
        return {NO_ANSWER, CLOSED}
    if request.name in ("negotiate", "session_setup", "echo"):
        return wants
    return {"USER_SESSION_DELETED"}


def late_wants(request, wants):
    if request.name == "cancel":
        return {NO_ANSWER}
    return BAD | {CLOSED} if request.name == "negotiate" else wants     # 3.3.5.3.1


for _r in REQUESTS:
    _good = {CLOSED} if _r.name == "negotiate" else _r.good
    add(f"{_r.name}: as it should be", _good, play(_r, {}, None))
    for _name, _wants, _build, _cut in spoilt(_r):
        add(f"{_r.name}: {_name}", late_wants(_r, _wants), play(_r, _build, _cut))
        add(f"early {_r.name}: {_name}", early_wants(_r, _wants), play_early(_r, _build, _cut))


# ---- files that are not open ----

def fids(stage, own):
    number = int.from_bytes(own, "little")
    yield "zero", bytes(16)
    yield "related, in no compound", b"\xff" * 16
    yield "of the next number", (number + 1).to_bytes(16, "little")
    yield "with another volatile half", own[:8] + bytes(8)
    yield "with another persistent half", bytes(8) + own[8:]


def play_fid(request, number):
    def act(stage):
        c = stage.session
        own = c.fids[next(f.value for f in request.fields if f.is_fid)]
        fid = list(fids(stage, own))[number][1]
        return stage.call(c, request.code, request.build({**c.fids, "file": fid, "dir": fid}))
    return act


for _r in REQUESTS:
    if any(f.is_fid and f.value != "none" for f in _r.fields):
        for _n, (_name, _) in enumerate(fids(None, bytes(16))):
            _wants = {"FILE_CLOSED"} | (_r.good if _r.name == "oplock_break" else set())
            add(f"{_r.name}: a FileId {_name}", _wants, play_fid(_r, _n))
