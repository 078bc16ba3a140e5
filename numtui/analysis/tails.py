"""The 5 % and 95 % quantiles of very many bootstrap means at once, exactly as numpy interpolates them.

What a cell earns is linear in its multipliers but for the rounds where the clip bites; so the draws of a few means, and
those rounds, serve all cells. And few draws need be looked at: cells that are alike are taken together, and the lowest
and the highest that any of them earns in a round (of its own mean and size) bound what a draw can give. Only a draw
whose lower bound comes down to where all of them have a tail can be in the low tail of one; the high tail alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from numtui.analysis.arrays import Bools, Floats, Ints
from numtui.analysis.bootstrap import LEVELS, Scheme

PATCH, SMALL_PATCH = 100, 50  # cells at most that are looked at together; fewer where the clip bites often
SLAB = 32  # patches that are prepared at once
OFTEN = 0.25  # share of rounds with a clip from which on cells must be of like size too


@dataclass(frozen=True)
class _Slab:
    """P patches of S cells each, which in a round earn `weights @ series`, [P, S, K + 1] and [P or 1, K + 1, n]: the
    multipliers and 1, the scores and a constant. In the rounds `clipped` [c] the clip adds `cut` [P, S, c], but nothing
    to a patch where `biting` [P, c] is False.

    `bounds` [P, 2, n] are the lowest and highest that the cells of a patch earn, each less its mean and of one size.
    """

    weights: Floats
    series: Floats
    clipped: Ints
    cut: Floats
    biting: Bools
    bounds: Floats

    def tails(self, scheme: Scheme) -> tuple[Floats, Floats]:
        """The 5 % and the 95 % quantiles over the draws of a scheme, [P, S] twice."""
        shares = scheme.weights(self.series.shape[2])
        drawn = self._drawn(scheme)
        clipped = shares[self.clipped]
        rank = (scheme.draws - 1) * LEVELS[0]
        low, high = np.empty((2, *self.weights.shape[:2]))
        for patch, (down, up) in enumerate(_candidates(self.bounds, scheme, rank)):
            draws = np.concatenate([down, up])
            means = self.weights[patch] @ drawn[patch if len(drawn) > 1 else 0].take(draws, axis=1)
            bites = np.flatnonzero(self.biting[patch])
            if bites.size:
                means += self.cut[patch][:, bites] @ clipped.take(bites[:, None] * clipped.shape[1] + draws)
            low[patch] = _from_below(means[:, : len(down)], rank)
            high[patch] = _from_above(means[:, len(down) :], rank)
        return low, high

    def _drawn(self, scheme: Scheme) -> Floats:
        """Means of the draws of the series, [P or 1, K + 1, D]."""
        if len(self.series) == 1:  # sums of whole blocks are looked up
            return scheme.means(self.series[0].T).T[None]
        shares = scheme.weights(self.series.shape[2])
        return (self.series.reshape(-1, len(shares)) @ shares).reshape(*self.series.shape[:2], -1)


class MeanTails:
    """The tails of the bootstrap means of many cells [C, K]; the cells are put into patches once for all models."""

    def __init__(self, cells: Floats) -> None:
        self.cells = cells
        greatest = np.abs(cells).max(axis=0, initial=0.0)
        sized = cells / np.where(greatest > 0, greatest, 1.0)
        self._size = np.sqrt(np.vecdot(sized, sized))
        self._direction = sized / np.where(self._size > 0, self._size, 1.0)[:, None]

    @cached_property
    def _of_like_direction(self) -> Ints:
        """Positions [P, S] of cells that are alike but for their size, as long as none is clipped."""
        return _patches(self._direction, PATCH)

    @cached_property
    def _of_like_size(self) -> Ints:
        """Positions [P, S] of cells of like direction and size."""
        size = np.log(np.maximum(self._size, self._size.max() / 16)) / 2
        return _patches(np.column_stack([self._direction, size]), SMALL_PATCH)

    def of(self, base: Floats, limit: Floats, scheme: Scheme) -> tuple[Floats, Floats]:
        """Quantiles over the draws of a scheme of the means of `clip(base @ cells.T, -limit, limit)`, at 5 % and 95 %.

        `base` [n, K] and `limit` [n] give [C] and [C].
        """
        cells = self.cells
        clipped = np.flatnonzero(np.abs(base) @ np.abs(cells).max(axis=0, initial=0.0) > limit)
        often = clipped.size > OFTEN * len(base)
        low, high = np.empty((2, len(cells)))
        patches = self._of_like_size if often else self._of_like_direction
        for start in range(0, len(patches), SLAB):
            places = patches[start : start + SLAB]
            low[places], high[places] = _slab(cells[places], base, limit, clipped, fold=often).tails(scheme)
        return low, high


def _patches(points: Floats, most: int) -> Ints:
    """Positions of points [C, k] in groups of those close together, of one length [P, S]: some stand there twice."""
    groups = _neighbours(points, np.arange(len(points)), most)
    length = max(len(group) for group in groups)
    return np.array([np.resize(group, length) for group in groups])


def _neighbours(points: Floats, places: Ints, most: int) -> list[Ints]:
    """The points at some positions in groups of `most` or fewer, halved where they spread most."""
    if len(places) <= most:
        return [places]
    group = points[places]
    order = places[np.argsort(group[:, np.ptp(group, axis=0).argmax()], kind="stable")]
    half = len(order) // 2
    return _neighbours(points, order[:half], most) + _neighbours(points, order[half:], most)


def _slab(cells: Floats, base: Floats, limit: Floats, clipped: Ints, *, fold: bool) -> _Slab:
    """Patches [P, S, K], whose cells may be clipped in the rounds `clipped` only.

    `fold`: where all cells of a patch are, they earn the same; that is put into series of their own, not into the cut.
    """
    shape = cells.shape[:2]
    flat = cells.reshape(-1, cells.shape[2])
    bound = limit[clipped]
    raw = flat @ base[clipped].T
    cut = np.clip(raw, -bound, bound) - raw
    biting: Bools = np.logical_or.reduce(cut.reshape(*shape, -1), axis=1)
    series = np.vstack([base.T, np.zeros(len(base))])[None]
    if fold:
        of_patch = raw.reshape(*shape, -1)
        every = (of_patch.min(axis=1) >= bound) | (of_patch.max(axis=1) <= -bound)
        series = np.repeat(series, len(cells), axis=0)
        patch, place = np.nonzero(every)
        series[patch, :, clipped[place]] = 0.0
        series[patch, -1, clipped[place]] = np.copysign(bound[place], of_patch[patch, 0, place])
        biting &= ~every
    centred = base - base.mean(axis=0)
    size = np.sqrt(np.maximum(np.vecdot(flat, flat @ (centred.T @ centred)), 0.0))
    scale = 1 / np.where(size > 0, size, 1.0)[:, None]
    earned = (flat * scale) @ centred.T
    earned[:, clipped] += cut * scale
    if fold:  # what is clipped often has not the mean and size that its scores have
        earned -= earned.mean(axis=1, keepdims=True)
        size = np.sqrt(np.vecdot(earned, earned))
        earned /= np.where(size > 0, size, 1.0)[:, None]
    of_patch = earned.reshape(*shape, -1)
    bounds = np.stack([of_patch.min(axis=1), of_patch.max(axis=1)], axis=1)
    weights = np.concatenate([cells, np.ones((*shape, 1))], axis=2)
    return _Slab(weights, series, clipped, cut.reshape(*shape, -1), biting, bounds)


def _candidates(bounds: Floats, scheme: Scheme, rank: float) -> Iterator[tuple[Ints, Ints]]:
    """For each patch the draws that can be in a low tail of one of its cells, and in a high tail.

    With T the h-th smallest of the draws' upper bounds, every cell has h draws at or below T. Single precision will do,
    when what it may be wrong by is let through.
    """
    if len(bounds) == 1:  # not worth bounding
        yield np.arange(scheme.draws), np.arange(scheme.draws)
        return
    n, tail = bounds.shape[2], min(int(rank) + 2, scheme.draws)
    coarse = bounds.reshape(-1, n).astype(np.float32) @ _coarse(n, scheme)
    floor, ceiling = coarse[::2], coarse[1::2]
    slack = n * np.finfo(np.float32).eps * float(np.abs(bounds).max())
    reached_down = np.partition(ceiling, tail - 1, axis=1)[:, tail - 1] + slack
    reached_up = np.partition(floor, scheme.draws - tail, axis=1)[:, scheme.draws - tail] - slack
    for patch in range(len(bounds)):
        yield np.flatnonzero(floor[patch] <= reached_down[patch]), np.flatnonzero(ceiling[patch] >= reached_up[patch])


@lru_cache(maxsize=2)  # as the weights themselves
def _coarse(n: int, scheme: Scheme) -> NDArray[np.float32]:
    return scheme.weights(n).astype(np.float32)


def _from_below(values: Floats, rank: float) -> Floats:
    """The value at the fractional `rank` (from 0) of each row; `values` is reordered in place."""
    low = int(rank)
    high = min(low + 1, values.shape[1] - 1)
    values.partition(high, axis=1)
    a, b = values[:, : low + 1].max(axis=1), values[:, high]
    between: Floats = a + (b - a) * (rank - low)
    return between


def _from_above(values: Floats, rank: float) -> Floats:
    """The value at the fractional `rank` from the greatest down; `values` is reordered in place."""
    low = int(rank)
    last = values.shape[1] - 1
    high = max(last - low - 1, 0)
    values.partition(high, axis=1)
    a, b = values[:, last - low :].min(axis=1), values[:, high]
    between: Floats = a + (b - a) * (rank - low)
    return between
