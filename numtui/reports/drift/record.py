"""The stored forecasts of rounds that have resolved, against what came."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from typing import NamedTuple

from numtui.model import Column, Kind, Tournament
from numtui.store.queries.forecasts import RecordedForecast, first_forecasts
from numtui.store.queries.selection import Models, known_models
from numtui.store.queries.stakes.round_money import RoundMoney
from numtui.store.writes.forecasts import total_key

RECORD_COLUMNS = (
    Column("forecast_day", Kind.INT, "fc day", "scoring day on which the forecast beside was recorded: the first one"),
    Column("expected", Kind.FRACTION, "forecast", "recorded forecast of the return on stake"),
    Column("p05", Kind.FRACTION, doc="5 % quantile of the recorded forecast"),
    Column("p95", Kind.FRACTION, doc="95 % quantile of the recorded forecast"),
    Column("outcome", Kind.FRACTION, doc="return on stake that came, where a forecast was recorded"),
    Column("held", Kind.BOOL, doc="whether the recorded 90 % interval held the outcome"),
)


class RecordCells(NamedTuple):
    """A recorded forecast against the return that came, as `RECORD_COLUMNS` show it; returns as fractions."""

    forecast_day: int | None = None
    expected: float | None = None
    p05: float | None = None
    p95: float | None = None
    outcome: float | None = None
    held: bool | None = None


def record_cells(recorded: RecordedForecast | None, outcome: float | None) -> RecordCells:
    """A recorded forecast against the return that came; None throughout without one."""
    if recorded is None:
        return RecordCells()
    day, expected, p05, p95, _ = recorded
    held = None if outcome is None or p05 is None or p95 is None else p05 <= outcome <= p95
    return RecordCells(day, expected, p05, p95, outcome, held)


def round_forecasts(
    connection: sqlite3.Connection, tournament: Tournament, models: Collection[int]
) -> dict[int, RecordedForecast]:
    """The first recorded forecast by round over `models`, as a return on all their stake.

    The interval of a sum is known where it was recorded as one: of a single model, and of all own models together.
    """
    mine = set(known_models(connection, tournament, Models(mine=True)).values())
    if len(models) > 1 and mine and mine <= set(models):
        whole = first_forecasts(connection, [total_key(tournament)])
        return {number: recorded for (_, number), recorded in whole.items()}
    by_round: dict[int, list[RecordedForecast]] = {}
    for (_, number), recorded in first_forecasts(connection, models).items():
        by_round.setdefault(number, []).append(recorded)
    single = len(models) == 1
    return {number: items[0] if single else _mean(items) for number, items in by_round.items()}


def outcome(amounts: RoundMoney) -> float | None:
    """The return on stake of settled (else pending) payouts; None where nothing was at risk or nothing is known."""
    payout = amounts.settled if amounts.settled is not None else amounts.pending
    return None if payout is None or not amounts.at_risk else float(payout / amounts.at_risk)


def _mean(items: Sequence[RecordedForecast]) -> RecordedForecast:
    """The forecast of several models' returns as one, weighted by stake; equally where nothing is staked."""
    weights = [float(item.at_risk) for item in items]
    if not sum(weights):
        weights = [1.0] * len(items)
    expected = sum(weight * item.expected for weight, item in zip(weights, items, strict=True)) / sum(weights)
    return RecordedForecast(min(item.day for item in items), expected, None, None)
