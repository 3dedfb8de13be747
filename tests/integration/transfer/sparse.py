"""Files with holes: what is a hole at one end becomes one at the other, and is not moved."""
import hashlib
import json
import os
import subprocess

from case import Skip, case, expect, expect_equal
from command import Command
from fixture import PASSWORD
from samba import Samba

GIB = 1 << 30
MIB = 1 << 20
PARTS = {0: b"begins" * 20_000, 70 * MIB + 123: os.urandom(300_000), 4 * GIB + 5: b"far" * 150_000}
ROOM = 16 * MIB          # of the local file system's own kind of rounding; never gigabytes


def url(t, p, path=""):
    return f"smb://{t.user}@127.0.0.1:{p.port}/data{path}"


def make(path, size, parts=None):
    with open(path, "wb") as f:
        for at, data in (parts or {k: v for k, v in PARTS.items() if k < size}).items():
            f.seek(at)
            f.write(data)
        f.truncate(size)


def room(path):
    return os.stat(path).st_blocks * 512


def expect_like(path, size, parts=None):
    """That content and size, in little room; holes are looked at where data might have strayed."""
    expect_equal(os.path.getsize(path), size, "size")
    expect(room(path) < ROOM, f"{room(path)} bytes of room")
    end = 0
    with open(path, "rb") as f:
        for at, data in (parts or {k: v for k, v in PARTS.items() if k < size}).items():
            for hole in (end, (end + at) // 2, max(end, at - 4096)):
                f.seek(hole)
                expect_equal(f.read(min(4096, at - hole)).strip(b"\0"), b"", f"the hole at {hole}")
            f.seek(at)
            expect_equal(f.read(len(data)) == data, True, f"what stands at {at}")
            end = at + len(data)
        f.seek(max(end, size - 65536))
        expect_equal(f.read().strip(b"\0"), b"", "the hole at the end")


def keeps_holes(folder):
    """Does this file system?"""
    path = os.path.join(folder, "probe")
    make(path, 64 * MIB, {0: b"x"})
    kept = room(path) < MIB
    os.unlink(path)
    return kept


def command(t):
    c = Command(t)
    if not keeps_holes(c.folder):
        raise Skip("no holes in files of this file system")
    return c


def both_ways(t, p, c, size):
    make(c.path("big"), size)
    c.must("put", "-q", "big", url(t, p))
    expect_like(p.path("big"), size)
    c.must("get", "-q", f"{url(t, p)}/big", "back")
    expect_like(c.path("back"), size)


@case("5 GiB with a MiB of data to our server and back: holes stay holes at both ends")
def own_server(t):
    p = t.server({"data": {"read_only": "no"}})
    both_ways(t, p, command(t), 5 * GIB)


@case("the same with Debian's smbd", root=True)
def debians_smbd(t):
    with Samba(t.user, PASSWORD) as p:
        both_ways(t, p, command(t), 5 * GIB)


@case("checksums are of the whole content, holes and all; a pipe gets the zeros")
def whole_content(t):
    p, c = t.server({"data": {"read_only": "no"}}), command(t)
    size = 200 * MIB + 77
    make(c.path("big"), size)
    with open(c.path("big"), "rb") as f:
        want = hashlib.file_digest(f, "sha256").hexdigest()
    c.must("put", "-q", "--checksum", "big", url(t, p))
    got = json.loads(c.must("get", "--json", "--checksum", f"{url(t, p)}/big", "back"))
    expect_equal((got["bytes"], got["failures"]), (size, []))
    expect_like(c.path("back"), size)
    with open(c.path("piped"), "wb") as f:
        cat = subprocess.run(c.argv("cat", f"{url(t, p)}/big"), env=c.env, stdout=f, timeout=100,
                             check=False)
    expect_equal(cat.returncode, 0, "cat")
    with open(c.path("piped"), "rb") as f:
        expect_equal(hashlib.file_digest(f, "sha256").hexdigest(), want, "through a pipe")


@case("only holes; a hole behind an old file's content; what a resumed get has of it already")
def edges(t):
    p, c = t.server({"data": {"read_only": "no"}}), command(t)
    make(c.path("none"), 3 * GIB, {0: b""})
    c.must("put", "-q", "none", url(t, p))
    c.must("get", "-q", f"{url(t, p)}/none", "back")
    expect_equal((os.path.getsize(c.path("back")), room(p.path("none")) < ROOM,
                  room(c.path("back")) < ROOM), (3 * GIB, True, True))
    make(c.path("big"), 100 * MIB)
    c.must("put", "-q", "big", url(t, p))
    with open(p.path("full"), "wb") as f:                # over a file with content
        f.write(b"old" * MIB)
    c.must("put", "-q", "big", f"{url(t, p)}/full")
    expect_like(p.path("full"), 100 * MIB)
    c.must("put", "-q", "--resume", "big", f"{url(t, p)}/full")
    with open(p.path("full"), "rb") as a, open(c.path("big"), "rb") as b:
        expect_equal(hashlib.file_digest(a, "sha256").digest(),
                     hashlib.file_digest(b, "sha256").digest(), "after a put that was resumed")
