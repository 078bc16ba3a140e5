"""The returns of models round by round: curves, drawdown and risk figures, settled and pending apart."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from numtui.analysis.arrays import Floats, number
from numtui.analysis.risk import risk_table, underwater
from numtui.model import Column, Kind, Tournament
from numtui.reports.backtest.inputs import load_inputs
from numtui.reports.backtest.query import BacktestQuery
from numtui.reports.backtest.risk import round_returns
from numtui.reports.backtest.table import RATIOS, ROUNDS
from numtui.reports.drift.compute import Drift
from numtui.reports.drift.rows import drift_row, in_round
from numtui.reports.terms import stake_shares
from numtui.store.queries.selection import Models, Rounds, Starts

RISK_COLUMNS = (
    ROUNDS,
    Column("mean", Kind.FRACTION, doc="mean return on stake a round"),
    *(column for column in RATIOS if column.name not in {"sortino", "worst_20"}),
)


class RiskFigures(NamedTuple):
    """The risk figures of a model's settled rounds, as `RISK_COLUMNS` say; None where one is undefined."""

    rounds: int
    mean: float | None
    std: float | None
    sharpe: float | None
    max_drawdown: float | None
    cvar_5: float | None
    burn_rate: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Returns:
    """Returns on stake `values` [M, R] of `models` in resolved `rounds` (ascending) under the terms of each round; NaN
    for a round that does not count. `notes` are lines for the reader."""

    models: tuple[str, ...]
    rounds: tuple[int, ...]
    values: Floats
    notes: tuple[str, ...] = ()

    def figures(self) -> list[RiskFigures]:
        """The risk figures of each model, as `export risk` has them."""
        risk = risk_table(self.values)
        columns = (risk.mean, risk.std, risk.sharpe, risk.max_drawdown, risk.cvar_5, risk.burn_rate)
        return [
            RiskFigures(int(risk.rounds[m]), *(number(column[m]) for column in columns))
            for m in range(len(self.models))
        ]


class CurvePoint(NamedTuple):
    """A round, and the sum of the returns up to it, each on the model's whole stake (`stake_shares`); `drawdown` is the
    loss from the peak there, 0..1."""

    round: int
    cumulated: float
    drawdown: float


class ModelCurve(NamedTuple):
    """A model's cumulated return over its settled rounds, and over the unresolved ones as they stand, from the last
    settled one on; `drawdown` is how far it lies below its peak after the last settled round (None without one)."""

    settled: tuple[CurvePoint, ...] = ()
    pending: tuple[CurvePoint, ...] = ()
    figures: RiskFigures | None = None
    notes: tuple[str, ...] = ()

    @property
    def drawdown(self) -> float | None:
        """The loss from the peak now, 0..1."""
        return self.settled[-1].drawdown if self.settled else None

    @property
    def max_drawdown(self) -> float | None:
        """The largest one of the settled rounds, 0..1."""
        return max((point.drawdown for point in self.settled), default=None)


def settled_returns(
    connection: sqlite3.Connection,
    tournament: Tournament,
    names: tuple[str, ...],
    starts: Starts,
    *,
    matched: bool = False,
) -> Returns | None:
    """The returns of these models under the terms of each round, from the epochs of their notes on; `matched`: of the
    rounds that all of them have. None where none of them has a score in a resolved round."""
    query = BacktestQuery(models=Models(names=names), matched=matched)
    inputs = load_inputs(connection, tournament, query, Rounds(starts=starts))
    if inputs is None:
        return None
    return Returns(inputs.history.models, inputs.rounds.numbers, round_returns(inputs), inputs.notes)


def model_curve(
    connection: sqlite3.Connection, tournament: Tournament, drift: Drift, model: str, starts: Starts
) -> ModelCurve:
    """The curve of a model: what is settled from its scores and terms, what is pending as the drift monitor has it."""
    returns = settled_returns(connection, tournament, (model,), starts)
    settled: list[CurvePoint] = []
    values = np.zeros(0)
    if returns is not None:
        known = ~np.isnan(returns.values[0])
        numbers = np.array(returns.rounds)[known].tolist()
        values = returns.values[0, known] * stake_shares(connection, tournament, numbers)
        settled = points(numbers, values)
    unresolved = pending_returns(drift, model)
    open_rounds = [number for number, _ in unresolved]
    open_values = np.array([value for _, value in unresolved]) * stake_shares(connection, tournament, open_rounds)
    pending = points(open_rounds, np.concatenate([values, open_values]), skip=values.size)
    return ModelCurve(
        settled=tuple(settled),
        pending=(*settled[-1:], *pending) if pending else (),
        figures=None if returns is None else returns.figures()[0],
        notes=() if returns is None else returns.notes,
    )


def points(numbers: list[int], returns: Floats, *, skip: int = 0) -> list[CurvePoint]:
    """The curve through rounds of these numbers; the first `skip` of `returns` lie before them."""
    sums, losses = returns.cumsum()[skip:].tolist(), underwater(returns)[skip:].tolist()
    return [CurvePoint(*point) for point in zip(numbers, sums, losses, strict=True)]


def pending_returns(drift: Drift, model: str) -> list[tuple[int, float]]:
    """The unresolved rounds of a model with a score, and the returns that they stand at; by round."""
    found: list[tuple[int, float]] = []
    for m in positions(drift, model):
        for r in drift.open_rounds:
            row = drift_row(drift, m, r)
            if in_round(drift, m, r) and row.value is not None:
                found.append((row.round, row.value))
    return sorted(found)


def positions(drift: Drift, model: str) -> list[int]:
    """The position of a model on the drift's axis of models; none where it has no round here."""
    return [m for m, name in enumerate(drift.inputs.models.names) if name.casefold() == model.casefold()]
