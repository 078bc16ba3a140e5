"""The asynchronous client of all reads: one connection pool, retries within a budget, breakers, statistics."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self, TypeVar

import httpx
import msgspec
import tenacity

from numtui.api.answer import Answer, read_answer
from numtui.api.dialect.dialect import Dialect, Memory
from numtui.api.documents import Document
from numtui.api.errors import ApiError, KeysMissing, RateLimited, TimedOut, Unreachable
from numtui.api.http.addresses import host_of
from numtui.api.http.breaker import Breaker
from numtui.api.http.pacing import Pace
from numtui.api.http.retry import is_passing, out_of_budget, pause_before_retry
from numtui.api.http.transport import (
    HEADERS,
    authorization,
    body_of,
    direct,
    timeouts,
    trusted,
    unreachable,
    urls_for_keys,
    usable_proxy,
)
from numtui.api.http.unpacking import LARGE, UNPACKED, turn_to_unpack, unpacked
from numtui.api.partial_answer import PartialAnswer
from numtui.api.settings import ApiSettings, Timing
from numtui.config import Credentials

log = logging.getLogger(__name__)

T = TypeVar("T")

THREADS = 2  # one unpacks an answer while the other reads the one before


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """The record of one request. `status` None when no answer came, `bytes` as received, `error` the name of its type.

    `date` is the server's clock as its header states it.
    """

    name: str
    url: str
    seconds: float
    bytes: int
    status: int | None
    error: str | None
    date: str | None = None


@dataclass(slots=True)
class Stats:
    """Counts since the client began. `bytes` as received, compressed; `durations` of the last requests in seconds."""

    requests: int = 0
    bytes: int = 0
    errors: int = 0
    retries: int = 0
    rate_limited: int = 0
    durations: deque[float] = field(default_factory=lambda: deque(maxlen=1000))


_counted_for: contextvars.ContextVar[Stats | None] = contextvars.ContextVar("counted for", default=None)


@contextmanager
def counted_for(stats: Stats) -> Iterator[None]:
    """What is asked inside, in the tasks begun there too, is counted in `stats` as well."""
    outer = _counted_for.get()
    _counted_for.set(stats)
    try:
        yield
    finally:
        _counted_for.set(outer)  # not by its token: an abandoned generator ends in another context


class ApiClient:
    """A client that sends our documents. Use it as `async with ApiClient(settings, credentials) as client`.

    `on_request` is called after every request, retries included. Nothing but queries can be sent (see Document).
    `memory` keeps what the service takes of our names from one process to the next.
    """

    def __init__(
        self,
        settings: ApiSettings,
        credentials: Credentials | None = None,
        *,
        timing: Timing | None = None,
        on_request: Callable[[RequestRecord], None] | None = None,
        memory: Memory | None = None,
    ) -> None:
        self.settings = settings
        self.stats = Stats()
        self._credentials = credentials
        self._timing = timing or Timing()
        self._on_request = on_request
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._pace = Pace(settings.limits)
        self._not_before = 0.0
        self.dialect = Dialect(memory, self._timing.wall)
        self._breakers = {
            url: Breaker(settings.breaker_failures, settings.breaker_pause, self._timing.monotonic)
            for url in settings.urls
        }
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="answers")
        self.room = asyncio.Semaphore(UNPACKED)
        width = settings.concurrency
        with usable_proxy():
            self._http = httpx.AsyncClient(
                http2=True,
                headers=HEADERS,
                timeout=timeouts(settings),
                limits=httpx.Limits(max_connections=width, max_keepalive_connections=width),
                mounts=direct(settings.urls),
                verify=trusted(http2=True),
            )

    @property
    def has_keys(self) -> bool:
        """Whether questions about the account can be asked."""
        return self._credentials is not None

    async def __aenter__(self) -> Self:
        """The client itself, ready to use."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes all connections."""
        await self._http.aclose()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def ask(
        self, document: Document, variables: Mapping[str, object] | None = None, *, attempts: int | None = None
    ) -> Answer:
        """The Answer to a document; variables that are None are left out.

        Raises Unreachable, RateLimited, Refused or BadAnswer once retrying has not helped, KeysMissing at once. A name
        that the service knows in another spelling is asked for so, one that it lacks reads as None (see dialect).
        """
        if document.auth and self._credentials is None:
            raise KeysMissing
        given = {name: value for name, value in (variables or {}).items() if value is not None}

        async def send(text: str, variables: Mapping[str, object]) -> Answer:
            body = msgspec.json.encode({"query": text, "variables": variables})
            return await self._ask_patiently(document, body, attempts or self.settings.attempts)

        return await self.dialect.ask(document, given, send)

    async def _ask_patiently(self, document: Document, body: bytes, attempts: int) -> Answer:
        """The answer after as many tries as it needs, or may have; parts at which the server failed are tried alone."""
        partial = PartialAnswer(body)

        async def ask() -> bool:
            try:
                return partial.take(await self._ask_everywhere(document, partial.body))
            except ApiError as error:
                if partial.answer is None or is_passing(error):
                    raise
                return False  # what came before stays

        async def before_again(_: tenacity.RetryCallState) -> None:
            for stats in self._all_stats():
                stats.retries += 1
            await self._pace.wait(partial.query)

        def give_up(state: tenacity.RetryCallState) -> None:
            if partial.answer is None and state.outcome is not None:
                state.outcome.result()  # raises what kept the answer from us

        await self._pace.wait(document.text)
        await tenacity.AsyncRetrying(
            sleep=self._timing.sleep,
            wait=pause_before_retry(self.settings, self._timing.chance),
            stop=out_of_budget(self.settings, attempts, self._timing.monotonic),
            retry=tenacity.retry_if_exception(is_passing) | tenacity.retry_if_result(bool),
            before_sleep=before_again,
            retry_error_callback=give_up,
        )(ask)
        answer, partial.answer = partial.answer, None  # what retries leave behind would hold it until it is collected
        assert answer is not None
        return answer

    async def _ask_everywhere(self, document: Document, body: bytes) -> Answer:
        """One try: the endpoint, then its alternatives where it cannot be reached."""
        await self._wait_for_rate_limit()
        *first, last = urls_for_keys(self.settings) if document.auth else self.settings.urls
        for url in first:
            try:
                return await self._ask_one(url, document, body)
            except Unreachable as error:
                log.info("%s; asking the next endpoint", error)
        return await self._ask_one(last, document, body)

    async def _wait_for_rate_limit(self) -> None:
        """Lets the pause pass that a server's Retry-After asked of all of us."""
        pause = self._not_before - self._timing.monotonic()
        if pause > self.settings.budget:
            raise RateLimited(pause)
        if pause > 0:
            await self._timing.sleep(pause)

    async def _ask_one(self, url: str, document: Document, asked: bytes) -> Answer:
        async with self._slots:
            with self._breakers[url].guard():
                started = self._timing.monotonic()
                response: httpx.Response | None = None
                failure: ApiError | None = None
                try:
                    async with (
                        asyncio.timeout(self.settings.total_timeout),
                        self._http.stream("POST", url, content=asked, headers=self._headers(document)) as response,
                    ):
                        packing, body = await body_of(response)
                    return await self._read(response, packing, body, keyed=document.auth)
                except TimeoutError:
                    failure = TimedOut(self._overdue(url))
                    raise failure from None
                except (httpx.HTTPError, httpx.InvalidURL) as error:
                    failure = unreachable(error, url, self.settings)
                    raise failure from None
                except ApiError as error:
                    failure = error
                    raise
                finally:
                    self._record(document.name, url, started, response, failure)

    def _overdue(self, url: str) -> str:
        return f"no whole answer from {host_of(url)} within {self.settings.total_timeout:g} s: try again later"

    async def _read(self, response: httpx.Response, packing: str, body: bytes, *, keyed: bool) -> Answer:
        """The answer in a body: a large one waits for its turn, and is unpacked beside the event loop."""
        secret = self._credentials.secret_key if self._credentials is not None else ""
        now = self._timing.wall()

        def read() -> Answer:
            content = unpacked(body, packing)
            return read_answer(response.status_code, response.headers, content, now, secret=secret, keyed=keyed)

        if len(body) < LARGE:
            return read()
        await turn_to_unpack()
        return await self.beside(read)

    async def beside(self, work: Callable[[], T]) -> T:
        """What `work` returns, done in a thread; odd values met there go to who collects them here."""
        context = contextvars.copy_context()
        return await asyncio.get_running_loop().run_in_executor(self._threads, context.run, work)

    def _headers(self, document: Document) -> dict[str, str]:
        return authorization(self._credentials) if document.auth else {}

    def _all_stats(self) -> tuple[Stats, ...]:
        """The counts of the client, and of whoever has what is asked now counted."""
        stats = _counted_for.get()
        return (self.stats,) if stats is None else (self.stats, stats)

    def _record(
        self, name: str, url: str, started: float, response: httpx.Response | None, failure: ApiError | None
    ) -> None:
        seconds = self._timing.monotonic() - started
        size = response.num_bytes_downloaded if response is not None else 0
        for stats in self._all_stats():
            stats.requests += 1
            stats.bytes += size
            stats.durations.append(seconds)
            stats.errors += failure is not None
            stats.rate_limited += isinstance(failure, RateLimited)
        if isinstance(failure, RateLimited) and failure.retry_after is not None:
            self._not_before = max(self._not_before, self._timing.monotonic() + failure.retry_after)
        if self._on_request is not None:
            status = response.status_code if response is not None else None
            error = type(failure).__name__ if failure is not None else None
            date = response.headers.get("date") if response is not None else None
            self._on_request(RequestRecord(name, url, seconds, size, status, error, date))
