"""A grid of characters to draw curves on: braille dots, or one mark a cell where there are only ASCII characters.

It is our own because textual-hires-canvas and textual-plot load numpy with the screen, and know neither ASCII nor the
colours of the theme by name.
"""

from __future__ import annotations

from itertools import pairwise

DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))  # of a braille cell by column and row
BRAILLE = 0x2800


class Canvas:
    """`width` x `height` cells; positions are in dots from the upper left, 2 x 4 a cell (1 x 1 in ASCII, where a dot is
    the `mark`). Of every `period` dots of a curve along x the first `drawn` ones are drawn."""

    def __init__(
        self, width: int, height: int, *, ascii_only: bool, mark: str = "*", drawn: int = 1, period: int = 1
    ) -> None:
        self.width, self.height = width, height
        self.ascii_only, self.mark = ascii_only, mark
        self.drawn, self.period = drawn, period
        self.across, self.down = (1, 1) if ascii_only else (2, 4)
        self._bits = [[0] * width for _ in range(height)]

    def dot(self, x: int, y: int) -> None:
        """Set one dot; outside of the canvas is nothing."""
        column, row = x // self.across, y // self.down
        if 0 <= column < self.width and 0 <= row < self.height:
            self._bits[row][column] |= 1 if self.ascii_only else DOTS[x % 2][y % 4]

    def curve(self, points: list[tuple[int, int]]) -> None:
        """Dots along a line through `points`, one upright stroke a column."""
        for (x0, y0), (x1, y1) in pairwise(points):
            for x in range(x0, x1 + 1):
                if x % self.period >= self.drawn:
                    continue
                start = _between(x, x0, y0, x1, y1)
                end = _between(min(x + 1, x1), x0, y0, x1, y1)
                for y in range(min(start, end), max(start, end) + 1):
                    self.dot(x, y)
        if len(points) == 1:
            self.dot(*points[0])

    def text(self, row: int, column: int) -> str:
        """The character of a cell, "" where nothing was drawn."""
        bits = self._bits[row][column]
        if not bits:
            return ""
        return self.mark if self.ascii_only else chr(BRAILLE + bits)


def _between(x: int, x0: int, y0: int, x1: int, y1: int) -> int:
    return y0 if x1 == x0 else round(y0 + (y1 - y0) * (x - x0) / (x1 - x0))
