"""Unpacking the bodies of answers: large ones beside the event loop, and not many at once.

A history of many days has a megabyte on the wire and eight unpacked, so that eight of them would fill the memory.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from numtui.api.errors import BadAnswer

PACKED = frozenset({"gzip", "x-gzip", "deflate"})
PLAIN = frozenset({"identity", ""})
MOST_UNPACKED = 512 * 2**20  # bytes; the largest answer ever seen has some ten megabytes
UNPACKED = 2  # large answers of a client held at once: the one that is read, and the next
LARGE = 2**16  # bytes from which on an answer is worth a thread
TOO_LARGE = "the API's answer is far larger than any it should give: it was not read"


def unpacked(body: bytes, packing: str) -> bytes:
    """A body as its Content-Encoding says. BadAnswer where it is wrongly packed, or larger than any answer of the API:
    a megabyte that unpacks to a terabyte would fill the memory."""
    if packing in PLAIN or not body:
        return body
    try:
        content, whole = _inflated(body, zlib.MAX_WBITS | 32)  # gzip and deflate by their heads
    except zlib.error:
        content, whole = _without_head(body)
    if len(content) > MOST_UNPACKED:
        raise BadAnswer(TOO_LARGE, passing=False)
    if not whole:
        raise _cut_off()
    return content


def _without_head(body: bytes) -> tuple[bytes, bool]:
    """A body that some servers send as deflate, without the head that it should have."""
    try:
        return _inflated(body, -zlib.MAX_WBITS)
    except zlib.error:
        raise _cut_off() from None


def _inflated(body: bytes, window: int) -> tuple[bytes, bool]:
    """The content, a byte more than may be at most, and whether the body came to its end."""
    unpacking = zlib.decompressobj(window)
    content = unpacking.decompress(body, MOST_UNPACKED + 1)
    return content, unpacking.eof


def _cut_off() -> BadAnswer:
    return BadAnswer("the API's answer was cut off or wrongly compressed: try again")


class Turn:
    """A place among the few large answers that are unpacked at once, from its unpacking until it has been read."""

    def __init__(self, room: asyncio.Semaphore) -> None:
        self._room = room
        self._taken = False

    @contextmanager
    def awaited(self) -> Iterator[None]:
        """Inside, what unpacks a large answer waits for this turn."""
        token = _turn.set(self)
        try:
            yield
        finally:
            _turn.reset(token)

    async def take(self) -> None:
        """Returns when there is room; at once when it has been taken before."""
        if not self._taken:
            await self._room.acquire()
            self._taken = True

    def give_back(self) -> None:
        """Makes room for the next."""
        if self._taken:
            self._taken = False
            self._room.release()


_turn: ContextVar[Turn | None] = ContextVar("turn", default=None)


async def turn_to_unpack() -> None:
    """Waits for the turn of the request under way, where it has to wait for one."""
    turn = _turn.get()
    if turn is not None:
        await turn.take()
