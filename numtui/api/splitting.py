"""Many models in few requests: aliased together within the API's limits, several requests at once, split on trouble."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from numtui.api.answer import Answer
from numtui.api.client import ApiClient
from numtui.api.documents import Document
from numtui.api.errors import ApiError, ServerFault, TimedOut, TooComplex
from numtui.api.http.unpacking import LARGE, Turn

T = TypeVar("T")
R = TypeVar("R")

TOGETHER_ATTEMPTS = 3  # tries of a request for several models before each is asked for alone


async def ask_each(
    client: ApiClient,
    build: Callable[[int], Document],
    keys: Sequence[str],
    variables: Mapping[str, object],
    wanted: type[T],
    *,
    read: Callable[[T | None], R],
    size: int,
) -> AsyncIterator[tuple[str, R | ApiError]]:
    """(key, what `read` makes of its part, or the error in its place), as the answers come in; each key once.

    `build(n)` is the document for n keys, which it takes as the variables m0, m1, ... and answers under these aliases.
    At most `size` keys go in one request and `client.settings.concurrency` requests at once. Keys whose request is too
    complex, or fails in the server or by time-out again and again, are asked for alone. A part is
    decoded when its turn comes, and no more than UNPACKED large answers of the client are held unpacked until then:
    eight answers of three histories each would fill the memory. Large parts are decoded and read in a thread.
    """
    together = size

    async def ask(chunk: Sequence[str]) -> list[tuple[str, str, Answer | ApiError]]:
        nonlocal together
        if len(chunk) > together:
            return await ask_alone(chunk)
        given = {**variables, **{f"m{i}": key for i, key in enumerate(chunk)}}
        several = len(chunk) > 1
        try:
            answer = await client.ask(build(len(chunk)), given, attempts=TOGETHER_ATTEMPTS if several else None)
        except (ServerFault, TimedOut) as error:
            return await ask_alone(chunk) if several else [(chunk[0], "m0", error)]
        except ApiError as error:
            return [(key, f"m{i}", error) for i, key in enumerate(chunk)]
        if several and any(isinstance(error, TooComplex) for error in answer.errors):
            together = 1  # the others of this call need not find out again
            return await ask_alone(chunk)
        return [(key, f"m{i}", answer) for i, key in enumerate(chunk)]

    async def ask_alone(chunk: Sequence[str]) -> list[tuple[str, str, Answer | ApiError]]:
        return [result for key in chunk for result in await ask([key])]

    async def reading(answer: Answer, alias: str) -> R | ApiError:
        def decode() -> R | ApiError:
            try:
                part = answer.part(alias, wanted, blanks=True)
            except ApiError as error:
                return error
            return read(part)

        return await client.beside(decode) if answer.size(alias) >= LARGE else decode()

    async def ask_in_turn(chunk: Sequence[str]) -> tuple[Turn, list[tuple[str, str, Answer | ApiError]]]:
        turn = Turn(client.room)
        with turn.awaited():
            return turn, await ask(chunk)

    jobs = [keys[start : start + size] for start in range(0, len(keys), size)]
    async for turn, results in in_parallel(ask_in_turn, jobs, client.settings.concurrency):
        try:
            while results:
                key, alias, result = results.pop(0)
                yield key, result if isinstance(result, ApiError) else await reading(result, alias)
        finally:
            turn.give_back()


J = TypeVar("J")


async def in_parallel(work: Callable[[J], Awaitable[R]], jobs: Iterable[J], width: int) -> AsyncIterator[R]:
    """The results of `work` on each job as they come, `width` at a time. Left early, it cancels what is under way.

    No more than `width` results wait for a slow reader.
    """
    waiting = iter(jobs)
    running: set[asyncio.Future[R]] = set()

    def fill() -> None:
        while len(running) < width:
            try:
                running.add(asyncio.ensure_future(work(next(waiting))))
            except StopIteration:
                return

    try:
        fill()
        while running:
            done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            running -= done
            fill()
            while done:
                yield done.pop().result()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
