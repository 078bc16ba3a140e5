"""Projected returns of rounds by scoring day, and what they mean in NMR.

Shapes everywhere: M models, R rounds, D scoring days (20 or 60), K payout scores. A return is a fraction of the
stake at risk (0.02 = 2 %); NaN is "not known". Money is float NMR here, since the figures are projections; the
Decimal edge is `payout_nmr`.
"""

from dataclasses import dataclass
from decimal import Decimal, localcontext

import numpy as np

from numtui.analysis.arrays import Bools, Floats, Ints
from numtui.money import EXACT, exact


@dataclass(frozen=True)
class Factors:
    """Payout factors of rounds with the unknown ones estimated.

    `factor` [R] (NaN where no factor of that system is known at all), `estimated` [R] true where it was filled.
    """

    factor: Floats
    estimated: Bools


@dataclass(frozen=True)
class DriftTerms:
    """Payout terms of R rounds: `multipliers` [R, K], or [M, R, K] where users choose them; `factors`; `clip` [R]."""

    multipliers: Floats
    factors: Factors
    clip: Floats


def known_factors(factor: Floats, system: Ints, atomic: Bools) -> Factors:
    """Fill unknown payout factors (NaN) of rounds in ascending order.

    `factor` [R]; `system` [R] an integer per tournament and staking system; `atomic` [R]. An Atomic round has factor 1,
    another one the newest known factor of its own system (of a later round too, when nothing earlier is known).
    """
    filled = np.where(np.isnan(factor) & atomic, 1.0, factor)
    for key in np.unique(system):
        rounds = np.flatnonzero(system == key)
        known = rounds[~np.isnan(filled[rounds])]
        if known.size:
            unknown = rounds[np.isnan(filled[rounds])]
            filled[unknown] = filled[known[-1]]
    estimated: Bools = np.isnan(factor) & ~np.isnan(filled)
    return Factors(filled, estimated)


def weighted_scores(scores: Floats, multipliers: Floats) -> Floats:
    """Σ multiplier_i x score_i over the last axis; both broadcast, the last axis is the K payout scores.

    NaN where a score with a multiplier other than 0 is missing; a score that pays nothing is never missed.
    """
    paying = multipliers != 0
    parts = np.where(paying, multipliers * scores, 0.0)
    total: Floats = parts.sum(axis=-1)
    return total


def project(raw: Floats, factor: Floats, clip: Floats) -> Floats:
    """clip(factor x raw, ±clip), the projected return on stake; all three broadcast.

    The payout formula of Numerai's documentation (docs.numer.ai, "Staking").
    """
    value: Floats = np.clip(factor * raw, -clip, clip)
    return value


def last_day(values: Floats) -> Ints:
    """[...] the day (1..D) of the last known value along the last axis, 0 where none is known."""
    known = ~np.isnan(values)
    day: Ints = np.where(known.any(axis=-1), values.shape[-1] - known[..., ::-1].argmax(axis=-1), 0).astype(np.int64)
    return day


def at_day(values: Floats, day: Ints) -> Floats:
    """[...] the value of each path [..., D] at its `day` [...] (1..D); NaN where the day is 0."""
    picked = np.take_along_axis(values, np.maximum(day, 1)[..., None] - 1, axis=-1)[..., 0]
    return np.where(day > 0, picked, np.nan)


def carry_forward(values: Floats) -> Floats:
    """The paths [..., D] with each unknown day given the last known value before it; NaN before the first."""
    seen = np.maximum.accumulate(np.where(np.isnan(values), -1, np.arange(values.shape[-1])), axis=-1)
    carried = np.take_along_axis(values, np.maximum(seen, 0), axis=-1)
    return np.where(seen >= 0, carried, np.nan)


def payout_nmr(at_risk: Decimal, value: float) -> Decimal:
    """The exact payout in NMR at the return `value`, read by its shortest text; ValueError when not finite."""
    with localcontext(EXACT):
        return exact(at_risk) * exact(float(value))
