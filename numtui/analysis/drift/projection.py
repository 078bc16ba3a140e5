"""Projected returns of rounds by scoring day, what they mean in NMR, and their totals by calendar day.

Shapes everywhere: M models, R rounds, D scoring days (20 or 60), K payout scores. A return is a fraction of the
stake at risk (0.02 = 2 %); NaN is "not known". Money is float NMR here, since the figures are projections; the
Decimal edge is `payout_nmr`.
"""

from dataclasses import dataclass
from decimal import Decimal, localcontext

import numpy as np

from numtui.analysis.arrays import Bools, Floats, Ints
from numtui.analysis.payout import EXACT, exact


@dataclass(frozen=True)
class Factors:
    """Payout factors of rounds with the unknown ones estimated.

    `factor` [R] (NaN where no factor of that system is known at all), `estimated` [R] true where it was filled.
    """

    factor: Floats
    estimated: Bools


@dataclass(frozen=True)
class Terms:
    """Payout terms of R rounds: `multipliers` [R, K], or [M, R, K] where users choose them; `factors`; `clip` [R]."""

    multipliers: Floats
    factors: Factors
    clip: Floats


@dataclass(frozen=True)
class DriftPaths:
    """Projected returns and payouts of M models in R rounds by scoring day.

    `raw` [M, R, D] is Σ multiplier x score, before factor and clip; `value` [M, R, D] the return on stake;
    `payout` [M, R, D] its NMR; `clipped` [M, R, D] marks where the clip bites, `factor_estimated` [R] filled factors.
    """

    raw: Floats
    value: Floats
    payout: Floats
    clipped: Bools
    factor_estimated: Bools


@dataclass(frozen=True)
class DayTotals:
    """Everything unresolved on a calendar day: `ordinal` [C], `at_risk`, `payout` (NMR) and `rounds` [C]."""

    ordinal: Ints
    at_risk: Floats
    payout: Floats
    rounds: Ints


def known_factors(factor: Floats, system: Ints, atomic: Bools) -> Factors:
    """Fill unknown payout factors (NaN) of rounds in ascending order.

    `factor` [R]; `system` [R] an integer per tournament and staking system; `atomic` [R]. An Atomic round has factor 1,
    another one the newest known factor of its own system (of a later round too, when nothing earlier is known).
    """
    filled = np.where(np.isnan(factor) & atomic, 1.0, factor)
    for key in np.unique(system):
        own = np.flatnonzero(system == key)
        known = own[~np.isnan(filled[own])]
        if known.size:
            unknown = own[np.isnan(filled[own])]
            filled[unknown] = filled[known[-1]]
    estimated: Bools = np.isnan(factor) & ~np.isnan(filled)
    return Factors(filled, estimated)


def weighted_scores(scores: Floats, multipliers: Floats) -> Floats:
    """Return Σ multiplier_i x score_i over the last axis; both broadcast, the last axis is the K payout scores.

    NaN where a score with a multiplier other than 0 is missing; a score that pays nothing is never missed.
    """
    paying = multipliers != 0
    parts = np.where(paying, multipliers * scores, 0.0)
    total: Floats = parts.sum(axis=-1)
    return total


def project(raw: Floats, factor: Floats, clip: Floats) -> Floats:
    """Return clip(factor x raw, ±clip), the projected return on stake; all three broadcast (domain: Payout)."""
    value: Floats = np.clip(factor * raw, -clip, clip)
    return value


def drift_paths(scores: Floats, terms: Terms, at_risk: Floats) -> DriftPaths:
    """Project the paths of unresolved rounds under each round's own payout configuration.

    `scores` [M, R, D, K]; `at_risk` [M, R] NMR (NaN: unknown, and so is the payout). Raises ValueError where the shapes
    do not fit.
    """
    if scores.ndim != 4 or at_risk.shape != scores.shape[:2]:
        raise ValueError(f"scores {scores.shape} must be [M, R, D, K] and at_risk {at_risk.shape} [M, R]")
    raw = weighted_scores(scores, terms.multipliers[..., None, :])
    factor, bound = terms.factors.factor[:, None], terms.clip[:, None]
    value = project(raw, factor, bound)
    clipped: Bools = np.abs(factor * raw) > bound
    return DriftPaths(raw, value, value * at_risk[:, :, None], clipped, terms.factors.estimated)


def last_day(values: Floats) -> Ints:
    """Return [...] the day (1..D) of the last known value along the last axis, 0 where none is known."""
    known = ~np.isnan(values)
    day: Ints = np.where(known.any(axis=-1), values.shape[-1] - known[..., ::-1].argmax(axis=-1), 0).astype(np.int64)
    return day


def at_day(values: Floats, day: Ints) -> Floats:
    """Return [...] the value of each path [..., D] at its `day` [...] (1..D); NaN where the day is 0."""
    picked = np.take_along_axis(values, np.maximum(day, 1)[..., None] - 1, axis=-1)[..., 0]
    return np.where(day > 0, picked, np.nan)


def calendar_totals(payout: Floats, at_risk: Floats, scored_on: Ints, resolved_on: Ints) -> DayTotals:
    """Sum payouts over everything unresolved on each calendar day that brought a score.

    `payout` [M, R, D] NMR, `at_risk` [M, R] NMR, `scored_on` [R, D] date ordinals (0: that day was not scored),
    `resolved_on` [R] the ordinal of resolution (0: not resolved yet). A round counts from the day of its first score
    to the day before it resolves: a resolved round is a payout, no longer drift. Where a round has no score on a day,
    its last value is carried forward; models without a score yet add nothing.
    """
    days = np.unique(scored_on[scored_on > 0])
    money, stake = np.zeros(days.size), np.zeros(days.size)
    count = np.zeros(days.size, dtype=np.int64)
    for r in range(payout.shape[1]):
        scored = np.flatnonzero(scored_on[r] > 0)
        if not scored.size:
            continue
        carried = carry_forward(payout[:, r, :])
        upto = np.searchsorted(scored_on[r, scored], days, side="right")
        alive = (upto > 0) & ((resolved_on[r] == 0) | (days < resolved_on[r]))
        standing = carried[:, scored[upto[alive] - 1]]
        has = ~np.isnan(standing)
        money[alive] += np.where(has, standing, 0.0).sum(axis=0)
        stake[alive] += np.where(has, np.nan_to_num(at_risk[:, r, None]), 0.0).sum(axis=0)
        count[alive] += has.any(axis=0)
    return DayTotals(days.astype(np.int64), stake, money, count)


def carry_forward(values: Floats) -> Floats:
    """Return the paths [..., D] with each unknown day given the last known value before it; NaN before the first."""
    seen = np.maximum.accumulate(np.where(np.isnan(values), -1, np.arange(values.shape[-1])), axis=-1)
    carried = np.take_along_axis(values, np.maximum(seen, 0), axis=-1)
    return np.where(seen >= 0, carried, np.nan)


def payout_nmr(at_risk: Decimal, value: float) -> Decimal:
    """Return the exact payout in NMR at the return `value`, read by its shortest text; ValueError when not finite."""
    with localcontext(EXACT):
        return exact(at_risk) * exact(float(value))
