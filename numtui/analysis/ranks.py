"""Ranks, and rank correlation (Spearman 1904, American J. of Psychology 15)."""

from __future__ import annotations

import numpy as np

from numtui.analysis.arrays import Floats, Ints


def descending_ranks(values: Floats, tolerance: float = 0.0) -> Ints:
    """Places along the last axis, 1 the greatest; equals share the better place, NaN gets 0.

    What lies no further apart than `tolerance` times the greatest finite size of its row counts as equal.
    """
    order = np.argsort(-values, axis=-1, kind="stable")  # NaN last
    ordered = np.take_along_axis(values, order, axis=-1)
    sizes = np.where(np.isfinite(values), np.abs(values), 0.0)
    slack = tolerance * sizes.max(axis=-1, keepdims=True, initial=0.0)
    near, far = ordered[..., :-1], ordered[..., 1:]
    apart = np.ones(values.shape, dtype=np.bool_)
    apart[..., 1:] = (near != far) & ~(near <= far + slack)
    place = np.arange(1, values.shape[-1] + 1)
    ranks = np.empty(values.shape, dtype=np.int64)
    np.put_along_axis(ranks, order, np.maximum.accumulate(np.where(apart, place, 1), axis=-1), axis=-1)
    return np.where(np.isnan(values), 0, ranks)


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
