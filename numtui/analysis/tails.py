"""The 5 % and 95 % quantiles of very many bootstrap means at once."""

from __future__ import annotations

import numpy as np

from numtui.analysis.arrays import Floats, Ints
from numtui.analysis.bootstrap import LEVELS

CHUNK = 32  # cells of like direction whose tails are looked for together
BAND = 256  # of these, under a clip, those of like length together


def projected_tails(cells: Floats, drawn: Floats, removed: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Quantiles over D draws of `drawn @ cells.T - weights.T @ removed`, [C] at 5 % and [C] at 95 %.

    `cells` [C, K], `drawn` [D, K], `removed` [c, C] and `weights` [c, D] (c may be 0). Each cell is scaled to length 1
    first, which moves no rank, and cells of like direction go together, since they share most of their tail.
    """
    length = np.sqrt((cells * cells).sum(axis=1))
    units = cells / np.where(length > 0, length, 1.0)[:, None]
    taken = removed / np.where(length > 0, length, 1.0)
    low, high = np.empty((2, len(cells)))
    order = _by_direction(units)
    if len(removed):  # what the clip takes depends on the length too
        order = np.concatenate([band[np.argsort(length[band])] for band in _runs(order, BAND)])
    for chunk in _runs(order, CHUNK):
        values = units[chunk] @ drawn.T
        cut = taken[:, chunk]
        biting = np.flatnonzero(cut.any(axis=1))
        if biting.size:
            values -= cut[biting].T @ weights[biting]
        low[chunk], high[chunk] = row_tails(values)
    return low * length, high * length


def _runs(order: Ints, size: int) -> list[Ints]:
    return [order[start : start + size] for start in range(0, len(order), size)]


def _by_direction(units: Floats) -> Ints:
    """An order in which neighbours point the same way: by the first component, finely only within coarse others."""
    if units.shape[1] < 3:
        return np.argsort(units[:, 0], kind="stable")
    return np.lexsort((units[:, 0], *np.round(4 * units[:, 2:].T)))


def row_tails(values: Floats) -> tuple[Floats, Floats]:
    """The 5 % and 95 % quantiles of the rows of `values` [S, D], exactly as numpy interpolates them.

    Only draws that are low in some row can be in a low tail: with T the h-th smallest of the draws' highest values,
    every row has h draws at or below T, so that whatever never comes down to T is in no row's tail.
    """
    n = values.shape[1]
    at = (n - 1) * LEVELS[0]
    tail = min(int(at) + 2, n)
    lowest, highest = values.min(axis=0), values.max(axis=0)
    down = np.compress(lowest <= np.partition(highest, tail - 1)[tail - 1], values, axis=1)
    up = np.compress(highest >= np.partition(lowest, n - tail)[n - tail], values, axis=1)
    return _interpolate(down, at), -_interpolate(-up, at)


def _interpolate(values: Floats, at: float) -> Floats:
    """The value at the fractional rank `at` (from 0) of each row; `values` is reordered in place."""
    low = int(at)
    high = min(low + 1, values.shape[1] - 1)
    values.partition((low, high), axis=1)
    a, b = values[:, low], values[:, high]
    between: Floats = a + (b - a) * (at - low)
    return between
