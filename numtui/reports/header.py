"""What every screen says above its table: tournament, round, time to close, age and state of the data."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from numtui.clock import Clock, real_seconds
from numtui.config import Settings
from numtui.model import Tournament, time_of, time_text
from numtui.store.queries.meta import get_meta

STALE_AFTER = 3  # poll intervals without a finished poll
DEAD_AFTER = 60.0  # seconds: a working poll that has not moved for so long has died


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a poll has come."""

    step: str
    models_done: int
    models_total: int
    rounds: int
    rows: int
    received: int
    seconds_left: float | None


@dataclass(frozen=True, slots=True)
class Header:
    """State is 'live', 'stale', 'offline', 'first' (the first sync is at work) or 'empty' (nothing fetched yet).

    `message` is the last failure's line; `simulated` is what the session or the cache says of itself.
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


def header(connection: sqlite3.Connection, settings: Settings, tournament: Tournament, clock: Clock) -> Header:
    """The header of `tournament` at this moment of `clock`."""
    now = clock.now()
    number, closes_at = current_round(connection, tournament, now)
    data_time = last_poll_time(connection, tournament)
    working = _working(connection, tournament, now, real_seconds(clock, DEAD_AFTER))
    message = last_failure(connection, tournament)
    if settings.offline or message is not None:
        state = "offline"
    elif data_time is None:
        state = "empty" if working is None else "first"
    else:
        allowed = real_seconds(clock, STALE_AFTER * settings.poll_interval)
        state = "live" if now - data_time <= allowed else "stale"
    return Header(
        tournament=tournament,
        round=number,
        closes_at=closes_at,
        data_time=data_time,
        state=state,
        simulated=settings.simulated or get_meta(connection, "simulated") is not None,
        allow_stake=settings.allow_stake,
        progress=working,
        message=message,
    )


def current_round(
    connection: sqlite3.Connection, tournament: Tournament, now: datetime
) -> tuple[int | None, datetime | None]:
    """The newest round that has opened and when its stakes close; the time is None when that is over."""
    sql = """SELECT round, coalesce(close_staking_time, close_time) FROM rounds
      WHERE tournament = ? AND (open_time IS NULL OR open_time <= ?) ORDER BY round DESC LIMIT 1"""
    found = connection.execute(sql, (tournament, time_text(now))).fetchone()
    if found is None:
        return None, None
    closes = time_of(found[1])
    return found[0], closes if closes is not None and closes > now else None


def last_poll_time(connection: sqlite3.Connection, tournament: Tournament) -> datetime | None:
    """When the tournament's data was last known to be the newest there is."""
    sql = "SELECT max(finished) FROM polls WHERE tournament = ? AND state = 'done'"
    return time_of(connection.execute(sql, (tournament,)).fetchone()[0])


def last_failure(connection: sqlite3.Connection, tournament: Tournament) -> str | None:
    """The line of the last finished poll when that failed."""
    sql = """SELECT state, message FROM polls WHERE tournament = ? AND state IN ('done', 'failed')
      ORDER BY poll DESC LIMIT 1"""
    found = connection.execute(sql, (tournament,)).fetchone()
    return None if found is None or found[0] == "done" else str(found[1] or "the last poll failed")


def _working(
    connection: sqlite3.Connection, tournament: Tournament, now: datetime, patience: timedelta
) -> Progress | None:
    sql = """SELECT step, models_done, models_total, rounds, rows, bytes, coalesce(updated, started), seconds FROM polls
      WHERE tournament = ? AND state = 'working' ORDER BY poll DESC LIMIT 1"""
    found = connection.execute(sql, (tournament,)).fetchone()
    if found is None:
        return None
    step, done, total, rounds, rows, received, updated, seconds = found
    moved = time_of(updated)
    if moved is None or now - moved > patience:
        return None
    left = seconds / done * (total - done) if seconds and done and total else None
    return Progress(step or "", done or 0, total or 0, rounds or 0, rows or 0, received or 0, left)
