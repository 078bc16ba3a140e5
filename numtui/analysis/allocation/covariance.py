"""Covariances of means over overlapping rounds, shrunk: what the risk of a weight is taken from.

Rounds overlap, so the plain covariance of their returns understates how models move together. The loadings L_1 .. L_B
of the cosine estimator (intervals.py) are about independent, with mean 0 and the long-run covariance of the returns:
that is (1 / B) sum_j L_j L_j'. Of few loadings it is singular, and is shrunk towards a multiple of the identity by the
weight of Ledoit and Wolf 2004, "A well-conditioned estimator for large-dimensional covariance matrices", J.
Multivariate Analysis 88(2), section 3, with the loadings as its independent observations.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from numtui.analysis.arrays import Floats
from numtui.analysis.intervals import cosines


class Covariance(NamedTuple):
    """The long-run covariance [M, M] of the returns of M models, a round, and how far it was `shrunk` (0..1)."""

    matrix: Floats
    shrunk: float

    @property
    def common_share(self) -> float:
        """The share of all variance that the first principal component has: what the models have in common."""
        values = np.linalg.eigvalsh(self.matrix)
        return float(values[-1] / values.sum()) if values.sum() > 0 else float("nan")


def long_run_covariance(returns: Floats, open_rounds: int) -> Covariance:
    """Of returns [n, M] of rounds in their order, `open_rounds` of them unresolved at once."""
    return ledoit_wolf(cosines(len(returns), open_rounds) @ returns)


def ledoit_wolf(observations: Floats) -> Covariance:
    """The shrunk covariance of independent observations [n, M] whose mean is 0."""
    n, models = observations.shape
    sample = observations.T @ observations / n
    size = np.trace(sample) / models
    distance = np.square(sample - size * np.eye(models)).sum() / models
    squares = np.square(np.square(observations).sum(axis=1)).sum()  # sum of |x x'|^2
    error = max((squares / n - np.square(sample).sum()) / (n * models), 0.0)
    shrunk = min(error / distance, 1.0) if distance > 0 else 1.0
    return Covariance(shrunk * size * np.eye(models) + (1 - shrunk) * sample, float(shrunk))
