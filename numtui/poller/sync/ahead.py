"""Making the next while the one before is used: what decodes in a thread goes on while SQLite writes on the loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _End:
    """The end of the items, and what ended them."""

    error: Exception | None = None


async def ahead(source: AsyncGenerator[T]) -> AsyncIterator[T]:
    """The items of `source`, the next one made meanwhile. Left early, or when `source` fails, it ends that too."""
    queue: asyncio.Queue[T | _End] = asyncio.Queue(1)

    async def fill() -> None:
        end = _End()
        try:
            async with aclosing(source):
                async for item in source:
                    await queue.put(item)
        except Exception as error:  # noqa: BLE001  raised below, where the items are used
            end = _End(error)
        await queue.put(end)

    filling = asyncio.create_task(fill())
    try:
        while not isinstance(item := await queue.get(), _End):
            yield item
        if item.error is not None:
            raise item.error
    finally:
        filling.cancel()
        await asyncio.gather(filling, return_exceptions=True)
