"""The 5 % and 95 % quantiles of very many bootstrap means at once, exactly as numpy interpolates them.

What a cell earns is linear in its multipliers but for the rounds where the clip bites; so the draws of a few means, and
those rounds, serve all cells. And few draws need be looked at: cells that are alike are taken together, and the lowest
and the highest that any of them earns in a round (of its own mean and size) bound what a draw can give. Only a draw
whose lower bound comes down to where all of them have a tail can be in the low tail of one; the high tail alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from numtui.analysis.arrays import Bools, Floats, Ints
from numtui.analysis.bootstrap import LEVELS, Scheme

PATCH = 64  # cells that are looked at together
OFTEN = 0.25  # share of rounds with a clip from which on cells must be of like size too


@dataclass(frozen=True)
class _Patch:
    """Cells that are alike, S at the positions `at`: in a round they earn `weights @ series`, [S, K + 1] and [K + 1, n]
    (the multipliers and 1; the scores and a constant), and in the rounds `rounds` [c] the clip adds `cut` [S, c].

    `bounds` [2, n] are the lowest and highest of what they earn, once each is scaled to mean 0 and length 1.
    """

    at: Ints
    weights: Floats
    series: Floats
    rounds: Ints
    cut: Floats
    bounds: Floats

    def means(self, drawn: Floats, shares: Floats, draws: Ints) -> Floats:
        """Means of some draws, [S, d]: `drawn` [K + 1, D] are those of the series, `shares` [n, D] what is drawn."""
        values: Floats = self.weights @ drawn[:, draws]
        if self.rounds.size:
            values += self.cut @ shares.take(self.rounds[:, None] * shares.shape[1] + draws)
        return values


def mean_tails(cells: Floats, base: Floats, limit: Floats, scheme: Scheme) -> tuple[Floats, Floats]:
    """Quantiles over the draws of a scheme of the mean of `clip(base @ cells.T, -limit, limit)`, at 5 % and 95 %.

    `cells` [C, K], `base` [n, K], `limit` [n] give [C] and [C].
    """
    patches = _patches(cells, base, limit)
    shares = scheme.weights(len(base))
    at = (scheme.draws - 1) * LEVELS[0]
    low, high = np.empty((2, len(cells)))
    for patch, drawn, (down, up) in zip(
        patches, _drawn(patches, shares), _candidates(patches, shares, at), strict=True
    ):
        low[patch.at] = _interpolate(patch.means(drawn, shares, down), at)
        high[patch.at] = -_interpolate(-patch.means(drawn, shares, up), at)
    return low, high


def _patches(cells: Floats, base: Floats, limit: Floats) -> list[_Patch]:
    """The cells by direction, for what is not clipped is alike but for its size; and by size where many rounds are."""
    clipped = np.flatnonzero(np.abs(base) @ np.abs(cells).max(axis=0, initial=0.0) > limit)
    often = clipped.size > OFTEN * len(base)
    sized = cells * np.abs(base).mean(axis=0)
    size = np.sqrt(np.vecdot(sized, sized))
    place = sized / np.where(size > 0, size, 1.0)[:, None]
    if often:
        place = np.column_stack([place, np.log(np.maximum(size, size.max() / 16)) / 2])
    series = np.vstack([base.T, np.zeros(len(base))])
    return [
        _patch(at, cells[at], series, clipped, limit[clipped], fold=often)
        for at in _neighbours(place, np.arange(len(cells)))
    ]


def _neighbours(place: Floats, at: Ints) -> list[Ints]:
    """Positions `at` of points [C, k] in groups of those close together: halved where they spread most."""
    if len(at) <= PATCH:
        return [at]
    points = place[at]
    order = at[np.argsort(points[:, np.ptp(points, axis=0).argmax()], kind="stable")]
    half = len(order) // 2
    return _neighbours(place, order[:half]) + _neighbours(place, order[half:])


def _patch(at: Ints, cells: Floats, series: Floats, clipped: Ints, limit: Floats, *, fold: bool) -> _Patch:
    """The cells at some positions, of which some may be clipped in the rounds `clipped` at `limit`.

    `fold`: where all of them are, they earn the same; that is put into series of their own rather than into the cut.
    """
    weights = np.column_stack([cells, np.ones(len(cells))])
    earned = weights @ series
    raw = earned[:, clipped]
    lowest, highest = raw.min(axis=0), raw.max(axis=0)
    biting: Bools = (lowest < -limit) | (highest > limit)
    if fold:
        every = (lowest >= limit) | (highest <= -limit)
        biting &= ~every
        series = series.copy()
        series[:, clipped[every]] = 0.0
        series[-1, clipped[every]] = np.copysign(limit[every], lowest[every])
        earned[:, clipped[every]] = series[-1, clipped[every]]
    rounds, raw, bound = clipped[biting], raw[:, biting], limit[biting]
    cut = np.clip(raw, -bound, bound) - raw
    earned[:, rounds] += cut
    return _Patch(at, weights, series, rounds, cut, _bounds(earned))


def _bounds(earned: Floats) -> Floats:
    """The lowest and the highest of the rows of `earned` [S, n], each scaled to mean 0 and length 1; [2, n]."""
    earned -= earned.mean(axis=1, keepdims=True)
    size = np.sqrt(np.vecdot(earned, earned))
    earned *= 1 / np.where(size > 0, size, 1.0)[:, None]
    return np.array([earned.min(axis=0), earned.max(axis=0)])


def _drawn(patches: list[_Patch], shares: Floats) -> list[Floats]:
    """Means of the draws of the series of each patch, [K + 1, D]."""
    first = patches[0].series
    if all(patch.series is first for patch in patches):
        return [first @ shares] * len(patches)
    return list(_stacked([patch.series for patch in patches], shares))


def _stacked(series: list[Floats], shares: Floats) -> Floats:
    """Means of the draws of P times k series [k, n], [P, k, D], in one product."""
    stacked = np.array(series)
    means: Floats = stacked.reshape(-1, len(shares)) @ shares
    return means.reshape(*stacked.shape[:2], -1)


def _candidates(patches: list[_Patch], shares: Floats, at: float) -> Iterator[tuple[Ints, Ints]]:
    """For each patch the draws that can be in a low tail of one of its cells, and in a high tail.

    With T the h-th smallest of the draws' upper bounds, every cell has h draws at or below T.
    """
    draws = shares.shape[1]
    if len(patches) == 1:  # not worth bounding
        yield np.arange(draws), np.arange(draws)
        return
    tail = min(int(at) + 2, draws)
    floor, ceiling = _stacked([patch.bounds for patch in patches], shares).transpose(1, 0, 2)
    reached_down = np.partition(ceiling, tail - 1, axis=1)[:, tail - 1]
    reached_up = np.partition(floor, draws - tail, axis=1)[:, draws - tail]
    for place in range(len(patches)):
        yield np.flatnonzero(floor[place] <= reached_down[place]), np.flatnonzero(ceiling[place] >= reached_up[place])


def _interpolate(values: Floats, at: float) -> Floats:
    """The value at the fractional rank `at` (from 0) of each row; `values` is reordered in place."""
    low = int(at)
    high = min(low + 1, values.shape[1] - 1)
    values.partition(high, axis=1)
    a, b = values[:, : low + 1].max(axis=1), values[:, high]
    between: Floats = a + (b - a) * (at - low)
    return between
