"""How often 90 % intervals of mean and Sharpe hold the truth.

Series with a known mean and the overlap of real rounds: AR(1) with lag-1 autocorrelations as daily scores have them,
and sums of 24 and of 64 days, the harshest case.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from numtui.analysis.arrays import Floats
from numtui.analysis.backtest import ranking
from numtui.analysis.backtest.backtest import Mode
from numtui.analysis.intervals import OPEN_20, OPEN_60
from tests.bench.figure import Figure

SERIES = 4000
MEAN = 0.3  # of series of standard deviation 1: a Sharpe as good models have it
CASES = (
    *((f"AR(1) {phi}", OPEN_20, n) for phi in (0.74, 0.82, 0.9) for n in (144, 258, 400, 800)),
    *(("sums of 24", OPEN_20, n) for n in (144, 258, 400, 800)),
    *(("sums of 64", OPEN_60, n) for n in (400, 800)),
)


def autoregressive(n: int, phi: float, series: int, random: np.random.Generator) -> Floats:
    """AR(1) of unit variance, [n, series]."""
    out = random.standard_normal((n, series))
    out[1:] *= np.sqrt(1 - phi * phi)
    for t in range(1, n):
        out[t] += phi * out[t - 1]
    return out


def overlapping(n: int, days: int, series: int, random: np.random.Generator) -> Floats:
    """Sums of `days` independent days, one day apart, of unit variance, [n, series]."""
    steps = random.standard_normal((n + days, series)).cumsum(axis=0)
    sums: Floats = (steps[days:] - steps[:-days]) / np.sqrt(days)
    return sums


class Row(NamedTuple):
    """The share of intervals of a figure, `mean` or `sharpe`, that hold the truth, for a kind of series."""

    series: str
    open_rounds: int
    rounds: int
    figure: str
    held: float


def coverage(series: int = SERIES, seed: int = 1) -> list[Row]:
    """The shares by kind of series, number of rounds and figure."""
    random = np.random.default_rng(seed)
    modes: dict[str, Mode] = {"mean": "average", "sharpe": "sharpe"}
    rows = []
    for name, open_rounds, n in CASES:
        if name.startswith("AR"):
            values = autoregressive(n, float(name.split()[-1]), series, random)
        else:
            values = overlapping(n, open_rounds, series, random)
        values += MEAN
        for figure, mode in modes.items():
            interval = ranking.figures(mode, values, values, open_rounds).interval()
            assert interval is not None
            held = float(np.mean((interval.low <= MEAN) & (interval.high >= MEAN)))
            rows.append(Row(name, open_rounds, n, figure, held))
    return rows


def figures() -> dict[str, Figure]:
    """The least and the most that the intervals of means and Sharpes hold, over all series."""
    rows = coverage()
    for row in rows:
        print(f"  {row.series:<12} {row.rounds:>6} {row.figure:<7} {row.held:>6.1%}")
    held = [row.held for row in rows]
    return {"coverage_min": Figure(min(held)), "coverage_max": Figure(max(held))}
