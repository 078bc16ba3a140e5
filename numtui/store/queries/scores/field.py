"""The rounds whose whole field is here."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from numtui.analysis.arrays import Floats, Ints
from numtui.model import Tournament
from numtui.money import decimal_of
from numtui.store.database import placeholders
from numtui.store.field_pack import MODELS, STAKE, unpacked_amounts, unpacked_numbers, unpacked_scores
from numtui.store.queries.selection import Rounds


class FieldSums(NamedTuple):
    """What a tournament paid and burnt in a round, NMR; None where it is not stated."""

    round: int
    time: str
    resolved: bool
    models: int
    submitted: int | None
    stakes: int | None
    at_stake: float | None
    payout: float | None
    earned: float | None
    burned: float | None
    factor: Decimal | None
    multipliers: dict[str, float]


def field_rounds(connection: sqlite3.Connection, tournament: Tournament, rounds: Rounds) -> list[FieldSums]:
    """The rounds of the range whose field is here, ascending."""
    condition, values = rounds.condition("round", "resolved")
    sql = f"""SELECT round, time, resolved, models, submitted, stakes, at_stake, payout, earned, burned, factor,
      multipliers FROM field_rounds WHERE tournament = ? AND {condition} ORDER BY round"""
    rows = connection.execute(sql, (int(tournament), *values)).fetchall()
    return [
        FieldSums._make((*row[:2], bool(row[2]), *row[3:10], decimal_of(row[10]), json.loads(row[11]))) for row in rows
    ]


def field_models(connection: sqlite3.Connection, tournament: Tournament) -> dict[int, str]:
    """Everybody who was in one of the rounds: number -> name."""
    sql = "SELECT number, name FROM field_models WHERE tournament = ?"
    return dict(connection.execute(sql, (int(tournament),)).fetchall())


def field_scores(connection: sqlite3.Connection, tournament: Tournament, numbers: Sequence[int]) -> list[str]:
    """The scores that any of these rounds has, by name."""
    sql = f"""SELECT DISTINCT name FROM field_columns
      WHERE tournament = ? AND round IN ({placeholders(numbers)}) AND name NOT IN (?, ?) ORDER BY name"""
    return [name for (name,) in connection.execute(sql, (int(tournament), *numbers, MODELS, STAKE))]


def field_array(
    connection: sqlite3.Connection, tournament: Tournament, numbers: Sequence[int], models: Ints, name: str
) -> Floats:
    """[N, R] a score, or the stake, of the field's `models` (ascending numbers) in these rounds; NaN where one was not
    in a round, 0 for its stake."""
    values = np.full((models.size, len(numbers)), 0.0 if name == STAKE else np.nan)
    unpack = unpacked_amounts if name == STAKE else unpacked_scores
    sql = "SELECT name, data FROM field_columns WHERE tournament = ? AND round = ? AND name IN (?, ?)"
    for place, number in enumerate(numbers):
        columns = dict(connection.execute(sql, (int(tournament), number, MODELS, name)))
        if name in columns and MODELS in columns:
            values[np.searchsorted(models, unpacked_numbers(columns[MODELS])), place] = unpack(columns[name])
    return values


def field_numbers(connection: sqlite3.Connection, tournament: Tournament, names: Sequence[str]) -> Ints:
    """The numbers of models in fields; 0 for one that was in none."""
    sql = "SELECT number FROM field_models WHERE tournament = ? AND name = ?"
    rows = [connection.execute(sql, (int(tournament), name)).fetchone() for name in names]
    return np.array([0 if row is None else row[0] for row in rows], dtype=np.int64)


def field_members(connection: sqlite3.Connection, tournament: Tournament, number: int) -> Ints:
    """The numbers of everybody in a round, ascending; none where its field is not here."""
    row = connection.execute(_COLUMN, (int(tournament), number, MODELS)).fetchone()
    return np.empty(0, dtype=np.int64) if row is None else unpacked_numbers(row[0])


def field_values(
    connection: sqlite3.Connection, tournament: Tournament, number: int, weights: Mapping[str, float]
) -> Floats | None:
    """The weighted sum of everybody's scores in a round, in the order of its members; None where it lacks one of
    them."""
    total: Floats | None = None
    for name, weight in weights.items():
        if not weight:
            continue
        row = connection.execute(_COLUMN, (int(tournament), number, name)).fetchone()
        if row is None:
            return None
        values = weight * unpacked_scores(row[0])
        total = values if total is None else total + values
    return total


_COLUMN = "SELECT data FROM field_columns WHERE tournament = ? AND round = ? AND name = ?"
