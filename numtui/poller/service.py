"""A poller's life: elected by the lock, it polls every tournament again and again, and checks the cache once a day."""

from __future__ import annotations

import asyncio
import logging
import math
import random
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from numtui.api.errors import ApiError, RateLimited, Unreachable
from numtui.api.http.addresses import without_password
from numtui.api.queries import Queries
from numtui.clock import Clock, real_seconds
from numtui.config import Settings
from numtui.errors import DONE, FAILED, UNREACHABLE
from numtui.model import Tournament, time_text
from numtui.poller.client import make_client
from numtui.poller.field import fetch_newest_field
from numtui.poller.lock import PATIENCE, HungHolder, PollerLock
from numtui.poller.memory import give_back
from numtui.poller.sync.context import Poll, PollContext, unforeseen
from numtui.poller.sync.days import fill_days, has_usual_days
from numtui.poller.sync.poll import poll_once
from numtui.poller.sync.together import together
from numtui.poller.turns import LONGEST_WAIT, beating, fetching
from numtui.store.database import open_reader, open_writer
from numtui.store.errors import DamagedDatabase, StoreError, as_store_errors, suspect, suspicion
from numtui.store.queries.meta import get_meta, get_meta_time, refresh_requests
from numtui.store.repair import Rebuilt, close_sound, is_sound, open_sound
from numtui.store.writes import polls
from numtui.store.writes.meta import request_refresh, set_meta

log = logging.getLogger(__name__)

LOOK_EVERY = 0.5  # seconds between two looks at refresh requests and viewers
SAY_EVERY = 2.0  # seconds between two lines on the progress of a poll
TAKE_OVER_EVERY = 2.0  # seconds between two tries of a follower to become the poller
JITTER = 0.05  # of the interval, so that many users do not ask at once
LONGEST_BACKOFF = 8  # intervals, while the API is down

CHECK_EVERY = 24 * 3600.0  # seconds between two checks of a whole cache
CHECKED = "checked"  # in `meta`: when that was
ANSWERED = "answered"  # in `meta`: the newest refresh request that a poll has served, and that poll's exit code

Hook = Callable[[Settings, Clock, Tournament], None]
Watch = Callable[[Settings, Clock], None]
Say = Callable[[str], None]


@dataclass(slots=True)
class Service:
    """A poller's life. `hooks` run in a thread after each scoring run that was ingested, once every day is here that
    forecasts need; `watches` after every poll, whatever became of it; `say` tells what happens. `full`: the days of
    every round are fetched, not of the newest alone.
    """

    settings: Settings
    clock: Clock
    once: bool = False
    child: bool = False
    wait: float = LONGEST_WAIT
    hooks: Sequence[Hook] = ()
    watches: Sequence[Watch] = ()
    say: Say = field(default=lambda line: None)
    chance: Callable[[], float] = random.random
    full: bool = False
    _answered: int = 0  # the newest refresh request that a poll has served
    _failures: int = 0
    _said: float = 0.0
    _key_refusal: str | None = None

    async def run(self) -> int:
        """Waits for its turn, then polls; the exit code."""
        lock = PollerLock(self.settings.db)
        if not lock.try_acquire():
            if self.child:
                return DONE  # another child was quicker
            if self.once:
                code = await self._follow_once(lock)
                if code is not None:
                    return code
            else:
                self.say("another process polls this database; waiting to take over")
                hung = HungHolder(lock)
                while not lock.try_acquire():
                    hung.look()
                    await asyncio.sleep(TAKE_OVER_EVERY)
        try:
            while True:
                lock.beat(patience=PATIENCE)  # to check, rebuild or migrate a large cache takes its time
                async with fetching(self.settings.db, self.say, PATIENCE):
                    opened = open_sound(self.settings.db, self.clock.now())
                async with beating(lock):
                    code = await self._with_database(*opened)
                if code is not None:
                    return code
        finally:
            lock.release()

    async def _with_database(self, connection: sqlite3.Connection, rebuilt: Rebuilt | None) -> int | None:
        """Polls on a sound database; None when it has turned out to be damaged and must be opened anew."""
        if rebuilt is not None:
            self.say(str(rebuilt))
        try:
            with as_store_errors(self.settings.db):
                set_meta(connection, "api_url", without_password(self.settings.api_urls[0]))
                set_meta(connection, "simulated", "1" if self.settings.simulated else None)
                async with make_client(self.settings, connection) as client:
                    code = await self._poll_on(
                        PollContext(self.settings, self.clock, Queries(client), connection, self._report)
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

    async def _poll_on(self, context: PollContext) -> int:
        while True:
            self._answered = refresh_requests(context.connection)
            async with fetching(self.settings.db, self.say):
                polls.close_abandoned(context.connection, self.clock.now())
                code = await self.poll_all(context)
            await self._run_watches()
            set_meta(context.connection, ANSWERED, f"{self._answered} {code}")
            await self._check(context.connection)
            if self.once:
                return code
            self._failures = self._failures + 1 if code == UNREACHABLE else 0
            await self._wait(context.connection)

    async def _check(self, connection: sqlite3.Connection) -> None:
        """Looks the cache over once a day, beside the event loop. DamagedDatabase when something is wrong with it."""
        db, now = self.settings.db, self.clock.now()
        last = get_meta_time(connection, CHECKED)
        if last is None or now - last >= real_seconds(self.clock, CHECK_EVERY):
            if not await asyncio.to_thread(_looks_sound, db):
                suspect(db)
            set_meta(connection, CHECKED, time_text(now))
        if suspicion(db).exists():
            raise DamagedDatabase(f"{db} is damaged")

    async def poll_all(self, context: PollContext) -> int:
        """One poll of each tournament, the one on screen first, then the days that are not here; the exit code of the
        worst."""
        selected = self.settings.tournament
        order = sorted(Tournament, key=lambda item: (item != selected, item))
        ingested: set[Tournament] = set()
        scored: list[Tournament] = []
        worst = DONE
        polled = await self._poll_each(context, order)
        give_back()
        for tournament, (code, done) in polled.items():
            worst = worst or code
            if code == UNREACHABLE:
                return code
            if code == DONE and any(poll.kind in {"first", "scored"} for poll in done):
                ingested.add(tournament)
            if any(poll.kind == "scored" and poll.progress.rows for poll in done):
                scored.append(tournament)
        for tournament in order:
            code, done = await self._attempt(tournament, self._fill_days(context, tournament))
            if done:
                give_back()
            worst = worst or code
            if code == UNREACHABLE:
                return code
            if (done or tournament in ingested) and code == DONE and has_usual_days(context.connection, tournament):
                await self._run_hooks(tournament)
        if worst == DONE and not self.settings.no_field:
            for tournament in scored:
                await self._fetch_field(context, tournament)
        return worst

    async def _fetch_field(self, context: PollContext, tournament: Tournament) -> None:
        """The newest rounds with everybody in them; without them the poll is as good."""
        try:
            await fetch_newest_field(context, tournament)
        except DamagedDatabase:
            raise
        except (ApiError, StoreError) as error:
            self._explain(tournament, f"the field of the newest rounds: {error}")
        give_back()

    async def _poll_each(
        self, context: PollContext, order: Sequence[Tournament]
    ) -> dict[Tournament, tuple[int, list[Poll]]]:
        """What `_attempt` says of a poll of each tournament. The first begins; once it has an answer the others go on
        beside it: where the API cannot be reached, they would fail alike after as many retries."""
        first, *others = order
        answered = asyncio.Event()
        async with together() as group:
            leading = group.create_task(self._attempt(first, self._poll(context, first, answered.set)))
            leading.add_done_callback(lambda _: answered.set())
            await answered.wait()
            if leading.done() and leading.result()[0] == UNREACHABLE:
                return {first: leading.result()}
            polling = {tournament: self._attempt(tournament, self._poll(context, tournament)) for tournament in others}
            tasks = {first: leading} | {tournament: group.create_task(job) for tournament, job in polling.items()}
        return {tournament: task.result() for tournament, task in tasks.items()}

    async def _poll(
        self, context: PollContext, tournament: Tournament, answered: Callable[[], None] = lambda: None
    ) -> AsyncIterator[Poll]:
        yield await poll_once(context, tournament, answered=answered)

    def _fill_days(self, context: PollContext, tournament: Tournament) -> AsyncIterator[Poll]:
        """The days that are not here; when the next poll is due or asked for, the rest wait until it is done."""
        loop, connection = asyncio.get_running_loop(), context.connection
        end = math.inf if self.once else loop.time() + self.settings.poll_interval

        def enough() -> bool:
            return loop.time() > end or refresh_requests(connection) != self._answered

        return fill_days(context, tournament, first=0 if self.full else None, enough=enough)

    async def _attempt(self, tournament: Tournament, polling: AsyncIterator[Poll]) -> tuple[int, list[Poll]]:
        """The exit code of polls of a tournament, and the polls; what they did, or what went wrong, is said."""
        done: list[Poll] = []
        try:
            async for poll in polling:
                self._explain(tournament, poll)
                done.append(poll)
        except DamagedDatabase:
            raise
        except (Unreachable, RateLimited) as error:
            self._explain(tournament, error)
            return UNREACHABLE, done
        except (ApiError, StoreError) as error:
            self._explain(tournament, error)
            return FAILED, done
        except sqlite3.Error:
            raise
        except Exception as error:
            log.exception("the poll of %s", tournament.label)
            self._explain(tournament, unforeseen(error))
            return FAILED, done
        return FAILED if any(poll.problems for poll in done) else DONE, done

    def _explain(self, tournament: Tournament, what: Poll | Exception | str) -> None:
        if not isinstance(what, Poll):
            log.warning("%s: %s", tournament.label, what)
            self.say(f"{tournament.label}: {what}")
            return
        progress, message = what.progress, what.message or ""
        if what.key_refusal is not None:
            if what.key_refusal == self._key_refusal:  # the sentence was said of another tournament
                message = message.replace(what.key_refusal, "key refused")
            self._key_refusal = what.key_refusal
        self.say(
            f"{tournament.label}: {what.kind} poll {what.state}, {progress.requests} requests, "
            f"{progress.rows:,} scores, {progress.bytes / 1e6:.1f} MB, {progress.seconds:.1f} s"
            f"{'; ' if message else ''}{message}"
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
                self.say(f"{tournament.label}: {unforeseen(error)}")
            give_back()

    async def _run_watches(self) -> None:
        for watch in self.watches:
            try:
                await asyncio.to_thread(watch, self.settings, self.clock)
            except Exception as error:
                log.exception("after the poll")
                self.say(f"after the poll: {unforeseen(error)}")

    async def _wait(self, connection: sqlite3.Connection) -> None:
        """Waits for the next poll: its time, or a request for it."""
        loop = asyncio.get_running_loop()
        interval = self.settings.poll_interval * min(2 ** max(self._failures - 1, 0), LONGEST_BACKOFF)
        due = loop.time() + interval * (1 + JITTER * (2 * self.chance() - 1))
        while loop.time() < due:
            if refresh_requests(connection) != self._answered:
                return
            if suspicion(self.settings.db).exists():
                raise DamagedDatabase(f"a reader found {self.settings.db} damaged")
            await asyncio.sleep(min(LOOK_EVERY, max(due - loop.time(), 0)))

    async def _follow_once(self, lock: PollerLock) -> int | None:
        """Another process polls: has it poll now and waits; its exit code, or None when the lock is ours instead."""
        self.say("another process polls this database: asking it to poll now")
        hung, loop = HungHolder(lock), asyncio.get_running_loop()
        end, asked = loop.time() + self.wait, 0
        while True:
            if lock.try_acquire():
                return None
            if not asked and self.settings.db.exists():
                with closing(open_writer(self.settings.db)) as connection:
                    asked = request_refresh(connection)
            if asked:
                with closing(open_reader(self.settings.db)) as connection:
                    answered, code = _answer(get_meta(connection, ANSWERED))
                if answered >= asked:
                    if code != DONE:
                        self.say("the other process's poll failed: its words, or the screen Status, say why")
                    return code
            if loop.time() > end:
                self.say(f"the other process has not polled within {self.wait:.0f} s: try again later")
                return UNREACHABLE
            hung.look()
            await asyncio.sleep(LOOK_EVERY)


def _looks_sound(db: Path) -> bool:
    with closing(open_reader(db)) as connection:
        return is_sound(connection)


def _answer(text: str | None) -> tuple[int, int]:
    """Which refresh request was served last, and with which exit code."""
    words = (text or "").split()
    return (int(words[0]), int(words[1])) if len(words) == 2 and all(map(str.isdecimal, words)) else (-1, FAILED)


def _close(connection: sqlite3.Connection) -> None:
    """Closes the database as sound, as far as it still can be written."""
    try:
        close_sound(connection)
    except sqlite3.Error as error:
        log.warning("the cache was closed without a last word: %s", error)
