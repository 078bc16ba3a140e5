"""Error bars for series of overlapping rounds: the circular block bootstrap (Politis and Romano 1992), widened.

A draw puts blocks of `block` consecutive rounds (wrapping round at the end), each from a start drawn at random, one
behind the other until n rounds are there. From 2,000 draws come the 5 % and 95 % quantiles of the statistic. Since the
blocks are few, each quantile is then moved away from the statistic of the sample itself:

    bound = estimate + (quantile - estimate) * t(0.95, blocks - 1) / z(0.95),   blocks = n // block

With fewer than 10 blocks there is no interval ("thin").
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from numtui.analysis.arrays import Floats, Ints
from numtui.analysis.student import t_quantile

DRAWS = 2000
MIN_BLOCKS = 10
LEVELS = (0.05, 0.95)
BLOCK_20, BLOCK_60 = 24, 64  # rounds unresolved at once under 20-day and 60-day terms


@dataclass(frozen=True)
class Interval:
    """A 90 % interval: `estimate` of the sample with `low` and `high`, arrays of one shape."""

    estimate: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Scheme:
    """The way an interval is drawn: rounds a block, number of draws, seed."""

    block: int = BLOCK_20
    draws: int = DRAWS
    seed: int = 0

    def __post_init__(self) -> None:
        if self.block < 1 or self.draws < 1:
            raise ValueError(f"a bootstrap needs blocks and draws of at least 1, not {self.block} and {self.draws}")

    def blocks(self, n: int) -> int:
        """Whole blocks that n rounds hold."""
        return n // self.block

    def thin(self, n: int) -> bool:
        """True where n rounds are too few for an interval."""
        return self.blocks(n) < MIN_BLOCKS

    def widening(self, n: int) -> float:
        """t(0.95, blocks - 1) / z(0.95): the factor on the distance between a bound and the estimate."""
        return t_quantile(LEVELS[1], self.blocks(n) - 1) / NormalDist().inv_cdf(LEVELS[1])

    def starts(self, n: int) -> Ints:
        """First positions of the blocks, [draws, blocks a draw], each in 0..n-1."""
        return _starts(n, self.block, self.draws, self.seed)

    def weights(self, n: int) -> Floats:
        """The share of each round in each draw, [n, draws]; `x @ weights` are the means of the draws of x [..., n]."""
        return _weights(n, self)

    def means(self, values: Floats) -> Floats:
        """Means of the draws of `values` [n, K], as [draws, K]: sums of whole blocks are looked up, not made anew."""
        n = len(values)
        starts = self.starts(n)
        last = n - (starts.shape[1] - 1) * self.block
        total: Floats = _block_sums(values, last)[starts[:, -1]]
        if starts.shape[1] > 1:
            total = total + _block_sums(values, self.block)[starts[:, :-1]].sum(axis=1)
        return total / n


@lru_cache(maxsize=64)
def _starts(n: int, block: int, draws: int, seed: int) -> Ints:
    starts = np.random.default_rng(seed).integers(0, n, size=(draws, -(-n // block)))
    starts.setflags(write=False)  # shared by all who ask for it
    return starts


@lru_cache(maxsize=2)  # 6 MB each; models with as many rounds come one behind the other
def _weights(n: int, scheme: Scheme) -> Floats:
    starts = scheme.starts(n)
    weights = _covered(starts[:, -1:], n, n - (starts.shape[1] - 1) * scheme.block)
    if starts.shape[1] > 1:
        weights += _covered(starts[:, :-1], n, scheme.block)
    weights /= n
    weights.setflags(write=False)  # shared by all who ask for it
    return weights


def _covered(starts: Ints, n: int, length: int) -> Floats:
    """The number of times that blocks of `length` from `starts` [draws, blocks] cover each of n rounds, [n, draws]."""
    draws = len(starts)
    opened = np.bincount((starts * draws + np.arange(draws)[:, None]).ravel(), minlength=n * draws).reshape(n, draws)
    covered = np.empty((n, draws))
    running = opened[n - length :].sum(axis=0)
    for position in range(n):
        running += opened[position] - opened[position - length]
        covered[position] = running
    return covered


def _block_sums(values: Floats, length: int) -> Floats:
    """Sums of `length` consecutive rows from each start, wrapping round, [n, K]."""
    wrapped = np.concatenate([np.zeros_like(values[:1]), values, values[:length]]).cumsum(axis=0)
    sums: Floats = wrapped[length : length + len(values)] - wrapped[: len(values)]
    return sums


def stretch(estimate: Floats, low: Floats, high: Floats, n: int, scheme: Scheme) -> Interval:
    """The interval from the plain quantiles of the draws: both moved away from the estimate."""
    factor = scheme.widening(n)
    return Interval(estimate, estimate + (low - estimate) * factor, estimate + (high - estimate) * factor)
