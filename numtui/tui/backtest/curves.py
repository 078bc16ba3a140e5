"""Curves of cumulated payouts, each with a letter at its end, and a line a curve below them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from numtui.printable import printable
from numtui.tui.backtest.heatmap import Paint, short
from numtui.tui.charts.palette import LINE, LINES, OTHERS
from numtui.tui.charts.plot import Line, Plot, draw_plot
from numtui.tui.table.painter import cell_width, padded

if TYPE_CHECKING:
    from numtui.reports.backtest.study import Curve

ROLES = (LINE, *OTHERS)
LETTERS = "abcdef"
GAP = "  "  # between a name and its amount


def draw_curves(curves: Sequence[Curve], width: int, height: int, paint: Paint) -> list[Content]:
    """The curves in at most `height` lines of `width` cells: the plot, the rounds below it, and a line a curve."""
    curves = curves[: len(LETTERS)]
    legend = _legend(curves, width, paint)
    if not curves:
        return []
    room = height - len(legend) + 1  # the plot's own legend is empty
    plotted = draw_plot(
        curves_plot(curves, paint), width, room, ascii_only=paint.glyphs.more == ">", colours=paint.colours
    )
    return [*plotted[:-1], *legend][: max(0, height)]


def curves_plot(curves: Sequence[Curve], paint: Paint) -> Plot:
    """The plot of curves, amounts in NMR; without amounts where balances are hidden."""
    strongest = max(abs(value) for curve in curves for value in curve.values)
    points = [
        [(float(number), value) for number, value in zip(curve.rounds, curve.values, strict=True)] for curve in curves
    ]
    return Plot(
        [Line(line, "", role, end) for line, role, end in zip(points, ROLES, LETTERS, strict=False)],
        float(min(curve.rounds[0] for curve in curves)),
        float(max(curve.rounds[-1] for curve in curves)),
        "round",
        str,
        lambda tick: "" if paint.hide else short(tick, strongest) if abs(tick) > strongest * 1e-9 else "0",
    )


def _legend(curves: Sequence[Curve], width: int, paint: Paint) -> list[Content]:
    """A line a curve: letter, name, and the amount it comes to, amounts under each other."""
    amounts = [paint.glyphs.hidden if paint.hide else f"{curve.values[-1]:+,.4f} NMR" for curve in curves]
    names = [printable(curve.name) for curve in curves]
    wide = max(map(len, amounts), default=0)
    room = max(0, min(max(map(cell_width, names), default=0), width - wide - len(" a " + GAP)))
    lines = []
    for letter, style, name, amount in zip(LETTERS, (LINES[role] for role in ROLES), names, amounts, strict=False):
        said = padded(name, room, paint.glyphs.dots, right=False)
        line = Content.assemble((f" {letter}", style), f" {said}{GAP}", (amount.rjust(wide), "bold"))
        lines.append(line.truncate(max(0, width)))
    return lines
