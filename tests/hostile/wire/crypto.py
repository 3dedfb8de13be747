"""crypto.py - the little cryptography that a raw SMB2 client needs, in plain Python.

MD4 (RFC 1320), AES-128 with CMAC (RFC 4493) and CCM
(RFC 3610), the KDF in counter mode of [MS-SMB2] 3.1.4.2.  Slow and not
constant in time: for tests only.
"""
import hashlib
import hmac
import struct

M32 = 0xffffffff


def md4(data):
    def rotate(x, n):
        x &= M32
        return (x << n | x >> (32 - n)) & M32

    rounds = (
        (lambda x, y, z: (x & y) | (~x & z), 0, range(16), (3, 7, 11, 19)),
        (lambda x, y, z: (x & y) | (x & z) | (y & z), 0x5a827999,
         [i // 4 + i % 4 * 4 for i in range(16)], (3, 5, 9, 13)),
        (lambda x, y, z: x ^ y ^ z, 0x6ed9eba1,
         [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15], (3, 9, 11, 15)))
    state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]
    data += b"\x80" + bytes(-(len(data) + 9) % 64) + struct.pack("<Q", 8 * len(data))
    for at in range(0, len(data), 64):
        x = struct.unpack("<16I", data[at:at + 64])
        a, b, c, d = state
        for f, add, order, shifts in rounds:
            for i, k in enumerate(order):
                a, b, c, d = d, rotate(a + f(b, c, d) + x[k] + add, shifts[i % 4]), b, c
        state = [(s + v) & M32 for s, v in zip(state, (a, b, c, d))]
    return struct.pack("<4I", *state)


def hmac_md5(key, data):
    return hmac.new(key, data, hashlib.md5).digest()


def hmac_sha256(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def kdf(key, label, context):
    """[MS-SMB2] 3.1.4.2 with L = 128."""
    return hmac_sha256(key, b"\0\0\0\1" + label + b"\0" + context + b"\0\0\0\x80")[:16]


# ---- AES-128 ----

def _times2(x):
    return (x << 1 ^ 0x11b) & 0xff if x & 0x80 else x << 1


def _sbox():
    box, p, q = [0] * 256, 1, 1
    while True:
        p ^= _times2(p)                          # times 3: a generator of the field
        for shift in (1, 2, 4):                  # divided by 3: so q is the inverse of p
            q ^= q << shift & 0xff
        q ^= 9 if q & 0x80 else 0
        q &= 0xff
        x = q
        for n in range(1, 5):
            x ^= (q << n | q >> (8 - n)) & 0xff
        box[p] = x ^ 0x63
        if p == 1:
            box[0] = 0x63
            return box


SBOX = _sbox()
DOUBLE = [_times2(x) for x in range(256)]
SHIFTED = [(i + 4 * (i % 4)) % 16 for i in range(16)]


class Aes:
    def __init__(self, key):
        w = [list(key[i:i + 4]) for i in range(0, 16, 4)]
        rcon = 1
        for i in range(4, 44):
            t = list(w[i - 1])
            if i % 4 == 0:
                t = [SBOX[b] for b in t[1:] + t[:1]]
                t[0] ^= rcon
                rcon = _times2(rcon)
            w.append([a ^ b for a, b in zip(w[i - 4], t)])
        self.keys = [sum(w[i:i + 4], []) for i in range(0, 44, 4)]

    def block(self, data):
        s = [a ^ b for a, b in zip(data, self.keys[0])]
        for number, key in enumerate(self.keys[1:], 1):
            s = [SBOX[s[i]] for i in SHIFTED]
            if number < 10:
                s = self._mix(s)
            s = [a ^ b for a, b in zip(s, key)]
        return bytes(s)

    @staticmethod
    def _mix(s):
        out = []
        for i in range(0, 16, 4):
            col = s[i:i + 4]
            whole = col[0] ^ col[1] ^ col[2] ^ col[3]
            out += [col[j] ^ whole ^ DOUBLE[col[j] ^ col[(j + 1) % 4]] for j in range(4)]
        return out


def _xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


def _chain(aes, data, mac=bytes(16)):
    for at in range(0, len(data), 16):
        mac = aes.block(_xor(mac, data[at:at + 16]))
    return mac


def cmac(key, data):
    aes = Aes(key)

    def double(b):
        n = int.from_bytes(b, "big") << 1
        return (n & (1 << 128) - 1 ^ (0x87 if n >> 128 else 0)).to_bytes(16, "big")
    subkey = double(aes.block(bytes(16)))
    if not data or len(data) % 16:
        data += b"\x80" + bytes(-(len(data) + 1) % 16)
        subkey = double(subkey)
    return _chain(aes, data[:-16] + _xor(data[-16:], subkey))


class Ccm:
    """CCM with the 11-byte nonce and the 16-byte tag of [MS-SMB2] 2.2.41."""

    def __init__(self, key):
        self.aes = Aes(key)

    def _stream(self, nonce, data, first):
        out = b""
        for i in range(0, len(data), 16):
            counter = b"\3" + nonce + (first + i // 16).to_bytes(4, "big")
            out += _xor(self.aes.block(counter), data[i:i + 16])
        return out

    def _tag(self, nonce, aad, data):
        head = b"\x7b" + nonce + len(data).to_bytes(4, "big")
        aad = len(aad).to_bytes(2, "big") + aad
        mac = _chain(self.aes, head + aad + bytes(-len(aad) % 16) + data + bytes(-len(data) % 16))
        return self._stream(nonce, mac, 0)

    def seal(self, nonce, aad, data):
        return self._tag(nonce, aad, data), self._stream(nonce, data, 1)

    def open(self, nonce, aad, tag, data):
        data = self._stream(nonce, data, 1)
        if self._tag(nonce, aad, data) != tag:
            raise ValueError("an encrypted answer has a wrong tag")
        return data


def check():
    """Known answers: RFC 1320 A.5, FIPS 197 C.1, RFC 4493 4."""
    if md4(b"abc").hex() != "a448017aaf21d8525fc10ae87aa6729d":
        raise ValueError("MD4")
    block = Aes(bytes(range(16))).block(bytes.fromhex("00112233445566778899aabbccddeeff"))
    if block.hex() != "69c4e0d86a7b0430d8cdb78070b4c55a":
        raise ValueError("AES")
    key = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
    if cmac(key, b"").hex() != "bb1d6929e95937287fa37d129b756746":
        raise ValueError("CMAC")
    if cmac(key, bytes.fromhex("6bc1bee22e409f96e93d7e117393172a")).hex() != \
            "070a16b46b4d4144f79bdd9dd04a287c":
        raise ValueError("CMAC")
