"""Scoring days of rounds as the cache states them: how many there are, which are done, and their calendar dates."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from numtui.model import Tournament


class ScoringPeriod(NamedTuple):
    """A configured round: scoring `days` in all, the times of its `start` and resolution as texts, None unknown."""

    round: int
    days: int | None
    start: str | None
    resolve_time: str | None
    resolved: bool


class ScoringDate(NamedTuple):
    """The calendar date, or a time on it, of a round's scoring day 1, 2, ..."""

    round: int
    day: int
    date: str


def scoring_periods(connection: sqlite3.Connection, tournament: Tournament) -> list[ScoringPeriod]:
    """Every round that has a configuration: of the scores that it pays, else of all that it has."""
    sql = """SELECT c.round, coalesce(max(c.total_score_days) FILTER (WHERE c.is_payout), max(c.total_score_days)),
        coalesce(min(c.scoring_start) FILTER (WHERE c.is_payout), min(c.scoring_start), r.score_time), r.resolve_time,
        r.resolved
      FROM score_configs c JOIN rounds r USING (tournament, round) WHERE tournament = ? GROUP BY c.round"""
    return [
        ScoringPeriod(number, days, start, resolve_time, bool(resolved))
        for number, days, start, resolve_time, resolved in connection.execute(sql, (tournament,))
    ]


def newest_scoring_days(connection: sqlite3.Connection, tournament: Tournament) -> dict[int, int]:
    """The newest scoring day of each round that has a payout score."""
    sql = """SELECT l.round, max(l.day) FROM latest l JOIN models m USING (model)
      JOIN score_configs c ON c.tournament = m.tournament AND c.round = l.round AND c.score = l.score
      WHERE m.tournament = ? AND c.is_payout GROUP BY l.round"""
    return {number: day for number, day in connection.execute(sql, (tournament,)) if day is not None}


def score_dates(connection: sqlite3.Connection, tournament: Tournament, first: int, last: int) -> list[ScoringDate]:
    """The dates that are stored for the scoring days of the rounds `first` to `last`."""
    sql = "SELECT round, day, date FROM score_dates WHERE tournament = ? AND round BETWEEN ? AND ?"
    return [ScoringDate(*row) for row in connection.execute(sql, (tournament, first, last))]


def shared_date(connection: sqlite3.Connection, model: int, number: int, day: int) -> str | None:
    """The date of a round's scoring day that all models of the model's tournament have; None where it is unknown."""
    sql = """SELECT date FROM score_dates WHERE tournament = (SELECT tournament FROM models WHERE model = ?)
      AND round = ? AND day = ?"""
    row = connection.execute(sql, (model, number, day)).fetchone()
    return None if row is None else str(row[0])


def latest_score_dates(
    connection: sqlite3.Connection, tournament: Tournament, first: int, last: int
) -> list[ScoringDate]:
    """The dates of the newest scores in the rounds `first` to `last`, one a scoring day."""
    sql = """SELECT l.round, l.day, max(l.date) FROM latest l JOIN models m USING (model) WHERE m.tournament = ?
      AND l.round BETWEEN ? AND ? AND l.day IS NOT NULL AND l.date IS NOT NULL GROUP BY l.round, l.day"""
    return [ScoringDate(*row) for row in connection.execute(sql, (tournament, first, last))]


def scoring_starts(connection: sqlite3.Connection, tournament: Tournament, first: int, last: int) -> list[ScoringDate]:
    """The stated start of scoring, which is day 1, of those of the rounds `first` to `last` that have one."""
    sql = """SELECT r.round, coalesce(r.score_time, min(c.scoring_start)) FROM rounds r
      LEFT JOIN score_configs c USING (tournament, round) WHERE tournament = ? AND r.round BETWEEN ? AND ?
      GROUP BY r.round"""
    rows = connection.execute(sql, (tournament, first, last))
    return [ScoringDate(number, 1, start) for number, start in rows if start is not None]
