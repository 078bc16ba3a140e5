"""`export allocation --frontier`: what mean return costs how much risk, and where these weights stand."""

from __future__ import annotations

from typing import NamedTuple

from numtui.analysis.allocation.figures import effective_models
from numtui.analysis.allocation.frontier import Portfolio, frontier, portfolio
from numtui.analysis.allocation.weights import AllocationError, Bounds
from numtui.analysis.arrays import number
from numtui.model import Column, Kind
from numtui.reports.allocation.allocation import Allocation
from numtui.reports.backtest.query import BacktestError

NAMED = 3  # models that a portfolio is told by, those of the largest weights
POINT = "frontier"  # what its points are called; the other rows are weights by name
FRONTIER_COLUMNS = (
    Column("portfolio", Kind.TEXT, doc="frontier, or whose weights: chosen, as solved, equal, today's"),
    Column("mean", Kind.SCORE, doc="mean return on stake of a round"),
    Column("std", Kind.SCORE, "risk", "root of the long-run variance of a round's return"),
    Column("cvar_5", Kind.FRACTION, "CVaR 5%", "mean return of the worst 5 % of rounds"),
    Column("effective_models", Kind.FLOAT, "counts as", "effective number of models: 1 / sum of the squared weights"),
    Column("largest", Kind.TEXT, "most in", "the models of the largest weights"),
    Column("tournament", Kind.TEXT, doc="classic, signals or crypto"),
)


class FrontierRow(NamedTuple):
    """Weights and what they come to, as `FRONTIER_COLUMNS` say."""

    portfolio: str
    mean: float
    std: float
    cvar_5: float | None
    effective_models: float
    largest: str
    tournament: str


def frontier_rows(of: Allocation) -> list[FrontierRow]:
    """The weights to be used, those as solved, equal ones, those of the stakes that stand; then the efficient ones
    within the bounds, from the least risk on. BacktestError where there are none."""
    bounds = Bounds(of.query.floor, of.query.cap)
    try:
        points = frontier(of.returns, of.covariance, bounds)
    except AllocationError as error:
        raise BacktestError(str(error)) from None
    named = {"chosen": of.weights, "as solved": of.raw, "equal": of.equal, "today": of.today}
    known = {name: weights for name, weights in named.items() if weights is not None}
    rows = [_row(of, name, portfolio(weights, of.returns, of.covariance)) for name, weights in known.items()]
    return [*rows, *(_row(of, POINT, point) for point in points)]


def _row(of: Allocation, name: str, found: Portfolio) -> FrontierRow:
    order = sorted(range(len(of.models)), key=lambda m: -found.weights[m])[:NAMED]
    largest = ", ".join(f"{of.models[m]} {found.weights[m]:.0%}" for m in order if found.weights[m] >= 0.005)
    effective = effective_models(found.weights)
    return FrontierRow(name, found.mean, found.std, number(found.cvar_5), effective, largest, of.tournament.label)
