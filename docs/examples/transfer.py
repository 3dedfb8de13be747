#!/usr/bin/env python3
"""transfer.py smb://USER@HOST/SHARE PATH LOCAL - fetches a file; run again, it goes on where it was."""
import os
import sys

import bulkhead

url, path, local = sys.argv[1:]


def progress(done, total):
    print(f"\r{done * 100 // max(total, 1):3} %", end="", flush=True)


with bulkhead.open(url, password=os.environ["BULKHEAD_PASSWORD"]) as session:
    moved = session.get(path, local, resume=True, checksum=True, progress=progress)
    print(f"\n{moved['bytes']} bytes now, SHA-256 of these {moved['hash']}")
