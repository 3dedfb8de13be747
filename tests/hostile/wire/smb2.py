"""smb2.py - a raw SMB2 client for tests: it sends what it is told to send.

No decision is taken for the caller: every field of the header can be given,
message ids and credits are counted but not obeyed.  Signs with HMAC-SHA256 and
AES-CMAC, encrypts with AES-128-CCM.
"""
import hashlib
import os
import pathlib
import re
import socket
import struct

import ntlm
from crypto import Ccm, cmac, hmac_sha256, kdf

NEGOTIATE, SESSION_SETUP, LOGOFF, TREE_CONNECT, TREE_DISCONNECT, CREATE, CLOSE, FLUSH, READ, \
    WRITE, LOCK, IOCTL, CANCEL, ECHO, QUERY_DIRECTORY, CHANGE_NOTIFY, QUERY_INFO, SET_INFO, \
    OPLOCK_BREAK = range(19)

RESPONSE, ASYNC, RELATED, SIGNED = 1, 2, 4, 8
HEADER = struct.Struct("<4sHHIHHIIQIIQ16s")
UNSOLICITED = (1 << 64) - 1
RELATED_FID = b"\xff" * 16
CLOSED = "closed"

_table = pathlib.Path(__file__).resolve().parents[3] / "base/nt.def.h"
NAMES = {int(v, 16): n for n, v in
         re.findall(r"NT_DEF\((\w+), (0x[0-9A-F]{8})", _table.read_text())}


class Closed(Exception):
    """The server ended the connection."""


class Silent(Exception):
    """The server neither answered nor ended the connection."""


class Answer:
    def __init__(self, data):
        self.bytes = data
        (magic, _, self.charge, status, self.command, self.credits, self.flags, self.next,
         self.mid, self.pid, self.tid, self.sid, _) = HEADER.unpack_from(data)
        if magic != b"\xfeSMB" or not self.flags & RESPONSE:
            raise ValueError(f"no SMB2 response: {data[:64].hex()}")
        self.status = NAMES.get(status, f"0x{status:08x}")
        self.body = data[64:]

    @property
    def async_id(self):
        return self.pid | self.tid << 32

    def region(self, off_at, len_at):
        off, = struct.unpack_from("<H", self.body, off_at)
        n, = struct.unpack_from("<H", self.body, len_at)
        return self.bytes[off:off + n]


def header(command, charge=1, credits=64, flags=0, next=0, mid=0, pid=0xfeff, tid=0, sid=0,
           status=0, magic=b"\xfeSMB", size=64):
    return HEADER.pack(magic, size, charge, status, command, credits, flags, next, mid, pid, tid,
                       sid, bytes(16))


def framed(data):
    return struct.pack(">I", len(data)) + data


class Connection:
    """One TCP connection, and at most one session of it."""

    def __init__(self, port, dialect=0x0210, timeout=20, source="127.0.0.1"):
        self.sock = socket.create_connection(("127.0.0.1", port), timeout, (source, 0))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.dialect = dialect
        self.mid = self.sid = self.tid = 0
        self.credits = 1
        self.hash = bytes(64)
        self.guid = os.urandom(16)
        self.capabilities = 0x48          # encryption, multi-channel
        self.key = self.sign_key = None
        self.encrypts = False
        self.nonce = 0

    # ---- bytes ----

    def send(self, data):
        try:
            self.sock.sendall(data)
        except OSError:
            raise Closed

    def _read(self, n):
        data = b""
        while len(data) < n:
            try:
                chunk = self.sock.recv(n - len(data))
            except TimeoutError:
                raise Silent
            except OSError:
                raise Closed
            if not chunk:
                raise Closed
            data += chunk
        return data

    def frame(self):
        n, = struct.unpack(">I", self._read(4))
        data = self._read(n)
        return self.unseal(data) if data[:4] == b"\xfdSMB" else data

    def answers(self):
        """The elements of the next frame."""
        data, found = self.frame(), []
        while True:
            a = Answer(data)
            self.credits += a.credits
            found.append(a)
            if not a.next:
                return found
            a.bytes, data = data[:a.next], data[a.next:]

    def answer(self, mid=None):
        """The final answer to that message: interim ones and breaks are left out."""
        while True:
            for a in self.answers():
                if a.mid != UNSOLICITED and a.status != "PENDING" and mid in (None, a.mid):
                    return a

    def close(self):
        self.sock.close()

    # ---- messages ----

    def next_mid(self, charge=1):
        self.mid += charge
        return self.mid - charge

    def message(self, command, body, sign=True, **fields):
        """Header and body; what is not given is what an honest client would send."""
        if "mid" not in fields:
            fields["mid"] = self.next_mid(max(1, fields.get("charge", 1)))
        fields.setdefault("sid", self.sid)
        fields.setdefault("tid", self.tid)
        data = header(command, **fields) + body
        return self.signed(data) if sign and self.sign_key else data

    def signed(self, data):
        flags, = struct.unpack_from("<I", data, 16)
        data = data[:16] + struct.pack("<I", flags | SIGNED) + data[20:48] + bytes(16) + data[64:]
        mac = cmac(self.sign_key, data) if self.dialect >= 0x0300 else \
            hmac_sha256(self.sign_key, data)[:16]
        return data[:48] + mac + data[64:]

    def compound(self, parts):
        """parts: (command, body, fields); each is padded, chained and signed."""
        out = b""
        for i, (command, body, fields) in enumerate(parts):
            last = i == len(parts) - 1
            if not last:
                body += bytes(-(64 + len(body)) % 8)
                fields = {"next": 64 + len(body), **fields}
            out += self.message(command, body, **fields)
        return out

    def submit(self, command, body, **fields):
        """Sends; the message id to wait for."""
        data = self.message(command, body, **fields)
        self.send(framed(self.seal(data) if self.encrypts else data))
        return struct.unpack_from("<Q", data, 24)[0]

    def call(self, command, body, **fields):
        return self.answer(self.submit(command, body, **fields))

    # ---- encryption, [MS-SMB2] 2.2.41 ----

    def seal(self, data, sid=None, size=None, flags=1, key=None):
        self.nonce += 1
        nonce = self.nonce.to_bytes(11, "little")
        aad = struct.pack("<16sIHHQ", nonce, len(data) if size is None else size, 0, flags,
                          self.sid if sid is None else sid)
        tag, data = Ccm(key or self.seal_key).seal(nonce, aad, data)
        return b"\xfdSMB" + tag + aad + data

    def unseal(self, data):
        return Ccm(self.unseal_key).open(data[20:31], data[20:52], data[4:20], data[52:])

    # ---- a session ----

    def negotiate_body(self, dialects=None):
        dialects = dialects or [self.dialect]
        fixed = struct.pack("<HHHHI16s", 36, len(dialects), 1, 0, self.capabilities,
                            self.guid)
        words = b"".join(struct.pack("<H", d) for d in dialects)
        if 0x0311 not in dialects:
            return fixed + bytes(8) + words
        contexts = (struct.pack("<HHIHHH", 1, 38, 0, 1, 32, 1) + os.urandom(32) + b"\0\0" +
                    struct.pack("<HHIHH4x", 2, 4, 0, 1, 1) + struct.pack("<HHIHH", 8, 4, 0, 1, 1))
        pad = -(64 + 36 + len(words)) % 8
        at = 64 + 36 + len(words) + pad
        return fixed + struct.pack("<IHH", at, 3, 0) + words + bytes(pad) + contexts

    def exchange(self, command, body, **fields):
        """A call that the pre-authentication hash covers."""
        data = self.message(command, body, sign=False, credits=128, **fields)
        self.send(framed(data))
        a = self.answer()
        self.hash = hashlib.sha512(self.hash + data).digest()
        if a.status != "SUCCESS" or command == NEGOTIATE:
            self.hash = hashlib.sha512(self.hash + a.bytes).digest()
        return a

    def negotiate(self, dialects=None):
        return self.exchange(NEGOTIATE, self.negotiate_body(dialects))

    @staticmethod
    def setup_body(token, flags=0, previous=0):
        return struct.pack("<HBBIIHHQ", 25, flags, 1, 0, 0, 88, len(token), previous) + token

    def setup(self, token, **fields):
        return self.exchange(SESSION_SETUP, self.setup_body(token), **fields)

    def login(self, user, password):
        """Raw NTLMSSP; the last answer.  With a SUCCESS the session is this connection's."""
        first = self.setup(ntlm.negotiate(), sid=0)
        if first.status != "MORE_PROCESSING_REQUIRED":
            return first
        self.sid = first.sid
        token, self.key = ntlm.authenticate(password, user, ntlm.Challenge(first.bytes))
        last = self.setup(token)
        if last.status == "SUCCESS":
            self.make_keys()
        return last

    def make_keys(self):
        new = self.dialect == 0x0311

        def derive(old_label, old_context, label):
            return kdf(self.key, *((label + b"\0", self.hash) if new else
                                   (old_label + b"\0", old_context + b"\0")))
        self.sign_key = self.key if self.dialect < 0x0300 else \
            derive(b"SMB2AESCMAC", b"SmbSign", b"SMBSigningKey")
        self.seal_key = derive(b"SMB2AESCCM", b"ServerIn ", b"SMBC2SCipherKey")
        self.unseal_key = derive(b"SMB2AESCCM", b"ServerOut", b"SMBS2CCipherKey")

    def tree(self, share):
        path = f"\\\\127.0.0.1\\{share}".encode("utf-16le")
        a = self.call(TREE_CONNECT, struct.pack("<HHHH", 9, 0, 72, len(path)) + path, tid=0)
        self.tid = a.tid
        return a

    # ---- files ----

    @staticmethod
    def create_body(name, access=0x0012019f, disposition=1, options=0, oplock=0, attributes=0):
        name = name.encode("utf-16le")
        return struct.pack("<HBBIQQIIIIIHHII", 57, 0, oplock, 2, 0, 0, access, attributes, 7,
                           disposition, options, 120, len(name), 0, 0) + (name or b"\0")

    def create(self, name, **how):
        """FileId, or the answer that says why not."""
        a = self.call(CREATE, self.create_body(name, **how))
        return a.body[64:80] if a.status == "SUCCESS" else a

    @staticmethod
    def read_body(fid, length, offset=0):
        return struct.pack("<HBBIQ16sIIIHHB", 49, 80, 0, length, offset, fid, 0, 0, 0, 0, 0, 0)

    @staticmethod
    def write_body(fid, data, offset=0):
        return struct.pack("<HHIQ16sIIHHI", 49, 112, len(data), offset, fid, 0, 0, 0, 0, 0) + data

    @staticmethod
    def close_body(fid):
        return struct.pack("<HHI16s", 24, 0, 0, fid)

    @staticmethod
    def data_of(a):
        """The payload of a READ's answer."""
        off, n = struct.unpack_from("<B x I", a.body, 2)
        return a.bytes[off:off + n]

    def echo(self):
        return self.call(ECHO, b"\4\0\0\0")


def open_session(port, user, password, share=None, dialect=0x0210, **kw):
    """Everything at once, or an error that says what came instead."""
    c = Connection(port, dialect, **kw)
    steps = [c.negotiate, lambda: c.login(user, password)]
    if share:
        steps.append(lambda: c.tree(share))
    for step in steps:
        a = step()
        if a.status != "SUCCESS":
            raise ValueError(f"logon of {user}: {a.status}")
    return c
