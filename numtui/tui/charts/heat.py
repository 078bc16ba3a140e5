"""Cells of heatmaps: how strong a return is, as a shade and, where there are no shades, as a mark."""

from __future__ import annotations

from collections.abc import Sequence

LEVELS = (0.005, 0.02, 0.05, 0.10)  # of the absolute return: the darker, the more
GAINS = ("#123524", "#1a5c36", "#22864a", "#2fb560")
LOSSES = ("#3d1a1f", "#6b2229", "#9c2c33", "#d23b42")
MARKS = "·+▲-▼"
MARKS_ASCII = ".+^-v"


def level(value: float, bounds: Sequence[float] = LEVELS) -> int:
    """How strong a value is: 0 (next to nothing) to 4, by the bounds of its size."""
    return sum(abs(value) >= bound for bound in bounds)


def shade(value: float, bounds: Sequence[float] = LEVELS) -> str:
    """The colour of the ground behind a value; "" where it is next to nothing."""
    strength = level(value, bounds)
    return (GAINS if value > 0 else LOSSES)[strength - 1] if strength else ""


def mark(value: float | None, marks: str) -> str:
    """The sign of a return: nothing, gain, strong gain, loss, strong loss; a blank where it is not known."""
    if value is None:
        return " "
    strength = level(value)
    return marks[0] if strength == 0 else marks[(1 if value > 0 else 3) + (strength >= 3)]
