"""Curves of cumulated payouts, one above the other, each with a letter at its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from textual.content import Content

from numtui.printable import printable
from numtui.tui.backtest.heatmap import Paint, short
from numtui.tui.charts.canvas import Canvas
from numtui.tui.table.painter import cell_width, padded
from numtui.tui.widgets.text_line import Part

if TYPE_CHECKING:
    from numtui.reports.backtest.study import Curve

STYLES = (
    "bold $accent",
    "bold $text-primary",
    "bold $text-success",
    "bold $text-error",
    "bold $foreground",
    "bold $text-secondary",
)
LETTERS = "abcdef"
ROUND = "round"
GAP = "  "  # between a name and its amount
LEAST_ROWS, LEAST_SPACE = 3, 12  # of a plot that says anything


class _Frame(NamedTuple):
    """The range of the axes, in rounds and NMR, and the letters at the curves' ends by row."""

    first: int
    last: int
    low: float
    high: float
    rows: int
    ascii_only: bool
    ends: dict[int, str]

    @property
    def zero(self) -> int:
        """The row of no payout at all."""
        return self.dot(0.0, self.rows - 1)

    @property
    def strongest(self) -> float:
        """The largest amount, of gains and losses."""
        return max(abs(self.low), abs(self.high))

    def dot(self, value: float, down: int) -> int:
        """The steps, of `down`, from the top down to a value."""
        return round((self.high - value) / (self.high - self.low or 1.0) * down)


def draw_curves(curves: Sequence[Curve], width: int, height: int, paint: Paint) -> list[Content]:
    """The curves in at most `height` lines of `width` cells: the plot, the rounds below it, and a line a curve."""
    curves = curves[: len(LETTERS)]
    rows = height - 1 - len(curves)
    legend = _legend(curves, width, paint)
    if rows < LEAST_ROWS or not curves:
        return legend[: max(0, height)]
    frame = _frame(curves, rows, ascii_only=paint.glyphs.more == ">")
    labels = {} if paint.hide else {0: short(frame.high, frame.strongest), rows - 1: short(frame.low, frame.strongest)}
    if not paint.hide:
        labels[frame.zero] = "0"
    axis = max(len(ROUND), *map(len, labels.values())) + 1 if labels else len(ROUND) + 1
    space = width - axis - max(map(len, frame.ends.values()))
    if space < LEAST_SPACE:
        return legend
    layers = _layers(curves, frame, space)
    lines: list[Content] = []
    for row in range(rows):
        parts: list[Part] = [(labels.get(row, "").rjust(axis - 1) + " ", "$foreground-muted")]
        parts += _plotted(row, layers, space, row == frame.zero)
        lines.append(Content.assemble(*parts, (frame.ends.get(row, ""), "bold")))
    scale = str(frame.first)
    if frame.last > frame.first:
        scale += str(frame.last).rjust(space - len(scale))
    lines.append(Content.assemble((f"{ROUND:>{axis - 1}} {scale}", "$foreground-muted")))
    return [*lines, *legend]


def _frame(curves: Sequence[Curve], rows: int, *, ascii_only: bool) -> _Frame:
    low = min(0.0, *(min(curve.values) for curve in curves))
    high = max(0.0, *(max(curve.values) for curve in curves))
    frame = _Frame(
        min(curve.rounds[0] for curve in curves),
        max(curve.rounds[-1] for curve in curves),
        low,
        high,
        rows,
        ascii_only,
        {},
    )
    down = Canvas(0, 0, ascii_only=ascii_only).down
    for letter, curve in zip(LETTERS, curves, strict=False):
        end = frame.dot(curve.values[-1], rows * down - 1) // down
        frame.ends[end] = frame.ends.get(end, "") + letter
    return frame


def _layers(curves: Sequence[Curve], frame: _Frame, space: int) -> list[Canvas]:
    """A canvas a curve, each with its own style when they are laid upon each other."""
    layers: list[Canvas] = []
    for curve in curves:
        canvas = Canvas(space, frame.rows, ascii_only=frame.ascii_only)
        across, down = space * canvas.across - 1, frame.rows * canvas.down - 1
        width_in_rounds = max(1, frame.last - frame.first)
        points = [
            (round((number - frame.first) / width_in_rounds * across), frame.dot(value, down))
            for number, value in zip(curve.rounds, curve.values, strict=True)
        ]
        canvas.curve(_thinned(points))
        layers.append(canvas)
    return layers


def _thinned(points: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """One point a column of dots: the last of those on it."""
    return list({x: (x, y) for x, y in points}.values())


def _plotted(row: int, layers: Sequence[Canvas], space: int, at_zero: bool) -> list[Part]:
    """One row of the plot, neighbours of one style as one part; the first curves stand before the others."""
    dash = "-" if layers[0].ascii_only else "┄"
    parts: list[Part] = []
    for column in range(space):
        drawn = next(((text, style) for text, style in _marks(layers, row, column) if text), None)
        text, style = drawn or ((dash, "$foreground-disabled") if at_zero else (" ", ""))
        if parts and parts[-1][1] == style:
            parts[-1] = (parts[-1][0] + text, style)
        else:
            parts.append((text, style))
    return parts


def _marks(layers: Sequence[Canvas], row: int, column: int) -> list[Part]:
    return [(canvas.text(row, column), style) for canvas, style in zip(layers, STYLES, strict=False)]


def _legend(curves: Sequence[Curve], width: int, paint: Paint) -> list[Content]:
    """A line a curve: letter, name, and the amount it comes to, amounts under each other."""
    amounts = [paint.glyphs.hidden if paint.hide else f"{curve.values[-1]:+,.4f} NMR" for curve in curves]
    names = [printable(curve.name) for curve in curves]
    wide = max(map(len, amounts), default=0)
    room = max(0, min(max(map(cell_width, names), default=0), width - wide - len(" a " + GAP)))
    lines = []
    for letter, style, name, amount in zip(LETTERS, STYLES, names, amounts, strict=False):
        said = padded(name, room, paint.glyphs.dots, right=False)
        line = Content.assemble((f" {letter}", style), f" {said}{GAP}", (amount.rjust(wide), "bold"))
        lines.append(line.truncate(max(0, width)))
    return lines
