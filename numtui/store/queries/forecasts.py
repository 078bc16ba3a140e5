"""The forecasts that were recorded on the day on which they were made."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from decimal import Decimal
from typing import NamedTuple

from numtui.model import Tournament
from numtui.store.database import placeholders


class RecordedForecast(NamedTuple):
    """A forecast as it was stored: returns on stake, `day` the scoring day it was made on, `at_risk` NMR then.

    Quantiles are None where they are not known, of a sum.
    """

    day: int
    expected: float
    p05: float | None
    p95: float | None
    at_risk: Decimal = Decimal(0)


class ForecastOutcome(NamedTuple):
    """A recorded forecast of a model in a round that has resolved since, with the return on stake that came."""

    day: int
    days_left: int
    expected: float
    p05: float
    p95: float
    outcome: float


def first_forecasts(connection: sqlite3.Connection, models: Collection[int]) -> dict[tuple[int, int], RecordedForecast]:
    """The first recorded forecast of each model (the cache's numbers) and round that was made with a score known."""
    # With min() SQLite takes the other columns from the row that has it.
    sql = f"""SELECT model, round, min(day), expected, p05, p95, at_risk FROM forecasts
      WHERE model IN ({placeholders(models)}) AND day > 0 GROUP BY model, round"""
    return {
        (model, number): RecordedForecast(day, expected, p05, p95, Decimal(at_risk or 0))
        for model, number, day, expected, p05, p95, at_risk in connection.execute(sql, tuple(models))
        if expected is not None
    }


def forecast_outcomes(connection: sqlite3.Connection, tournament: Tournament) -> list[ForecastOutcome]:
    """Every recorded forecast with stake at risk whose round has resolved with a payout."""
    sql = """SELECT f.day, f.days_left, f.expected, f.p05, f.p95,
        (SELECT sum(coalesce(l.payout_settled, l.payout_pending) + 0) FROM latest l
          WHERE l.model = f.model AND l.round = f.round) / (p.at_risk + 0)
      FROM forecasts f JOIN models m USING (model) JOIN positions p USING (model, round)
      JOIN rounds r ON r.tournament = m.tournament AND r.round = f.round
      WHERE m.tournament = ? AND r.resolved = 1 AND p.at_risk + 0 > 0 AND f.expected IS NOT NULL"""
    rows = map(ForecastOutcome._make, connection.execute(sql, (tournament,)))
    return [row for row in rows if row.outcome is not None and row.days_left is not None]
