"""The round that submissions are for now, and the submission of each model in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from numtui.analysis.submissions import Sent, Submission, SubmittedPosition, submission_for
from numtui.model import Tournament, time_of
from numtui.store.queries.rounds import RoundTimes, rounds_under_way


def submission_round(connection: sqlite3.Connection, tournament: Tournament, now: datetime) -> RoundTimes | None:
    """The round that a submission of today is about: the newest one under way, open or just closed."""
    return next(iter(rounds_under_way(connection, tournament, now)), None)


def submissions(
    connection: sqlite3.Connection, tournament: Tournament, target: RoundTimes | None, models: Iterable[int]
) -> dict[int, Submission | None]:
    """By model number, what each has in the round; None where it is unknown: models of others before they have a
    position there."""
    if target is None:
        return dict.fromkeys(models)
    read = _positions_read(connection, tournament)
    words: dict[int, Submission | None] = {}
    for model in models:
        mine, whole, *sent = connection.execute(_SENT, (model,)).fetchone()
        row = connection.execute(
            "SELECT submission_id FROM positions WHERE model = ? AND round = ?", (model, target.round)
        ).fetchone()
        newest = max((time for time in (read, time_of(whole)) if time is not None), default=None)
        final = newest is not None and target.closes is not None and newest > target.closes
        position = None if row is None else SubmittedPosition(row[0], final)
        if not mine and position is None:
            words[model] = None
            continue
        number, status, time = sent
        words[model] = submission_for(target.round, target.closes, Sent(number, status, time_of(time)), position)
    return words


class SentFile(NamedTuple):
    """The newest submission of an own model, for whatever round; None where the API states nothing.

    `selected`: whether it is the one that counts.
    """

    round: int | None
    time: datetime | None
    filename: str | None
    selected: bool | None


def newest_files(connection: sqlite3.Connection, tournament: Tournament) -> dict[int, SentFile]:
    """The newest submission of each own model that has one, by model number."""
    sql = """SELECT u.model, u.round, u.time, u.filename, u.selected FROM submissions u JOIN models m USING (model)
      WHERE m.tournament = ?"""
    return {
        model: SentFile(number, time_of(time), filename, None if selected is None else bool(selected))
        for model, number, time, filename, selected in connection.execute(sql, (tournament,))
    }


def submission_record(
    connection: sqlite3.Connection, tournament: Tournament, model: int, rounds: Sequence[RoundTimes]
) -> list[Submission | None]:
    """What an own model had in each of these rounds; None where it is unknown.

    By the newest submission for the round that a poll saw, and by the position in it: late and failed ones are known of
    rounds since the polls began. Of rounds that closed before the model was there it is None too.
    """
    read, (whole, started) = (
        _positions_read(connection, tournament),
        connection.execute("SELECT synced_time, start_time FROM models WHERE model = ?", (model,)).fetchone(),
    )
    newest = max((time for time in (read, time_of(whole)) if time is not None), default=None)
    start = time_of(started)
    sql = "SELECT round, submission_id FROM positions WHERE model = ?"
    named = dict(connection.execute(sql, (model,)).fetchall())
    sql = "SELECT round, status, time FROM submission_history WHERE model = ?"
    sent = {number: Sent(number, status, time_of(time)) for number, status, time in connection.execute(sql, (model,))}
    record: list[Submission | None] = []
    for times in rounds:
        final = newest is not None and times.closes is not None and newest > times.closes
        position = SubmittedPosition(named[times.round], final) if times.round in named else None
        there = start is None or times.closes is None or times.closes >= start
        if not there or (position is None and times.round not in sent):
            record.append(None)
        else:
            record.append(submission_for(times.round, times.closes, sent.get(times.round), position))
    return record


_SENT = """SELECT m.mine, m.synced_time, u.round, u.status, u.time
  FROM models m LEFT JOIN submissions u USING (model) WHERE m.model = ?"""


def _positions_read(connection: sqlite3.Connection, tournament: Tournament) -> datetime | None:
    """When the API had last scored or resolved what is here whole: positions are not older."""
    sql = "SELECT max(ingested) FROM pipeline WHERE tournament = ?"
    return time_of(connection.execute(sql, (tournament,)).fetchone()[0])
