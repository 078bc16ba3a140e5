"""Array types and single values of them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def number(value: float | np.floating[np.generic]) -> float | None:  # type: ignore[type-var]  # any width
    """The value as a float, None where it is not known."""
    plain = float(value)
    return None if math.isnan(plain) else plain


def known_means(values: Floats, axis: int) -> Floats:
    """The means along an axis of what is known (not NaN); NaN where nothing is."""
    known = np.logical_not(np.isnan(values))
    count = known.sum(axis=axis)
    sums = np.where(known, values, 0.0).sum(axis=axis)
    return np.where(count > 0, sums / np.maximum(count, 1), np.nan)
