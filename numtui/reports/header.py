"""The header of every screen: tournament, round, time to close, age and state of the data."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from typing import NamedTuple

from numtui import calendar
from numtui.clock import Clock, real_seconds
from numtui.config import Settings
from numtui.model import Tournament
from numtui.store.queries import rounds
from numtui.store.queries.firing import firing_count
from numtui.store.queries.meta import get_meta
from numtui.store.queries.polls import last_done, last_failure, working_poll
from numtui.store.queries.rounds import RoundTimes

STALE_AFTER = 3  # poll intervals without a finished poll
DEAD_AFTER = 60.0  # seconds: a working poll that has not moved for so long has died


class Progress(NamedTuple):
    """The progress of a poll under way; `rows` are score rows, `received` bytes."""

    step: str
    models_done: int
    models_total: int
    rounds: int
    rows: int
    received: int
    seconds_left: float | None


class Header(NamedTuple):
    """The line above every table.

    State is 'live' (new, or a poll is at work), 'stale', 'offline', 'first' (the first sync is at work) or 'empty'
    (nothing fetched yet).
    `round` is the newest one that has opened; `closes_at` is None once it has closed, and then `opens_next` says when
    the next one opens, or was to open: as the API states it, else by the time of day of the newest one.
    `message` is the last failure's line; `simulated` is what the session or the cache says of itself; `firing` counts
    the alerts that fire, in all tournaments, `needs` what needs the user there (None: not counted yet, or there is no
    account); `profile` is the session's.
    """

    tournament: Tournament
    round: int | None
    closes_at: datetime | None
    data_time: datetime | None
    state: str
    simulated: bool
    allow_stake: bool
    progress: Progress | None
    message: str | None
    firing: int = 0
    profile: str | None = None
    opens_next: datetime | None = None
    needs: int | None = None


def header(connection: sqlite3.Connection, settings: Settings, tournament: Tournament, clock: Clock) -> Header:
    """The header of `tournament` at this moment of `clock`."""
    now = clock.now()
    current = rounds.open_round(connection, tournament, now)
    closes_at = None if current is None else current.staking_closes
    open_until = closes_at if closes_at is not None and closes_at > now else None
    data_time = last_done(connection, tournament)
    progress = _progress(connection, tournament, now, real_seconds(clock, DEAD_AFTER))
    message = last_failure(connection, tournament)
    if settings.offline or message is not None:
        state = "offline"
    elif data_time is None:
        state = "empty" if progress is None else "first"
    else:
        allowed = real_seconds(clock, STALE_AFTER * settings.poll_interval)
        state = "live" if progress is not None or now - data_time <= allowed else "stale"
    return Header(
        tournament=tournament,
        round=None if current is None else current.round,
        closes_at=open_until,
        opens_next=_opens_next(connection, tournament, current, now) if open_until is None else None,
        data_time=data_time,
        state=state,
        simulated=settings.simulated or get_meta(connection, "simulated") is not None,
        allow_stake=settings.allow_stake,
        progress=progress,
        message=message,
        firing=firing_count(connection),
        profile=settings.profile,
    )


def _opens_next(
    connection: sqlite3.Connection, tournament: Tournament, newest: RoundTimes | None, now: datetime
) -> datetime | None:
    """When the next round opens; None where nothing tells."""
    if newest is None or newest.opens is None:
        return None
    return rounds.next_opening(connection, tournament, now) or calendar.next_opening(newest.opens)


def _progress(
    connection: sqlite3.Connection, tournament: Tournament, now: datetime, limit: timedelta
) -> Progress | None:
    """The progress of the poll under way; None when there is none, or it has not moved for longer than `limit`."""
    poll = working_poll(connection, tournament)
    if poll is None or poll.updated is None or now - poll.updated > limit:
        return None
    done, total = poll.models_done, poll.models_total
    left = poll.seconds / done * (total - done) if poll.seconds and done and total else None
    return Progress(poll.step, done, total, poll.rounds, poll.rows, poll.bytes, left)
