"""The chart of a model's cumulated return: settled rounds, those that are pending, and the drawdown below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.content import Content
from textual.widgets import Static

from numtui.format import Glyphs
from numtui.tui.charts.palette import AXIS, LINE, LINES, LOSS, OTHERS, Colours, colours_of
from numtui.tui.charts.plot import Line, Plot, draw_plot, percent_tick

if TYPE_CHECKING:
    from numtui.reports.page.returns import CurvePoint, ModelCurve

ROUNDS = 250  # settled ones that are shown: about a year
LEAST = 7  # lines with axis, legend and drawdown
GUTTER = 16  # cells of what stands before the drawdown


class ReturnChart(Static):
    """The chart; hidden without a curve of two rounds, or without room. `round` is where its cursor is."""

    DEFAULT_CSS = """
    ReturnChart { display: none; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; &.-said { display: block; } }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.curve: ModelCurve | None = None
        self.glyphs: Glyphs | None = None
        self.round: int | None = None

    def show(self, curve: ModelCurve | None, glyphs: Glyphs, lines: int) -> None:
        """Draw the curve in so many lines; None, or too few lines, hide it."""
        self.curve, self.glyphs = curve, glyphs
        drawn = curve is not None and lines >= LEAST and len(curve.settled) + len(curve.pending) > 1
        self.styles.height = lines if drawn else 0
        self.set_class(drawn, "-said")
        self._draw()

    def move(self, steps: int) -> None:
        """The cursor by so many rounds, from the last settled one on."""
        rounds = [] if self.curve is None else [point.round for point in shown_points(self.curve)]
        if rounds:
            last = self.curve.settled[-1].round if self.curve is not None and self.curve.settled else rounds[0]
            place = rounds.index(self.round if self.round in rounds else last)
            self.round = rounds[min(max(place + steps, 0), len(rounds) - 1)]
            self._draw()

    def on_resize(self, event: events.Resize) -> None:
        """The same in another size."""
        self._draw()

    def _draw(self) -> None:
        width, height = self.content_size
        if self.has_class("-said") and self.curve is not None and self.glyphs is not None and height >= LEAST:
            lines = draw(self.curve, self.glyphs, width, height, colours=colours_of(self.app), cursor=self.round)
            self.update(Content("\n").join(lines), layout=False)


def shown_points(curve: ModelCurve) -> list[CurvePoint]:
    """The points of the chart by round: the last settled ones, then those that are pending."""
    return [*curve.settled[-ROUNDS:], *(point for point in curve.pending if point not in curve.settled[-1:])]


def draw(
    curve: ModelCurve,
    glyphs: Glyphs,
    width: int,
    height: int,
    *,
    colours: Colours = Colours.ALL,
    cursor: int | None = None,
) -> list[Content]:
    """The chart in `height` lines of `width` cells: the plot with its legend, and the drawdown by round."""
    ascii_only = glyphs.more == ">"
    place = None if cursor is None else float(cursor)
    plot = return_plot(curve)
    lines = draw_plot(plot, width, height - 1, ascii_only=ascii_only, colours=colours, cursor=place, gutter=GUTTER)
    return [*lines[:-2], _drawdown_line(curve, width - GUTTER, glyphs, cursor), *lines[-2:]]


def return_plot(curve: ModelCurve) -> Plot:
    """The sum of the returns on stake since the first round that is shown."""
    settled = curve.settled[-ROUNDS:]
    start = curve.settled[-ROUNDS - 1].cumulated if len(curve.settled) > ROUNDS else 0.0
    points = shown_points(curve)
    lines = [
        Line([(float(point.round), point.cumulated - start) for point in part], name, role)
        for part, name, role in ((settled, "settled", LINE), (curve.pending, "pending, as it stands", OTHERS[0]))
    ]
    marker = float(settled[-1].round) if settled and curve.pending else None
    first, last = float(points[0].round), float(points[-1].round)
    return Plot(lines, first, last, "round", "{:+z.1%}".format, percent_tick, marker=marker)


def _drawdown_line(curve: ModelCurve, width: int, glyphs: Glyphs, cursor: int | None) -> Content:
    """How far the equity lies below its peak, on the plot's scale of rounds; a full mark is the deepest shown."""
    points = shown_points(curve)
    deepest = max((point.drawdown for point in points), default=0.0)
    first, last = points[0].round, points[-1].round
    at = next((point for point in points if point.round == cursor), curve.settled[-1] if curve.settled else points[-1])
    by_column: dict[int, float] = {}
    for point in points:
        column = round((point.round - first) / max(last - first, 1) * (width - 1))
        by_column[column] = max(by_column.get(column, 0.0), point.drawdown)
    steps = len(glyphs.sparks) - 1
    marks = ""
    depth = 0.0
    for column in range(width):
        depth = by_column.get(column, depth)
        marks += glyphs.sparks[round(depth / deepest * steps)] if deepest and depth > 0 else " "
    label = f"drawdown {at.drawdown:.1%}"
    return Content.assemble((f"{label:>{GUTTER - 1}} ", LINES[AXIS]), (marks.rstrip(), LINES[LOSS]))
