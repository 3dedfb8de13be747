"""ntlm.py - the client's side of NTLMv2 without key exchange.  [MS-NLMP] 2.2.1, 3.3.2

The fields of each message are given by tables, so that a test can spoil one.
"""
import os
import struct

from crypto import hmac_md5, md4

SIGNATURE = b"NTLMSSP\0"
# UNICODE, REQUEST_TARGET, SIGN, NTLM, ALWAYS_SIGN, EXTENDED_SESSIONSECURITY, TARGET_INFO, 128
FLAGS = 0x20888215


def negotiate(flags=FLAGS, domain=(0, 0, 0), workstation=(0, 0, 0)):
    return (SIGNATURE + struct.pack("<II", 1, flags) + struct.pack("<HHI", *domain) +
            struct.pack("<HHI", *workstation))


class Challenge:
    def __init__(self, token):
        at = token.index(SIGNATURE)
        self.raw = token = token[at:]
        n, _, off = struct.unpack_from("<HHI", token, 40)
        self.nonce, self.info = token[24:32], token[off:off + n]


def _response(password, user, domain, challenge):
    key = hmac_md5(md4(password.encode("utf-16le")), (user.upper() + domain).encode("utf-16le"))
    time = next((v for k, v in _pairs(challenge.info) if k == 7), bytes(8))
    blob = b"\1\1" + bytes(6) + time + os.urandom(8) + bytes(4) + challenge.info + bytes(4)
    proof = hmac_md5(key, challenge.nonce + blob)
    return proof + blob, hmac_md5(key, proof)


def _pairs(info):
    while len(info) >= 4:
        kind, n = struct.unpack_from("<HH", info)
        yield kind, info[4:4 + n]
        info = info[4 + n:]


def authenticate(password, user, challenge, domain="", flags=FLAGS, spoil=None):
    """The message and the session key.  spoil: {field: (length, capacity, offset)}
    for one of lm, nt, domain, user, workstation, key."""
    nt, session_key = _response(password, user, domain, challenge)
    payloads = {"lm": bytes(24), "nt": nt, "domain": domain.encode("utf-16le"),
                "user": user.encode("utf-16le"), "workstation": b"", "key": b""}
    head, body, at = b"", b"", 64
    for name, data in payloads.items():
        honest = (len(data), len(data), at + len(body))
        head += struct.pack("<HHI", *(spoil or {}).get(name, honest))
        body += data
    return (SIGNATURE + struct.pack("<I", 3) + head + struct.pack("<I", flags) + body,
            session_key)
