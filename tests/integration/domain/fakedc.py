"""fakedc.py - a domain controller that lies, hangs and cuts, as it is told to.

It speaks the endpoint mapper and NETLOGON with AES ([MS-NRPC] 3.1.4.3, 3.3.4.2) well
enough to let one user in, so that each lie is the only thing wrong with it.  One
thread a connection; loopback only.
"""
import hashlib
import hmac
import os
import socket
import struct
import threading

from case import Skip

NDR = bytes.fromhex("045d888aeb1cc9119fe808002b10486002000000")
BIND, BIND_ACK, BIND_NAK, REQUEST, RESPONSE, FAULT = 11, 12, 13, 0, 2, 3
REQ_CHALLENGE, AUTHENTICATE3, LOGON_EX, LOGON_FLAGS, EPT_MAP = 4, 26, 39, 45, 3
ACCESS_DENIED, WRONG_PASSWORD, NO_SUCH_USER = 0xc0000022, 0xc000006a, 0xc0000064
NOT_SUPPORTED = 0xc00000bb
FLAGS = 0x610fffff
TOKEN = 56


def crypto():
    try:
        from Cryptodome.Cipher import AES
        from Cryptodome.Hash import MD4
    except ImportError:
        raise Skip("python3-pycryptodome is not installed")
    return AES, MD4


def nt_hash(password):
    return crypto()[1].new(password.encode("utf-16le")).digest()


def aes(key, iv):
    return crypto()[0].new(key, crypto()[0].MODE_CFB, iv, segment_size=8)


class Closed(Exception):
    pass


class Seal:
    """[MS-NRPC] 3.3.4.2, the acceptor's side; one number counts both ways."""
    HEAD = bytes.fromhex("13001a00ffff0000")

    def __init__(self, key):
        self.key, self.number = key, 0
        self.sealing = bytes(b ^ 0xf0 for b in key)

    def sequence(self, client):
        n = struct.pack(">II", self.number & 0xffffffff, self.number >> 32)
        self.number += 1
        return n[:4] + bytes([n[4] | (0x80 if client else 0)]) + n[5:]

    def open(self, body, token):
        stream = aes(self.sealing, self.sequence(True) * 2)
        confounder = stream.decrypt(token[24:32])
        plain = stream.decrypt(body)
        assert self.sum(confounder, plain) == token[16:24]
        return plain

    def sum(self, confounder, plain):
        return hmac.new(self.key, self.HEAD + confounder + plain, hashlib.sha256).digest()[:8]

    def close(self, plain):
        confounder, sequence = os.urandom(8), self.sequence(False)
        checksum = self.sum(confounder, plain)
        stream = aes(self.sealing, sequence * 2)
        hidden = stream.encrypt(confounder)
        body = stream.encrypt(plain)
        number = aes(self.key, checksum * 2).encrypt(sequence)
        return body, self.HEAD + number + checksum + hidden + bytes(24)


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def bytes(self, n):
        self.at += n
        return self.data[self.at - n:self.at]

    def u32(self):
        self.at += -self.at % 4
        return struct.unpack("<I", self.bytes(4))[0]

    def string(self):
        """Conformant and varying, of UTF-16 or, by unit 1, bytes."""
        return self.run(2).decode("utf-16le").rstrip("\0")

    def run(self, unit):
        self.u32(), self.u32()
        return self.bytes(self.u32() * unit)


def text(s):
    raw = s.encode("utf-16le")
    out = struct.pack("<III", len(s), 0, len(s)) + raw
    return out + bytes(-len(out) % 4)


def sam_info(user, domain, key, groups):
    """NETLOGON_VALIDATION_SAM_INFO4 with one domain SID, S-1-5-21-1-2-3.  [MS-NRPC] 2.2.1.4.13"""
    def head(s):
        return struct.pack("<HHI", len(s) * 2, len(s) * 2, 0x20000 if s else 0)
    fixed = bytes(48) + head(user) + head("") * 5 + struct.pack("<HH", 0, 0)
    fixed += struct.pack("<III", 1000, 513, len(groups)) + struct.pack("<II", 0x20004, 0)
    fixed += key + head("DC") + head(domain) + struct.pack("<I", 0x20008) + bytes(8)
    fixed += bytes(4 * 8) + struct.pack("<II", 0, 0) + head("") * 12
    sid = struct.pack("<IBB", 4, 1, 4) + bytes([0, 0, 0, 0, 0, 5]) + struct.pack("<4I", 21, 1, 2, 3)
    rows = struct.pack("<I", len(groups)) + b"".join(struct.pack("<II", g, 7) for g in groups)
    return fixed + text(user) + rows + text("DC") + text(domain) + sid


class FakeController:
    """manner: the word in MANNERS that says what is wrong with it; "honest": nothing."""

    def __init__(self, domain, machine_password, users):
        crypto()
        self.domain, self.users = domain, users          # {name: password}
        self.machine = nt_hash(machine_password)
        self.manner, self.asked = "honest", 0
        self.ports, self.open, self.calls = {}, [], []
        self.key = self.chain = None
        for service in ("mapper", "netlogon"):
            listener = socket.create_server(("127.0.0.1", 0))
            self.ports[service] = listener.getsockname()[1]
            self.open.append(listener)
            threading.Thread(target=self.accept, args=(listener,), daemon=True).start()

    @property
    def address(self):
        return f"127.0.0.1:{self.ports['mapper']}"

    def stop(self):
        for s in self.open:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            s.close()

    def accept(self, listener):
        while True:
            try:
                s, _ = listener.accept()
            except OSError:
                return
            self.open.append(s)
            threading.Thread(target=self.serve, args=(s,), daemon=True).start()

    def serve(self, s):
        try:
            self.talk(Conversation(self, s))
        except (Closed, OSError):
            pass
        finally:
            s.close()

    def is_(self, manner):
        return self.manner == manner

    def talk(self, c):
        self.asked += 1
        if self.is_("closes at once"):
            return
        if self.is_("talks nonsense"):
            c.s.sendall(b"220 mail.example ESMTP\r\n" * 40)
        while True:
            c.answer()


class Conversation:
    """One connection: PDUs in, PDUs out."""

    def __init__(self, dc, s):
        self.dc, self.s, self.seal = dc, s, None

    def take(self, n):
        data = b""
        while len(data) < n:
            more = self.s.recv(n - len(data))
            if not more:
                raise Closed
            data += more
        return data

    def send(self, ptype, call, body, auth=b"", flags=3):
        length = 16 + len(body) + len(auth)
        if self.dc.is_("announces a fragment of 64 KiB"):
            length = 0xffff
        self.s.sendall(struct.pack("<BBBBIHHI", 5, 0, ptype, flags, 0x10, length,
                                   max(0, len(auth) - 8), call) + body + auth)

    def answer(self):
        head = self.take(16)
        length, auth_n, call = struct.unpack("<HHI", head[8:])
        rest = self.take(length - 16)
        if self.dc.is_("says nothing"):
            return
        if head[2] == BIND:
            self.bind(call, rest, auth_n)
        elif head[2] == REQUEST:
            self.request(call, rest, auth_n)

    def bind(self, call, rest, auth_n):
        if auth_n and self.dc.is_("refuses the sealed bind"):
            return self.send(BIND_NAK, call, struct.pack("<HBBBx", 8, 1, 5, 0))
        if auth_n:
            self.seal = Seal(self.dc.key)
        result = 2 if self.dc.is_("has no such interface") else 0
        body = struct.pack("<HHI", 4280, 4280, 1) + struct.pack("<H", 4) + b"135\0" + bytes(2)
        body += b"\1\0\0\0" + struct.pack("<HH", result, result) + NDR
        if self.dc.is_("cuts the bind's answer"):
            body = body[:12]
        self.send(BIND_ACK, call, body)

    def request(self, call, rest, auth_n):
        opnum = struct.unpack("<H", rest[6:8])[0]
        stub = rest[8:]
        if self.seal:
            token = stub[-TOKEN:]
            pad = stub[-TOKEN - 8 + 2]
            stub = self.seal.open(stub[:-TOKEN - 8], token)
            stub = stub[:len(stub) - pad]
        self.dc.calls.append(opnum)
        if opnum == LOGON_EX and self.dc.is_("has no SamLogonEx"):
            return self.send(FAULT, call, struct.pack("<IHHII", 0, 0, 0, 0x1c010002, 0))
        if self.dc.is_("answers with faults"):
            return self.send(FAULT, call, struct.pack("<IHHII", 0, 0, 0, 0x1c010002, 0))
        answers = {EPT_MAP: self.map, REQ_CHALLENGE: self.challenge,
                   AUTHENTICATE3: self.authenticate, LOGON_EX: self.logon,
                   LOGON_FLAGS: self.logon_flags}
        self.reply(call, answers[opnum](Reader(stub)))

    def reply(self, call, stub):
        if stub is None:
            return
        head = struct.pack("<IHH", len(stub), 0, 0)
        if not self.seal:
            return self.send(RESPONSE, call, head + stub)
        if self.dc.is_("does not seal its answer"):
            return self.send(RESPONSE, call, head + stub)
        pad = -len(stub) % 16
        body, token = self.seal.close(stub + bytes(pad))
        if self.dc.is_("changes a sealed byte"):
            body = bytes([body[0] ^ 1]) + body[1:]
        auth = struct.pack("<BBBBI", 0x44, 6, pad, 0, 0) + token
        self.send(RESPONSE, call, head + body, auth)

    def map(self, r):
        port = self.dc.ports["netlogon"]
        if self.dc.is_("maps to a closed port"):
            port = 1
        floor = struct.pack("<HBHH", 1, 7, 2, 0)[:5] + struct.pack(">H", port)
        tower = struct.pack("<H", 1) + floor
        n = 0 if self.dc.is_("maps to nothing") else 1
        body = bytes(20) + struct.pack("<IIII", n, 4, 0, n)
        if n:
            count = 1 << 30 if self.dc.is_("claims a tower of a gigabyte") else len(tower)
            body += struct.pack("<III", 3, count, count) + tower
            body += bytes(-len(body) % 4)
        return body + struct.pack("<I", 0 if n else 0x16c9a0d6)

    def challenge(self, r):
        r.u32(), r.string(), r.string()
        self.client, self.server = r.bytes(8), os.urandom(8)
        self.dc.key = hmac.new(self.dc.machine, self.client + self.server,
                               hashlib.sha256).digest()[:16]
        return self.server + struct.pack("<I", 0)

    def authenticate(self, r):
        credential = aes(self.dc.key, bytes(16)).encrypt(self.server)
        self.dc.chain = aes(self.dc.key, bytes(16)).encrypt(self.client)
        flags, status = FLAGS, 0
        if self.dc.is_("does not know our password"):
            credential = os.urandom(8)
        if self.dc.is_("cannot do AES"):
            flags &= ~0x01000000
        if self.dc.is_("refuses the machine account"):
            credential, flags, status = bytes(8), 0, ACCESS_DENIED
        return credential + struct.pack("<III", flags, 1000, status)

    def link(self, n):
        """The next of the chain of authenticators.  [MS-NRPC] 3.1.4.5"""
        low, = struct.unpack("<I", self.dc.chain[:4])
        self.dc.chain = struct.pack("<I", low + n & 0xffffffff) + self.dc.chain[4:]
        return aes(self.dc.key, bytes(16)).encrypt(self.dc.chain)

    def logon_flags(self, r):
        """The same with an authenticator, which is taken out of the way."""
        start = (r.u32(), r.string(), r.u32(), r.string()) and r.at
        start += -start % 4
        r.at = start + 4
        credential, time = r.bytes(8), r.u32()
        r.data = r.data[:start] + r.data[start + 32:]
        r.at = 0
        if credential != self.link(time):
            return struct.pack("<IHHIIII", 0, 6, 0, 0, 1, 0, ACCESS_DENIED)
        returned = self.link(1)
        if self.dc.is_("answers with another's authenticator"):
            returned = os.urandom(8)
        return struct.pack("<I8sI", 0x20000, returned, 0) + self.logon(r)

    def logon(self, r):
        manner = self.dc.manner
        if manner == "does not let us use SamLogonEx" and self.dc.calls[-1] == LOGON_EX:
            return struct.pack("<HHIIII", 6, 0, 0, 1, 0, NOT_SUPPORTED)
        if manner == "hangs at the logon":
            return None
        if manner == "closes at the logon":
            raise Closed
        if manner == "has forgotten us":
            return struct.pack("<HHIIII", 6, 0, 0, 1, 0, ACCESS_DENIED)
        status, info = self.judge(r)
        if manner == "lets in nobody in particular":
            status, info = 0, b""
        if manner == "cuts its answer":
            return (struct.pack("<HHI", 6, 0, 0x20000) + info)[:200]
        if manner == "claims a million groups":
            info = info[:108] + struct.pack("<I", 1000000) + info[112:]
        out = struct.pack("<HHI", 6, 0, 0x20000 if info else 0) + info
        out += b"\1" + bytes(-(len(out) + 1) % 4)
        return out + struct.pack("<II", 0, status)

    def judge(self, r):
        """The NTLMv2 proof, as [MS-NLMP] 3.3.2 has it."""
        r.u32(), r.string(), r.u32(), r.string()
        r.at += r.at % 2
        r.bytes(4)
        r.u32()
        r.bytes(8 + 4 + 8 + 8 + 8)
        challenge = r.bytes(8)
        r.bytes(16)
        domain, user = r.string(), r.string()
        r.string()
        response = r.run(1)
        if user not in self.dc.users:
            return NO_SUCH_USER, b""
        owf = hmac.new(nt_hash(self.dc.users[user]), (user.upper() + domain).encode("utf-16le"),
                       "md5").digest()
        proof = hmac.new(owf, challenge + response[16:], "md5").digest()
        if proof != response[:16]:
            return WRONG_PASSWORD, b""
        key = hmac.new(owf, proof, "md5").digest()
        if self.dc.is_("gives a wrong session key"):
            key = os.urandom(16)
        return 0, sam_info(user, self.dc.domain, key, [513, 1234])
