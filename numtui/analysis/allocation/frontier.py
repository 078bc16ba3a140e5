"""The efficient frontier: for each mean return the weights of the least long-run variance (Markowitz 1952, J. Finance
7(1)), long only, within a floor and a cap."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from numtui.analysis.allocation.covariance import Covariance
from numtui.analysis.allocation.figures import variance
from numtui.analysis.allocation.weights import Bounds, least_variance
from numtui.analysis.arrays import Floats
from numtui.analysis.risk import risk_table

POINTS = 15


class Portfolio(NamedTuple):
    """Weights [M] with the `mean` of their returns a round, `std` the root of their long-run variance, `cvar_5`."""

    weights: Floats
    mean: float
    std: float
    cvar_5: float


def portfolio(weights: Floats, returns: Floats, covariance: Covariance) -> Portfolio:
    """What weights [M] come to under matched returns [n, M]."""
    series = returns @ weights
    risk = variance(weights, covariance) ** 0.5
    return Portfolio(weights, float(series.mean()), risk, float(risk_table(series[None]).cvar_5[0]))


def frontier(returns: Floats, covariance: Covariance, bounds: Bounds, points: int = POINTS) -> list[Portfolio]:
    """From the weights of the least variance to those of the largest mean, `points` of them in equal steps of the mean;
    one where all have the same. AllocationError as `weigh`."""
    means = returns.mean(axis=0)
    least, largest = least_variance(covariance.matrix, bounds), _largest(means, bounds)
    found = [least]
    if means @ (largest - least) > 1e-9 * np.abs(returns).max():
        for share in np.linspace(0, 1, points)[1:-1]:
            mixed = (1 - share) * least + share * largest  # has the mean that is wanted, within the bounds
            found.append(least_variance(covariance.matrix, bounds, means=means, start=mixed))
        found.append(largest)
    return [portfolio(weights, returns, covariance) for weights in found]


def _largest(means: Floats, bounds: Bounds) -> Floats:
    """The weights of the largest mean: every model at the floor, the best ones filled up to the cap."""
    weights = np.full(means.size, float(bounds.floor))
    left = 1 - weights.sum()
    for m in np.argsort(-means, kind="stable"):
        more = min(bounds.cap - bounds.floor, left)
        weights[m] += more
        left -= more
    return weights
