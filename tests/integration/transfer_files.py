"""transfer_files.py - large files that say where they stand, and waiting for what is to come."""
import hashlib
import time

from case import expect


def until(condition, seconds=40):
    end = time.monotonic() + seconds
    while not condition():
        expect(time.monotonic() < end, "it never happened")
        time.sleep(0.02)


def make(path, size):
    """Not all zeros, quickly: blocks that say where they stand."""
    digest = hashlib.sha256()
    with open(path, "wb") as f:
        for i in range(size >> 20):
            block = (b"%015d\n" % i) * 65536
            digest.update(block)
            f.write(block)
    return digest.hexdigest()


def digest_of(path):
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()
