"""What a series of per-round returns went through: intervals, drawdown in rounds, burns in a row, effective rounds, and
the figures of its newest rounds as they stood after each (rolling).

One series at a time, in the order of its rounds, without gaps. The equity is cumprod(1 + r), started at 1. Intervals
and the long-run variance are those of intervals.py.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from numtui.analysis.arrays import Floats, number
from numtui.analysis.intervals import Interval, cosines, interval, mean_interval, sharpe_loadings, thin
from numtui.analysis.risk import ratio


class Stretch(NamedTuple):
    """The figures of one series; None where one is undefined.

    `mean_p05` .. `sharpe_p95`: ends of the 90 % intervals. `drawdown_rounds`: rounds from the peak to the bottom of the
    largest drawdown; `recovery_rounds`: from there until the peak was reached again, None where it was not, or nothing
    was lost. `earn_burn`: what was earned over what was burnt. `longest_burn`: rounds below 0 in a row, at most.
    `effective_rounds`: how many independent rounds would tell as much of the mean: n x variance / long-run variance.
    """

    mean_p05: float | None
    mean_p95: float | None
    sharpe_p05: float | None
    sharpe_p95: float | None
    drawdown_rounds: int | None
    recovery_rounds: int | None
    earn_burn: float | None
    longest_burn: int
    effective_rounds: float | None


def stretch(returns: Floats, open_rounds: int) -> Stretch:
    """The figures of returns [n], `open_rounds` rounds unresolved at once."""
    mean = mean_interval(returns, open_rounds)
    sharpe = sharpe_interval(returns, open_rounds)
    length, recovery = drawdown_length(returns)
    return Stretch(
        mean_p05=None if mean is None else number(float(mean.low)),
        mean_p95=None if mean is None else number(float(mean.high)),
        sharpe_p05=None if sharpe is None else number(float(sharpe.low)),
        sharpe_p95=None if sharpe is None else number(float(sharpe.high)),
        drawdown_rounds=length,
        recovery_rounds=recovery,
        earn_burn=earn_burn(returns),
        longest_burn=longest_burn(returns),
        effective_rounds=effective_rounds(returns, open_rounds),
    )


def sharpe_interval(returns: Floats, open_rounds: int) -> Interval | None:
    """The 90 % interval of mean / std of returns [n]; None when thin, NaN where they do not vary."""
    n = returns.size
    if thin(n, open_rounds):
        return None
    weights = cosines(n, open_rounds)
    mean, std = returns.mean(), (returns - returns[0]).std(ddof=1)  # of a constant exactly 0
    loadings = sharpe_loadings(weights @ returns, weights @ returns**2, mean, std)
    return interval(np.asarray(mean / std if std > 0 else np.nan), loadings, n)


def drawdown_length(returns: Floats) -> tuple[int | None, int | None]:
    """Rounds from the peak to the bottom of the largest drawdown of returns [n], and from there to the peak again.

    (None, None) where nothing was ever lost; no recovery (None) where the peak was not reached again.
    """
    equity = np.concatenate([[1.0], np.cumprod(1 + returns)])
    peaks = np.maximum.accumulate(equity)
    losses = 1 - equity / peaks
    bottom = int(losses.argmax())
    if not losses[bottom] > 0:
        return None, None
    peak = int(np.flatnonzero(equity[:bottom] == peaks[bottom])[-1])
    again = np.flatnonzero(equity[bottom:] >= peaks[bottom])
    return bottom - peak, int(again[0]) if again.size else None


def earn_burn(returns: Floats) -> float | None:
    """The sum of the gains over that of the burns; None without a burn."""
    burnt = -float(returns[returns < 0].sum())
    return float(returns[returns > 0].sum()) / burnt if burnt > 0 else None


def longest_burn(returns: Floats) -> int:
    """The longest run of rounds below 0."""
    longest = run = 0
    for burns in (returns < 0).tolist():
        run = run + 1 if burns else 0
        longest = max(longest, run)
    return longest


def effective_rounds(returns: Floats, open_rounds: int) -> float | None:
    """n x variance / long-run variance of returns [n], at most n; None when thin, or without variance."""
    n = returns.size
    if thin(n, open_rounds):
        return None
    loadings = cosines(n, open_rounds) @ returns
    long_run, variance = float(np.square(loadings).mean()), float((returns - returns[0]).var(ddof=1))
    return min(n * variance / long_run, float(n)) if long_run > 0 and variance > 0 else None


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
