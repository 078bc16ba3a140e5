"""The parts of a comparison beside its table: the curves, and the correlation of returns as a matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.content import Content
from textual.widgets import Static

from numtui.format import Formatter, Glyphs
from numtui.tui.charts.heat import shade
from numtui.tui.charts.palette import AXIS, GAIN, LINE, LINES, LOSS, OTHERS, Colours, colours_of
from numtui.tui.charts.plot import Line, Plot, draw_plot, percent_tick
from numtui.tui.table.painter import cell_width, padded
from numtui.tui.widgets.text_line import Part

if TYPE_CHECKING:
    from numtui.reports.page.comparison import Comparison

ROLES = (LINE, *OTHERS)
LEAST = 5  # lines of the chart with axis and legend
CELL = 7  # cells of a correlation
NAME = 24  # cells of a name before its row, at most
TITLE = "correlation"
LEVELS = (0.1, 0.3, 0.6, 0.9)  # of the absolute correlation: the darker, the more


class ComparisonChart(Static):
    """The curves of cumulated return on the rounds that all models have. `round` is where its cursor is."""

    DEFAULT_CSS = "ComparisonChart { height: 1fr; padding: 0 1; text-wrap: nowrap; }"

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.comparison: Comparison | None = None
        self.glyphs: Glyphs | None = None
        self.round: int | None = None

    def show(self, comparison: Comparison | None, glyphs: Glyphs) -> None:
        """Draw the curves of a comparison, none without a round."""
        self.comparison, self.glyphs = comparison, glyphs
        self.display = comparison is not None and comparison.rounds > 1
        self._draw()

    def move(self, steps: int) -> None:
        """The cursor by so many rounds, from the newest on."""
        if self.comparison is not None and self.comparison.models:
            rounds = [point.round for point in self.comparison.models[0].curve]
            place = rounds.index(self.round) if self.round in rounds else len(rounds) - 1
            self.round = rounds[min(max(place + steps, 0), len(rounds) - 1)]
            self._draw()

    def on_resize(self, event: events.Resize) -> None:
        """The same in another size."""
        self._draw()

    def _draw(self) -> None:
        width, height = self.content_size
        if self.display and self.comparison is not None and self.glyphs is not None and height >= LEAST:
            ascii_only = self.glyphs.more == ">"
            cursor = None if self.round is None else float(self.round)
            plot = curves_plot(self.comparison, width)
            lines = draw_plot(plot, width, height, ascii_only=ascii_only, colours=colours_of(self.app), cursor=cursor)
            self.update(Content("\n").join(lines), layout=False)


def curves_plot(comparison: Comparison, width: int) -> Plot:
    """The sums of the returns by round; curves are called by number and name, by number alone without room."""
    names = [f"{place} {model.model}" for place, model in enumerate(comparison.models, 1)]
    if sum(cell_width(name) + 12 for name in names) + 12 > width:
        names = [name.split(" ", 1)[0] for name in names]
    lines = [
        Line([(float(point.round), point.cumulated) for point in model.curve], name, role, name[0])
        for model, name, role in zip(comparison.models, names, ROLES, strict=False)
    ]
    first, last = float(comparison.first or 0), float(comparison.last or 0)
    return Plot(lines, first, last, "round", "{:+z.1%}".format, percent_tick)


class CorrelationMatrix(Static):
    """The correlation of the models' returns: a shaded cell with its number for each pair; its sign says it too."""

    DEFAULT_CSS = """
    CorrelationMatrix { display: none; height: auto; padding: 0 1; text-wrap: nowrap; &.-said { display: block; } }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)

    def show(self, comparison: Comparison | None, formatter: Formatter) -> None:
        """Show the matrix of a comparison; nothing without two models."""
        drawn = comparison is not None and len(comparison.models) > 1 and comparison.rounds > 1
        self.set_class(drawn, "-said")
        if drawn and comparison is not None:
            self.update(Content("\n").join(matrix_lines(comparison, formatter, colours=colours_of(self.app))))


def matrix_lines(comparison: Comparison, formatter: Formatter, *, colours: Colours) -> list[Content]:
    """A line of numbers as heading, and a line a model."""
    names = [f"{place} {formatter.outside(model.model)}" for place, model in enumerate(comparison.models, 1)]
    wide = min(NAME, max(cell_width(name) for name in names))
    wide = max(wide, len(TITLE)) + 1
    title = padded(TITLE, wide, "", right=False)
    head = "".join(str(place).rjust(CELL) for place in range(1, len(names) + 1))
    lines = [Content.assemble((title + head, LINES[AXIS]))]
    for name, model in zip(names, comparison.models, strict=True):
        parts: list[Part] = [(padded(name, wide, formatter.glyphs.dots, right=False), "")]
        parts += [_cell(value, formatter, colours=colours) for value in model.correlations]
        lines.append(Content.assemble(*parts))
    return lines


def _cell(value: float | None, formatter: Formatter, *, colours: Colours) -> Part:
    if value is None:
        return formatter.glyphs.none.rjust(CELL), LINES[AXIS]
    plain = colours is not Colours.ALL
    ground = "" if plain else shade(value, LEVELS)
    sign = LINES[GAIN if value > 0 else LOSS] if plain and abs(value) >= LEVELS[0] else ""
    return f"{value:+.2f} ".rjust(CELL), f"#ffffff on {ground}" if ground else sign
