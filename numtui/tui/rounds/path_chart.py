"""The chart of one model's path in a round: projected return by day, the forecast's fan, percentiles in the field."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from textual import events
from textual.content import Content
from textual.widgets import Static

from numtui.format import Glyphs
from numtui.tui.charts.canvas import Canvas
from numtui.tui.widgets.text_line import Part

if TYPE_CHECKING:
    from numtui.reports.drift.path import ModelPath

AXIS = 12  # cells of the labels at the left
LEAST = 4  # lines of the plot
UNICODE_FAN = {"zero": "┄", "outer": "░", "inner": "▒", "expected": "━", "today": "┊"}
ASCII_FAN = {"zero": "-", "outer": ".", "inner": ":", "expected": "=", "today": "|"}
STYLES = {
    "zero": "$text-disabled",
    "outer": "$text-disabled",
    "inner": "$text-muted",
    "expected": "$warning",
    "today": "$text-disabled",
    "path": "bold $accent",
    "label": "$text-muted",
}


class PathChart(Static):
    """The chart of a path in the lines that the table leaves; hidden without a path."""

    DEFAULT_CSS = """
    PathChart { display: none; height: 1fr; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis;
      &.-said { display: block; } }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.path: ModelPath | None = None
        self.glyphs: Glyphs | None = None

    def show(self, path: ModelPath | None, glyphs: Glyphs) -> None:
        """Draw `path`, or nothing."""
        self.path, self.glyphs = path, glyphs
        self.set_class(path is not None, "-said")
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        """The same in another size."""
        self._draw()

    def _draw(self) -> None:
        width, height = self.content_size
        if self.path is not None and self.glyphs is not None and width > AXIS * 2 and height > LEAST:
            self.update(Content("\n").join(draw(self.path, self.glyphs, width, height)), layout=False)


def draw(path: ModelPath, glyphs: Glyphs, width: int, height: int) -> list[Content]:
    """The chart in `height` lines of `width` cells: what it is, the plot, the days, and percentiles by score."""
    ascii_only = glyphs.more == ">"
    percentiles = [_percentile_line(name, values, width - AXIS, glyphs) for name, values in path.percentiles]
    rows = height - 2 - len(percentiles)
    if rows < LEAST:
        percentiles, rows = [], height - 2
    return [_heading(path, glyphs), *_plot(path, width - AXIS, rows, ascii_only), _days(path, width), *percentiles]


def _heading(path: ModelPath, glyphs: Glyphs) -> Content:
    known = [value for value in path.values if value is not None]
    parts: list[Part] = [("now ", "$text-muted"), (f"{known[-1]:+.2%}" if known else glyphs.none, "bold")]
    if path.fan:
        final = path.fan[-1]
        parts += [
            ("  forecast ", "$text-muted"),
            (f"{final.expected:+.2%}", "bold $warning"),
            ("  50% ", "$text-muted"),
            (f"{final.p25:+.2%} to {final.p75:+.2%}", ""),
            ("  90% ", "$text-muted"),
            (f"{final.p05:+.2%} to {final.p95:+.2%}", ""),
        ]
    elif path.reason:
        parts.append((f"   no forecast: {path.reason}", "$text-muted"))
    return Content.assemble(*parts)


class _Scale:
    """The scale of a plot: from days and returns to dots and cells."""

    def __init__(self, path: ModelPath, width: int, rows: int) -> None:
        known = [value for value in path.values if value is not None]
        edges = [edge for point in path.fan for edge in (point.p05, point.p95)]
        self.low, self.high = min([0.0, *known, *edges]), max([0.0, *known, *edges])
        if self.high - self.low < 1e-9:
            self.low, self.high = self.low - 0.01, self.high + 0.01
        self.days, self.width, self.rows = path.days, width, rows

    def column(self, day: float, across: int = 1) -> int:
        """Which of the columns (x `across`) a day is on."""
        return round((day - 1) / max(self.days - 1, 1) * (self.width * across - 1))

    def row(self, value: float, down: int = 1) -> int:
        """Which of the rows (x `down`) a return is on."""
        return round((self.high - value) / (self.high - self.low) * (self.rows * down - 1))

    def day(self, column: int) -> float:
        """The day in the middle of a column."""
        return 1 + column / max(self.width - 1, 1) * (self.days - 1)


def _plot(path: ModelPath, width: int, rows: int, ascii_only: bool) -> list[Content]:
    scale = _Scale(path, width, rows)
    canvas = Canvas(width, rows, ascii_only=ascii_only)
    points = [(day, value) for day, value in enumerate(path.values, 1) if value is not None]
    canvas.curve([(scale.column(day, canvas.across), scale.row(value, canvas.down)) for day, value in points])
    cells = _background(path, scale, ASCII_FAN if ascii_only else UNICODE_FAN)
    labels = {0: scale.high, scale.row(0.0): 0.0, rows - 1: scale.low}
    lines: list[Content] = []
    for row in range(rows):
        label = f"{labels[row]:+.1%}" if row in labels else ""
        label = "0%" if row in labels and labels[row] == 0 else label
        parts: list[Part] = [(label.rjust(AXIS - 1) + " ", STYLES["label"])]
        for column in range(width):
            drawn = canvas.text(row, column)
            text, style = (drawn, STYLES["path"]) if drawn else cells.get((row, column), (" ", ""))
            if parts[-1][1] == style and len(parts) > 1:
                parts[-1] = (parts[-1][0] + text, style)
            else:
                parts.append((text, style))
        lines.append(Content.assemble(*parts))
    return lines


def _background(path: ModelPath, scale: _Scale, marks: dict[str, str]) -> dict[tuple[int, int], Part]:
    """The zero line and the fan: what stands behind the path, by (row, column)."""
    zero = scale.row(0.0)
    cells = {(zero, column): (marks["zero"], STYLES["zero"]) for column in range(scale.width)}
    if not path.fan:
        return cells
    start = path.fan[0].day
    for column in range(scale.column(max(start, 1)) + 1, scale.width):
        mean, p05, p25, p75, p95 = _fan_at(path, scale.day(column))
        for row in range(scale.row(p95), scale.row(p05) + 1):
            inner = scale.row(p75) <= row <= scale.row(p25)
            name = "inner" if inner else "outer"
            cells[row, column] = (marks[name], STYLES[name])
        cells[scale.row(mean), column] = (marks["expected"], STYLES["expected"])
    return cells


def _fan_at(path: ModelPath, day: float) -> tuple[float, ...]:
    """Expected and quantiles at a day between two of the fan's."""
    for before, after in pairwise(path.fan):
        if before.day <= day <= after.day:
            share = (day - before.day) / (after.day - before.day)
            return tuple(low + (high - low) * share for low, high in zip(before[1:], after[1:], strict=True))
    return path.fan[-1][1:] if day > path.fan[-1].day else path.fan[0][1:]


def _days(path: ModelPath, width: int) -> Content:
    """The days below the plot, as many as have room."""
    room = width - AXIS
    line = [" "] * room
    step = next(step for step in (1, 2, 5, 10, 20, 30, 60) if path.days // step * 5 <= room or step == 60)
    for day in (1, *range(step, path.days + 1, step)):
        text = str(day)
        column = min(round((day - 1) / max(path.days - 1, 1) * (room - 1)), room - len(text))
        if all(letter == " " for letter in line[max(0, column - 1) : column + len(text)]):
            line[column : column + len(text)] = text
    return Content.assemble(("day".rjust(AXIS - 1) + " " + "".join(line), STYLES["label"]))


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
    label = f"{name[: AXIS - 1 - len(newest)]}{newest}"
    meaning = " percentile in the field"
    fits = len(line.rstrip()) + len(meaning) <= width
    return Content.assemble(
        (f"{label:>{AXIS - 1}} ", STYLES["label"]), line.rstrip(), (meaning if fits else "", STYLES["label"])
    )
