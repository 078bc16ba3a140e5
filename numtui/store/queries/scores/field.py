"""The rounds whose whole field is here."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence
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


def field_returns(connection: sqlite3.Connection, tournament: Tournament) -> dict[int, float]:
    """The return on all that was at risk, payout / NMR at risk, of each round whose field is here and states both."""
    sql = """SELECT round, payout / at_stake FROM field_rounds
      WHERE tournament = ? AND payout IS NOT NULL AND at_stake > 0"""
    return dict(connection.execute(sql, (int(tournament),)).fetchall())


def field_models(connection: sqlite3.Connection, tournament: Tournament) -> dict[int, str]:
    """Everybody who was in one of the rounds: number -> name."""
    sql = "SELECT number, name FROM field_models WHERE tournament = ?"
    return dict(connection.execute(sql, (int(tournament),)).fetchall())


def field_scores(connection: sqlite3.Connection, tournament: Tournament, numbers: Sequence[int]) -> dict[str, int]:
    """The scores that any of these rounds has, by name, and how many of the rounds have each."""
    sql = f"""SELECT name, count(*) FROM field_columns
      WHERE tournament = ? AND round IN ({placeholders(numbers)}) AND name NOT IN (?, ?) GROUP BY name ORDER BY name"""
    return dict(connection.execute(sql, (int(tournament), *numbers, MODELS, STAKE)).fetchall())


def field_numbers(connection: sqlite3.Connection, tournament: Tournament, names: Sequence[str]) -> Ints:
    """The numbers of models in fields; 0 for one that was in none."""
    sql = "SELECT number FROM field_models WHERE tournament = ? AND name = ?"
    rows = [connection.execute(sql, (int(tournament), name)).fetchone() for name in names]
    return np.array([0 if row is None else row[0] for row in rows], dtype=np.int64)


def field_columns(
    connection: sqlite3.Connection, tournament: Tournament, number: int, names: Collection[str]
) -> tuple[Ints, dict[str, Floats]]:
    """Everybody in a round by number, ascending, and in that order the columns of these `names` (scores, or STAKE)
    that the round has; nobody where its field is not here."""
    asked = sorted({MODELS, *names})
    sql = f"""SELECT name, data FROM field_columns
      WHERE tournament = ? AND round = ? AND name IN ({placeholders(asked)})"""
    packed: dict[str, bytes] = dict(connection.execute(sql, (int(tournament), number, *asked)).fetchall())
    if MODELS not in packed:
        return np.empty(0, dtype=np.int64), {}
    members = unpacked_numbers(packed.pop(MODELS))
    unpack = {name: unpacked_amounts if name == STAKE else unpacked_scores for name in packed}
    return members, {name: unpack[name](data) for name, data in packed.items()}
