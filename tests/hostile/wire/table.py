"""table.py - every SMB2 request, one table: its fields, with what an honest client says.

A line is TYPE NAME VALUE.  Types B H I Q are those of struct, F is a FileId.
@x and #x stand for where the buffer x is and how long it is; "file" and "dir"
for a file and a directory that are open.  [MS-SMB2] 2.2.3 to 2.2.39
"""
import struct

from ntlm import negotiate

SIZES = {"B": 1, "H": 2, "I": 4, "Q": 8, "F": 16}


class Field:
    def __init__(self, line):
        self.type, self.name, self.value = line.split()
        self.size = SIZES[self.type]
        self.points = self.value[0] == "@"
        self.counts = self.value[0] == "#"
        self.buffer = self.value[1:] if self.points or self.counts else None
        self.is_fid = self.type == "F"

    @property
    def limit(self):
        return (1 << 8 * self.size) - 1


class Request:
    def __init__(self, code, name, size, fields, /, good=("SUCCESS",), **buffers):
        self.code, self.name, self.size, self.good = code, name, size, set(good)
        self.fields = [Field(l) for l in fields.strip().splitlines()]
        self.buffers = {n: b.encode("utf-16le") if isinstance(b, str) else b
                        for n, b in buffers.items()}
        self.fixed = 2 + sum(f.size for f in self.fields)

    def build(self, fids, size=None, **override):
        """The body; override: other values for fields by name."""
        places, at = {}, 64 + self.fixed
        tail = b""
        for name, data in self.buffers.items():
            pad = -(at + len(tail)) % 8 if name == "contexts" else 0
            tail += bytes(pad)
            places[name] = (at + len(tail), len(data))
            tail += data
        body = struct.pack("<H", self.size if size is None else size)
        for f in self.fields:
            value = override.get(f.name, f.value)
            if f.is_fid:
                body += value if isinstance(value, bytes) else fids[value]
                continue
            if isinstance(value, str):
                value = places[f.buffer][f.counts] if f.buffer else int(value, 0)
            body += value.to_bytes(f.size, "little")
        # an odd StructureSize counts one byte of the buffer, even if there is none
        return body + (tail or bytes(self.size % 2))


GUID = """
    Q guid_low 0x1122334455667788
    Q guid_high 0x99aabbccddeeff00"""

REQUESTS = [
    Request(0, "negotiate", 36, """
        H dialect_count 2
        H security_mode 1
        H reserved 0
        I capabilities 0x40""" + GUID + """
        Q start_time 0
        H dialect_1 0x0202
        H dialect_2 0x0210"""),
    Request(1, "session_setup", 25, """
        B flags 0
        B security_mode 1
        I capabilities 0
        I channel 0
        H token_offset @token
        H token_length #token
        Q previous_session 0""", good=("MORE_PROCESSING_REQUIRED",), token=negotiate()),
    Request(2, "logoff", 4, "H reserved 0"),
    Request(3, "tree_connect", 9, """
        H flags 0
        H path_offset @path
        H path_length #path""", path=r"\\127.0.0.1\data"),
    Request(4, "tree_disconnect", 4, "H reserved 0"),
    Request(5, "create", 57, """
        B security_flags 0
        B oplock 0
        I impersonation 2
        Q create_flags 0
        Q reserved 0
        I access 0x0012019f
        I attributes 0
        I share_access 7
        I disposition 1
        I options 0
        H name_offset @name
        H name_length #name
        I contexts_offset @contexts
        I contexts_length #contexts""", name="file",
            contexts=struct.pack("<IHHHHI4s4s", 0, 16, 4, 0, 24, 0, b"QFid", b"")),
    Request(6, "close", 24, """
        H flags 1
        I reserved 0
        F fid file"""),
    Request(7, "flush", 24, """
        H reserved_1 0
        I reserved_2 0
        F fid file"""),
    Request(8, "read", 49, """
        B padding 80
        B flags 0
        I length 16
        Q offset 0
        F fid file
        I minimum_count 0
        I channel 0
        I remaining 0
        H channel_offset 0
        H channel_length 0"""),
    Request(9, "write", 49, """
        H data_offset @data
        I length #data
        Q offset 0
        F fid file
        I channel 0
        I remaining 0
        H channel_offset 0
        H channel_length 0
        I flags 0""", data=b"0123456789abcdef"),
    Request(10, "lock", 48, """
        H lock_count 1
        I sequence 0
        F fid file
        Q range_offset 10
        Q range_length 10
        I lock_flags 0x12
        I reserved 0"""),
    Request(11, "ioctl", 57, """
        H reserved 0
        I ctl_code 0x00060194
        F fid none
        I input_offset @input
        I input_length #input
        I max_input 0
        I output_offset 0
        I output_length 0
        I max_output 1000
        I flags 1
        I reserved_2 0""", good=("NOT_FOUND", "FS_DRIVER_REQUIRED"),
            input=struct.pack("<H", 3) + "\\host\\dfs\0".encode("utf-16le")),
    Request(12, "cancel", 4, "H reserved 0", good=("no answer",)),
    Request(13, "echo", 4, "H reserved 0"),
    Request(14, "query_directory", 33, """
        B class 37
        B flags 1
        I file_index 0
        F fid dir
        H pattern_offset @pattern
        H pattern_length #pattern
        I output_length 4096""", pattern="*"),
    Request(15, "change_notify", 32, """
        H flags 0
        I output_length 1000
        F fid dir
        I filter 0x17
        I reserved 0""", good=("PENDING",)),
    Request(16, "query_info", 41, """
        B type 1
        B class 18
        I output_length 4096
        H input_offset 0
        H reserved 0
        I input_length 0
        I additional 0
        I flags 0
        F fid file"""),
    Request(17, "set_info", 33, """
        B type 1
        B class 4
        I buffer_length #buffer
        H buffer_offset @buffer
        H reserved 0
        I additional 0
        F fid file""", buffer=bytes(40)),
    # nothing is broken, so no acknowledgement is due
    Request(18, "oplock_break", 24, """
        B level 0
        B reserved 0
        I reserved_2 0
        F fid file""", good=("INVALID_DEVICE_STATE", "INVALID_OPLOCK_PROTOCOL",
                             "INVALID_PARAMETER")),
]
BY_NAME = {r.name: r for r in REQUESTS}
