#!/usr/bin/env python3
"""parallel.py smb://USER@HOST/SHARE - a checksum of every file in the top folder, at once."""
import asyncio
import hashlib
import os
import sys

import bulkhead.aio


async def main(url):
    async with await bulkhead.aio.open(url, password=os.environ["BULKHEAD_PASSWORD"]) as session:
        names = [e.name async for e in session.ls() if not e.directory]
        contents = await asyncio.gather(*(session.cat(n) for n in names))
        for name, content in zip(names, contents):
            print(hashlib.sha256(content).hexdigest(), name)


asyncio.run(main(sys.argv[1]))
