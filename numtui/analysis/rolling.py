"""Figures of the newest rounds as they stood after each round: rolling Sharpe, means and quantiles."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from numtui.analysis.arrays import Floats
from numtui.analysis.intervals import cosines, interval, sharpe_loadings, thin
from numtui.analysis.risk import ratio


class Rolling(NamedTuple):
    """A figure after each round from the `window`-th on, [n - window + 1], with the ends of its 90 % interval; NaN
    where one is undefined."""

    value: Floats
    low: Floats
    high: Floats


def rolling_sharpe(returns: Floats, window: int, open_rounds: int) -> Rolling:
    """Mean / std of the last `window` of returns [n]; its interval is NaN where so few rounds are thin, `open_rounds`
    of them unresolved at once. Empty for fewer returns than a window."""
    if returns.size < window:
        return Rolling(*(np.empty(0) for _ in range(3)))
    windows = sliding_window_view(returns, window)
    mean = windows.mean(axis=1)
    std = (windows - windows[:, :1]).std(axis=1, ddof=1)  # of a constant exactly 0
    value = ratio(mean, std)
    nothing = np.full(value.shape, np.nan)
    varies = std > 0
    if thin(window, open_rounds) or not varies.any():
        return Rolling(value, nothing, nothing)
    weights = cosines(window, open_rounds)
    loads, squares = weights @ windows[varies].T, weights @ (windows[varies] ** 2).T
    found = interval(value[varies], sharpe_loadings(loads, squares, mean[varies], std[varies]), window)
    low, high = nothing.copy(), nothing.copy()
    low[varies], high[varies] = found.low, found.high
    return Rolling(value, low, high)


def rolling_band(values: Floats, window: int, share: float) -> Rolling:
    """The mean of the last `window` of values [n], between their quantiles at `share` and 1 - `share`; empty for fewer
    values than a window."""
    if values.size < window:
        return Rolling(*(np.empty(0) for _ in range(3)))
    windows = sliding_window_view(values, window)
    low, high = np.quantile(windows, [share, 1 - share], axis=1)
    return Rolling(windows.mean(axis=1), low, high)
