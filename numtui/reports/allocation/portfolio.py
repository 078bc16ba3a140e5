"""`export allocation --portfolio`: what the weights come to as a whole, beside equal ones and those of today's stakes.

The last row is no portfolio: one stake on an ensemble of the models, whose return is taken for the mean of theirs. How
it would do cannot be told from their returns, but its variance is not likely to be less than that of the mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from numtui.analysis.allocation.figures import Figures, figures, variance
from numtui.analysis.arrays import Floats
from numtui.model import Column, Kind
from numtui.reports.allocation.allocation import Allocation
from numtui.reports.backtest.risk import STRETCHES
from numtui.reports.backtest.table import SHARPE, TAILS

BOUND = "ensemble bound"
_OF_RISK = {column.name: column for column in (SHARPE, *TAILS, *STRETCHES)}
PORTFOLIO_COLUMNS = (
    Column("weighting", Kind.TEXT, doc=f"whose weights: chosen, equal, today's; {BOUND}: one stake on all the models"),
    Column("mean", Kind.SCORE, doc="mean return on stake of a round"),
    _OF_RISK["mean_p05"],
    _OF_RISK["mean_p95"],
    Column("std", Kind.SCORE, "risk", "root of the long-run variance of a round's return"),
    _OF_RISK["sharpe"],
    _OF_RISK["sharpe_p05"],
    _OF_RISK["sharpe_p95"],
    _OF_RISK["max_drawdown"],
    _OF_RISK["cvar_5"],
    _OF_RISK["worst_20"],
    Column("concentration", Kind.FLOAT, doc="sum of the squared weights: 1 where one model has all"),
    Column("effective_models", Kind.FLOAT, "counts as", "effective number of models: 1 / concentration"),
    Column(
        "common_share", Kind.PERCENTILE, "common %", "share of its long-run variance that is the models' common factor"
    ),
    Column("diversification", Kind.FLOAT, "diversified", "weighted mean of the models' risks over that of the whole"),
    Column("variance_ratio", Kind.FLOAT, "rel. variance", "its long-run variance over that of the chosen weights"),
    Column("tournament", Kind.TEXT, doc="classic, signals or crypto"),
)


class PortfolioRow(NamedTuple):
    """Weights as a whole, as `PORTFOLIO_COLUMNS` say; None where unknown."""

    weighting: str
    mean: float | None
    mean_p05: float | None
    mean_p95: float | None
    std: float | None
    sharpe: float | None
    sharpe_p05: float | None
    sharpe_p95: float | None
    max_drawdown: float | None
    cvar_5: float | None
    worst_20: float | None
    concentration: float | None
    effective_models: float | None
    common_share: float | None
    diversification: float | None
    variance_ratio: float | None
    tournament: str


def portfolio_rows(of: Allocation) -> list[PortfolioRow]:
    """The weights to be used, equal ones, those of the stakes that stand where these are known, and the bound."""
    named = {"chosen": of.weights, "equal": of.equal, "today": of.today}
    rows = [
        _row(of, name, weights, figures(weights, of.returns, of.covariance, of.open_rounds)._asdict())
        for name, weights in named.items()
        if weights is not None
    ]
    unknown = dict.fromkeys(Figures._fields)  # of an ensemble's returns those of its models tell nothing but the bound
    return [*rows, _row(of, BOUND, of.equal, unknown | {"std": variance(of.equal, of.covariance) ** 0.5})]


def _row(of: Allocation, name: str, weights: Floats, told: Mapping[str, float | None]) -> PortfolioRow:
    return PortfolioRow(weighting=name, **told, variance_ratio=_ratio(of, weights), tournament=of.tournament.label)


def _ratio(of: Allocation, weights: Floats) -> float | None:
    chosen = variance(of.weights, of.covariance)
    return variance(weights, of.covariance) / chosen if chosen > 0 else None
