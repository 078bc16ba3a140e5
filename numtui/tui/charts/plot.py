"""Curves and bands over one axis: what a chart shows, and how it is drawn in cells. One way for all charts."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import NamedTuple

from textual.content import Content

from numtui.tui.charts.canvas import Canvas
from numtui.tui.charts.palette import AXIS, EDGE, LINE, LINES, MARKER, MUTED, OUTER, Colours, ground_style
from numtui.tui.table.painter import cell_width
from numtui.tui.widgets.text_line import Part

LEAST_ROWS, LEAST_WIDTH = 3, 12  # of a plot that says anything
ROWS_A_TICK = 2
GAP = "  "
ASCII_MARKS = "*=+x%o"  # of curves
ASCII_EDGES = ":."  # of bands
Dashes = tuple[str, int, int]  # a mark for the legend, and of how many dots so many are drawn
SOLID: Dashes = ("━", 1, 1)
# Without colours curves and the edges of bands are told apart by their dashes.
DASHES: tuple[Dashes, ...] = (SOLID, ("╍", 4, 6), ("┅", 2, 4), ("┉", 1, 2), ("╺", 6, 10), ("╸", 3, 8))
EDGE_DASHES: tuple[Dashes, ...] = (("┄", 1, 4), ("┈", 1, 8))
Point = tuple[float, float]


class Line(NamedTuple):
    """A curve through points from left to right; `name` is what the legend calls it, "" for none; `end` is a short text
    beside its last point, which tells curves apart where colours do not."""

    points: Sequence[Point]
    name: str = ""
    role: str = LINE
    end: str = ""


class Band(NamedTuple):
    """The space between two curves: points (x, low, high) from left to right; its edges are drawn as lines."""

    points: Sequence[tuple[float, float, float]]
    name: str = ""
    role: str = OUTER
    edge: str = EDGE


@dataclass(frozen=True, slots=True)
class Plot:
    """What a chart shows: curves before bands, from x `first` to `last`, and always zero.

    `x_name` names the x axis, `x_text` writes a place on it, `y_text` a value and `tick_text` a round one beside the y
    axis. `marker` is an x with an upright line: today.
    """

    lines: Sequence[Line]
    first: float
    last: float
    x_name: str
    y_text: Callable[[float], str]
    tick_text: Callable[[float], str]
    bands: Sequence[Band] = ()
    marker: float | None = None
    x_text: Callable[[float], str] = lambda x: f"{x:.0f}"


def percent_tick(value: float) -> str:
    """A round number as a percentage with no more decimals than it has."""
    return f"{value * 100:+.4g}%" if abs(value) > 1e-12 else "0%"


class _Scale(NamedTuple):
    """From values to dots, `across` x `down` a cell, from the upper left."""

    first: float
    last: float
    low: float
    high: float
    width: int
    rows: int
    across: int
    down: int

    def x(self, value: float) -> int:
        """The dot of an x."""
        return round((value - self.first) / ((self.last - self.first) or 1.0) * (self.width * self.across - 1))

    def y(self, value: float) -> int:
        """The dot of a value."""
        return round((self.high - value) / (self.high - self.low) * (self.rows * self.down - 1))

    def column(self, value: float) -> int:
        """The cell of an x."""
        return self.x(value) // self.across

    def row(self, value: float) -> int:
        """The cell of a value."""
        return self.y(value) // self.down

    def at(self, column: int) -> float:
        """The x in the middle of a cell."""
        return self.first + (column * self.across + (self.across - 1) / 2) / max(self.width * self.across - 1, 1) * (
            self.last - self.first
        )


def draw_plot(
    plot: Plot,
    width: int,
    height: int,
    *,
    ascii_only: bool,
    colours: Colours = Colours.ALL,
    cursor: float | None = None,
    gutter: int = 0,
) -> list[Content]:
    """The plot in at most `height` lines of `width` cells: curves, the x axis, and the legend below.

    With `cursor`, an x, the legend tells the values there. Without all `colours` there is no ground behind bands.
    `gutter`: the least width of the y axis with its labels.
    """
    rows = height - 2
    low, high = _bounds(plot)
    ticks = round_numbers(low, high, max(2, rows // ROWS_A_TICK))
    labels = {tick: plot.tick_text(tick) for tick in ticks}
    gutter = max(gutter, 2 + max(len(plot.x_name), *(cell_width(label) for label in labels.values())))
    room = width - gutter - sum(len(line.end) for line in plot.lines)
    if rows < LEAST_ROWS or room < LEAST_WIDTH:
        return [_legend(plot, width, cursor, ascii_only, colours)][: max(0, height)]
    canvas = Canvas(room, rows, ascii_only=ascii_only)
    scale = _Scale(plot.first, plot.last, low, high, room, rows, canvas.across, canvas.down)
    layers = _layers(plot, scale, ascii_only, colours)
    grounds = [_ground(band, scale, colours) for band in plot.bands]
    by_row = {scale.row(tick): labels[tick] for tick in ticks}
    zero = scale.row(0.0)
    marks = _Marks.of(ascii_only)
    upright = {} if plot.marker is None else {scale.column(plot.marker): (marks.marker, LINES[MARKER])}
    if cursor is not None:
        upright[scale.column(cursor)] = marks.axis, LINES[AXIS]
    lines: list[Content] = []
    ends = _ends(plot, scale)
    for row in range(rows):
        parts: list[Part] = [
            (f"{by_row.get(row, ''):>{gutter - 2}} {marks.tick if row in by_row else marks.axis}", LINES[AXIS])
        ]
        for column in range(room):
            text, style = next(
                ((drawn, style) for canvas_, style in layers if (drawn := canvas_.text(row, column))), ("", "")
            )
            if not text and column in upright:
                text, style = upright[column]
            if not text:
                text, style = (marks.zero, LINES[MARKER]) if row == zero else (" ", "")
            ground = next((style for cells, style in grounds if (row, column) in cells), "")
            _append(parts, text, f"{style} {ground}".strip())
        parts += ends.get(row, ())
        lines.append(Content.assemble(*parts))
    return [*lines, _x_axis(plot, scale, gutter), _legend(plot, width, cursor, ascii_only, colours)]


class _Marks(NamedTuple):
    axis: str
    tick: str
    zero: str
    marker: str

    @classmethod
    def of(cls, ascii_only: bool) -> _Marks:
        return cls("|", "+", "-", ":") if ascii_only else cls("│", "┤", "┄", "┊")


def _ends(plot: Plot, scale: _Scale) -> dict[int, list[Part]]:
    """The texts at the ends of curves by row of cells."""
    ends: dict[int, list[Part]] = {}
    for line in plot.lines:
        if line.end and line.points:
            ends.setdefault(scale.row(line.points[-1][1]), []).append((line.end, LINES[line.role]))
    return ends


def _append(parts: list[Part], text: str, style: str) -> None:
    """Adds to the last part where the style is the same: fewer bytes on the way to the terminal."""
    if len(parts) > 1 and parts[-1][1] == style:
        parts[-1] = (parts[-1][0] + text, style)
    else:
        parts.append((text, style))


def _bounds(plot: Plot) -> tuple[float, float]:
    values = [0.0, *(y for line in plot.lines for _, y in line.points)]
    values += [edge for band in plot.bands for _, low, high in band.points for edge in (low, high)]
    low, high = min(values), max(values)
    return (low, high) if high - low > 1e-12 else (low - 0.01, high + 0.01)


def round_numbers(low: float, high: float, most: int) -> list[float]:
    """At most `most` + 1 multiples of 1, 2 or 5 times a power of ten, from `low` to `high` where `low` < `high`."""
    rough = (high - low) / max(most, 1)
    power = 10.0 ** floor(log10(rough))
    step = next(power * times for times in (1, 2, 5, 10) if power * times >= rough * (1 - 1e-9))
    return [number * step for number in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)]


def _dashes(plot: Plot, colours: Colours) -> tuple[Sequence[Dashes], Sequence[Dashes]]:
    """Those of the curves and of the bands."""
    if colours is Colours.NONE:
        return DASHES, EDGE_DASHES
    return [SOLID] * len(plot.lines), [SOLID] * len(plot.bands)


def _layers(plot: Plot, scale: _Scale, ascii_only: bool, colours: Colours) -> list[tuple[Canvas, str]]:
    """A canvas a curve or pair of edges with its style; the first stands before the others."""
    layers: list[tuple[Canvas, str]] = []
    of_lines, of_bands = _dashes(plot, Colours.ALL if ascii_only else colours)
    for line, mark, (_, drawn, period) in zip(plot.lines, ASCII_MARKS, of_lines, strict=False):
        canvas = Canvas(scale.width, scale.rows, ascii_only=ascii_only, mark=mark, drawn=drawn, period=period)
        canvas.curve(_dots(line.points, scale))
        layers.append((canvas, LINES[line.role]))
    for band, mark, (_, drawn, period) in zip(plot.bands, ASCII_EDGES, of_bands, strict=False):
        canvas = Canvas(scale.width, scale.rows, ascii_only=ascii_only, mark=mark, drawn=drawn, period=period)
        canvas.curve(_dots([(x, high) for x, _, high in band.points], scale))
        canvas.curve(_dots([(x, low) for x, low, _ in band.points], scale))
        layers.append((canvas, LINES[band.edge]))
    return layers


def _dots(points: Sequence[Point], scale: _Scale) -> list[tuple[int, int]]:
    """The dots of a curve, one a column of dots: the last of those on it."""
    return list({scale.x(x): (scale.x(x), scale.y(y)) for x, y in points}.values())


def _ground(band: Band, scale: _Scale, colours: Colours) -> tuple[set[tuple[int, int]], str]:
    """The cells between the edges of a band, and their style."""
    style = ground_style(band.role, colours)
    cells: set[tuple[int, int]] = set()
    if not style or not band.points:
        return cells, style
    for column in range(scale.column(band.points[0][0]), scale.column(band.points[-1][0]) + 1):
        low, high = _between(band.points, scale.at(column))
        cells.update((row, column) for row in range(scale.row(high), scale.row(low) + 1))
    return cells, style


def _between(points: Sequence[tuple[float, ...]], x: float) -> tuple[float, ...]:
    """The values at x on the straight lines between points; those of the nearest end beyond them."""
    after = bisect_left(points, x, key=lambda point: point[0])
    if after == 0:
        return tuple(points[0][1:])
    if after == len(points):
        return tuple(points[-1][1:])
    before, following = points[after - 1], points[after]
    share = (x - before[0]) / (following[0] - before[0])
    return tuple(low + (high - low) * share for low, high in zip(before[1:], following[1:], strict=True))


def _x_axis(plot: Plot, scale: _Scale, gutter: int) -> Content:
    """Places of the axis at round numbers, both ends among them."""
    line = [" "] * scale.width
    span = plot.last - plot.first
    steps = round_numbers(plot.first, plot.last, max(1, scale.width // 10)) if span > 0 else []
    said: set[str] = set()
    for value in (plot.first, plot.last, *steps):
        text = plot.x_text(value)
        if text in said:
            continue
        said.add(text)
        column = max(0, min(scale.column(value) - len(text) // 2, scale.width - len(text)))
        if all(letter == " " for letter in line[max(0, column - 1) : column + len(text) + 1]):
            line[column : column + len(text)] = text
    return Content.assemble((f"{plot.x_name:>{gutter - 2}}  " + "".join(line).rstrip(), LINES[AXIS]))


def _legend(plot: Plot, width: int, cursor: float | None, ascii_only: bool, colours: Colours) -> Content:
    """The names of the curves in their colours or dashes, with the values at the cursor; as many as have room."""
    content = Content("")
    if cursor is not None:
        content = Content.assemble((f"{plot.x_name} {plot.x_text(cursor)}", "bold"))
    for name, mark, style, value in _named(plot, cursor, ascii_only, colours):
        if cursor is not None and value is None:
            continue
        parts: list[Part] = [(f"{mark} ", style), (name, LINES[MUTED])]
        if value is not None:
            parts.append((f" {value}", "bold"))
        entry = Content.assemble(*parts)
        longer = Content.assemble(content, GAP if content.cell_length else "", entry)
        if longer.cell_length > width:
            break
        content = longer
    return content


def _named(
    plot: Plot, cursor: float | None, ascii_only: bool, colours: Colours
) -> Iterator[tuple[str, str, str, str | None]]:
    """Name, mark, style and the value at the cursor of every curve and band that has a name."""
    dashes = _dashes(plot, colours)
    of_lines, of_bands = (
        (ASCII_MARKS, ASCII_EDGES) if ascii_only else ([mark for mark, _, _ in each] for each in dashes)
    )
    for line, mark in zip(plot.lines, of_lines, strict=False):
        if line.name and line.points:
            values = _known(line.points, cursor)
            yield line.name, mark, LINES[line.role], None if values is None else plot.y_text(values[0])
    for band, mark in zip(plot.bands, of_bands, strict=False):
        if band.name and band.points:
            edges = _known(band.points, cursor)
            text = None if edges is None else " to ".join(map(plot.y_text, edges))
            yield band.name, mark, LINES[band.edge], text


def _known(points: Sequence[tuple[float, ...]], cursor: float | None) -> tuple[float, ...] | None:
    """The values at the cursor; None without one, and where the points do not reach."""
    if cursor is None or not points[0][0] <= cursor <= points[-1][0]:
        return None
    return _between(points, cursor)
