"""The scores of models: names and numbers, every day's and the newest values, rounds that may still change."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from numtui.model import Tournament, time_text
from numtui.store.paths import WIDTH
from numtui.store.queries.selection import Rounds

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


class LatestScore(NamedTuple):
    """The newest day of a model's score in a round; None where unknown. `resolved` is 0 or 1, `date` an ISO date or
    time."""

    round: int
    score: int
    version: str
    day: int | None
    value: float | None
    percentile: float | None
    resolved: int | None
    date: str | None


class NewestScore(NamedTuple):
    """The newest value of a score of one model in one round."""

    day: int | None
    value: float | None
    percentile: float | None


def score_names(connection: sqlite3.Connection) -> list[ScoreName]:
    """Every score that was ever seen."""
    return [ScoreName(*row) for row in connection.execute("SELECT score, name, version FROM score_names")]


def score_numbers(connection: sqlite3.Connection) -> dict[ScoreKey, int]:
    """The cache's number of every score by displayName and version."""
    return {(row.name, row.version): row.score for row in score_names(connection)}


def newest_days(connection: sqlite3.Connection, model: int, first: int) -> dict[tuple[int, str, str], int]:
    """The newest day with a score of a model's rounds from `first` on, by round, displayName and version."""
    sql = f"""SELECT l.round, n.name, n.version, max(coalesce(length(p.day_values) / {WIDTH}, 0), coalesce((
        SELECT max(o.day) FROM odd_days o WHERE o.model = l.model AND o.round = l.round AND o.score = l.score), 0))
      FROM latest l JOIN score_names n USING (score) LEFT JOIN score_paths p USING (model, round, score)
      WHERE l.model = ? AND l.round >= ?"""
    rows = connection.execute(sql, (model, first))
    return {(number, name, version): day for number, name, version, day in rows}


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


def latest_scores(
    connection: sqlite3.Connection, tournament: Tournament, model: int, rounds: Rounds
) -> Iterator[LatestScore]:
    """The newest day of each score of a model by round and score, one at a time."""
    condition, values = rounds.condition("s.round", "r.resolved")
    sql = f"""SELECT s.round, s.score, n.version, s.day, s.value, s.percentile, s.resolved, coalesce(s.date, d.date)
      FROM latest s JOIN score_names n USING (score)
      LEFT JOIN rounds r ON r.tournament = ? AND r.round = s.round
      LEFT JOIN score_dates d ON d.tournament = r.tournament AND d.round = s.round AND d.day = s.day
      WHERE s.model = ? AND {condition} ORDER BY s.round, n.name, n.version, s.day"""
    return map(LatestScore._make, connection.execute(sql, (tournament, model, *values)))


def newest_scores(connection: sqlite3.Connection, model: int, number: int) -> dict[int, NewestScore]:
    """The newest value of each score of a model in one round."""
    sql = "SELECT score, day, value, percentile FROM latest WHERE model = ? AND round = ?"
    return {score: NewestScore(*rest) for score, *rest in connection.execute(sql, (model, number))}


def newest_value(connection: sqlite3.Connection, model: int, score: int) -> float | None:
    """The value of a model's score in the newest round that has one."""
    sql = "SELECT value FROM latest WHERE model = ? AND score = ? AND value IS NOT NULL ORDER BY round DESC LIMIT 1"
    row = connection.execute(sql, (model, score)).fetchone()
    return None if row is None else float(row[0])


def paid_scores(
    connection: sqlite3.Connection, tournament: Tournament, model: int
) -> dict[int, dict[str, float | None]]:
    """The newest values of a model's scores that count for payout: round -> displayName -> value."""
    sql = """SELECT l.round, n.name, l.value FROM latest l JOIN score_names n USING (score)
      JOIN score_configs c ON c.tournament = ? AND c.round = l.round AND c.score = l.score AND c.is_payout
      WHERE l.model = ?"""
    rounds: dict[int, dict[str, float | None]] = {}
    for number, name, value in connection.execute(sql, (tournament, model)):
        rounds.setdefault(number, {})[name] = value
    return rounds


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


def newest_percentiles(connection: sqlite3.Connection, model: int, score: int, limit: int) -> list[float]:
    """The newest percentiles (0..1) of a model's score, a value a round, the newest round first."""
    sql = """SELECT percentile FROM latest WHERE model = ? AND score = ? AND percentile IS NOT NULL
      ORDER BY round DESC LIMIT ?"""
    return [value for (value,) in connection.execute(sql, (model, score, limit))]
