"""Do weights serve where skill differs, and say nothing where it does not? 100 markets each: `python -m
tests.bench.allocation_study`."""

from __future__ import annotations

from statistics import mean
from typing import NamedTuple

import numpy as np

from numtui.analysis.allocation.methods import METHODS, Method
from numtui.analysis.allocation.walk import evidence, walk_forward
from numtui.analysis.allocation.weights import Bounds
from numtui.analysis.intervals import OPEN_20
from tests.analysis.allocation.market import market

MARKETS = 100
ROUNDS = 800


class Study(NamedTuple):
    """Over markets: the mean gain on equal weights of the weights shrunk by their evidence, its standard error, and the
    share of markets whose interval lies above 0."""

    gain: float
    error: float
    found: float


def study(method: Method, skill: float, markets: int = MARKETS, rounds: int = ROUNDS, models: int = 20) -> Study:
    gains, found = [], 0
    for seed in range(markets):
        returns = market(seed, skill, models, 2 * rounds)
        past, future = returns[:rounds], returns[rounds + OPEN_20 :]  # none of the future's rounds overlaps the past's
        walk = walk_forward(method, past, OPEN_20, None, Bounds(cap=0.25))
        assert walk.gain is not None
        found += bool(walk.gain.low > 0)
        trust = evidence(walk.gain, len(walk.chosen), OPEN_20)
        last = walk.blocks[-1].weights
        gains.append(float((future @ (trust * (last - 1 / models))).mean()))
    return Study(mean(gains), float(np.std(gains, ddof=1)) / markets**0.5, found / markets)


if __name__ == "__main__":
    for name in METHODS[2:]:
        for skill in (1.0, 0.0):
            told = study(name, skill)
            print(f"{name:<17} skill {skill:g}: gain {told.gain:+.5f} +- {1.645 * told.error:.5f}, ", end="")
            print(f"evidence in {told.found:.0%} of markets")
