"""Every dialect with every way to protect it: list, put, get, and what is refused.

The rows are the facts; one case is made of each.
"""
import hashlib
import os

from case import case, expect_equal
from smb import ENCRYPT, PLAIN, SIGN, Transfer, get_digest

DIALECTS = ["SMB2_02", "SMB2_10", "SMB3_00", "SMB3_02", "SMB3_11"]
CIPHERS = ["AES-128-CCM", "AES-128-GCM", "AES-256-CCM", "AES-256-GCM"]
SIGNINGS = ["HMAC-SHA256", "AES-128-CMAC", "AES-128-GMAC"]
SIZE = 3_000_001


def round_trip(t, server, **client):
    folder = t.folder()
    data = os.urandom(SIZE)
    with open(f"{folder}/up", "wb") as f:
        f.write(data)
    c = t.client(server, **client)
    c.must("put up there", cwd=folder)
    expect_equal(c.names(), ["there"], "names")
    want = hashlib.sha256(data).hexdigest()
    with open(server.path("there"), "rb") as f:
        expect_equal(hashlib.sha256(f.read()).hexdigest(), want, "digest on disk")
    expect_equal(get_digest(c, "there", hashlib.sha256(), folder), want, "digest fetched")
    c.must("rm there")
    expect_equal(c.names(), [], "names after rm")


def row(name, sentence, conf=None, **client):
    """Makes the case NAME: a round trip with these options."""
    def run(t):
        server = t.server(shares={"data": {"read_only": "no"}}, conf=conf)
        round_trip(t, server, **client)
    run.__name__ = name
    case(sentence)(run)


for dialect in DIALECTS:
    low = dialect.lower()
    row(f"{low}_signed", f"{dialect} signed: list, put, get, rm", dialect=dialect, extra=SIGN)
    row(f"{low}_plain", f"{dialect} plain, where `server signing = auto` allows it",
        conf={"server signing": "auto"}, dialect=dialect, extra=PLAIN)
    if dialect >= "SMB3":
        row(f"{low}_encrypted", f"{dialect} encrypted: list, put, get, rm", dialect=dialect,
            extra=ENCRYPT)

for cipher in CIPHERS:
    row("cipher_" + cipher.lower().replace("-", "_"), f"3.1.1 with {cipher}",
        extra=[*ENCRYPT, f"--option=client smb3 encryption algorithms={cipher}"])

for algorithm in SIGNINGS:
    row("signing_" + algorithm.lower().replace("-", "_"), f"3.1.1 signed with {algorithm}",
        extra=[*SIGN, f"--option=client smb3 signing algorithms={algorithm}"])


@case("status tells dialect, signing and encryption of a session as they are")
def status_tells(t):
    server = t.server()
    with open(server.path("slow"), "wb") as f:
        f.truncate(1 << 30)
    for dialect, protection, number, encrypted in (
            ("SMB3_11", ENCRYPT, 0x311, True), ("SMB2_10", SIGN, 0x210, False)):
        client = t.client(server, dialect=dialect, extra=protection)
        with Transfer(client, "slow", t.folder()) as f:
            f.read(1)
            session = server.status()["sessions"][-1]
        expect_equal((session["dialect"], session["encrypted"]), (number, encrypted), dialect)
