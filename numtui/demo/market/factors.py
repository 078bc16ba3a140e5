"""The origin of scores: market-day increments, carried by factors, summed over each round's scoring window.

On every scoring day the market draws factors: a common one, styles and many small ones that stand for the models' own
noise (a model's noise is a random direction among them). All rounds that are open share the day, which is why
neighbouring rounds resemble each other; a smaller part of each increment belongs to one round alone. With
`x(j) = mu + loadings . factors(j)`, the score of day d in a window of N days is `sum(x(1..d)) / N`: it accumulates
to the final value. As everything is linear in few factors, any score of any model is one short dot product.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from numtui.demo.market.plants import Plants

Floats = NDArray[np.float64]

STYLES, MICRO, ROUND_MICRO = 6, 40, 12
MARKET = 1 + STYLES + MICRO  # columns of a market day: the common factor, the styles, the small ones
ROUND = 1 + ROUND_MICRO  # columns of a round's own part
WIDTH = 1 + MARKET + ROUND  # a feature vector: days passed, the market's sums, the round's sums
MAX_DAYS = 60
SHARED = 0.85  # share of an increment's variance that belongs to the day, not to the round
BLOCK = 64  # days, or rounds, that are drawn together
DAY_STREAM, ROUND_STREAM, LOADING_STREAM, PLANT_STREAM = 1, 2, 3, 6
DECIMALS = 8


@dataclass(frozen=True, slots=True)
class Base:
    """The distribution of a tournament's two basic quantities over models: a score's mean, its spread over models,
    the standard deviation of a 20-day score over rounds, and the part of it that all models share."""

    mean: float
    mean_spread: float
    deviation: float
    common: float


# What the other scores are made of: weights on corr and mmc, and of noise of their own.
RECIPES: dict[str, tuple[float, float, float]] = {
    "corr": (1.0, 0.0, 0.0),
    "mmc": (0.0, 1.0, 0.0),
    "bmc": (0.08, 0.85, 0.35),
    "fnc": (0.45, 0.35, 0.35),
    "tc": (0.25, 0.8, 0.9),
    "ic": (0.7, 0.2, 0.3),
    "alpha": (0.8, 0.3, 0.2),
    "mpc": (0.2, 1.0, 0.2),
    "neutral_corr": (0.7, 0.25, 0.25),
    "neutral_mmc": (0.1, 0.95, 0.25),
}


def normal_cdf(z: Floats) -> Floats:
    """Standard normal distribution function by interpolation, monotone, exact to 1e-6."""
    grid, table = _cdf_table()
    return np.interp(z, grid, table)


@lru_cache(maxsize=1)
def _cdf_table() -> tuple[Floats, Floats]:
    grid = np.linspace(-5, 5, 2001)
    return grid, np.array([NormalDist().cdf(float(z)) for z in grid])


class Blocks:
    """Standard normal numbers indexed by a whole number (a day, a round), drawn in blocks as they are asked for."""

    def __init__(self, key: tuple[int, ...], shape: tuple[int, ...]) -> None:
        self._key, self._shape = key, shape
        self._blocks: dict[int, Floats] = {}

    def range(self, start: int, stop: int) -> Floats:
        """The draws of start <= index < stop, shape (stop - start, *shape); the same whatever else was asked."""
        first, last = start // BLOCK, (stop - 1) // BLOCK
        for block in range(first, last + 1):
            if block not in self._blocks:
                rng = np.random.default_rng((*self._key, block))
                self._blocks[block] = rng.standard_normal((BLOCK, *self._shape))
        drawn = np.concatenate([self._blocks[block] for block in range(first, last + 1)])
        return drawn[start - first * BLOCK : stop - first * BLOCK]


class Factors:
    """The market of one tournament: feature vectors of rounds and days."""

    def __init__(self, seed: int, tournament: int) -> None:
        self._days = Blocks((seed, DAY_STREAM, tournament), (MARKET,))
        self._rounds = Blocks((seed, ROUND_STREAM, tournament), (MAX_DAYS, ROUND))

    def features(self, first: int, window_starts: NDArray[np.int64], days: int) -> Floats:
        """Feature vectors of consecutive rounds from `first` on, shape (rounds, days, WIDTH).

        `window_starts` are the scoring-day indices of their first scores. A score is features @ loadings.
        """
        low, high = int(window_starts[0]), int(window_starts[-1]) + days
        market = np.vstack([np.zeros((1, MARKET)), np.cumsum(self._days.range(low, high), axis=0)])
        start = (window_starts - low)[:, None]
        steps = np.arange(1, days + 1)
        rounds = len(window_starts)
        out = np.empty((rounds, days, WIDTH))
        out[:, :, 0] = steps
        out[:, :, 1 : 1 + MARKET] = market[start + steps] - market[start]
        by_round = self._rounds.range(first, first + rounds)[:, :days]
        np.cumsum(by_round, axis=1, out=out[:, :, 1 + MARKET :])
        out /= days
        return out


def _unit(rows: Floats) -> Floats:
    out: Floats = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return out


def _directions(rng: np.random.Generator, models: int, common: float, skill: float) -> tuple[Floats, Floats]:
    """Unit loadings on the market's and on the round's factors; with no skill alike but for the direction of noise."""
    specific = 1 - common
    dispersion = min(1.0, skill)
    shared = np.sqrt(common) * np.ones(models) + dispersion * 0.06 * rng.standard_normal(models)
    styles = dispersion * np.sqrt(specific * 0.5 / STYLES) * rng.standard_normal((models, STYLES))
    micro = _unit(rng.standard_normal((models, MICRO)))
    rest = np.maximum(1 - shared**2 - (styles**2).sum(axis=1), 0.1 * specific)
    market = np.column_stack([shared, styles, micro * np.sqrt(rest)[:, None]])
    alone = np.column_stack(
        [np.full(models, np.sqrt(common)), _unit(rng.standard_normal((models, ROUND_MICRO))) * np.sqrt(specific)]
    )
    return _unit(market), alone


class Loadings:
    """Each model's loadings, per simulated quantity: arrays of shape (models, WIDTH), made when asked for."""

    def __init__(
        self,
        key: tuple[int, int],
        models: int,
        skill: float,
        bases: tuple[Base, Base],
        means: dict[int, tuple[float, float]],
    ) -> None:
        """`key` is (seed, tournament). `means` fixes (corr, mmc) means of single rows, such as the demo account's;
        all means scale with `skill`."""
        self._key = (key[0], LOADING_STREAM, key[1])
        self._models, self._skill = models, skill
        self._cache: dict[str, Floats] = {}
        self._draw(bases, means)

    def _draw(self, bases: tuple[Base, Base], means: dict[int, tuple[float, float]]) -> None:
        rng = np.random.default_rng(self._key)
        corr, mmc = bases
        models, skill = self._models, self._skill
        talent = rng.standard_normal((models, 2))
        talent[:, 1] = 0.5 * talent[:, 0] + np.sqrt(0.75) * talent[:, 1]
        averages = np.column_stack(
            [corr.mean + corr.mean_spread * talent[:, 0], mmc.mean + mmc.mean_spread * talent[:, 1]]
        )
        for row, pair in means.items():
            averages[row] = pair
        averages *= skill
        spread = 1 + min(1.0, skill) * 0.12 * rng.uniform(-1, 1, (models, 2))
        corr_market, corr_alone = _directions(rng, models, corr.common, skill)
        mmc_market, mmc_alone = _directions(rng, models, mmc.common, skill)
        styles = corr_market.copy()
        styles[:, 0] = 0
        mmc_market = _unit(0.6 * _unit(styles) + 0.8 * mmc_market)
        self._cache["corr"] = self._assemble(averages[:, 0], corr.deviation * spread[:, 0], corr_market, corr_alone)
        self._cache["mmc"] = self._assemble(averages[:, 1], mmc.deviation * spread[:, 1], mmc_market, mmc_alone)
        self._noise = mmc.deviation

    def plant(self, plants: Plants, realised: Floats) -> None:
        """Put models in that are there to be found; `realised` [WIDTH] is the mean feature vector of the lucky one's
        rounds."""
        rng = np.random.default_rng((*self._key, PLANT_STREAM))
        plants.plant(self._cache["corr"], self._cache["mmc"], realised, rng)

    @staticmethod
    def _assemble(means: Floats, deviations: Floats, market: Floats, alone: Floats) -> Floats:
        scale = np.sqrt(20) * deviations[:, None]  # a 20-day mean of increments then has the deviation asked for
        return np.column_stack([means, scale * np.sqrt(SHARED) * market, scale * np.sqrt(1 - SHARED) * alone])

    def of(self, source: str) -> Floats:
        """The loadings of a simulated quantity (a key of RECIPES), shape (models, WIDTH)."""
        if source not in self._cache:
            corr, mmc, specific = RECIPES[source]
            mixed = corr * self._cache["corr"] + mmc * self._cache["mmc"]
            rng = np.random.default_rng((*self._key, *source.encode()))
            market, alone = _directions(rng, self._models, 0.0, 0.0)
            mixed += self._assemble(
                np.zeros(self._models), np.full(self._models, specific * self._noise), market, alone
            )
            self._cache[source] = mixed
        return self._cache[source]
