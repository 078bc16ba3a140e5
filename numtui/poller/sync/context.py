"""What a poll works with: settings, clock, API, cache, and the progress that it leaves in `polls`."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from numtui.api.client import Stats, counted_for
from numtui.api.errors import ApiError, NotOffered, Refused, Unreachable
from numtui.api.queries import Queries
from numtui.clock import Clock
from numtui.config import Settings
from numtui.model import Tournament
from numtui.poller.sync.scoring_run import ScoringRun
from numtui.store.errors import StoreError
from numtui.store.queries.meta import get_meta
from numtui.store.writes import polls
from numtui.store.writes.meta import set_meta
from numtui.store.writes.polls import PollKind, PollState, Progress

log = logging.getLogger(__name__)

WRITE_PROGRESS_EVERY = 0.5  # seconds
BEAT_EVERY = 2.0  # seconds
MOST_DOUBTS = 5  # of an answer with ever other odd values
STALLED_AFTER = 600.0  # seconds without an answer, a row or a new step


@dataclass(slots=True)
class PollContext:
    """What all polls of a process share."""

    settings: Settings
    clock: Clock
    queries: Queries
    connection: sqlite3.Connection
    on_progress: Callable[[Poll], None] = field(default=lambda poll: None)
    wide: asyncio.Lock = field(default_factory=asyncio.Lock)  # held while what all tournaments share is fetched


@dataclass(slots=True)
class Poll:
    """One poll of one tournament under way. `problems` are lines for the user; with one the poll has failed.

    `key_refusal`: the one of them that says that the API does not take the key; it begins with "key refused".
    """

    context: PollContext
    tournament: Tournament
    number: int
    started: datetime
    kind: PollKind = "idle"
    progress: Progress = field(default_factory=Progress)
    problems: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    failed_datasets: set[str] = field(default_factory=set)
    errors: list[ApiError] = field(default_factory=list)
    no_such_model: set[str] = field(default_factory=set)
    key_refusal: str | None = None
    _stats: Stats = field(default_factory=Stats)
    _began: float = 0.0
    _written: float = 0.0

    @property
    def connection(self) -> sqlite3.Connection:
        """The cache."""
        return self.context.connection

    @property
    def queries(self) -> Queries:
        """The API."""
        return self.context.queries

    def become(self, kind: PollKind) -> None:
        """Says in `polls` what the poll turned out to be."""
        if kind != self.kind:
            self.kind = kind
            polls.set_poll_kind(self.connection, self.number, kind)

    def step(self, text: str) -> None:
        """Says what is being done, at once."""
        self.progress.step = text
        self.write(now=True)

    def failed(self, dataset: str, reason: Exception | str, about: str = "") -> None:
        """Notes that a dataset (or `about`, what is meant of it) could not be fetched; the others go on."""
        if isinstance(reason, NotOffered):  # no failure: asking again would not help
            log.warning("%s %s: %s", self.tournament.label, about or dataset, reason)
            if str(reason) not in self.remarks:
                self.remarks.append(str(reason))
            return
        if isinstance(reason, Exception) and not isinstance(reason, ApiError):
            log.error("%s %s", self.tournament.label, about or dataset, exc_info=reason)
            reason = unforeseen(reason)
        line = f"{about or dataset}: {reason}"
        if isinstance(reason, Refused) and reason.is_key_refusal:
            line = self.key_refusal = str(reason)  # of all that the key is for, and told by whoever tells of the poll
        else:
            log.warning("%s %s", self.tournament.label, line)
        if line not in self.problems:
            self.problems.append(line)
        self.failed_datasets.add(dataset)
        if isinstance(reason, ApiError):
            self.errors.append(reason)

    def write(self, *, now: bool = False) -> None:
        """Writes the progress, every half second at most unless it must be `now`."""
        moment = asyncio.get_running_loop().time()
        if now or moment - self._written >= WRITE_PROGRESS_EVERY:
            self._written = moment
            self.count()
            polls.update_poll(self.connection, self.number, self.progress, self.context.clock.now())
            self.context.on_progress(self)

    def count(self) -> None:
        """Takes over what the client has counted for this poll."""
        for name in ("requests", "bytes", "errors", "retries", "rate_limited"):
            setattr(self.progress, name, getattr(self._stats, name))
        self.progress.seconds = asyncio.get_running_loop().time() - self._began

    def seen(self, dataset: str) -> ScoringRun | None:
        """The scoring run that a dataset of the cache reflects; None when it was never whole."""
        return ScoringRun.from_text(get_meta(self.connection, seen_key(self.tournament, dataset)))

    def mark_seen(self, dataset: str, run: ScoringRun) -> None:
        """Notes that a dataset reflects `run`."""
        set_meta(self.connection, seen_key(self.tournament, dataset), run.to_text())

    def forget_seen(self, dataset: str) -> None:
        """Notes that a dataset reflects no run: the next poll fetches it."""
        set_meta(self.connection, seen_key(self.tournament, dataset), None)

    def doubts(self, what: str, odd: str) -> bool:
        """Whether `what` came with odd values (a text that tells them from others) that it did not have the last time:
        then it is asked for once more. What stays odd, however it changes, is taken as it is after some times."""
        key = f"odd {self.tournament.label} {what}"
        before, _, times = (get_meta(self.connection, key) or "").partition(" ")
        if not odd:
            if before:
                set_meta(self.connection, key, None)
            return False
        count = int(times) if times.isdecimal() else 0
        if odd == before or count >= MOST_DOUBTS:
            return False
        set_meta(self.connection, key, f"{odd} {count + 1}")
        self.remarks.append(f"{what}: odd values were left out, the next poll asks again")
        return True

    @property
    def state(self) -> PollState:
        """How the poll ends if it ends now."""
        return "failed" if self.problems else "done"

    @property
    def message(self) -> str | None:
        """One line on what went wrong, or else on what was left out."""
        lines = self.problems or self.remarks
        if len(lines) > 3:
            lines = [*lines[:3], f"and {len(lines) - 3} more"]
        return "; ".join(lines) or None


def seen_key(tournament: Tournament, dataset: str) -> str:
    """The key in `meta` of the scoring run that a dataset of the cache reflects."""
    return f"seen {tournament.label} {dataset}"


async def _beat(poll: Poll, limit: asyncio.Timeout) -> None:
    """Keeps the record fresh while a long answer is waited for, so that nobody takes the poll for a dead one.

    A poll that gets nowhere for STALLED_AFTER reaches its time limit.
    """
    before: tuple[object, ...] = ()
    while True:
        done = poll.progress
        now = (done.step, done.requests, done.bytes, done.models_done, done.rounds, done.rows)
        if now != before:
            before = now
            limit.reschedule(asyncio.get_running_loop().time() + STALLED_AFTER)
        await asyncio.sleep(BEAT_EVERY)
        poll.write()


@asynccontextmanager
async def polling(context: PollContext, tournament: Tournament, kind: PollKind) -> AsyncIterator[Poll]:
    """A poll with its row in `polls`, which says in the end whether it was done, failed or interrupted."""
    number = polls.start_poll(context.connection, tournament, kind, context.clock.now())
    stats, began = Stats(), asyncio.get_running_loop().time()
    poll = Poll(context, tournament, number, context.clock.now(), kind, _stats=stats, _began=began)
    limit = asyncio.timeout(STALLED_AFTER)
    state: PollState = "interrupted"
    message: str | None = "interrupted; the next poll goes on from here"
    heart: asyncio.Task[None] | None = None
    try:
        async with limit:
            with counted_for(stats):
                heart = asyncio.create_task(_beat(poll, limit))
                yield poll
        state, message = poll.state, poll.message
    except TimeoutError:
        state, message = "failed", f"the poll made no progress for {STALLED_AFTER:.0f} s: it was given up"
        raise Unreachable(message) from None
    except (ApiError, StoreError) as error:
        state, message = "failed", str(error)
        raise
    except Exception as error:
        state, message = "failed", unforeseen(error)
        raise
    finally:
        if heart is not None:
            heart.cancel()
        poll.count()
        polls.finish_poll(context.connection, number, state, poll.progress, context.clock.now(), message=message)


def unforeseen(error: Exception) -> str:
    """The line about an error that nobody foresaw: a fault of this program, or an answer that none should be."""
    text = " ".join(str(error).split())[:200]
    return f"unexpected {type(error).__name__}{': ' if text else ''}{text} (the log tells it in full)"
