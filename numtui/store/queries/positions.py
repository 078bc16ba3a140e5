"""What models have in rounds: money at risk, payout factors and multipliers of their own."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from typing import NamedTuple

from numtui.model import Tournament, decimal_of


class Position(NamedTuple):
    """A model in a round: NMR at risk, and the payout factor on its own row; None where unknown."""

    round: int
    at_risk: Decimal | None
    payout_factor: Decimal | None


class Multiplier(NamedTuple):
    """What a model chose for a score of a round; the score by the cache's number."""

    round: int
    score: int
    multiplier: Decimal


def positions(connection: sqlite3.Connection, model: int) -> list[Position]:
    """The positions of a model."""
    sql = "SELECT round, at_risk, payout_factor FROM positions WHERE model = ?"
    return [
        Position(number, decimal_of(at_risk), decimal_of(factor))
        for number, at_risk, factor in connection.execute(sql, (model,))
    ]


def position_rounds(connection: sqlite3.Connection, tournament: Tournament) -> list[int]:
    """The rounds of the tournament in which any model has a position."""
    sql = "SELECT DISTINCT round FROM positions JOIN models USING (model) WHERE tournament = ?"
    return [number for (number,) in connection.execute(sql, (tournament,))]


def multipliers(connection: sqlite3.Connection, model: int) -> list[Multiplier]:
    """The multipliers that a model lists, round by round."""
    sql = "SELECT round, score, multiplier FROM multipliers WHERE model = ?"
    return [
        Multiplier(number, score, Decimal(multiplier))
        for number, score, multiplier in connection.execute(sql, (model,))
    ]
