"""What of the models' scores is here: names and numbers of scores, newest days, rounds that may still change."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import NamedTuple

from numtui.model import Tournament, time_text

ScoreKey = tuple[str, str]  # displayName and version ("" where the API states none)


class ScoreName(NamedTuple):
    """A score: the cache's number, its displayName and its version ("" where the API states none)."""

    score: int
    name: str
    version: str


class UndatedRounds(NamedTuple):
    """A model, by the API's id, that knows days whose date is not here, and the first and last of these rounds."""

    model_id: str
    first: int
    last: int


def score_names(connection: sqlite3.Connection) -> list[ScoreName]:
    """Every score that was ever seen."""
    return [ScoreName(*row) for row in connection.execute("SELECT score, name, version FROM score_names")]


def score_numbers(connection: sqlite3.Connection) -> dict[ScoreKey, int]:
    """The cache's number of every score by displayName and version."""
    return {(row.name, row.version): row.score for row in score_names(connection)}


def newest_days(connection: sqlite3.Connection, model: int, first: int) -> dict[tuple[int, str, str], int]:
    """The newest day with a score of a model's rounds from `first` on, by round, displayName and version."""
    sql = """SELECT l.round, n.name, n.version, (SELECT max(s.day) FROM scores s
        WHERE s.model = l.model AND s.round = l.round AND s.score = l.score)
      FROM latest l JOIN score_names n USING (score) WHERE l.model = ? AND l.round >= ?"""
    rows = connection.execute(sql, (model, first))
    return {(number, name, version): day or 0 for number, name, version, day in rows}


def newest_position(connection: sqlite3.Connection, tournament: Tournament) -> int | None:
    """The newest round in which any model has a position; None when there is none."""
    sql = "SELECT max(p.round) FROM positions p JOIN models m USING (model) WHERE m.tournament = ?"
    number: int | None = connection.execute(sql, (int(tournament),)).fetchone()[0]
    return number


def oldest_changing_round(
    connection: sqlite3.Connection,
    tournament: Tournament,
    model: int,
    *,
    resolved_since: datetime,
    opened_since: datetime,
) -> int | None:
    """The oldest round of a model that may still change; None when there is none.

    It is unresolved, or resolved after `resolved_since` with payouts that are not settled, or it opened after
    `opened_since` with a score that goes on (Classic's 60-day scores outlived its 20-day rounds).
    """
    values = (model, int(tournament), time_text(resolved_since), time_text(opened_since))
    number: int | None = connection.execute(_OLDEST, values).fetchone()[0]
    return number


def undated_rounds(
    connection: sqlite3.Connection, tournament: Tournament, resolved_since: datetime
) -> UndatedRounds | None:
    """The model that knows the most rounds with days whose date is not here; None when every date is.

    Only rounds that have not resolved before `resolved_since` count.
    """
    row = connection.execute(_UNDATED, (int(tournament), time_text(resolved_since))).fetchone()
    return None if row is None else UndatedRounds(*row)


_OLDEST = """
SELECT min(p.round) FROM positions p LEFT JOIN rounds r ON r.tournament = ?2 AND r.round = p.round
WHERE p.model = ?1 AND (r.open_time > ?4 AND EXISTS (
  SELECT 1 FROM latest l WHERE l.model = p.model AND l.round = p.round AND l.resolved = 0)
OR (r.resolve_time IS NULL OR r.resolve_time > ?3) AND (
  p.resolved IS NOT 1
  OR EXISTS (SELECT 1 FROM latest l WHERE l.model = p.model AND l.round = p.round
             AND CAST(coalesce(l.payout_pending, '0') AS REAL) <> 0)
  OR (CAST(p.at_risk AS REAL) > 0 AND NOT EXISTS (
        SELECT 1 FROM latest l WHERE l.model = p.model AND l.round = p.round AND l.payout_settled IS NOT NULL))))
"""

_UNDATED = """
SELECT m.id, min(s.round), max(s.round)
FROM models m
JOIN (SELECT model, round, max(day) AS day FROM latest GROUP BY model, round) s USING (model)
JOIN rounds r ON r.tournament = m.tournament AND r.round = s.round
WHERE m.tournament = ?1 AND m.id IS NOT NULL AND (r.resolve_time IS NULL OR r.resolve_time > ?2)
  AND s.day > (SELECT count(*) FROM score_dates d WHERE d.tournament = ?1 AND d.round = s.round)
GROUP BY m.model ORDER BY count(*) DESC, m.model LIMIT 1
"""
