"""Waiting for one's turn: the lock under which everything is fetched, and the holder's signs of life."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from numtui.api.errors import Unreachable
from numtui.poller.lock import BEAT_EVERY, FetchLock, HeldLock, HungHolder

LOOK_EVERY = 0.2  # seconds
SAY_AFTER = 2.0  # seconds of waiting
LONGEST_WAIT = 600.0  # seconds for another process's fetch


class Busy(Unreachable):
    """Another process fetches into the cache and does not come to an end."""


@asynccontextmanager
async def fetching(
    db: Path, say: Callable[[str], None] = lambda line: None, longest: float = LONGEST_WAIT
) -> AsyncIterator[None]:
    """Holds the lock of fetching meanwhile. Busy when another process has held it for `longest` seconds."""
    lock = FetchLock(db)
    hung, loop = HungHolder(lock), asyncio.get_running_loop()
    began, said = loop.time(), False
    while not lock.try_acquire():
        waited = loop.time() - began
        if waited > longest:
            raise Busy(f"another process has been fetching for {longest:.0f} s: try again when it has finished")
        if waited > SAY_AFTER and not said:
            said = True
            say("another process fetches into this database: waiting for it")
        hung.look()
        await asyncio.sleep(LOOK_EVERY)
    try:
        async with beating(lock):
            yield
    finally:
        lock.release()


@asynccontextmanager
async def beating(lock: HeldLock) -> AsyncIterator[None]:
    """Shows meanwhile that the holder of a lock lives: from the event loop, so that a hung loop shows none."""

    async def beat() -> None:
        while True:
            lock.beat()
            await asyncio.sleep(BEAT_EVERY)

    heart = asyncio.create_task(beat())
    try:
        yield
    finally:
        heart.cancel()
