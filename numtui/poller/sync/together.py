"""Jobs that run at once; the first error stops the others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def together() -> AsyncIterator[asyncio.TaskGroup]:
    """A group of tasks, all done at its end; the first error ends the others and is raised as it is."""
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from errors


async def side_by_side(*jobs: Coroutine[object, object, None] | None) -> None:
    """Runs jobs at once; the first error ends the others and is raised as it is."""
    async with together() as group:
        for job in jobs:
            if job is not None:
                group.create_task(job)


async def all_of(*jobs: Coroutine[object, object, Any]) -> list[Any]:
    """The results of jobs at once. Each comes to its end, whatever becomes of the others; then the first error among
    them, in their order, is raised."""
    results = await asyncio.gather(*jobs, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results
