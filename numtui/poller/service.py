"""The poller as a process: elected by the lock, polling every tournament again and again until it is told to end."""

from __future__ import annotations

import asyncio
import logging
import random
import signal
import sqlite3
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from numtui import config
from numtui.api.client import ApiClient
from numtui.api.errors import ApiError, RateLimited, Unreachable
from numtui.api.queries import Queries
from numtui.api.settings import ApiSettings
from numtui.clock import Clock
from numtui.config import Settings
from numtui.model import Tournament
from numtui.poller.context import Poll, Work
from numtui.poller.dialect import DialectMemory
from numtui.poller.lock import PollerLock, viewers
from numtui.poller.sync import poll_once
from numtui.store import models, polls
from numtui.store.database import open_writer
from numtui.store.errors import DamagedDatabase, StoreError, translated
from numtui.store.repair import close_sound, open_sound

log = logging.getLogger(__name__)

DONE, FAILED, UNREACHABLE, INTERRUPTED = 0, 1, 3, 130  # exit codes
LOOK_EVERY = 0.5  # seconds between two looks at refresh requests and viewers
SAY_EVERY = 2.0  # seconds between two lines on the progress of a poll
TAKE_OVER_EVERY = 2.0  # seconds between two tries of a follower to become the poller
JITTER = 0.05  # of the interval, so that many users do not ask at once
LONGEST_BACKOFF = 8  # intervals, while the API is down

Hook = Callable[[Settings, Clock, Tournament], None]
Say = Callable[[str], None]


@dataclass(slots=True)
class Service:
    """A poller's life. `hooks` run in a thread after each scoring run that was ingested; `say` tells what happens."""

    settings: Settings
    clock: Clock
    once: bool = False
    child: bool = False
    hooks: Sequence[Hook] = ()
    say: Say = field(default=lambda line: None)
    chance: Callable[[], float] = random.random
    _answered: int = 0  # the newest refresh request that a poll has served
    _failures: int = 0
    _said: float = 0.0

    async def run(self) -> int:
        """Waits for its turn, then polls; the exit code."""
        lock = PollerLock(self.settings.db)
        if not lock.try_acquire():
            if self.child:
                return DONE  # another child was quicker
            if self.once:
                return await self._follow_once()
            self.say("another process polls this database; waiting to take over")
            while not lock.try_acquire():
                await asyncio.sleep(TAKE_OVER_EVERY)
        try:
            while True:
                code = await self._with_database()
                if code is not None:
                    return code
        finally:
            lock.release()

    async def _with_database(self) -> int | None:
        """Polls on a sound database; None when it has turned out to be damaged and must be opened anew."""
        connection, rebuilt = open_sound(self.settings.db, self.clock.now())
        if rebuilt is not None:
            self.say(str(rebuilt))
        try:
            with translated(self.settings.db):
                polls.close_abandoned(connection, self.clock.now())
                polls.set_meta(connection, "api_url", self.settings.api_urls[0])
                polls.set_meta(connection, "simulated", "1" if self.settings.simulated else None)
                async with make_client(self.settings, connection) as client:
                    code = await self._poll_on(
                        Work(self.settings, self.clock, Queries(client), connection, self._report)
                    )
        except DamagedDatabase as error:
            log.warning("%s", error)
            connection.close()  # without a word: the next opening checks it
            return None
        except BaseException:
            _close(connection)
            raise
        _close(connection)
        return code

    async def _poll_on(self, work: Work) -> int:
        while True:
            self._answered = models.refresh_requests(work.connection)
            code = await self.poll_all(work)
            if self.once:
                return code
            self._failures = self._failures + 1 if code == UNREACHABLE else 0
            await self._wait(work.connection)

    async def poll_all(self, work: Work) -> int:
        """One poll of each tournament, the one on screen first; the exit code of the worst."""
        first = self.settings.tournament
        worst = DONE
        for tournament in sorted(Tournament, key=lambda one: (one != first, one)):
            try:
                done = await poll_once(work, tournament)
            except DamagedDatabase:
                raise
            except (Unreachable, RateLimited) as error:
                self._explain(tournament, error)
                return UNREACHABLE  # the others would fail alike, after as many retries
            except (ApiError, StoreError) as error:
                self._explain(tournament, error)
                worst = FAILED
                continue
            self._explain(tournament, done)
            worst = FAILED if done.problems else worst
            if done.kind in {"first", "scored"} and not done.problems:
                await self._run_hooks(tournament)
        return worst

    def _explain(self, tournament: Tournament, what: Poll | Exception) -> None:
        if isinstance(what, Exception):
            log.warning("%s: %s", tournament.label, what)
            self.say(f"{tournament.label}: {what}")
            return
        progress = what.progress
        self.say(
            f"{tournament.label}: {what.kind} poll {what.state}, {progress.requests} requests, "
            f"{progress.rows:,} scores, {progress.bytes / 1e6:.1f} MB, {progress.seconds:.1f} s"
            f"{'; ' if what.message else ''}{what.message or ''}"
        )

    def _report(self, poll: Poll) -> None:
        progress, now = poll.progress, asyncio.get_running_loop().time()
        if progress.models_total and now - self._said >= SAY_EVERY:
            self._said = now
            done = f"{progress.models_done} of {progress.models_total} models"
            self.say(f"{poll.tournament.label}: {progress.step}, {done}, {progress.rounds:,} rounds")

    async def _run_hooks(self, tournament: Tournament) -> None:
        for hook in self.hooks:
            try:
                await asyncio.to_thread(hook, self.settings, self.clock, tournament)
            except Exception as error:
                log.exception("after the scoring run of %s", tournament.label)
                self.say(f"{tournament.label}: {type(error).__name__}: {error}")

    async def _wait(self, connection: sqlite3.Connection) -> None:
        """Waits for the next poll: its time, or a request for it."""
        loop = asyncio.get_running_loop()
        interval = self.settings.poll_interval * min(2 ** max(self._failures - 1, 0), LONGEST_BACKOFF)
        due = loop.time() + interval * (1 + JITTER * (2 * self.chance() - 1))
        while loop.time() < due:
            if models.refresh_requests(connection) != self._answered:
                return
            await asyncio.sleep(min(LOOK_EVERY, max(due - loop.time(), 0)))

    async def _follow_once(self) -> int:
        """Another process polls: have it poll now, and wait until it has polled every tournament."""
        self.say("another process polls this database: asking it to poll now")
        connection = open_writer(self.settings.db)
        try:
            models.request_refresh(connection)
            last = connection.execute("SELECT coalesce(max(poll), 0) FROM polls").fetchone()[0]
            while True:
                ended = connection.execute(
                    "SELECT count(DISTINCT tournament), max(state = 'failed') FROM polls "
                    "WHERE poll > ? AND state IN ('done', 'failed')",
                    (last,),
                ).fetchone()
                if ended[0] == len(Tournament):
                    return FAILED if ended[1] else DONE
                await asyncio.sleep(LOOK_EVERY)
        finally:
            connection.close()


def _close(connection: sqlite3.Connection) -> None:
    """Closes the database as sound, as far as it still can be written."""
    try:
        close_sound(connection)
    except sqlite3.Error as error:
        log.warning("the cache was closed without a last word: %s", error)


def make_client(settings: Settings, connection: sqlite3.Connection) -> ApiClient:
    """The API's client by these settings, with the keys of the environment. ConfigError for half a key.

    What the service takes of our names is kept in the cache behind `connection`.
    """
    return ApiClient(
        ApiSettings(
            urls=settings.api_urls,
            connect_timeout=settings.connect_timeout,
            read_timeout=settings.read_timeout,
            concurrency=settings.concurrency,
            fiat=settings.fiat,
        ),
        config.credentials(),
        memory=DialectMemory(connection, settings.api_urls[0]),
    )


def say_to_stderr(line: str) -> None:
    """A line for the user."""
    sys.stderr.write(f"numtui: {line}\n")
    sys.stderr.flush()


def poll(
    settings: Settings, clock: Clock, *, once: bool = False, child: bool = False, hooks: Sequence[Hook] = ()
) -> int:
    """Polls until it is interrupted (130), once, or as the screens' child until the last of them ends; the exit code.

    SIGINT and SIGTERM end it within a moment, with the poll under way recorded as interrupted. StoreErrors,
    ConfigErrors and OSErrors that keep it from beginning are raised.
    """
    with suppress(asyncio.CancelledError):
        return asyncio.run(_until_told(Service(settings, clock, once, child, hooks, say_to_stderr)))
    return INTERRUPTED


async def _until_told(service: Service) -> int:
    """Runs the service until it ends, a signal comes, or its last viewer has gone."""
    task = asyncio.ensure_future(service.run())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    while service.child and not task.done():
        if not viewers(service.settings.db):
            task.cancel()
        await asyncio.wait([task], timeout=LOOK_EVERY)
    return await task
