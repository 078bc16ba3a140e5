"""The record of polls: when the last one was done, what went wrong, what one is doing now."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import NamedTuple

from numtui.model import Tournament, time_of


class PollProgress(NamedTuple):
    """A poll under way and what it has received so far; `updated` is the last sign of it."""

    step: str
    models_done: int
    models_total: int
    rounds: int
    rows: int
    bytes: int
    updated: datetime | None
    seconds: float | None


class PollRow(NamedTuple):
    """A poll of the record; `tournament` is its label, `seconds` and `bytes` are totals; None where unknown."""

    poll: int
    tournament: str | None
    kind: str
    state: str
    started: datetime | None
    seconds: float | None
    requests: int | None
    bytes: int | None
    errors: int | None
    retries: int | None
    rate_limited: int | None
    models_done: int | None
    rows: int | None
    message: str | None


def last_done(connection: sqlite3.Connection, tournament: Tournament) -> datetime | None:
    """When the tournament's data was last known to be the newest there is: the end of the last poll that was done. One
    that only fetches days asks for nothing new."""
    sql = "SELECT max(finished) FROM polls WHERE tournament = ? AND state = 'done' AND kind <> 'days'"
    return time_of(connection.execute(sql, (int(tournament),)).fetchone()[0])


def last_failure(connection: sqlite3.Connection, tournament: Tournament) -> str | None:
    """The line of the last finished poll when that failed."""
    sql = """SELECT state, message FROM polls WHERE tournament = ? AND state IN ('done', 'failed')
      ORDER BY poll DESC LIMIT 1"""
    row = connection.execute(sql, (int(tournament),)).fetchone()
    return None if row is None or row[0] == "done" else str(row[1] or "the last poll failed")


def working_poll(connection: sqlite3.Connection, tournament: Tournament) -> PollProgress | None:
    """The newest poll of the tournament that is recorded as under way; its process may have died since."""
    sql = """SELECT step, models_done, models_total, rounds, rows, bytes, coalesce(updated, started), seconds FROM polls
      WHERE tournament = ? AND state = 'working' ORDER BY poll DESC LIMIT 1"""
    row = connection.execute(sql, (int(tournament),)).fetchone()
    if row is None:
        return None
    step, done, total, rounds, rows, received, updated, seconds = row
    return PollProgress(
        step or "", done or 0, total or 0, rounds or 0, rows or 0, received or 0, time_of(updated), seconds
    )


def newest_polls(connection: sqlite3.Connection, limit: int) -> list[PollRow]:
    """The newest polls of all tournaments, the newest first."""
    sql = """SELECT poll, tournament, kind, state, started, seconds, requests, bytes, errors, retries, rate_limited,
      models_done, rows, message FROM polls ORDER BY poll DESC LIMIT ?"""
    return [
        PollRow(poll, None if number is None else Tournament(number).label, kind, state, time_of(started), *rest)
        for poll, number, kind, state, started, *rest in connection.execute(sql, (limit,))
    ]


def working_polls(connection: sqlite3.Connection) -> list[int]:
    """The numbers of all polls that are recorded as under way."""
    return [number for (number,) in connection.execute("SELECT poll FROM polls WHERE state = 'working'")]


class Failing(NamedTuple):
    """How the newest poll ended: since when (None: not) every one has failed, and what the newest one said."""

    since: datetime | None
    message: str


def failing(connection: sqlite3.Connection, tournament: Tournament) -> Failing | None:
    """How the polls of a tournament end of late; None where none has ended yet."""
    newest = connection.execute(_ENDED + " ORDER BY poll DESC LIMIT 1", (int(tournament),)).fetchone()
    if newest is None:
        return None
    if newest[1] == "done":
        return Failing(None, "")
    sql = f"""SELECT min(started) FROM ({_ENDED}) WHERE state = 'failed' AND poll >
      coalesce((SELECT max(poll) FROM polls WHERE tournament = ?1 AND state = 'done'), 0)"""
    return Failing(
        time_of(connection.execute(sql, (int(tournament),)).fetchone()[0]), str(newest[2] or "no reason given")
    )


_ENDED = "SELECT poll, state, message, started FROM polls WHERE tournament = ?1 AND state IN ('done', 'failed')"


class RunTime(NamedTuple):
    """A scoring day by the pipeline, and when its scores were out; None: not yet."""

    date: str
    scored: datetime | None


def scoring_runs(connection: sqlite3.Connection, tournament: Tournament, upto: str, limit: int) -> list[RunTime]:
    """The newest scoring days up to the date `upto`, the newest first."""
    sql = """SELECT date, scored FROM pipeline WHERE tournament = ? AND date <= ? AND coalesce(is_scoring_day, 1)
      ORDER BY date DESC LIMIT ?"""
    rows = connection.execute(sql, (int(tournament), upto, limit))
    return [RunTime(date, time_of(scored)) for date, scored in rows]
