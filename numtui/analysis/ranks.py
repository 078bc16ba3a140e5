"""Ranks, and rank correlation (Spearman 1904, American J. of Psychology 15)."""

from __future__ import annotations

import numpy as np

from numtui.analysis.arrays import Floats, Ints


def descending_ranks(values: Floats) -> Ints:
    """Places along the last axis, 1 the greatest; equals share the better place, NaN gets 0."""
    ordered = -np.sort(-values, axis=-1)  # NaN last
    flat, sorted_flat = values.reshape(-1, values.shape[-1]), ordered.reshape(-1, values.shape[-1])
    ranks = np.array([np.searchsorted(-s, -v, side="left") for v, s in zip(flat, sorted_flat, strict=True)]) + 1
    return np.where(np.isnan(values), 0, ranks.reshape(values.shape))


def average_ranks(values: Floats) -> Floats:
    """Ranks of a vector, 1 the smallest; equals get the mean of their places."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    middle: Floats = (last - (counts - 1) / 2)[inverse]
    return middle


def spearman(a: Floats, b: Floats) -> float:
    """Rank correlation of two vectors where neither is NaN; NaN for fewer than 3 places or a constant vector."""
    known = ~(np.isnan(a) | np.isnan(b))
    if np.count_nonzero(known) < 3:
        return float("nan")
    x, y = average_ranks(a[known]), average_ranks(b[known])
    x, y = x - x.mean(), y - y.mean()
    scale = np.sqrt((x * x).sum() * (y * y).sum())
    return float((x * y).sum() / scale) if scale > 0 else float("nan")
