"""aio.py - the same over asyncio: `await` in front of every verb.

    async with await bulkhead.aio.open("smb://alice@server/docs", password="...") as s:
        sizes = await asyncio.gather(*(s.stat(n) for n in names))
        async for entry in s.ls("reports"): ...

Calls of one session run side by side in a small pool of threads; the broker's
connection is shared, so many requests are in flight at once.
"""
from __future__ import annotations

import asyncio
import concurrent.futures
import functools
from typing import Any, AsyncIterator

from . import client
from .client import Entry

THREADS = 16


class Session:
    """Every method of client.Session, awaitable; ls and watch are async iterators."""

    def __init__(self, session: client.Session, pool: concurrent.futures.Executor) -> None:
        self.sync = session
        self._pool = pool

    async def __aenter__(self) -> "Session":
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def _run(self, f: Any, *args: Any, **how: Any) -> Any:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, functools.partial(f, *args, **how))

    async def close(self) -> None:
        await self._run(self.sync.close)
        self._pool.shutdown(wait=False)

    async def ls(self, path: str = "", pattern: str = "") -> AsyncIterator[Entry]:
        entries = self.sync.ls(path, pattern)
        while (e := await self._run(next, entries, None)) is not None:
            yield e

    async def watch(self, path: str = "", **how: Any) -> AsyncIterator[dict[str, Any]]:
        changes = await self._run(self.sync.watch, path, **how)
        try:
            while True:
                change = await self._run(changes.next, 1.0)
                if change is not None:
                    yield change
        finally:
            await self._run(changes.close)

    def __getattr__(self, name: str) -> Any:
        f = getattr(self.sync, name)
        if not callable(f):
            return f
        return functools.partial(self._run, f)


async def open(target: str, **how: Any) -> Session:
    pool = concurrent.futures.ThreadPoolExecutor(THREADS, thread_name_prefix="bulkhead")
    loop = asyncio.get_running_loop()
    session = await loop.run_in_executor(pool, functools.partial(client.open, target, **how))
    return Session(session, pool)
