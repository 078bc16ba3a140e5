"""The rows of drift tables: a model in a round on a scoring day, its forecast, and which models and rounds are meant.

`m` and `r` are positions on the axes of models and rounds throughout.
"""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from numtui.analysis.arrays import number
from numtui.analysis.drift.projection import payout_nmr
from numtui.model import Column, Kind
from numtui.money import ZERO
from numtui.reports.drift.compute import Drift
from numtui.store.queries.selection import Models, known_models

DRIFT_COLUMNS = (
    Column("model", Kind.TEXT, doc="the model's name"),
    Column("round", Kind.INT, doc="the round's number"),
    Column("day", Kind.INT, doc="scoring day; 0 before the first score"),
    Column("days", Kind.INT, doc="scoring days to the resolution"),
    Column("days_left", Kind.INT, "left", "scoring days that are still to come"),
    Column("value", Kind.FRACTION, "now", "projected return on stake, after factor and clip"),
    Column("payout", Kind.NMR, "NMR now", "value x at_risk; a burn is negative"),
    Column("at_risk", Kind.NMR, "at risk", "NMR at risk"),
    Column("factor_estimated", Kind.BOOL, "est.", "whether the payout factor is the newest known one, not its own yet"),
)
FORECAST_COLUMNS = (
    Column("expected", Kind.FRACTION, "forecast", "expected final return on stake"),
    Column("p05", Kind.FRACTION, doc="5 % quantile of the final return"),
    Column("p25", Kind.FRACTION, doc="25 % quantile of the final return"),
    Column("p75", Kind.FRACTION, doc="75 % quantile of the final return"),
    Column("p95", Kind.FRACTION, doc="95 % quantile of the final return"),
    Column("burn_probability", Kind.PERCENTILE, "burn %", "probability of a negative final return, 0..1"),
    Column("expected_payout", Kind.NMR, "NMR fc", "expected final payout"),
    Column("payout_p05", Kind.NMR, "NMR p05", "5 % quantile of the final payout"),
    Column("payout_p95", Kind.NMR, "NMR p95", "95 % quantile of the final payout"),
)


class DriftRow(NamedTuple):
    """A model in a round on a scoring day, as `DRIFT_COLUMNS` say; None where unknown."""

    model: str
    round: int
    day: int
    days: int | None
    days_left: int | None
    value: float | None
    payout: Decimal | None
    at_risk: Decimal | None
    factor_estimated: bool


class ForecastFigures(NamedTuple):
    """The forecast of a model in a round, as `FORECAST_COLUMNS` say; None where there is none."""

    expected: float | None = None
    p05: float | None = None
    p25: float | None = None
    p75: float | None = None
    p95: float | None = None
    burn_probability: float | None = None
    expected_payout: Decimal | None = None
    payout_p05: Decimal | None = None
    payout_p95: Decimal | None = None


def drift_row(drift: Drift, m: int, r: int, day: int | None = None) -> DriftRow:
    """A model in a round on a scoring day, by default the newest."""
    inputs = drift.inputs
    day = int(drift.day[m, r]) if day is None else day
    days = int(inputs.terms.days[r]) or None
    value = number(drift.value[m, r, day - 1]) if day else None
    at_risk = inputs.at_risk.get((m, r))
    return DriftRow(
        model=inputs.models.names[m],
        round=inputs.rounds.numbers[r],
        day=day,
        days=days,
        days_left=None if days is None else days - day,
        value=value,
        payout=nmr(at_risk, value),
        at_risk=at_risk,
        factor_estimated=bool(inputs.factor_estimated[m, r]),
    )


def forecast_figures(drift: Drift, m: int, r: int) -> ForecastFigures:
    """The forecast of a model in a round."""
    at_risk = drift.inputs.at_risk.get((m, r))
    expected, p05, p25, p75, p95, burn = (number(column[m, r]) for column in drift.returns.columns())
    payouts = nmr(at_risk, expected), nmr(at_risk, p05), nmr(at_risk, p95)
    return ForecastFigures(expected, p05, p25, p75, p95, burn, *payouts)


def in_round(drift: Drift, m: int, r: int) -> bool:
    """Whether the model has a score or money in the round."""
    return bool(drift.day[m, r] > 0 or drift.inputs.at_risk.get((m, r)))


def selected_models(connection: sqlite3.Connection, drift: Drift, selection: Models) -> list[int]:
    """The positions of the selected models on the model axis."""
    known = known_models(connection, drift.inputs.tournament, selection)
    return [m for m, name in enumerate(drift.inputs.models.names) if name in known]


def counted_models(connection: sqlite3.Connection, drift: Drift, selection: Models) -> list[int]:
    """The positions of the models whose money is summed: the selected; by default the counted ones of `ModelAxis`."""
    if selection != Models():
        return selected_models(connection, drift, selection)
    return [int(m) for m in np.flatnonzero(drift.inputs.models.counted)]


def missing_reason(drift: Drift) -> str:
    """Why rounds have no forecast, in words."""
    labels = drift.inputs.terms.labels
    lacking = [item for item in drift.learnt if item.profile is None or item.revisions is None]
    if not lacking:
        return "no score, multiplier or payout factor is known yet"
    names = " and ".join(", ".join(labels[k] for k in item.kind.columns) for item in lacking)
    return f"too few resolved rounds have {names} over {lacking[0].kind.days} days here"


def nmr(at_risk: Decimal | None, value: float | None) -> Decimal | None:
    """at_risk x value, exact; None where either is unknown."""
    return None if at_risk is None or value is None else payout_nmr(at_risk, value) or ZERO


def share(part: Decimal, whole: Decimal) -> float | None:
    """part / whole as a number; None of nothing."""
    return float(part / whole) if whole else None
