"""Curves of cumulated payouts, one above the other, each with a letter at its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from numtui.tui.widgets.canvas import Canvas
from numtui.tui.widgets.grid_heat import Paint, short
from numtui.tui.widgets.text_line import Part

if TYPE_CHECKING:
    from numtui.reports.backtest_study import Curve

AXIS = 9
STYLES = (
    "bold $accent",
    "bold $text-primary",
    "bold $text-success",
    "bold $text-error",
    "bold $foreground",
    "bold $text-secondary",
)
LETTERS = "abcdef"


def draw_curves(curves: Sequence[Curve], width: int, height: int, paint: Paint) -> list[Content]:
    """The curves in `height` lines of `width` cells: the plot, the rounds below it, and a line a curve."""
    curves = curves[: len(LETTERS)]
    rows = height - 1 - len(curves)
    space = width - AXIS - 2
    if rows < 3 or space < 10 or not curves:
        return _legend(curves, width, paint)
    low = min(0.0, *(min(curve.values) for curve in curves))
    high = max(0.0, *(max(curve.values) for curve in curves))
    reach = high - low or 1.0
    first, last = min(curve.rounds[0] for curve in curves), max(curve.rounds[-1] for curve in curves)
    layers: list[Canvas] = []
    ends: dict[int, str] = {}
    for letter, curve in zip(LETTERS, curves, strict=False):
        canvas = Canvas(space, rows, ascii_only=paint.glyphs.more == ">")
        across, down = space * canvas.across - 1, rows * canvas.down - 1
        points = [
            (round((number - first) / max(1, last - first) * across), round((high - value) / reach * down))
            for number, value in zip(curve.rounds, curve.values, strict=True)
        ]
        canvas.curve(_thinned(points))
        layers.append(canvas)
        end = points[-1][1] // canvas.down
        ends[end] = ends.get(end, "") + letter
    zero = round(high / reach * (rows - 1))
    labels = {0: high, rows - 1: low, zero: 0.0}
    strongest = max(abs(low), abs(high))
    lines: list[Content] = []
    for row in range(rows):
        label = "" if row not in labels or paint.hide else "0" if row == zero else short(labels[row], strongest)
        parts: list[Part] = [(label.rjust(AXIS - 1) + " ", "$text-muted"), *_plotted(row, layers, space, row == zero)]
        lines.append(Content.assemble(*parts, (ends.get(row, "")[:2], "bold")))
    scale = f"{first}{str(last).rjust(space - len(str(first)))}"
    lines.append(Content.assemble((f"{'round':>{AXIS - 1}} {scale}", "$text-muted")))
    return [*lines, *_legend(curves, width, paint)]


def _thinned(points: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """One point a column of dots: the last of those on it."""
    return list({x: (x, y) for x, y in points}.values())


def _plotted(row: int, layers: Sequence[Canvas], space: int, at_zero: bool) -> list[Part]:
    """One row of the plot, neighbours of one style as one part; the first curves stand before the others."""
    dash = "-" if layers[0].ascii_only else "┄"
    parts: list[Part] = []
    for column in range(space):
        drawn = next(((text, style) for text, style in _marks(layers, row, column) if text), None)
        text, style = drawn or ((dash, "$text-disabled") if at_zero else (" ", ""))
        if parts and parts[-1][1] == style:
            parts[-1] = (parts[-1][0] + text, style)
        else:
            parts.append((text, style))
    return parts


def _marks(layers: Sequence[Canvas], row: int, column: int) -> list[Part]:
    return [(canvas.text(row, column), style) for canvas, style in zip(layers, STYLES, strict=False)]


def _legend(curves: Sequence[Curve], width: int, paint: Paint) -> list[Content]:
    lines = []
    for letter, style, curve in zip(LETTERS, STYLES, curves, strict=False):
        end = paint.glyphs.hidden if paint.hide else f"{curve.values[-1]:+,.4f} NMR"
        name = f" {curve.name} "
        room = width - len(end) - 2
        lines.append(Content.assemble((f" {letter}", style), (name[:room], ""), (end, "bold")))
    return lines
