"""Listing and fetching, signed and encrypted: the bytes that arrive are the bytes on disk."""
import hashlib
import os

from case import case, expect_equal
from smb import ENCRYPT, SIGN, get_digest

MIB = 1 << 20
GIB = 1 << 30


def fill(path, size):
    """size bytes that repeat at no power of two; their digest."""
    digest = hashlib.sha256()
    block = hashlib.shake_128(path.encode()).digest(MIB - 7)
    with open(path, "wb") as f:
        while size > 0:
            piece = block[:min(size, len(block))]
            f.write(piece)
            digest.update(piece)
            size -= len(piece)
    return digest.hexdigest()


def fill_sparse(path, size):
    """A hole with marks at its ends, its middle and across 4 GiB."""
    with open(path, "wb") as f:
        f.truncate(size)
        for at in (0, size // 2, 4 * GIB - 3, size - 9):
            f.seek(at)
            f.write(b"mark @%d"[:9] % (at % 10))
    digest = hashlib.sha256()
    with open(path, "rb") as f:
        while chunk := f.read(MIB):
            digest.update(chunk)
    return digest.hexdigest()


def get(t, server, size, protection):
    want = fill(server.path("file.bin"), size)
    client = t.client(server, extra=protection)
    got = get_digest(client, "file.bin", hashlib.sha256(), t.folder())
    expect_equal(got, want, f"digest of {size} bytes")


def list_thousand(t, protection):
    server = t.server()
    want = sorted(f"a file with a rather ordinary name {i:04d}.txt" for i in range(1000))
    for name in want:
        open(server.path(name), "w").close()
    got = t.client(server, extra=protection).names()
    expect_equal(sorted(got), want, "names")


@case("a directory of 1,000 entries is listed whole, signed")
def list_thousand_signed(t):
    list_thousand(t, SIGN)


@case("a directory of 1,000 entries is listed whole, encrypted")
def list_thousand_encrypted(t):
    list_thousand(t, ENCRYPT)


@case("files of 0, 1 byte and 100 MB arrive whole, signed")
def get_signed(t):
    server = t.server()
    for size in (0, 1, 100_000_000):
        get(t, server, size, SIGN)


@case("files of 0, 1 byte and 100 MB arrive whole, encrypted")
def get_encrypted(t):
    server = t.server()
    for size in (0, 1, 100_000_000):
        get(t, server, size, ENCRYPT)


def get_sparse(t, protection):
    server = t.server()
    want = fill_sparse(server.path("sparse"), 5 * GIB)
    client = t.client(server, extra=protection)
    expect_equal(get_digest(client, "sparse", hashlib.sha256(), t.folder()), want, "digest")


@case("a sparse file of 5 GiB arrives whole, signed", timeout=300)
def get_sparse_signed(t):
    get_sparse(t, SIGN)


@case("a sparse file of 5 GiB arrives whole, encrypted", timeout=300)
def get_sparse_encrypted(t):
    get_sparse(t, ENCRYPT)


@case("directories are entered, and sizes and dates are those on disk")
def walk_directories(t):
    server = t.server()
    os.makedirs(server.path("a", "b c", "grün"))
    with open(server.path("a", "b c", "grün", "leaf"), "wb") as f:
        f.write(b"x" * 12345)
    os.utime(server.path("a", "b c", "grün", "leaf"), (0, 1_600_000_000))
    out = t.client(server).must('cd a; cd "b c"; cd grün; ls; allinfo leaf')
    expect_equal("12345" in out and "2020" in out, True, "size and year in\n" + out)


@case("`serve --share` serves without any configuration file's shares")
def serve_share_option(t):
    server = t.new_server(shares={"data": {}})
    folder = t.folder()
    with open(f"{folder}/hello", "w") as f:
        f.write("hello\n")
    os.chmod(folder, 0o755)
    server.start("--share", f"extra={folder}")
    expect_equal(t.client(server, share="extra").names(), ["hello"], "names")
