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
