"""The round that submissions are for now, and the submission of each model in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime

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


_SENT = """SELECT m.mine, m.synced_time, u.round, u.status, u.time
  FROM models m LEFT JOIN submissions u USING (model) WHERE m.model = ?"""


def _positions_read(connection: sqlite3.Connection, tournament: Tournament) -> datetime | None:
    """When the API had last scored or resolved what is here whole: positions are not older."""
    sql = "SELECT max(ingested) FROM pipeline WHERE tournament = ?"
    return time_of(connection.execute(sql, (tournament,)).fetchone()[0])
