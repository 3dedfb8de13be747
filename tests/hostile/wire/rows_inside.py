"""rows_inside.py - what lies inside of requests that are well-formed: names, contexts,
information buffers, control codes, RPC.

Most of it may be refused in many ways; what counts is that nobody is harmed,
that no answer is longer than was asked for and that no name leaves the share.
[MS-SMB2] 2.2.13.2, [MS-FSCC] 2.3 to 2.5, [MS-RPCE] 2.2.2
"""
import random
import struct

import smb2
from smb2 import CREATE, IOCTL, QUERY_DIRECTORY, QUERY_INFO, SET_INFO
from stage import add, any_answer
from table import BY_NAME

ANY = any_answer()
REFUSED = ANY - {"SUCCESS"}
TOO_LONG = "an answer longer than was asked for"


def body_of(c, name, **build):
    """A request with a buffer of its own instead of the table's."""
    r = BY_NAME[name]
    buffer = build.pop("buffer", None)
    body = r.build(c.fids, **build)
    return body if buffer is None else body[:r.fixed] + buffer


# ---- names ----

CLIMBS = ["..", "..\\..", "..\\..\\etc\\passwd", "dir\\..\\..\\x", "\\file", "\\\\file",
          "./x", "../x", "dir/../../x", "/etc/passwd", "..\\" * 100 + "etc\\passwd"]
NAMES = ["dir\\..", "file:", "file:stream", "file::$DATA", "file:a:b:c", ":", "a\0b", "\0", "\x01",
         "\x1f", "a*b", "a?b", "<", ">", '"', "|", "con", "file.", "file ", ". .",
         "a\\" * 500 + "a",
         "n" * 255, "n" * 256, "n" * 4000, "n" * 20000, "\u202e\u0000", "dir\\", "file\\x",
         "@GMT-2000.01.01-00.00.00\\file", "\\\\127.0.0.1\\data\\file", "FILE", "dir\\.\\file"]


def create_named(raw, **how):
    def act(stage):
        c = stage.session
        body = c.create_body("x", **how)
        body = body[:46] + struct.pack("<H", len(raw)) + body[48:56] + raw
        return stage.call(c, CREATE, body)
    return act


for _name in CLIMBS:
    for _how in ({}, {"disposition": 3}, {"options": 1}):
        add(f"name: {_name[:40]!r} {_how}", REFUSED, create_named(_name.encode("utf-16le"), **_how))
for _name in NAMES:
    for _how in ({}, {"disposition": 3}):
        add(f"name: {_name[:40]!r} {_how}", ANY, create_named(_name.encode("utf-16le"), **_how))
for _label, _raw in (("half a surrogate", b"\x00\xd8a\0"),
                     ("surrogates the wrong way", b"\0\xdc\0\xd8"),
                     ("the other half at the end", b"a\0\x00\xdc"), ("U+FFFF", b"\xff\xff")):
    add(f"name: {_label}", ANY, create_named(_raw, disposition=3))


# ---- contexts of CREATE ----

def context(tag, data=b"", next=0, name_at=16, name_n=None, data_at=None, data_n=None):
    name_n = len(tag) if name_n is None else name_n
    data_at = (24 if data else 0) if data_at is None else data_at
    data_n = len(data) if data_n is None else data_n
    head = struct.pack("<IHHHHI", next, name_at, name_n, 0, data_at, data_n)
    return head + tag.ljust(8, b"\0") + data


def with_contexts(raw, length=None):
    def act(stage):
        c = stage.session
        name = "file".encode("utf-16le")
        body = c.create_body("file")[:48] + struct.pack(
            "<II", 128, len(raw) if length is None else length) + name + raw
        return stage.call(c, CREATE, body)
    return act


TAGS = [b"ExtA", b"SecD", b"DHnQ", b"DHnC", b"AlSi", b"MxAc", b"TWrp", b"QFid", b"RqLs", b"DH2Q",
        b"DH2C", bytes.fromhex("45bca66aefa7f74a9008fa462e144d74"), b"AAPL", b"zzzz"]
for _tag in TAGS:
    for _n in (0, 1, 4, 7, 8, 15, 16, 17, 31, 32, 36, 51, 52, 64, 300):
        for _fill in (0, 0xff):
            add(f"create context {_tag[:4]!r}: {_n} bytes of {_fill:#x}", ANY,
                with_contexts(context(_tag, bytes([_fill]) * _n)))
for _label, _raw in {
        "Next 1": context(b"QFid", next=1), "Next 8": context(b"QFid", next=8),
        "Next beyond": context(b"QFid", next=0x1000),
        "Next of all ones": context(b"QFid", next=(1 << 32) - 1),
        "Next to its own end": context(b"QFid", next=24),
        "NameOffset 0": context(b"QFid", name_at=0),
        "NameOffset beyond": context(b"QFid", name_at=0xffff),
        "NameLength beyond": context(b"QFid", name_n=0xffff),
        "NameLength 0": context(b"QFid", name_n=0),
        "DataOffset 1": context(b"MxAc", bytes(8), data_at=1),
        "DataOffset beyond": context(b"MxAc", bytes(8), data_at=0xfff8),
        "DataLength beyond": context(b"MxAc", bytes(8), data_n=0xffffffff),
        "cut to 15": context(b"QFid")[:15], "cut to 18": context(b"QFid")[:18],
        "one byte": b"\1"}.items():
    add(f"create contexts: {_label}", {"INVALID_PARAMETER"}, with_contexts(_raw))
add("create contexts: two thousand", ANY, with_contexts(
    context(b"zzzz", next=24) * 2000 + context(b"zzzz")))
add("create contexts: the same twice", ANY,
    with_contexts(context(b"MxAc", next=24) + context(b"MxAc")))


# ---- information ----

def measured(stage, c, code, body, most):
    """The outcome, or that more came than was wanted."""
    mid = c.submit(code, body)
    try:
        a = c.answer(mid)
    except smb2.Closed:
        return smb2.CLOSED
    if a.status in ("SUCCESS", "BUFFER_OVERFLOW"):
        n, = struct.unpack_from("<I", a.body, 4)
        if n > most or n > len(a.body) - 8:
            return TOO_LONG
    return "asked" if a.status == "SUCCESS" else a.status


def query(type, number, length, fid="file", additional=0, buffer=None):
    def act(stage):
        c = stage.session
        more = {} if buffer is None else {"input_offset": 104, "input_length": len(buffer)}
        body = body_of(c, "query_info", type=type, output_length=length, fid=fid,
                       additional=additional, buffer=buffer, **{"class": number}, **more)
        return measured(stage, c, QUERY_INFO, body, length)
    return act


for _type, _classes in ((1, range(0, 80)), (2, range(0, 16)), (3, (0, 1)), (4, (0, 32, 33))):
    for _class in _classes:
        for _length in (0, 1, 7, 40, 4096):
            add(f"query_info: type {_type} class {_class} in {_length} bytes", ANY | {"asked"},
                query(_type, _class, _length))
    add(f"query_info: type {_type} of a directory", ANY | {"asked"},
        query(_type, 18, 4096, fid="dir"))
for _buffer in (b"", b"\1", struct.pack("<IB", 0, 200) + b"x",
                struct.pack("<IB", 1, 1) + b"x\0" * 8, b"\xff" * 60):
    add(f"query_info: a list of attributes {_buffer[:8].hex()}", ANY | {"asked"},
        query(1, 15, 4096, buffer=_buffer + bytes(8)))
for _additional in (0, 0xffffffff, 0x80000000):
    add(f"query_info: security {_additional:#x}", ANY | {"asked"},
        query(3, 0, 4096, additional=_additional))


def set_to(type, number, buffer, additional=0, fid="file"):
    def act(stage):
        c = stage.session
        body = body_of(c, "set_info", type=type, buffer=buffer, buffer_length=len(buffer),
                       additional=additional, fid=fid, **{"class": number})
        return stage.call(c, SET_INFO, body)
    return act


BUFFERS = {"nothing": b"", "a byte": b"\0", "8 of 0xff": b"\xff" * 8, "40 of 0xff": b"\xff" * 40,
           "100 of 0xff": b"\xff" * 100, "7 zeros": bytes(7), "24 zeros": bytes(24)}
for _class in range(0, 76):
    for _name, _buffer in BUFFERS.items():
        add(f"set_info: class {_class}, {_name}", ANY, set_to(1, _class, _buffer))
for _type in (0, 2, 4, 5, 255):
    for _class in (0, 2, 6, 8, 32):
        add(f"set_info: type {_type} class {_class}", REFUSED, set_to(_type, _class, b"\xff" * 48))


def naming(name, length=None, root=0, replace=1):
    raw = name if isinstance(name, bytes) else name.encode("utf-16le")
    return struct.pack("<B7xQI", replace, root, len(raw) if length is None else length) + raw


for _class, _verb in ((10, "rename"), (11, "link")):
    for _name in CLIMBS:
        add(f"{_verb} to {_name[:40]!r}", REFUSED, set_to(1, _class, naming(_name)))
    for _name in ("", "a\0b", "n" * 300, "n" * 20000, "dir", "file:x", ":x", "no\\such\\folder",
                  "a*b"):
        add(f"{_verb} to {_name[:40]!r}", ANY, set_to(1, _class, naming(_name)))
    for _length in (1, 3, 0xffff, 0xfffffffe, 0xffffffff):
        add(f"{_verb}: FileNameLength {_length:#x}", ANY - {"SUCCESS"},
            set_to(1, _class, naming("new", length=_length)))
    add(f"{_verb}: a root directory", REFUSED, set_to(1, _class, naming("new", root=5)))

SD = struct.pack("<BBHIIII", 1, 0, 0x8004, 0, 0, 0, 20)
for _label, _sd in {
        "empty": b"", "cut": SD[:19], "another revision": b"\7" + SD[1:], "ones": b"\xff" * 64,
        "owner beyond": struct.pack("<BBHIIII", 1, 0, 0x8000, 0xffffff00, 0, 0, 0),
        "owner into itself": struct.pack("<BBHIIII", 1, 0, 0x8000, 4, 0, 0, 0),
        "an ACL cut off": SD + struct.pack("<BBHHH", 2, 0, 0xffff, 1, 0),
        "an ACL of size 0": SD + struct.pack("<BBHHH", 2, 0, 0, 1, 0),
        "more entries than bytes": SD + struct.pack("<BBHHH", 2, 0, 8, 0xffff, 0),
        "an entry of size 0": SD + struct.pack("<BBHHHBBH", 2, 0, 12, 1, 0, 0, 0, 0),
        "a SID of 255 parts": SD + struct.pack("<BBHHHBBHIBB6s", 2, 0, 24, 1, 0, 0, 0, 16, 0, 1,
                                               255, bytes(6))}.items():
    add(f"set_info: security, {_label}", REFUSED, set_to(3, 0, _sd, additional=4))
    add(f"set_info: owner, {_label}", REFUSED, set_to(3, 0, _sd, additional=1))

def ea(next, name_n, value_n, rest=b"a\0b"):
    return struct.pack("<IBBH", next, 0, name_n, value_n) + rest


for _label, _ea in {
        "Next 1": ea(1, 1, 1), "Next beyond": ea(0x1000, 1, 1), "name beyond": ea(0, 255, 1),
        "value beyond": ea(0, 1, 0xffff), "no name": ea(0, 0, 1, b"\0b"),
        "a name without end": ea(0, 1, 1, b"abc"),
        "60000 bytes": ea(0, 1, 60000, b"a\0" + bytes(60000))}.items():
    add(f"set_info: attributes, {_label}", REFUSED, set_to(1, 15, _ea))


# ---- listings ----

def listing(number, length, pattern="*", flags=1, fid="dir", index=0):
    def act(stage):
        c = stage.session
        raw = pattern if isinstance(pattern, bytes) else pattern.encode("utf-16le")
        body = body_of(c, "query_directory", output_length=length, flags=flags, fid=fid,
                       file_index=index, buffer=raw, pattern_length=len(raw), **{"class": number})
        return measured(stage, c, QUERY_DIRECTORY, body, length)
    return act


for _class in range(0, 70):
    for _length in (0, 1, 63, 64, 100, 4096):
        add(f"query_directory: class {_class} in {_length} bytes", ANY | {"asked"},
            listing(_class, _length))
for _pattern in ("", "<", ">", '"', "<" * 30, "*" * 255, "*a" * 120, "?" * 255, "..", "..\\*",
                 "\\", "a/b", "a\0b", "n" * 256, "n" * 30000, b"\x00\xd8", "*\\*", ":"):
    add(f"query_directory: pattern {_pattern[:20]!r}", ANY | {"asked"}, listing(37, 4096, _pattern))
add("query_directory: flags of all ones", ANY | {"asked"}, listing(37, 4096, flags=0xff))
add("query_directory: an index of all ones", ANY | {"asked"},
    listing(37, 4096, flags=4, index=0xffffffff))
add("query_directory: of a file", {"INVALID_PARAMETER", "INVALID_DEVICE_REQUEST"},
    listing(37, 4096, fid="file"))


# ---- control codes ----

CODES = [0x00060194, 0x000601b0, 0x0011400c, 0x00110018, 0x0011c017, 0x00140078, 0x00140204,
         0x001401fc, 0x001440f2, 0x001480f2, 0x00144064, 0x001441bb, 0x00090000, 0x00090008,
         0x0009009c, 0x000900a0, 0x000900a4, 0x000900a8, 0x000900ac, 0x000900bb, 0x000900c0,
         0x000900c4, 0x000900d7, 0x00090240, 0x00090244, 0x000940b3, 0x000940bb, 0x000940cf,
         0x000980c8, 0x000980d0, 0x0009c040, 0x0009003c, 0x00098344, 0x00090284, 0x001401d4,
         0x000900eb, 0x00098208, 0x83848003, 0, 0xffffffff]
INPUTS = {"nothing": b"", "a byte": b"\1", "16 zeros": bytes(16), "32 zeros": bytes(32),
          "64 ones": b"\xff" * 64,
          "48 mixed": struct.pack("<24sII", b"k" * 24, 0xffffffff, 0) + bytes(16)}


def control(code, data, fid, most):
    def act(stage):
        c = stage.session
        body = body_of(c, "ioctl", ctl_code=code, fid=fid, buffer=data, input_length=len(data),
                       max_output=most)
        mid = c.submit(IOCTL, body)
        try:
            a = c.answer(mid)
        except smb2.Closed:
            return smb2.CLOSED
        if a.status in ("SUCCESS", "BUFFER_OVERFLOW"):
            n, = struct.unpack_from("<I", a.body, 36)
            if n > most:
                return TOO_LONG
        return a.status
    return act


for _code in CODES:
    for _name, _data in INPUTS.items():
        for _fid in ("file", "none"):
            add(f"ioctl {_code:#x}: {_name}, {_fid}", ANY, control(_code, _data, _fid, 4096))
    add(f"ioctl {_code:#x}: room for one byte", ANY, control(_code, bytes(24), "file", 1))
for _n, _chunks in ((0, b""), (1, b""), (0xffffffff, bytes(24)), (257, bytes(24 * 257)),
                    (1, struct.pack("<QQII", (1 << 64) - 1, 0, 0xffffffff, 0)),
                    (1, struct.pack("<QQII", 0, (1 << 63) - 1, 1, 0))):
    add(f"ioctl copychunk: {_n} chunks in {len(_chunks)} bytes", REFUSED, control(
        0x001440f2, b"k" * 24 + struct.pack("<II", _n & 0xffffffff, 0) + _chunks, "file", 4096))


# ---- RPC on a pipe ----

def pdu(kind, body=b"", n=None, flags=3, auth=0, version=5, drep=0x10):
    return struct.pack("<BBBBIHHI", version, 0, kind, flags, drep,
                       16 + len(body) if n is None else n, auth, 1) + body


SRVSVC = bytes.fromhex("c84f324b7016d30112785a47bf6ee188") + struct.pack("<HH", 3, 0)
NDR = bytes.fromhex("045d888aeb1cc9119fe808002b104860") + struct.pack("<I", 2)
BIND = struct.pack("<HHIBBHHBB", 4280, 4280, 0, 1, 0, 0, 0, 1, 0) + SRVSVC + NDR


def request(opnum, stub=b"", hint=None, context=0):
    return struct.pack("<IHH", len(stub) if hint is None else hint, context, opnum) + stub


PDUS = {
    "nothing": [b"\0"], "15 bytes": [pdu(11, BIND)[:15]], "frag_length 0": [pdu(11, BIND, n=0)],
    "frag_length 1": [pdu(11, BIND, n=1)], "frag_length 15": [pdu(11, BIND, n=15)],
    "frag_length of all ones": [pdu(11, BIND, n=0xffff)], "version 4": [pdu(11, BIND, version=4)],
    "big-endian": [pdu(11, BIND, drep=0)], "EBCDIC": [pdu(11, BIND, drep=0x11)],
    "auth_length beyond": [pdu(11, BIND, auth=0xffff)], "another kind": [pdu(77, BIND)],
    "a response": [pdu(2, BIND)], "a bind cut off": [pdu(11, BIND[:13])],
    "sixty contexts that are not there": [pdu(11, BIND[:8] + b"\x3c" + BIND[9:])],
    "a thousand syntaxes": [pdu(11, BIND[:14] + b"\xff" + BIND[15:])],
    "no context": [pdu(11, BIND[:8] + bytes(4))], "a request without a bind": [pdu(0, request(15))],
    "bound twice": [pdu(11, BIND), pdu(11, BIND)],
    "an operation that is not there": [pdu(11, BIND), pdu(0, request(999))],
    "a context that is not there": [pdu(11, BIND), pdu(0, request(15, context=9))],
    "a stub of ones": [pdu(11, BIND), pdu(0, request(15, b"\xff" * 200))],
    "a stub of zeros": [pdu(11, BIND), pdu(0, request(15, bytes(200)))],
    "an empty stub": [pdu(11, BIND), pdu(0, request(15))],
    "a hint of all ones": [pdu(11, BIND), pdu(0, request(15, bytes(8), hint=0xffffffff))],
    "a string of four billion": [pdu(11, BIND), pdu(0, request(16, struct.pack(
        "<IIIII", 1, 0xffffffff, 0, 0xffffffff, 0)))],
    "fragments without a last": [pdu(11, BIND)] + [pdu(0, request(15, bytes(4000)), flags=0)] * 40,
    "first fragments only": [pdu(11, BIND)] + [pdu(0, request(15, bytes(4000)), flags=1)] * 40,
    "a last fragment only": [pdu(11, BIND), pdu(0, request(15, bytes(8)), flags=2)],
    "auth3 without auth": [pdu(11, BIND), pdu(16)],
}
_rng = random.Random(5)
for _n in range(40):
    _bytes = bytearray(pdu(11, BIND))
    for _ in range(3):
        _bytes[_rng.randrange(len(_bytes))] = _rng.choice((0, 1, 0x7f, 0x80, 0xff))
    PDUS[f"a spoilt bind {_n}"] = [bytes(_bytes)]
    _stub = bytearray(request(15, struct.pack("<IIIIIIII", 0, 1, 1, 2, 0, 0, 0xffffffff, 0)))
    for _ in range(3):
        _stub[_rng.randrange(len(_stub))] = _rng.choice((0, 1, 0x7f, 0x80, 0xff))
    PDUS[f"a spoilt request {_n}"] = [pdu(11, BIND), pdu(0, bytes(_stub))]


def piped(parts, by_ioctl):
    def act(stage):
        c = stage.new_session()
        try:
            c.tree("IPC$")
            pipe = c.create("srvsvc")
            for part in parts[:-1]:
                c.call(smb2.WRITE, c.write_body(pipe, part))
            if by_ioctl:
                body = body_of(c, "ioctl", ctl_code=0x0011c017, fid=pipe, buffer=parts[-1],
                               input_length=len(parts[-1]), max_output=4096)
                c.submit(IOCTL, body)
            else:
                c.call(smb2.WRITE, c.write_body(pipe, parts[-1]))
                c.submit(smb2.READ, c.read_body(pipe, 4096))
            # a READ may wait for what never comes: the pipe is closed on it
            c.submit(smb2.CLOSE, c.close_body(pipe))
            return c.echo().status
        except smb2.Closed:
            return smb2.CLOSED
    return act


for _name, _parts in PDUS.items():
    add(f"rpc: {_name}, by write and read", "SUCCESS", piped(_parts, False), fresh=True)
    add(f"rpc: {_name}, by transceive", "SUCCESS", piped(_parts, True), fresh=True)
