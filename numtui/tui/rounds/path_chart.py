"""The chart of one model's path in a round: projected return by day, the forecast's fan, percentiles in the field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.content import Content
from textual.widgets import Static

from numtui.format import Glyphs
from numtui.tui.charts.palette import AXIS, EDGE, EXPECTED, INNER, INNER_EDGE, LINES, MUTED, OUTER, Colours, colours_of
from numtui.tui.charts.plot import Band, Line, Plot, draw_plot, percent_tick
from numtui.tui.widgets.text_line import Part

if TYPE_CHECKING:
    from numtui.reports.drift.path import ModelPath

NAME = 12  # cells of a score's name before its percentiles
LEAST = 5  # lines of the plot with its axis and legend


class PathChart(Static):
    """The chart of a path in the lines that the table leaves; hidden without a path. `day` is where the cursor is."""

    DEFAULT_CSS = """
    PathChart { display: none; height: 1fr; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis;
      &.-said { display: block; } }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.path: ModelPath | None = None
        self.glyphs: Glyphs | None = None
        self.day: int | None = None

    def show(self, path: ModelPath | None, glyphs: Glyphs) -> None:
        """Draw `path`, or nothing."""
        self.path, self.glyphs = path, glyphs
        self.set_class(path is not None, "-said")
        self._draw()

    def point_at(self, day: int | None) -> None:
        """Tell the values of a day, of none with None."""
        if day != self.day:
            self.day = day
            self._draw()

    def move(self, days: int) -> None:
        """The cursor by so many days, from the newest score on."""
        if self.path is not None:
            newest = max((day for day, value in enumerate(self.path.values, 1) if value is not None), default=1)
            self.point_at(min(max((self.day or newest) + days, 1), self.path.days))

    def on_resize(self, event: events.Resize) -> None:
        """The same in another size."""
        self._draw()

    def _draw(self) -> None:
        width, height = self.content_size
        if self.path is not None and self.glyphs is not None and width > NAME * 2 and height >= LEAST:
            lines = draw(self.path, self.glyphs, width, height, colours=colours_of(self.app), day=self.day)
            self.update(Content("\n").join(lines), layout=False)


def draw(
    path: ModelPath, glyphs: Glyphs, width: int, height: int, *, colours: Colours = Colours.ALL, day: int | None = None
) -> list[Content]:
    """The chart in `height` lines of `width` cells: what it is, the plot with its legend, and percentiles by score."""
    percentiles = [_percentile_line(name, values, width - NAME, glyphs) for name, values in path.percentiles]
    rows = height - 1 - len(percentiles)
    if rows < LEAST:
        percentiles, rows = [], height - 1
    cursor = None if day is None else float(day)
    plot, ascii_only = path_plot(path), glyphs.more == ">"
    plotted = draw_plot(plot, width, rows, ascii_only=ascii_only, colours=colours, cursor=cursor, gutter=NAME)
    return [_heading(path, glyphs), *plotted, *percentiles]


def path_plot(path: ModelPath) -> Plot:
    """The returns so far, the forecast from today on with its quantiles, and a mark at today."""
    values = [(float(day), value) for day, value in enumerate(path.values, 1) if value is not None]
    lines = [Line(values, "return")]
    bands: list[Band] = []
    if path.fan:
        lines.append(Line([(point.day, point.expected) for point in path.fan], "expected", EXPECTED))
        bands = [
            Band([(point.day, point.p25, point.p75) for point in path.fan], "50%", INNER, INNER_EDGE),
            Band([(point.day, point.p05, point.p95) for point in path.fan], "90%", OUTER, EDGE),
        ]
    today = path.fan[0].day if path.fan else None
    return Plot(lines, 1.0, float(max(path.days, 2)), "day", "{:+z.2%}".format, percent_tick, bands, today)


def _heading(path: ModelPath, glyphs: Glyphs) -> Content:
    known = [value for value in path.values if value is not None]
    parts: list[Part] = [("now ", LINES[AXIS]), (f"{known[-1]:+.2%}" if known else glyphs.none, "bold")]
    if path.fan:
        final = path.fan[-1]
        parts += [
            ("  forecast ", LINES[AXIS]),
            (f"{final.expected:+.2%}", LINES[EXPECTED]),
            ("  50% ", LINES[AXIS]),
            (f"{final.p25:+.2%} to {final.p75:+.2%}", ""),
            ("  90% ", LINES[AXIS]),
            (f"{final.p05:+.2%} to {final.p95:+.2%}", ""),
        ]
    elif path.reason:
        parts.append((f"   no forecast: {path.reason}", LINES[AXIS]))
    return Content.assemble(*parts)


def _percentile_line(name: str, values: tuple[float | None, ...], width: int, glyphs: Glyphs) -> Content:
    """A score's percentile in the field by day, on the plot's scale of days; low marks are the bottom of the field."""
    steps = len(glyphs.sparks) - 1
    line = ""
    for column in range(width):
        day = round(column / max(width - 1, 1) * (len(values) - 1))
        value = values[day]
        line += " " if value is None else glyphs.sparks[round(value * steps)]
    known = [value for value in values if value is not None]
    newest = f" p{known[-1] * 100:.0f}" if known else ""
    label = f"{name[: NAME - 1 - len(newest)]}{newest}"
    meaning = " percentile in the field"
    fits = len(line.rstrip()) + len(meaning) <= width
    return Content.assemble(
        (f"{label:>{NAME - 1}} ", LINES[MUTED]), (line.rstrip(), LINES[MUTED]), (meaning if fits else "", LINES[MUTED])
    )
