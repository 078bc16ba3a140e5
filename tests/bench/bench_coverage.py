"""How often 90 % intervals of mean and Sharpe hold the truth: `python -m tests.bench.bench_coverage`.

Series with a known mean and the overlap of real rounds: AR(1) with lag-1 autocorrelations as daily scores have them,
and sums of 24 and of 64 days, the harshest case.
"""

from __future__ import annotations

import json

import numpy as np

from numtui.analysis.arrays import Floats
from numtui.analysis.backtest.ranking import figures
from numtui.analysis.intervals import OPEN_20, OPEN_60

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


def coverage(series: int = SERIES, seed: int = 1) -> dict[str, object]:
    """The share of 90 % intervals that hold the truth, by kind of series, number of rounds and figure (`table`), with
    `coverage_min` and `coverage_max` over all of them."""
    random = np.random.default_rng(seed)
    table: list[dict[str, object]] = []
    shares: list[float] = []
    for name, open_rounds, n in CASES:
        if name.startswith("AR"):
            values = autoregressive(n, float(name.split()[-1]), series, random)
        else:
            values = overlapping(n, open_rounds, series, random)
        values += MEAN
        for figure, mode in (("mean", "average"), ("sharpe", "sharpe")):
            found = figures(mode, values, values, open_rounds).interval()  # type: ignore[arg-type]  # one of the modes
            assert found is not None
            held = float(np.mean((found.low <= MEAN) & (found.high >= MEAN)))
            shares.append(held)
            table.append({"series": name, "open": open_rounds, "rounds": n, "figure": figure, "coverage": held})
    return {"coverage_min": min(shares), "coverage_max": max(shares), "table": table}


if __name__ == "__main__":
    print(json.dumps(coverage(), indent=1))
