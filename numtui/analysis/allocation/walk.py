"""Do weights serve? Chosen on the past alone, held on the rounds that follow, against equal weights and today's.

Rounds in time: weights of a block are chosen on all rounds that had resolved before the first round of the block
opened, `open_rounds` earlier. The difference of two weightings is taken round by round, so that what moves all models
alike is not in it; its 90 % interval is that of intervals.py.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from numtui.analysis.allocation.covariance import long_run_covariance
from numtui.analysis.allocation.methods import Method
from numtui.analysis.allocation.weights import Bounds, weigh
from numtui.analysis.arrays import Floats
from numtui.analysis.intervals import LEVELS, Interval, degrees, mean_interval
from numtui.analysis.student import t_quantile

BLOCKS = 8  # at most, that weights are chosen for
LEAST_PAST = 2  # times the rounds unresolved at once that the first weights are chosen on


class Block(NamedTuple):
    """Rounds [first, end) of a walk, counted from 0, and the weights [M] that were chosen for them."""

    first: int
    end: int
    weights: Floats


class Walk(NamedTuple):
    """Returns out of sample, a round each [n]: of the weights, of equal ones and of today's (None: not known).

    `gain` is the interval of the mean of `chosen - equal`; None where the rounds are too few.
    """

    blocks: tuple[Block, ...]
    chosen: Floats
    equal: Floats
    today: Floats | None
    gain: Interval | None
    gain_on_today: Interval | None

    @property
    def first(self) -> int:
        """The first round that is out of sample."""
        return self.blocks[0].first if self.blocks else 0


def walk_forward(method: Method, returns: Floats, open_rounds: int, today: Floats | None, bounds: Bounds) -> Walk:
    """Of matched returns [n, M] in the order of rounds; without a block where the past is too short for one."""
    n, models = returns.shape
    begin = (LEAST_PAST + 1) * open_rounds
    step = max(-(-(n - begin) // BLOCKS), open_rounds // 2, 1)
    blocks = tuple(
        Block(first, min(first + step, n), _chosen(method, returns[: first - open_rounds], open_rounds, today, bounds))
        for first in range(begin, n, step)
    )
    tested = returns[begin:]
    chosen = np.concatenate([returns[block.first : block.end] @ block.weights for block in blocks] or [np.empty(0)])
    equal = tested @ np.full(models, 1 / models)
    now = None if today is None else tested @ today
    return Walk(
        blocks,
        chosen,
        equal,
        now,
        mean_interval(chosen - equal, open_rounds),
        None if now is None else mean_interval(chosen - now, open_rounds),
    )


def evidence(gain: Interval | None, n: int, open_rounds: int) -> float:
    """How far the weights are to be trusted, 0 (equal ones instead) to 1: the positive part of 1 - (error / gain)^2
    (James and Stein 1961, for one difference), 0 without a gain, or without an interval."""
    if gain is None or not gain.estimate > 0:
        return 0.0
    error = float(gain.high - gain.estimate) / t_quantile(LEVELS[1], degrees(n, open_rounds))
    return max(0.0, 1 - (error / float(gain.estimate)) ** 2)


def _chosen(method: Method, past: Floats, open_rounds: int, today: Floats | None, bounds: Bounds) -> Floats:
    return weigh(method, past, long_run_covariance(past, open_rounds), today, bounds)
