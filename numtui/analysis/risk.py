"""Risk figures of per-round returns on stake. Formulas: domain.md "Formulas"; NaN where one is undefined.

Two ways in: `risk_table` takes returns with gaps (NaN) in any leading shape and gives every figure; `measure` is the
fast path of the grids, which takes series already packed without gaps, rounds along the first axis.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numtui.analysis.arrays import Floats, Ints

WORST_WINDOW = 20
TAIL = 0.05


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


@dataclass(frozen=True)
class _Walk:
    """What one pass over the rounds collects, each [S]; sums are of r - first, so that constants give exactly 0."""

    first: Floats
    total: Floats
    squares: Floats
    lowest: Floats
    downside: Floats
    burns: Floats
    worst: Floats


def ratio(numerator: Floats, denominator: Floats) -> Floats:
    """numerator / denominator, NaN where the denominator is 0 (or NaN)."""
    out = np.full(np.broadcast(numerator, denominator).shape, np.nan)
    np.divide(numerator, denominator, out=out, where=(denominator != 0) & ~np.isnan(denominator))
    return out


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
    walk = _walk(packed, lengths, full)
    n = lengths.astype(np.float64)
    mean = walk.first + ratio(walk.total, n)
    spread = np.maximum(walk.squares - walk.total * ratio(walk.total, n), 0.0)
    std = np.sqrt(ratio(spread, np.where(n > 1, n - 1, np.nan)))
    core = Measures(mean, std, ratio(mean, std), np.where(n > 0, 1 - walk.lowest, np.nan))
    if not full:
        return core
    return Measures(
        *(core.mean, core.std, core.sharpe, core.max_drawdown),
        sortino=ratio(mean, np.sqrt(ratio(walk.downside, n))),
        cvar_5=_cvar(packed, lengths),
        burn_rate=ratio(walk.burns, n),
        worst_20=np.where(np.isinf(walk.worst), np.nan, walk.worst),
    )


def _walk(packed: Floats, lengths: Ints, full: bool) -> _Walk:
    """One pass row by row: the accumulators of some thousand series stay in the processor's cache.

    Drawdown: equity / running maximum obeys u' = min(1, u * (1 + r)), so neither of the two has to be kept.
    """
    width = lengths.size
    active = np.searchsorted(-lengths, -np.arange(len(packed)), side="left")
    first = packed[0].copy() if len(packed) else np.full(width, np.nan)
    first[lengths == 0] = np.nan
    total, squares, downside, burns = np.zeros((4, width))
    underwater, lowest = np.ones((2, width))
    work, flags = np.empty(width), np.empty(width, dtype=np.bool_)
    worst = np.full(width, np.inf)
    window = np.zeros(width)
    for row, running in enumerate(active):
        a = slice(0, running)
        r, w, u = packed[row, a], work[a], underwater[a]
        np.add(r, 1.0, out=w)
        np.multiply(u, w, out=u)
        np.minimum(u, 1.0, out=u)
        np.minimum(lowest[a], u, out=lowest[a])
        np.subtract(r, first[a], out=w)
        np.add(total[a], w, out=total[a])
        np.multiply(w, w, out=w)
        np.add(squares[a], w, out=squares[a])
        if not full:
            continue
        np.less(r, 0.0, out=flags[a])
        np.add(burns[a], flags[a], out=burns[a])
        np.minimum(r, 0.0, out=w)
        np.multiply(w, w, out=w)
        np.add(downside[a], w, out=downside[a])
        _roll(packed, row, window[a], worst[a])
    return _Walk(first, total, squares, lowest, downside, burns, worst)


def _roll(packed: Floats, row: int, window: Floats, worst: Floats) -> None:
    """Move the sums over the last 20 rounds on to `row`, and keep the smallest of the complete ones, in place."""
    a = slice(0, window.size)
    np.add(window, packed[row, a], out=window)
    if row >= WORST_WINDOW:
        np.subtract(window, packed[row - WORST_WINDOW, a], out=window)
    if row >= WORST_WINDOW - 1:
        np.minimum(worst, window, out=worst)


def _groups(lengths: Ints) -> list[tuple[int, slice]]:
    """Runs of equal length among ordered `lengths`, without the empty series: (length, where they stand)."""
    starts = np.flatnonzero(np.diff(lengths, prepend=-1))
    ends = np.append(starts[1:], lengths.size)
    return [(int(lengths[a]), slice(int(a), int(b))) for a, b in zip(starts, ends, strict=True) if lengths[a] > 0]


def _cvar(packed: Floats, lengths: Ints) -> Floats:
    """Mean of the returns at or below the 5 % quantile (linear interpolation) of each series, [S]."""
    out = np.full(lengths.size, np.nan)
    for n, where in _groups(lengths):
        out[where] = _tail_mean(np.ascontiguousarray(packed[:n, where].T))
    return out


def _tail_mean(series: Floats) -> Floats:
    """CVaR of the rows of `series` [S, n], reordered in place; the quantile is interpolated as numpy does it."""
    n = series.shape[1]
    at = (n - 1) * TAIL
    low = int(at)
    if n == 1:
        return series[:, 0].copy()
    series.partition((low, low + 1), axis=1)
    a, b = series[:, low], series[:, low + 1]
    t = at - low
    quantile = b - (b - a) * (1 - t) if t >= 0.5 else a + (b - a) * t
    mean: Floats = series[:, : low + 1].sum(axis=1) / (low + 1)
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
