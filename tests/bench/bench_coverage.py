"""How often the intervals hold the truth.

Series with a known mean and the overlap of real rounds: AR(1) with lag-1 autocorrelations as daily scores have them,
and sums of 24 days, the harshest case. 90 % is the aim.
"""

from __future__ import annotations

import numpy as np

from numtui.analysis.arrays import Floats
from numtui.analysis.bootstrap import Scheme
from tests.analysis.plain_interval import mean_interval
from tests.bench.figure import Figure

SERIES = 1000


def autoregressive(n: int, phi: float, rng: np.random.Generator) -> Floats:
    """AR(1) of unit variance, [n, SERIES]."""
    out = np.empty((n, SERIES))
    out[0] = rng.normal(size=SERIES)
    for t in range(1, n):
        out[t] = phi * out[t - 1] + np.sqrt(1 - phi * phi) * rng.normal(size=SERIES)
    return out


def overlapping(n: int, days: int, rng: np.random.Generator) -> Floats:
    """Sums of `days` independent days, one day apart, of unit variance, [n, SERIES]."""
    steps = rng.normal(size=(n + days, SERIES)).cumsum(axis=0)
    sums: Floats = (steps[days:] - steps[:-days]) / np.sqrt(days)
    return sums


def held(low: Floats, high: Floats, truth: float) -> float:
    return float(np.mean((low <= truth) & (truth <= high)))


def figures() -> dict[str, Figure]:
    """The least and the most that the intervals of a mean hold, over all series."""
    rng = np.random.default_rng(1)
    scheme = Scheme(24, 1000)
    shares = []
    for n in (258, 400, 800):
        makers = {f"AR(1) {phi}": autoregressive(n, phi, rng) for phi in (0.74, 0.82, 0.9)}
        for name, values in {**makers, "sums of 24": overlapping(n, 24, rng)}.items():
            mean = mean_interval(0.5 + values, scheme)
            assert mean is not None
            shares.append(held(mean.low, mean.high, 0.5))
            print(f"  {name:<12} {n:>6}  {shares[-1]:>6.1%}")
    return {"coverage_min": Figure(min(shares)), "coverage_max": Figure(max(shares))}
