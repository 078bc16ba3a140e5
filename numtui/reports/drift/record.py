"""The stored forecasts of rounds that have resolved, against what came."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from numtui.model import Column, Kind, Tournament
from numtui.reports.drift.rows import Money
from numtui.store.writes.forecasts import total_key

RECORD_COLUMNS = (
    Column("forecast_day", Kind.INT, "fc day", "scoring day on which the forecast beside was recorded: the first one"),
    Column("expected", Kind.FRACTION, "forecast", "recorded forecast of the return on stake"),
    Column("p05", Kind.FRACTION, doc="5 % quantile of the recorded forecast"),
    Column("p95", Kind.FRACTION, doc="95 % quantile of the recorded forecast"),
    Column("outcome", Kind.FRACTION, doc="return on stake that came, where a forecast was recorded"),
    Column("held", Kind.BOOL, doc="whether the recorded 90 % interval held the outcome"),
)
NOTHING = (None,) * len(RECORD_COLUMNS)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A forecast as it was stored: returns on stake, and the day it was made on. Quantiles None: not known of a sum."""

    day: int
    expected: float
    p05: float | None
    p95: float | None

    def against(self, outcome: float | None) -> tuple[object, ...]:
        """The cells of `RECORD_COLUMNS`."""
        held = None if outcome is None or self.p05 is None or self.p95 is None else self.p05 <= outcome <= self.p95
        return (self.day, self.expected, self.p05, self.p95, outcome, held)


# With min() SQLite takes the other columns from the row that has it.
_FIRST = """SELECT model, round, min(day), expected, p05, p95, at_risk FROM forecasts
  WHERE model IN ({marks}) AND day > 0 GROUP BY model, round"""


def first_forecasts(connection: sqlite3.Connection, models: Collection[int]) -> dict[tuple[int, int], Recorded]:
    """The first recorded forecast of each model (the cache's numbers) and round that was made with a score known."""
    return {key: recorded for key, (recorded, _) in _first(connection, models).items()}


def round_forecasts(
    connection: sqlite3.Connection, tournament: Tournament, models: Collection[int]
) -> dict[int, Recorded]:
    """The first recorded forecast by round over `models`, as a return on all their stake.

    The interval of a sum is known where it was recorded as one: of a single model, and of all own models together.
    """
    own = {model for (model,) in connection.execute(_OWN, (tournament,))}
    if len(models) > 1 and own and own <= set(models):
        whole = first_forecasts(connection, [total_key(tournament)])
        return {number: recorded for (_, number), recorded in whole.items()}
    single = len(models) == 1
    sums: dict[int, list[tuple[Recorded, Decimal]]] = {}
    for (_, number), found in _first(connection, models).items():
        sums.setdefault(number, []).append(found)
    return {number: parts[0][0] if single else _mean(parts) for number, parts in sums.items()}


_OWN = "SELECT model FROM models WHERE tournament = ? AND mine = 1 AND archived = 0"


def outcome(amounts: Money) -> float | None:
    """The return on stake of settled (else pending) payouts; None where nothing was at risk or nothing is known."""
    payout = amounts.settled if amounts.settled is not None else amounts.pending
    return None if payout is None or not amounts.at_risk else float(payout / amounts.at_risk)


def _first(connection: sqlite3.Connection, models: Collection[int]) -> dict[tuple[int, int], tuple[Recorded, Decimal]]:
    sql = _FIRST.format(marks=", ".join("?" * len(models)))
    return {
        (model, number): (Recorded(day, expected, p05, p95), Decimal(at_risk or 0))
        for model, number, day, expected, p05, p95, at_risk in connection.execute(sql, tuple(models))
        if expected is not None
    }


def _mean(parts: list[tuple[Recorded, Decimal]]) -> Recorded:
    weights = [float(at_risk) for _, at_risk in parts]
    if not sum(weights):
        weights = [1.0] * len(parts)
    expected = sum(weight * part.expected for weight, (part, _) in zip(weights, parts, strict=True)) / sum(weights)
    return Recorded(min(part.day for part, _ in parts), expected, None, None)
