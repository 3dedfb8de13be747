"""ticket.py - Kerberos tickets made with the service's key, as a KDC makes them and as none would,
and the first messages of a client that holds one, byte by byte.
"""
import datetime
import os
import pathlib
import socket
import struct

from case import Skip

try:
    from impacket.krb5 import crypto
except ImportError:
    crypto = None

VECTORS = pathlib.Path(__file__).resolve().parent.parent / "vectors"
USAGE_TICKET, USAGE_AUTHENTICATOR, USAGE_AP_REP, USAGE_PAC = 2, 11, 12, 17
USAGE_CRED, USAGE_INITIATOR_SIGN = 14, 25
LOGON_INFO, SERVER_SUM, KDC_SUM, CLIENT_INFO = 1, 6, 7, 10
AES256_SUM = 16
MORE_PROCESSING = 0xc0000016
TRANSITED_CHECKED, MUTUAL_REQUIRED = 12, 2                 # bits of TicketFlags and APOptions
GSS_FLAGS = 0x3a                                            # mutual, replay, sequence, integrity
GSS_DELEG = 1
KRB5_OID = bytes.fromhex("06092a864886f712010202")
NEGOEX_OID = bytes.fromhex("060a2b06010401823702021e")
ACCEPTOR_SUBKEY = 4                                         # a flag of a MIC token
SPNEGO_OID = bytes.fromhex("06062b0601050502")
FILETIME_1970 = 116444736000000000


def need():
    if crypto is None:
        raise Skip("python3-impacket is not installed")


def at(seconds):
    """From now; to the second, as tickets have it."""
    return datetime.datetime.utcnow().replace(microsecond=0) + datetime.timedelta(seconds=seconds)


# ---- PAC, [MS-PAC] 2.3 ----

def pac_logon_info(groups=()):
    """Of the recorded PAC of a domain's user, who is in the groups of these RIDs as well."""
    text = (VECTORS / "auth" / "pac_bob.hex").read_text()
    data = bytes.fromhex("".join(s for s in text.splitlines() if not s.startswith("#")))
    for i in range(struct.unpack_from("<I", data)[0]):
        kind, size, offset = struct.unpack_from("<IIQ", data, 8 + 16 * i)
        if kind == LOGON_INFO:
            return joining(data[offset:offset + size], groups)


def joining(info, groups):
    """GroupCount stands at 128, behind the NDR headers; an array has its length before it."""
    n, primary = struct.unpack_from("<I", info, 128)[0], struct.unpack_from("<I", info, 124)[0]
    at = info.index(struct.pack("<II", n, primary), 132)
    count = struct.pack("<I", n + len(groups))
    more = b"".join(struct.pack("<II", rid, 7) for rid in groups)
    end = at + 4 + 8 * n
    size, = struct.unpack_from("<I", info, 8)
    return (info[:8] + struct.pack("<I", size + len(more)) + info[12:128] + count + info[132:at] +
            count + info[at + 4:end] + more + info[end:])


def pac_layout(parts):
    head, body, start = b"", b"", 8 + 16 * len(parts)
    places = {}
    for kind, data in parts:
        places[kind] = start + len(body)
        head += struct.pack("<IIQ", kind, len(data), places[kind])
        body += data + bytes(-len(data) % 8)
    return bytearray(struct.pack("<II", len(parts), 0) + head + body), places


def pac(client, auth_time, key, groups=()):
    """A PAC for that client, signed with the service's key."""
    stamp = int((auth_time - datetime.datetime(1970, 1, 1)).total_seconds())
    name = client.encode("utf-16-le")
    no_sum = struct.pack("<I", AES256_SUM) + bytes(12)
    data, places = pac_layout([
        (LOGON_INFO, pac_logon_info(groups)),
        (CLIENT_INFO, struct.pack("<QH", stamp * 10**7 + FILETIME_1970, len(name)) + name),
        (SERVER_SUM, no_sum), (KDC_SUM, no_sum)])
    k = crypto.Key(18, key)
    signed = crypto._checksum_table[AES256_SUM].checksum(k, USAGE_PAC, bytes(data))
    spot = places[SERVER_SUM] + 4
    data[spot:spot + 12] = signed
    return bytes(data)


# ---- tickets, [RFC4120] 5; APPLICATION n is 0x60 + n, [n] is 0xa0 + n ----

def der(kind, *parts):
    data = b"".join(parts)
    n = len(data)
    size = bytes([n]) if n < 128 else bytes([0x81, n]) if n < 256 else \
        b"\x82" + n.to_bytes(2, "big")
    return bytes([kind]) + size + data


def integer(v):
    return der(2, v.to_bytes(v.bit_length() // 8 + 1, "big", signed=True))


def octets(data):
    return der(4, data)


def text(s):
    return der(0x1b, s.encode())


def sequence(*parts):
    return der(0x30, *parts)


def fields(**parts):
    """A SEQUENCE of [n] from n0=..., n1=..."""
    return sequence(*(der(0xa0 + int(k[1:]), v) for k, v in parts.items()))


def flags(*bits):
    v = sum(1 << (31 - b) for b in bits)
    return der(3, b"\0", v.to_bytes(4, "big"))


def moment(t):
    return der(0x18, t.strftime("%Y%m%d%H%M%SZ").encode())


def name(s, kind=1):
    return fields(n0=integer(kind), n1=sequence(*map(text, s.split("/"))))


def sealed(key, usage, plain, kvno=None):
    """EncryptedData"""
    parts = {"n0": integer(key.enctype)}
    if kvno is not None:
        parts["n1"] = integer(kvno)
    return fields(**parts, n2=octets(crypto.encrypt(key, usage, plain, os.urandom(16))))


def authz(data):
    """AD-IF-RELEVANT around AD-WIN2K-PAC"""
    inner = sequence(fields(n0=integer(128), n1=octets(data)))
    return sequence(fields(n0=integer(1), n1=octets(inner)))


class Ticket:
    def __init__(self, client, service, realm, key, kvno, start=-60, end=3600, auth=-60,
                 make_pac=None, clock=0):
        """key: the service's AES-256 key.  start, end, auth: seconds from now.
        make_pac(client, auth_time, key): its PAC, or None.  clock: the client's, against ours."""
        need()
        self.client, self.realm, self.clock = client, realm, clock
        self.session = crypto.Key(18, os.urandom(32))
        more = {"n10": authz(make_pac(client, at(auth), key))} if make_pac else {}
        part = fields(n0=flags(TRANSITED_CHECKED),
                      n1=fields(n0=integer(18), n1=octets(self.session.contents)),
                      n2=text(realm), n3=name(client),
                      n4=fields(n0=integer(0), n1=octets(b"")),
                      n5=moment(at(auth)), n6=moment(at(start)), n7=moment(at(end)), **more)
        self.ticket = der(0x61, fields(
            n0=integer(5), n1=text(realm), n2=name(service, 2),
            n3=sealed(crypto.Key(18, key), USAGE_TICKET, der(0x63, part), kvno)))

    def cred(self):
        """A KRB-CRED that hands this very ticket on, [RFC4120] 5.8."""
        info = fields(n0=fields(n0=integer(18), n1=octets(self.session.contents)),
                      n1=text(self.realm), n2=name(self.client), n8=text(self.realm),
                      n9=name("krbtgt/" + self.realm, 2))
        part = der(0x7d, fields(n0=sequence(info)))
        return der(0x76, fields(n0=integer(5), n1=integer(22), n2=sequence(self.ticket),
                                n3=sealed(self.session, USAGE_CRED, part)))

    def token(self, delegates=None):
        """A fresh AP-REQ in its GSS-API frame, [RFC4121] 4.1; with what it delegates, 4.1.1."""
        handed = b"" if delegates is None else struct.pack("<HH", 1, len(delegates)) + delegates
        kinds = GSS_FLAGS | (GSS_DELEG if handed else 0)
        checksum = struct.pack("<I", 16) + bytes(16) + struct.pack("<I", kinds) + handed
        authenticator = der(0x62, fields(
            n0=integer(5), n1=text(self.realm), n2=name(self.client),
            n3=fields(n0=integer(0x8003), n1=octets(checksum)),
            n4=integer(int.from_bytes(os.urandom(2), "big")), n5=moment(at(self.clock)),
            n7=integer(1)))
        request = der(0x6e, fields(
            n0=integer(5), n1=integer(14), n2=flags(MUTUAL_REQUIRED), n3=self.ticket,
            n4=sealed(self.session, USAGE_AUTHENTICATOR, authenticator)))
        return der(0x60, KRB5_OID, b"\x01\x00", request)


def elements(data):
    """The (kind, value) of each element; lengths below 64 KiB."""
    found = []
    while data:
        n, at = data[1], 2
        if n >= 0x80:
            n, at = int.from_bytes(data[2:2 + (n & 15)], "big"), 2 + (n & 15)
        found.append((data[0], data[at:at + n]))
        data = data[at + n:]
    return found


def inside(data, *kinds):
    """The value below these kinds, one in the other; None if there is none."""
    for kind in kinds:
        data = dict(elements(data)).get(kind)
        if data is None:
            return None
    return data


def spnego(token, mechs=(KRB5_OID,)):
    """NegTokenInit, [RFC4178] 4.2.1; its token is for the first mechanism."""
    parts = [der(0xa0, sequence(*mechs))] + ([der(0xa2, octets(token))] if token else [])
    return der(0x60, SPNEGO_OID, der(0xa0, sequence(*parts)))


def spnego_resp(token=None, mic=None):
    """NegTokenResp, 4.2.2"""
    parts = [der(0xa2, octets(token))] if token else []
    return der(0xa1, sequence(*parts, *([der(0xa3, octets(mic))] if mic else [])))


def mic_of(ticket, answer, text):
    """The client's MIC of text, after this AP-REP.  [RFC4121] 4.2.6.1"""
    rep = inside(inside(answer, 0x60)[len(KRB5_OID) + 2:], 0x6f, 0x30, 0xa2, 0x30, 0xa2, 4)
    part = crypto.decrypt(ticket.session, USAGE_AP_REP, rep)
    subkey = inside(part, 0x7b, 0x30, 0xa2, 0x30)
    key = crypto.Key(inside(subkey, 0xa0, 2)[-1], inside(subkey, 0xa1, 4))
    head = b"\x04\x04" + bytes([ACCEPTOR_SUBKEY]) + b"\xff" * 5 + struct.pack(">Q", 1)
    kind = {18: 16, 17: 15}[key.enctype]
    return head + crypto._checksum_table[kind].checksum(key, USAGE_INITIATOR_SIGN, text + head)


# ---- SMB 2.1, as far as a session ----

def header(command, message, session):
    return b"\xfeSMB" + struct.pack("<HHIHHIIQIIQ", 64, 1, 0, command, 31, 0, 0, message, 0, 0,
                                    session) + bytes(16)


class Wire:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.message = self.session = 0
        self.blob = b""                      # the security buffer of the last answer
        self.ask(0, struct.pack("<HHHHI", 36, 1, 1, 0, 0) + os.urandom(16) + bytes(8)
                 + struct.pack("<H", 0x0210))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def read(self, n):
        data = b""
        while len(data) < n:
            chunk = self.socket.recv(n - len(data))
            if not chunk:
                raise ConnectionError("closed")
            data += chunk
        return data

    def ask(self, command, body):
        """The status of the answer."""
        packet = header(command, self.message, self.session) + body
        self.message += 1
        self.socket.sendall(struct.pack(">I", len(packet)) + packet)
        answer = self.read(struct.unpack(">I", self.read(4))[0])
        self.session, = struct.unpack_from("<Q", answer, 40)
        self.answer = answer
        return struct.unpack_from("<I", answer, 8)[0]

    def session_setup(self, blob):
        status = self.ask(1, struct.pack("<HBBIIHHQ", 25, 0, 1, 0, 0, 64 + 24, len(blob), 0)
                          + blob)
        if status in (0, MORE_PROCESSING):
            off, n = struct.unpack_from("<HH", self.answer, 64 + 4)
            self.blob = self.answer[off:off + n]
        return status


def offer(port, token):
    """The status that this token gets from a new connection."""
    with Wire(port) as w:
        return w.session_setup(spnego(token))
