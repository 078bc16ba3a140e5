"""A column of a round's field as bytes: a value a model, in the order of the round's models.

Whole numbers are int32; other values are counted in steps of STEP, so that what the API states with eight decimals
comes back the same. The bytes of all values are put together by their place and then packed (zlib): near values have
the same high bytes.
"""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numtui.analysis.arrays import Floats, Ints

MODELS, STAKE = "models", "stake"  # columns beside the scores
STEP = 1e-8
FAST = 1  # of zlib's levels: the others save a twentieth for three times the time
MISSING = np.iinfo(np.int32).min
MOST = np.iinfo(np.int32).max


def packed_numbers(numbers: Ints) -> bytes:
    """Ascending whole numbers [N]: the first, then what each adds."""
    return _shuffled(np.diff(numbers, prepend=0).astype("<i4"))


def unpacked_numbers(data: bytes) -> Ints:
    """The numbers of `packed_numbers`."""
    return np.cumsum(_unshuffled(data, "<i4")).astype(np.int64)


def packed_scores(values: Floats) -> bytes:
    """Values [N] of at most 21 in size; NaN for none, and for what is larger."""
    steps = np.round(values / STEP)
    known = np.abs(steps) <= MOST
    return _shuffled(np.where(known, steps, MISSING).astype("<i4"))


def unpacked_scores(data: bytes) -> Floats:
    """The values of `packed_scores`."""
    steps = _unshuffled(data, "<i4").astype(np.int64)
    return np.where(steps == MISSING, np.nan, steps * STEP)


def packed_amounts(values: Floats) -> bytes:
    """NMR [N] as it is."""
    return _shuffled(values.astype("<f8"))


def unpacked_amounts(data: bytes) -> Floats:
    """The amounts of `packed_amounts`."""
    return _unshuffled(data, "<f8").astype(np.float64)


def _shuffled(values: NDArray[Any]) -> bytes:
    planes = values.view(np.uint8).reshape(-1, values.itemsize).T
    return zlib.compress(np.ascontiguousarray(planes).tobytes(), FAST)


def _unshuffled(data: bytes, kind: str) -> NDArray[Any]:
    width = np.dtype(kind).itemsize
    planes = np.frombuffer(zlib.decompress(data), np.uint8).reshape(width, -1)
    return np.ascontiguousarray(planes.T).reshape(-1).view(kind)
