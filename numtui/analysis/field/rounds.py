"""Rounds with everybody in them as arrays, and what the whole field did in each.

Axes: N models, R rounds in time. A model that was not in a round is NaN there, and has no stake.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numtui.analysis.arrays import Bools, Floats, Ints, known_means


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """`value` [N, R]: the weighted sum of the scores that a round pays, before factor and clip; `stake` [N, R] NMR at
    risk, 0 for none. `numbers` [R] of the rounds."""

    numbers: Ints
    value: Floats
    stake: Floats

    @property
    def present(self) -> Bools:
        """[N, R] who has a value."""
        return np.logical_not(np.isnan(self.value))


def percentiles(field: Field, models: Ints, *, staked: bool = False) -> Floats:
    """[M, R] the share of the others that each of `models` (positions) lies above, ties counting half; of staked ones
    only with `staked`. NaN where it has no value, or is alone."""
    shares = np.full((len(models), field.value.shape[1]), np.nan)
    for r in range(field.value.shape[1]):
        column = field.value[:, r]
        counts = np.logical_not(np.isnan(column))
        if staked:
            counts &= field.stake[:, r] > 0
        ordered = np.sort(column[counts])
        values = column[models]
        below = np.searchsorted(ordered, values, side="left")
        upto = np.searchsorted(ordered, values, side="right")
        itself = counts[models].astype(np.float64)
        others = ordered.size - itself
        ties = upto - below - itself
        known = np.logical_not(np.isnan(values)) & (others > 0)
        shares[known, r] = ((below + ties / 2)[known]) / others[known]
    return shares


def stake_weighted(field: Field) -> Floats:
    """[R] the mean value of the NMR at risk; NaN where nothing was at risk."""
    counted = np.where(field.present, field.stake, 0.0)
    total = counted.sum(axis=0)
    paid = (counted * np.nan_to_num(field.value)).sum(axis=0)
    return np.where(total > 0, paid / np.where(total > 0, total, 1.0), np.nan)


def equal_weighted(field: Field) -> Floats:
    """[R] the mean value of the staked models; NaN where none was staked."""
    counted = field.present & (field.stake > 0)
    count = counted.sum(axis=0)
    total = np.where(counted, field.value, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def burn_rounds(field: Field) -> Bools:
    """[R] the burn group: rounds in which more than half of the NMR at risk burnt."""
    counted = np.where(field.present, field.stake, 0.0)
    burnt = np.where(np.nan_to_num(field.value) < 0, counted, 0.0).sum(axis=0)
    result: Bools = 2 * burnt > counted.sum(axis=0)
    return result


def strong_models(score: Floats, field: Field, share: float = 0.2) -> Ints:
    """The positions of the staked models whose mean `score` [N, R] is among the highest `share`; of those that have it
    in at least half of the rounds."""
    known = np.logical_not(np.isnan(score))
    regular = (known.sum(axis=1) * 2 >= score.shape[1]) & (field.stake > 0).any(axis=1)
    places = np.flatnonzero(regular)
    if not places.size:
        return places
    means = known_means(score[places], 1)
    count = max(1, round(share * places.size))
    return places[np.argsort(-means, kind="stable")[:count]]
