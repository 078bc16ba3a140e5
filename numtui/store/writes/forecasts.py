"""The record of forecasts: written on the scoring day on which they were made, and never again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from numtui.model import Tournament
from numtui.store.database import transaction
from numtui.store.writes.upsert import upsert


class ForecastRow(NamedTuple):
    """A forecast made at `time`, when the round stood at `day` (of the calendar day `date`); returns on stake.

    `model` is the cache's number, or `total_key` for the sum over the account's models.
    """

    model: int
    round: int
    day: int
    time: datetime
    date: str | None = None
    days_left: int | None = None
    at_risk: Decimal | None = None
    value: float | None = None
    expected: float | None = None
    p05: float | None = None
    p25: float | None = None
    p75: float | None = None
    p95: float | None = None
    burn_probability: float | None = None


def total_key(tournament: Tournament) -> int:
    """What stands for the model in the rows of a round's total: round numbers repeat between tournaments."""
    return -int(tournament)


def put_forecasts(connection: sqlite3.Connection, rows: Iterable[ForecastRow]) -> int:
    """Adds forecasts; returns how many. One that was made before of the same model, round and day stays as it was."""
    keys = ("model", "round", "day")
    with transaction(connection):
        return upsert(connection, "forecasts", ForecastRow._fields, keys, rows, insert_only=ForecastRow._fields[3:])
