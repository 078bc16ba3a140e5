"""How often the intervals hold the truth: `python tests/bench/bench_coverage.py`.

Series with a known mean and the overlap of real rounds: AR(1) with lag-1 autocorrelations as daily scores have them,
and sums of 24 days, the harshest case. 90 % is the aim; the plain percentile interval stands beside.
"""

from __future__ import annotations

import numpy as np

from numtui.analysis.arrays import Floats
from numtui.analysis.bootstrap import Scheme
from tests.analysis.plain_interval import mean_interval

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


def main() -> None:
    rng = np.random.default_rng(1)
    scheme = Scheme(24, 1000)
    print("series            n   plain  widened")
    for n in (258, 400, 800):
        makers = {f"AR(1) {phi}": autoregressive(n, phi, rng) for phi in (0.74, 0.82, 0.9)}
        for name, values in {**makers, "sums of 24": overlapping(n, 24, rng)}.items():
            returns = 0.5 + values
            low, high = np.quantile(scheme.means(returns), [0.05, 0.95], axis=0)
            mean = mean_interval(returns, scheme)
            assert mean is not None
            figures = (held(low, high, 0.5), held(mean.low, mean.high, 0.5))
            print(f"{name:<12} {n:>6}  " + "  ".join(f"{figure:>6.1%}" for figure in figures))


if __name__ == "__main__":
    main()
