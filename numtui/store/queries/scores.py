"""The scores of models: their names, their newest values, and every day's."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from numtui.model import Tournament, decimal_of
from numtui.store.queries.selection import Rounds


class ScoreName(NamedTuple):
    """How the API calls a score: `displayName`, and the version, empty where it states none."""

    name: str
    version: str


class DayScore(NamedTuple):
    """A model's score on one scoring day; None where unknown. `resolved` is 0 or 1, `date` an ISO date or time."""

    round: int
    score: int
    version: str
    day: int | None
    value: float | None
    percentile: float | None
    resolved: int | None
    date: str | None


class RoundDay(NamedTuple):
    """A score of one model on a day of one round; `date` is an ISO date or time."""

    day: int
    date: str | None
    score: int
    value: float | None
    percentile: float | None


class NewestScore(NamedTuple):
    """The newest value of a score of one model in one round."""

    day: int | None
    value: float | None
    percentile: float | None


class SettledScore(NamedTuple):
    """A score's newest value, what it has settled in NMR (None before that), and its displayName."""

    value: float | None
    settled: Decimal | None
    name: str


def score_names(connection: sqlite3.Connection) -> dict[int, ScoreName]:
    """Every score of the cache by its number."""
    rows = connection.execute("SELECT score, name, version FROM score_names")
    return {score: ScoreName(name, version) for score, name, version in rows}


def score_labels(
    connection: sqlite3.Connection, tournament: Tournament, models: Sequence[int], rounds: Rounds
) -> dict[int, str]:
    """How the scores of these models and rounds are written: displayName, `name@version` where a name has two versions.

    Keys are the cache's score numbers; scores that do not occur in the range are not there.
    """
    condition, values = rounds.condition("s.round", "r.resolved")
    marks = ", ".join("?" * len(models))
    sql = f"""SELECT DISTINCT n.score, n.name, n.version FROM latest s JOIN score_names n USING (score)
      LEFT JOIN rounds r ON r.tournament = ? AND r.round = s.round WHERE s.model IN ({marks}) AND {condition}"""
    rows = connection.execute(sql, (tournament, *models, *values)).fetchall()
    return disambiguated({score: (name, version) for score, name, version in rows})


def disambiguated(scores: Mapping[int, tuple[str, str]]) -> dict[int, str]:
    """Scores of the cache's numbers, given by name and version, as they are written beside each other."""
    names = [name for name, _ in scores.values()]
    return {score: f"{name}@{version}" if names.count(name) > 1 else name for score, (name, version) in scores.items()}


def version_aliases(connection: sqlite3.Connection, scores: Collection[int]) -> dict[int, int]:
    """Other scores that can only be one of `scores`: of the same name, where one of both states no version, and there
    is no second of that name among `scores`."""
    known = score_names(connection)
    of_name: dict[str, list[int]] = {}
    for score in scores:
        of_name.setdefault(known[score].name, []).append(score)
    return {
        other: of_name[name][0]
        for other, (name, version) in known.items()
        if other not in scores and len(of_name.get(name, ())) == 1 and not (version and known[of_name[name][0]].version)
    }


def day_scores(
    connection: sqlite3.Connection, tournament: Tournament, model: int, rounds: Rounds, *, latest: bool = False
) -> Iterator[DayScore]:
    """The scores of a model by round, score and day, one at a time; `latest`: only the newest day of each."""
    condition, values = rounds.condition("s.round", "r.resolved")
    sql = f"""SELECT s.round, s.score, n.version, s.day, s.value, s.percentile, s.resolved, coalesce(s.date, d.date)
      FROM {"latest" if latest else "scores"} s JOIN score_names n USING (score)
      LEFT JOIN rounds r ON r.tournament = ? AND r.round = s.round
      LEFT JOIN score_dates d ON d.tournament = r.tournament AND d.round = s.round AND d.day = s.day
      WHERE s.model = ? AND {condition} ORDER BY s.round, n.name, n.version, s.day"""
    return map(DayScore._make, connection.execute(sql, (tournament, model, *values)))


def round_days(connection: sqlite3.Connection, tournament: Tournament, model: int, number: int) -> Iterator[RoundDay]:
    """The scores of a model in one round, day by day."""
    sql = """SELECT s.day, coalesce(s.date, d.date), score, value, percentile FROM scores s
      LEFT JOIN score_dates d ON d.tournament = ? AND d.round = s.round AND d.day = s.day
      WHERE model = ? AND s.round = ? ORDER BY s.day"""
    return map(RoundDay._make, connection.execute(sql, (tournament, model, number)))


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


def settled_scores(connection: sqlite3.Connection, model: int) -> dict[int, dict[int, SettledScore]]:
    """The newest scores of a model with what they have settled: round -> the score's number -> score."""
    sql = "SELECT round, score, value, payout_settled, name FROM latest JOIN score_names USING (score) WHERE model = ?"
    rounds: dict[int, dict[int, SettledScore]] = {}
    for number, score, value, settled, name in connection.execute(sql, (model,)):
        rounds.setdefault(number, {})[score] = SettledScore(value, decimal_of(settled), name)
    return rounds
