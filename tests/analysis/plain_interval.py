"""The bootstrap of a mean done the plain way, draw by draw: what the fast ways of the analysis are held against."""

from __future__ import annotations

import numpy as np

from numtui.analysis.arrays import Floats, Ints
from numtui.analysis.bootstrap import LEVELS, Interval, Scheme, stretch


def indices(scheme: Scheme, n: int) -> Ints:
    """The drawn positions, [draws, n]: the same for all series of n rounds, so that they stay comparable."""
    positions = (scheme.starts(n)[:, :, None] + np.arange(scheme.block)) % n
    return positions.reshape(scheme.draws, -1)[:, :n]


def widen(estimate: Floats, drawn: Floats, n: int, scheme: Scheme) -> Interval | None:
    """The interval from the statistic of each draw, `drawn` [draws, ...], around `estimate` [...]; None when thin.

    Draws in which the statistic is undefined (NaN) are left out.
    """
    if scheme.thin(n):
        return None
    low, high = np.nanquantile(drawn, LEVELS, axis=0) if np.isnan(drawn).any() else np.quantile(drawn, LEVELS, axis=0)
    return stretch(estimate, low, high, n, scheme)


def mean_interval(values: Floats, scheme: Scheme) -> Interval | None:
    """90 % interval of the mean of each column of `values` [n, ...] (no NaN). None when thin.

    For a difference of means pass the differences, round by round.
    """
    n = len(values)
    if scheme.thin(n):
        return None
    drawn = scheme.means(values.reshape(n, -1)).reshape(scheme.draws, *values.shape[1:])
    return widen(values.mean(axis=0), drawn, n, scheme)
