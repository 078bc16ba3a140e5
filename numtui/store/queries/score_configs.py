"""What each round says of its scores: which it pays, their default multipliers, targets and lengths."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import NamedTuple

from numtui.model import Tournament, decimal_of


class PayoutConfig(NamedTuple):
    """A score that a round pays: by the cache's number, with its name, default multiplier and scoring days."""

    round: int
    score: int
    name: str
    version: str
    default_multiplier: Decimal | None
    total_score_days: int | None


class ScoreDefinition(NamedTuple):
    """How a round defines a score: `config_name` tells scores apart that share a displayName."""

    round: int
    name: str
    version: str
    config_name: str
    total_score_days: int | None


def payout_configs(connection: sqlite3.Connection, tournament: Tournament) -> list[PayoutConfig]:
    """The scores that the rounds of the tournament pay."""
    sql = """SELECT c.round, c.score, n.name, n.version, c.default_multiplier, c.total_score_days
      FROM score_configs c JOIN score_names n USING (score) WHERE c.tournament = ? AND c.is_payout"""
    return [
        PayoutConfig(number, score, name, version, decimal_of(multiplier), days)
        for number, score, name, version, multiplier, days in connection.execute(sql, (tournament,))
    ]


def payout_scores(connection: sqlite3.Connection, tournament: Tournament, numbers: Iterable[int]) -> dict[int, str]:
    """The scores that these rounds pay, by name: the cache's number -> displayName."""
    rounds = list(numbers)
    sql = f"""SELECT DISTINCT n.score, n.name FROM score_configs c JOIN score_names n USING (score)
      WHERE c.tournament = ? AND c.is_payout AND c.round IN ({", ".join("?" * len(rounds))}) ORDER BY n.name"""
    return dict(connection.execute(sql, (tournament, *rounds)).fetchall())


def score_definitions(
    connection: sqlite3.Connection, tournament: Tournament, names: Collection[str], first: int, last: int
) -> list[ScoreDefinition]:
    """How the rounds from `first` to `last` define the scores of these displayNames."""
    sql = f"""SELECT c.round, n.name, n.version, c.config_name, c.total_score_days
      FROM score_configs c JOIN score_names n USING (score)
      WHERE c.tournament = ? AND c.round BETWEEN ? AND ? AND n.name IN ({", ".join("?" * len(names))})"""
    return list(map(ScoreDefinition._make, connection.execute(sql, (tournament, first, last, *names))))
