"""Risk figures of per-round returns on stake; NaN where one is undefined.

Sharpe is mean / std (Sharpe 1994, J. Portfolio Management 21(1)), not annualised; Sortino mean / root of the mean
squared negative return (Sortino and Price 1994, J. Investing 3(3)), with 0 as the target; CVaR the mean of the returns
at or below their 5 % quantile (Rockafellar and Uryasev 2000, J. Risk 2(3), who call it so of losses; where returns are
tied at the quantile all of them count). Skew and excess kurtosis are bias-corrected (G1 and G2 of Joanes and Gill 1998,
The Statistician 47(1)).

Two ways in: `risk_table` takes returns with gaps (NaN) in any leading shape and gives every figure; `measure` is the
fast path of the grids, which takes series already packed without gaps, rounds along the first axis.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numtui.analysis.arrays import Floats, Ints

WORST_WINDOW = 20
TAIL = 0.05
CHUNK = 50_000  # values worked on at once: they stay in the processor's cache


@dataclass(frozen=True)
class Measures:
    """Figures of S packed series, each an array [S]; the last four are None when only the core was asked for.

    `mean`, `std` (n-1), `sharpe` per round, `max_drawdown` (a fraction, 0..1 for returns above -1) of cumprod(1 + r)
    started at 1; `sortino`, `cvar_5`, `burn_rate` (a share), `worst_20` (the smallest sum of 20 consecutive returns).
    """

    mean: Floats
    std: Floats
    sharpe: Floats
    max_drawdown: Floats
    sortino: Floats | None = None
    cvar_5: Floats | None = None
    burn_rate: Floats | None = None
    worst_20: Floats | None = None


@dataclass(frozen=True)
class Risk:
    """Every risk figure, each with the leading shape of the returns; `rounds` counts the rounds that are not NaN."""

    rounds: Ints
    mean: Floats
    std: Floats
    sharpe: Floats
    sortino: Floats
    max_drawdown: Floats
    cvar_5: Floats
    burn_rate: Floats
    worst_20: Floats
    skew: Floats
    excess_kurtosis: Floats
    autocorr_1: Floats


def ratio(numerator: Floats, denominator: Floats) -> Floats:
    """numerator / denominator, NaN where the denominator is 0 (or NaN)."""
    out = np.full(np.broadcast(numerator, denominator).shape, np.nan)
    np.divide(numerator, denominator, out=out, where=(denominator != 0) & ~np.isnan(denominator))
    return out


def per_risk(mean: Floats, cvar: Floats) -> Floats:
    """What is earned per loss in bad times: mean / -CVaR 5 %, of arrays of one shape.

    The same for all multiples of a cell, as long as no clip bites. Where the worst 5 % of rounds are no loss on average
    (CVaR of 0 or more) it is infinite for a gain, since nothing was risked for it, and NaN where nothing was earned.
    """
    loses = cvar < 0
    gains = np.where((cvar >= 0) & (mean > 0), np.inf, np.nan)
    return np.where(loses, mean / np.where(loses, -cvar, 1.0), gains)


def risk_table(returns: Floats) -> Risk:
    """All figures of `returns` [..., rounds]; NaN marks a skipped round, which only that series leaves out."""
    lead = returns.shape[:-1]
    flat = returns.reshape(int(np.prod(lead)), returns.shape[-1])
    lengths = np.count_nonzero(~np.isnan(flat), axis=1)
    order = np.argsort(-lengths, kind="stable")
    gaps_last = np.argsort(np.isnan(flat[order]), axis=1, kind="stable")
    packed = np.nan_to_num(np.take_along_axis(flat[order], gaps_last, axis=1)).T
    packed = np.ascontiguousarray(packed[: lengths.max(initial=0)])
    core = measure(packed, lengths[order], full=True)
    shape = _shape_figures(packed, lengths[order])
    back = np.argsort(order, kind="stable")

    def place(figure: Floats | None) -> Floats:
        assert figure is not None
        return figure[back].reshape(lead)

    return Risk(
        rounds=lengths.reshape(lead),
        mean=place(core.mean),
        std=place(core.std),
        sharpe=place(core.sharpe),
        sortino=place(core.sortino),
        max_drawdown=place(core.max_drawdown),
        cvar_5=place(core.cvar_5),
        burn_rate=place(core.burn_rate),
        worst_20=place(core.worst_20),
        skew=place(shape[0]),
        excess_kurtosis=place(shape[1]),
        autocorr_1=place(shape[2]),
    )


def measure(packed: Floats, lengths: Ints, *, full: bool) -> Measures:
    """Figures of series packed without gaps.

    `packed` [n, S] holds series s in its first `lengths[s]` rows (what lies below is not read); `lengths` [S] must not
    increase from left to right, so that in each row the series that still run are a prefix.
    """
    if np.any(np.diff(lengths) > 0):
        raise ValueError("series must be ordered by falling length")
    figures = np.full((6, lengths.size), np.nan)
    for n, where in _groups(lengths):
        step = max(1, CHUNK // n)
        for start in range(where.start, where.stop, step):
            chunk = slice(start, min(start + step, where.stop))
            series = packed[:n, chunk].T.copy()
            spare = np.empty_like(series)
            figures[:2, chunk] = _moments(series, spare)
            if full:
                figures[2:, chunk] = _tails(series, spare)
    mean, std, *tails = figures
    return Measures(mean, std, ratio(mean, std), _drawdown(packed, lengths), *(tails if full else ()))


def _moments(series: Floats, spare: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation of the rows of `series` [S, n]; sums are of r - first, so that constants give
    exactly 0. `spare` is overwritten."""
    n = series.shape[1]
    first = series[:, 0]
    np.subtract(series, first[:, None], out=spare)
    total = spare.sum(axis=1)
    spread = np.maximum(np.vecdot(spare, spare) - total * total / n, 0.0)
    return first + total / n, np.sqrt(spread / (n - 1)) if n > 1 else np.full(len(series), np.nan)


def _tails(series: Floats, spare: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Sortino, CVaR, burn rate and worst 20 of the rows of `series` [S, n]; both arrays are overwritten."""
    n = series.shape[1]
    burns = np.count_nonzero(series < 0, axis=1) / n
    worst = _worst_window(series, spare)
    np.minimum(series, 0.0, out=spare)
    sortino = ratio(series.mean(axis=1), np.sqrt(np.vecdot(spare, spare) / n))
    return sortino, _tail_mean(series), burns, worst


def _worst_window(series: Floats, spare: Floats) -> Floats:
    """The smallest sum of 20 values in a row of `series` [S, n]: sums of 2, 4 and 8 by doubling, and 20 = 4 + 8 + 8.

    Rows are added as one, end to end; the sums that run over an end are left out at last. `spare` is overwritten.
    """
    s, n = series.shape
    if n < WORST_WINDOW:
        return np.full(s, np.nan)
    ones, eights, fours = series.reshape(-1), spare.reshape(-1), np.empty(s * n)
    np.add(ones[:-1], ones[1:], out=eights[:-1])  # of 2 for now
    np.add(eights[:-3], eights[2:-1], out=fours[:-3])
    np.add(fours[:-7], fours[4:-3], out=eights[:-7])
    sums = fours[16:-3]
    np.add(sums, eights[:-19], out=sums)
    np.add(sums, eights[8:-11], out=sums)
    worst: Floats = fours.reshape(s, n)[:, 16 : n - 3].min(axis=1)
    return worst


def _drawdown(packed: Floats, lengths: Ints) -> Floats:
    """Largest loss from a peak: equity / running maximum obeys u' = min(1, u * (1 + r)), so neither has to be kept."""
    width = lengths.size
    underwater, lowest, ones = np.ones((3, width))
    work = np.empty(width)
    row = 0
    for n, where in reversed(_groups(lengths)):  # the shortest series end first
        u, low, unit, w = (array[: where.stop] for array in (underwater, lowest, ones, work))
        for r in packed[row:n, : where.stop]:
            np.add(r, unit, out=w)
            np.multiply(u, w, out=u)
            np.minimum(u, unit, out=u)
            np.minimum(low, u, out=low)
        row = n
    return np.where(lengths > 0, 1 - lowest, np.nan)


def drawdown_now(returns: Floats) -> float:
    """How far the equity cumprod(1 + r) of `returns` [n], started at 1, lies below its peak at the end; 0 at a peak."""
    losses = underwater(returns)
    return float(losses[-1]) if losses.size else 0.0


def underwater(returns: Floats) -> Floats:
    """How far the equity cumprod(1 + r) of `returns` [n], started at 1, lies below its peak after each round, [n]."""
    losses = np.empty(returns.size)
    left = 1.0
    for place, r in enumerate(returns.tolist()):
        left = min(1.0, left * (1 + r))
        losses[place] = 1 - left
    return losses


def correlations(returns: Floats) -> Floats:
    """Pearson's correlation of the returns [M, n] of M models in the same n rounds, as [M, M]; NaN where one of them
    does not vary, or of fewer than two rounds."""
    centred = returns - returns.mean(axis=1, keepdims=True) if returns.shape[1] > 1 else np.zeros_like(returns)
    covariance = centred @ centred.T
    spread = np.sqrt(np.diag(covariance))
    return ratio(covariance, np.outer(spread, spread))


def _groups(lengths: Ints) -> list[tuple[int, slice]]:
    """Runs of equal length among ordered `lengths`, without the empty series: (length, where they stand)."""
    starts = np.flatnonzero(np.diff(lengths, prepend=-1))
    ends = np.append(starts[1:], lengths.size)
    return [(int(lengths[a]), slice(int(a), int(b))) for a, b in zip(starts, ends, strict=True) if lengths[a] > 0]


def _tail_mean(series: Floats) -> Floats:
    """CVaR: the mean of the values at or below the 5 % quantile (linear interpolation, as numpy does it) of the rows of
    `series` [S, n], reordered in place."""
    n = series.shape[1]
    rank = (n - 1) * TAIL
    low = int(rank)
    if n == 1:
        return series[:, 0].copy()
    series.partition(low + 1, axis=1)
    tail, b = series[:, : low + 1], series[:, low + 1]
    a = tail.max(axis=1)
    t = rank - low
    quantile = b - (b - a) * (1 - t) if t >= 0.5 else a + (b - a) * t
    mean: Floats = tail.mean(axis=1)
    tied = np.flatnonzero(b <= quantile)
    if tied.size:
        within = series[tied] <= quantile[tied, None]
        mean[tied] = np.where(within, series[tied], 0.0).sum(axis=1) / within.sum(axis=1)
    return mean


def _shape_figures(packed: Floats, lengths: Ints) -> tuple[Floats, Floats, Floats]:
    """Skew and excess kurtosis, bias-corrected (G1 and G2, as pandas gives them), and autocorrelation at 1."""
    skew, kurtosis, autocorr = np.full((3, lengths.size), np.nan)
    for n, where in _groups(lengths):
        r = packed[:n, where]
        shifted = r - r[0]
        centred = shifted - shifted.mean(axis=0)
        m2, m3, m4 = ((centred**power).mean(axis=0) for power in (2, 3, 4))
        if n > 2:
            skew[where] = ratio(np.sqrt(n * (n - 1)) / (n - 2) * m3, m2**1.5)
            autocorr[where] = _pearson(shifted[1:], shifted[:-1])
        if n > 3:
            kurtosis[where] = (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * ratio(m4, m2**2) - 3 * (n - 1))
    return skew, kurtosis, autocorr


def _pearson(a: Floats, b: Floats) -> Floats:
    """Correlation of the columns of two arrays [n, S]; NaN where one of them does not vary."""
    a = a - a.mean(axis=0)
    b = b - b.mean(axis=0)
    return ratio((a * b).sum(axis=0), np.sqrt((a * a).sum(axis=0) * (b * b).sum(axis=0)))
