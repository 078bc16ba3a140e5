"""The rounds of which a model's newest scores are here and its days are not: they come in the second step of a sync."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from numtui.model import Tournament
from numtui.store.database import placeholders
from numtui.store.queries.selection import Rounds


class MissingDays(NamedTuple):
    """How many models lack days, and the first and last of the rounds that they lack them of."""

    models: int
    first: int
    last: int

    @property
    def what(self) -> str:
        """`days of rounds 1043 to 1343, 12 models`."""
        rounds = f"round {self.first}" if self.first == self.last else f"rounds {self.first} to {self.last}"
        return f"days of {rounds}, {self.models} model{'s' * (self.models > 1)}"

    def __str__(self) -> str:
        return f"not in the cache: {self.what}"


def may_have_scores(connection: sqlite3.Connection, model: int, first: int, last: int | None) -> bool:
    """Whether a model (the cache's number) may have scores in the rounds `first` to `last` (None: all later ones).

    Its positions count too: a service may state daily scores alone, and no newest ones.
    """
    sql = """SELECT EXISTS (SELECT 1 FROM latest WHERE model = ?1 AND round >= ?2 AND round <= coalesce(?3, round))
      OR EXISTS (SELECT 1 FROM positions WHERE model = ?1 AND round >= ?2 AND round <= coalesce(?3, round))"""
    return bool(connection.execute(sql, (model, first, last)).fetchone()[0])


def oldest_scored(connection: sqlite3.Connection, tournament: Tournament) -> int | None:
    """The oldest round in which any model has a score; None where none has one."""
    sql = """SELECT min((SELECT min(l.round) FROM latest l WHERE l.model = m.model))
      FROM models m WHERE m.tournament = ?"""
    (number,) = connection.execute(sql, (int(tournament),)).fetchone()
    return None if number is None else int(number)


def missing_days(
    connection: sqlite3.Connection, tournament: Tournament, models: Sequence[int], rounds: Rounds
) -> MissingDays | None:
    """The days that are not here of these models (the cache's numbers) and rounds; None when every day is."""
    pairs = rounds_without_days(connection, tournament, models, rounds)
    if not pairs:
        return None
    numbers = [number for _, number in pairs]
    return MissingDays(len({model for model, _ in pairs}), min(numbers), max(numbers))


def rounds_without_days(
    connection: sqlite3.Connection, tournament: Tournament, models: Sequence[int], rounds: Rounds
) -> list[tuple[int, int]]:
    """Model (the cache's number) and round of which newest scores are here and the days are not."""
    listed = (
        f"SELECT model FROM models WHERE model IN ({placeholders(models)}) AND (days_from IS NULL OR days_from > ?)"
    )
    lacking = [number for (number,) in connection.execute(listed, (*models, rounds.first or 0))]
    if not lacking:
        return []
    condition, values = rounds.condition("l.round", "r.resolved")
    sql = f"""SELECT DISTINCT l.model, l.round
      FROM latest l JOIN models m USING (model)
      LEFT JOIN rounds r ON r.tournament = ? AND r.round = l.round
      WHERE l.model IN ({placeholders(lacking)}) AND l.round < coalesce(m.days_from, l.round + 1)
        AND l.value IS NOT NULL AND {condition}
        AND NOT EXISTS (SELECT 1 FROM score_paths p WHERE p.model = l.model AND p.round = l.round)"""
    return connection.execute(sql, (int(tournament), *lacking, *values)).fetchall()
