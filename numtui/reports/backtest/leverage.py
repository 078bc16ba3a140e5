"""Whether the best cells of a grid are only its largest: leverage, which is no reason to choose them."""

from __future__ import annotations

import numpy as np

from numtui.analysis.backtest.backtest import Backtest, model_series
from numtui.analysis.backtest.leverage import Extreme, alike, extreme
from numtui.format import counted
from numtui.reports.backtest.inputs import BacktestInputs
from numtui.reports.backtest.query import RATIOS

ADVICE = "the modes sharpe and per_risk compare cells apart from their size"


def leverage(inputs: BacktestInputs, result: Backtest, model: int) -> Extreme | None:
    """Whether the best cell of a model (by position) by total or average is only the largest of its proportions in the
    grid, or the smallest; None in other modes, without a grid, and where it is not."""
    if inputs.grid is None or result.mode in RATIOS:
        return None
    best = np.flatnonzero(result.rank[model] == 1)
    if not best.size:
        return None
    known = inputs.history.counted()[model]
    return extreme(inputs.cells, int(best[0]), model_series(inputs.history, model, known))


def leverage_notes(inputs: BacktestInputs, result: Backtest) -> list[str]:
    """Lines on grids whose cells, or best cells, differ by leverage only."""
    lines = []
    if len(inputs.cells) > 1 and alike(inputs.cells, 0).all():
        said = "with equal ranks, clip aside" if result.mode in RATIOS else "which earns and loses that much more"
        lines.append(f"leverage: all cells of this grid are multiples of one another and differ by size only, {said}")
    found = [leverage(inputs, result, model) for model in range(len(result.models))]
    for kind, more in (("largest", "more of the same earns, and loses, more"), ("smallest", "less loses less")):
        if kind in found:
            whose = f"{found.count(kind)} of {counted(len(found), 'model')}"
            lines.append(f"leverage: the best cell of {whose} is only the {kind} of its proportions: {more}; {ADVICE}")
    return lines
