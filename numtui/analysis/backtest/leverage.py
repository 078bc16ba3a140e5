"""Cells that differ by leverage only: one is a multiple of the other, and earns and loses that much more."""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from typing import Literal

import numpy as np

from numtui.analysis.arrays import Bools, Floats
from numtui.analysis.backtest.backtest import Series
from numtui.analysis.backtest.grid import Cell

Extreme = Literal["largest", "smallest"]
FINE = 1000  # denominators up to which proportions are written in whole numbers
CLOSE = Fraction(1, 10**12)
SAME = 1e-9  # how far the proportions of equals may lie apart by rounding
NUDGE = 0.01  # of the multipliers: how much more of them is tried


def proportions(cell: Cell) -> str:
    """The multipliers of a cell to each other, as `1:5`; cells of equal proportions differ by leverage only."""
    largest = max(abs(value) for value in cell)
    shares = [Fraction(value) / Fraction(largest) for value in cell]
    whole = [share.limit_denominator(FINE) for share in shares]
    if any(abs(near - share) > CLOSE for near, share in zip(whole, shares, strict=True)):
        return ":".join(f"{float(share):.6g}" for share in shares)
    unit = lcm(*(share.denominator for share in whole))
    return ":".join(str(int(share * unit)) for share in whole)


def alike(multipliers: Floats, cell: int) -> Bools:
    """The cells of `multipliers` [C, K] that have the proportions of one of them (by position), itself included."""
    directions = multipliers / np.abs(multipliers).max(axis=1, keepdims=True)
    result: Bools = np.abs(directions - directions[cell]).max(axis=1) < SAME
    return result


def extreme(multipliers: Floats, cell: int, series: Series) -> Extreme | None:
    """Whether the best cell (by position) of a model is only the largest of its proportions among `multipliers` [C, K],
    or only the smallest: still more of the same, or still less, would have earned more of a total or average.

    None where the clip makes it the best; and of a single cell, which there is nothing beside.
    """
    if len(multipliers) < 2 or not len(series.base):
        return None
    sizes = np.abs(multipliers).max(axis=1)
    of_kind = sizes[alike(multipliers, cell)]
    nudged = multipliers[[cell]] * np.array([[1 - NUDGE], [1.0], [1 + NUDGE]])
    less, now, more = series.payouts(nudged).mean(axis=0)
    if sizes[cell] == of_kind.max() and more > now:
        return "largest"
    return "smallest" if sizes[cell] == of_kind.min() and less > now else None
