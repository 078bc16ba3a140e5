"""The record of polls, written while they work, and the scoring pipeline as far as it is ingested."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from numtui.model import Tournament
from numtui.store.database import transaction
from numtui.store.queries.polls import working_polls
from numtui.store.writes.upsert import mark_changed, upsert

PollKind = Literal["first", "days", "scored", "idle", "export"]
PollState = Literal["working", "done", "failed", "interrupted"]
KEPT = 2000  # polls of a tournament in the record: a week of one every five minutes


@dataclass(slots=True)
class Progress:
    """What a poll has done so far; `rounds` and `rows` count what was received."""

    step: str = ""
    models_done: int = 0
    models_total: int = 0
    rounds: int = 0
    rows: int = 0
    requests: int = 0
    bytes: int = 0
    errors: int = 0
    retries: int = 0
    rate_limited: int = 0
    seconds: float = 0.0


class PipelineRow(NamedTuple):
    """A day's scoring run; times None until it happened."""

    date: str
    is_scoring_day: bool | None = None
    started: datetime | None = None
    data_ready: datetime | None = None
    scored: datetime | None = None
    resolved: datetime | None = None


def start_poll(connection: sqlite3.Connection, tournament: Tournament, kind: PollKind, now: datetime) -> int:
    """Records that this process starts a poll; returns its number. Old polls leave the record."""
    with transaction(connection):
        cursor = connection.execute(
            "INSERT INTO polls (tournament, kind, pid, started, updated, state) VALUES (?, ?, ?, ?, ?, 'working')",
            (int(tournament), kind, os.getpid(), now, now),
        )
        number = int(cursor.lastrowid or 0)
        connection.execute(
            "DELETE FROM polls WHERE tournament = ? AND poll <= "
            "(SELECT poll FROM polls WHERE tournament = ? ORDER BY poll DESC LIMIT 1 OFFSET ?)",
            (int(tournament), int(tournament), KEPT),
        )
        mark_changed(connection, "polls")
        return number


def update_poll(connection: sqlite3.Connection, poll: int, progress: Progress, now: datetime) -> None:
    """Writes the progress of a poll that works."""
    values = asdict(progress)
    sets = ", ".join(f"{name} = :{name}" for name in values)
    with transaction(connection):
        connection.execute(
            f"UPDATE polls SET updated = :at, {sets} WHERE poll = :poll", values | {"at": now, "poll": poll}
        )
        mark_changed(connection, "polls")


def finish_poll(
    connection: sqlite3.Connection,
    poll: int,
    state: PollState,
    progress: Progress,
    now: datetime,
    *,
    message: str | None = None,
) -> None:
    """Writes how a poll ended; `message` is one line on what went wrong or was left out."""
    with transaction(connection):
        update_poll(connection, poll, progress, now)
        connection.execute(
            "UPDATE polls SET finished = ?, state = ?, message = ? WHERE poll = ?", (now, state, message, poll)
        )


def set_poll_kind(connection: sqlite3.Connection, poll: int, kind: PollKind) -> None:
    """A poll that turns out to be more than an idle one says so."""
    connection.execute("UPDATE polls SET kind = ? WHERE poll = ?", (kind, poll))


def close_abandoned(connection: sqlite3.Connection, now: datetime) -> int:
    """Polls whose process died (SIGKILL, power) become interrupted; returns how many.

    Called by who holds the lock of fetching: then nobody else works, whoever has a dead process's number by now.
    """
    dead = [(now, poll) for poll in working_polls(connection)]
    with transaction(connection):
        connection.executemany(
            "UPDATE polls SET state = 'interrupted', finished = ?, message = 'the process was killed' WHERE poll = ?",
            dead,
        )
        return mark_changed(connection, "polls", len(dead))


def put_pipeline(connection: sqlite3.Connection, tournament: Tournament, rows: Iterable[PipelineRow]) -> int:
    """The state of scoring runs as the API tells it; returns how many rows changed."""
    columns, keys = ("tournament", *PipelineRow._fields), ("tournament", "date")
    with transaction(connection):
        return upsert(connection, "pipeline", columns, keys, ((int(tournament), *row) for row in rows))


def mark_ingested(connection: sqlite3.Connection, tournament: Tournament, date: str, upto: datetime) -> None:
    """Notes that the cache holds the scoring run of `date` up to the time `upto` (its `scored` or `resolved`)."""
    with transaction(connection):
        result = connection.execute(
            "UPDATE pipeline SET ingested = ?1 WHERE tournament = ?2 AND date = ?3 AND ingested IS NOT ?1",
            (upto, int(tournament), date),
        )
        mark_changed(connection, "pipeline", result.rowcount)
