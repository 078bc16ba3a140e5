"""The order of models by their best cells, on the rounds that they share, and how sure it is."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

import numpy as np

from numtui.analysis.arrays import Bools, Floats, Ints
from numtui.analysis.backtest.backtest import Backtest, model_series
from numtui.analysis.backtest.ranking import BestCells, Figures, figures, matched_rounds
from numtui.analysis.ranks import descending_ranks
from numtui.analysis.risk import measure, per_risk
from numtui.format import counted
from numtui.model import Column, Kind
from numtui.money import exact_or_none
from numtui.reports.backtest.compounding import earned
from numtui.reports.backtest.inputs import BacktestInputs
from numtui.reports.backtest.query import RATIOS

TOTAL = "total"
MATCHED = (
    Column("matched_rounds", Kind.INT, "matched", "rounds that all models compared have; on them models are ranked"),
    Column("matched_average", Kind.NMR, "matched avg", "average of the best cell on the matched rounds"),
    Column("matched_sharpe", Kind.FLOAT, "matched Sharpe", "its Sharpe on the matched rounds"),
    Column("matched_per_risk", Kind.FLOAT, "matched per risk", "its mean / -CVaR 5 % on the matched rounds"),
    Column("rank_p05", Kind.INT, "rank p05", "better end of the rank's 90 % interval; empty where evidence is thin"),
    Column("rank_p95", Kind.INT, "rank p95", "worse end of the rank's 90 % interval; empty where evidence is thin"),
    Column("behind", Kind.FLOAT, doc="distance of the model's figure by the mode from the first's, on matched rounds"),
    Column("behind_p05", Kind.FLOAT, doc="lower end of its 90 % interval; above 0: worse, and not by chance"),
    Column("behind_p95", Kind.FLOAT, doc="upper end of its 90 % interval; empty where evidence is thin"),
)


class MatchedFigures(NamedTuple):
    """A model on the matched rounds, as the columns are called; None where it is not compared, or the evidence is
    thin."""

    matched_rounds: int | None = None
    matched_average: Decimal | None = None
    matched_sharpe: float | None = None
    matched_per_risk: float | None = None
    rank_p05: int | None = None
    rank_p95: int | None = None
    behind: float | None = None
    behind_p05: float | None = None
    behind_p95: float | None = None


class ModelOrder(NamedTuple):
    """The places of models, `rank` [M] (0: none), their figures on the matched rounds, and lines on how they came."""

    rank: Ints
    matched: tuple[MatchedFigures, ...]
    notes: tuple[str, ...]


def model_order(inputs: BacktestInputs, result: Backtest, best: BestCells) -> ModelOrder:
    """The models by the mode's figure of their best cells on the rounds that all of them have.

    Left out of the comparison, and without a place, are models with fewer than half the rounds of the one with most.
    By `total`, or where no round is common, models are ranked by all rounds that each has.
    """
    known = inputs.history.counted() & (best.cell >= 0)[:, None]
    compared, common = matched_rounds(known)
    models, n = np.flatnonzero(compared), int(np.count_nonzero(common))
    matched = [MatchedFigures()] * len(compared)
    if n:
        returns, payouts = _on(inputs, best, models, common)
        figure = figures(result.mode, returns, payouts, inputs.open_rounds)
        if inputs.query.compound and result.mode not in RATIOS:  # what compounds hangs on the order of the rounds
            figure = figure._replace(loadings=None)
        for model, row in zip(models.tolist(), _rows(figure, returns, payouts), strict=True):
            matched[model] = row
    if n and result.mode != TOTAL:
        rank = np.zeros(len(compared), dtype=np.int64)
        rank[models] = descending_ranks(figure.value)
        return ModelOrder(rank, tuple(matched), tuple(_notes(known, compared, n)))
    apart = result.mode != TOTAL and len(models) > 1
    notes = ("no round is common to all models: each is ranked on its own",) if apart else ()
    return ModelOrder(descending_ranks(best.value), tuple(matched), notes)


def _on(inputs: BacktestInputs, best: BestCells, models: Ints, rounds: Bools) -> tuple[Floats, Floats]:
    """Returns and payouts of some models under their best cells in some rounds, [n, models] twice."""
    returns, payouts = [], []
    for model in models.tolist():
        cells = inputs.cells[[best.cell[model]]]
        returns.append(model_series(inputs.history, model, rounds).returns(cells)[:, 0])
        payouts.append(earned(inputs, inputs.history, model, rounds, cells)[:, 0])
    return np.column_stack(returns), np.column_stack(payouts)


def _rows(figure: Figures, returns: Floats, payouts: Floats) -> list[MatchedFigures]:
    """The figures of the compared models in their order."""
    n, count = returns.shape
    measured = measure(returns, np.full(count, n), full=True)
    assert measured.cvar_5 is not None
    first = int(np.argmax(np.where(np.isnan(figure.value), -np.inf, figure.value)))
    nothing = np.full(count, np.nan)
    behind = figure.behind(first)
    low, high = (behind.low, behind.high) if behind is not None else (nothing, nothing)
    ranks = figure.ranks() or (np.zeros(count, dtype=np.int64),) * 2
    columns = (
        payouts.mean(axis=0),
        measured.sharpe,
        per_risk(measured.mean, measured.cvar_5),
        figure.value[first] - figure.value,
        low,
        high,
    )
    finite = [[value if np.isfinite(value) else None for value in column.tolist()] for column in columns]
    return [
        MatchedFigures(n, exact_or_none(average), sharpe, risk, better or None, worse or None, *distance)
        for average, sharpe, risk, *distance, better, worse in zip(
            *finite, ranks[0].tolist(), ranks[1].tolist(), strict=True
        )
    ]


def _notes(known: Bools, compared: Bools, n: int) -> list[str]:
    """How models were compared, and which were not."""
    if len(compared) < 2:
        return []
    lines = [f"models are ranked on the {counted(n, 'round')} that all of them have"]
    left = int(np.count_nonzero(known.any(axis=1) & ~compared))
    if left:
        lines.append(f"{counted(left, 'model')} with fewer than half as many rounds as the longest: not ranked")
    return lines
