"""90 % intervals for series of overlapping rounds: the equal-weighted cosine estimator of the long-run variance.

Lazarus, Lewis, Stock and Watson 2018, "HAR Inference: Recommendations for Practice", J. Business and Economic
Statistics 36(4), with Student's t for B degrees of freedom. Of a series x_1 .. x_n whose rounds overlap with h others:

    L_j = sqrt(2 / n) sum_t cos(pi j (t - 1/2) / n) x_t,   j = 1..B,   B = max(3, floor(n / (2 h)))
    mean(x) +- t(0.95; B) sqrt(sum_j L_j^2 / B / n)

L_1 .. L_B, here the loadings, are linear in the series: those of many series come from one matrix product, those of a
difference are the difference of the loadings, and a constant adds nothing. Smooth ratios follow by the delta method,
from the loadings of their influence (how much each round moves the ratio). Draws for ranks and shares are
mean + sum_j z_j L_j / sqrt(B n) * sqrt(B / chi2_B), with z normal and chi2 the same for all series, so that they stay
comparable. Fewer than 6 h rounds are "thin": no interval.

n counts the rounds that are there: where some in between are missing, their neighbours stand side by side.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from numtui.analysis.arrays import Floats
from numtui.analysis.student import t_quantile

OPEN_20, OPEN_60 = 24, 64  # rounds unresolved at once under 20-day and 60-day terms
LEVELS = (0.05, 0.95)
LEAST = 6  # times as many rounds as are unresolved at once: fewer are thin
DRAWS, SEED = 2000, 0


class Interval(NamedTuple):
    """A 90 % interval: `estimate` with `low` and `high`, arrays of one shape."""

    estimate: Floats
    low: Floats
    high: Floats


def thin(n: int, open_rounds: int) -> bool:
    """True where n rounds, `open_rounds` of them unresolved at once, are too few for an interval."""
    return n < LEAST * open_rounds


def degrees(n: int, open_rounds: int) -> int:
    """B, the number of loadings and of degrees of freedom. ValueError: `open_rounds` below 1."""
    if open_rounds < 1:
        raise ValueError(f"at least one round is unresolved at once, not {open_rounds}")
    return max(3, n // (2 * open_rounds))


def cosines(n: int, open_rounds: int) -> Floats:
    """The weights that make loadings of series: `cosines @ x` of x [n, ...] are their loadings, [B, ...]."""
    return _cosines(n, degrees(n, open_rounds))


@lru_cache(maxsize=512)
def _cosines(n: int, terms: int) -> Floats:
    rows = np.arange(1, terms + 1)[:, None]
    weights: Floats = np.sqrt(2 / n) * np.cos(np.pi * rows * (np.arange(1, n + 1) - 0.5) / n)
    weights.setflags(write=False)  # shared by all who ask for it
    return weights


def interval(estimate: Floats, loadings: Floats, n: int) -> Interval:
    """The interval around estimates [...] from their loadings [B, ...] over n rounds."""
    terms = len(loadings)
    error = np.sqrt(np.square(loadings).sum(axis=0) / (terms * n))
    reach = t_quantile(LEVELS[1], terms) * error
    return Interval(estimate, estimate - reach, estimate + reach)


def mean_interval(values: Floats, open_rounds: int) -> Interval | None:
    """The interval of the mean of each series of `values` [n, ...] (no NaN); None when thin.

    For a difference of means pass the differences, round by round.
    """
    n = len(values)
    if thin(n, open_rounds):
        return None
    return interval(values.mean(axis=0), np.tensordot(cosines(n, open_rounds), values, axes=1), n)


def sharpe_loadings(first: Floats, second: Floats, mean: Floats, std: Floats) -> Floats:
    """Loadings of Sharpe ratios mean / std [...] from the loadings of r (`first`) and of r^2 (`second`), [B, ...].

    By the delta method the influence of a round is (r - mean) / std - mean / (2 std^3) ((r - mean)^2 - std^2); NaN
    where std is 0.
    """
    spread = np.where(std > 0, std, np.nan)
    slope = mean / (2 * spread**3)
    result: Floats = first * (1 / spread + 2 * mean * slope) - second * slope
    return result


def draws(n: int, terms: int) -> Floats:
    """2,000 draws of the weights of `terms` loadings of series of n rounds, [draws, B]: `estimate + draws @ loadings`
    are draws of the estimates, alike for all series of as many rounds."""
    weights: Floats = _standard_draws(terms) / np.sqrt(n)
    return weights


@lru_cache(maxsize=64)
def _standard_draws(terms: int) -> Floats:
    random = np.random.default_rng(SEED)
    normal = random.standard_normal((DRAWS, terms))
    result: Floats = normal / np.sqrt(random.chisquare(terms, DRAWS))[:, None]  # sqrt(1 / B) sqrt(B / chi2_B)
    result.setflags(write=False)
    return result
