"""Figures above a table: `title value` pairs of a report of one row."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from numtui.format import Formatter, Tone
from numtui.model import Column, Table

COLOURS = {Tone.GAIN: "$text-success", Tone.LOSS: "$text-error"}
GAP = "   "


def pair(value: object, column: Column, formatter: Formatter) -> Content:
    """`title value`, the value in the colour of its sign where that has a meaning."""
    style = f"bold {COLOURS.get(formatter.tone(value, column), '')}".strip()
    title = f"{formatter.heading(column)} "
    return Content.assemble((title, "$foreground-muted"), (formatter.text(value, column), style))


def side_by_side(pairs: Sequence[Content], room: int) -> list[Content]:
    """The pairs in as many lines of `room` cells as they need, none torn apart."""
    lines: list[Content] = []
    for one in pairs:
        if lines and lines[-1].cell_length + len(GAP) + one.cell_length <= room:
            lines[-1] = Content.assemble(lines[-1], GAP, one)
        else:
            lines.append(one)
    return lines


def in_one_line(pairs: Sequence[Content], room: int, dots: str) -> list[Content]:
    """As many of the pairs as have room in one line, which says by `dots` that there are more; no line without any."""
    lines = side_by_side(pairs, room)
    if len(lines) > 1:
        lines = side_by_side(pairs, room - len(dots) - 1)[:1]
        lines = [Content.assemble(lines[0], f" {dots}")]
    return lines


class SummaryLine(Static):
    """The pairs side by side, in as many lines as they need, none torn apart; not there without facts."""

    DEFAULT_CSS = "SummaryLine { display: none; height: auto; padding: 0 1; &.-said { display: block; } }"

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.pairs: list[Content] = []
        self.said = Content("")

    def show(self, facts: Table | None, formatter: Formatter) -> None:
        """Show the first row of `facts`; values that are not known are left out."""
        self.pairs = []
        if facts is not None:
            for value, column in zip(next(iter(facts.rows), ()), facts.columns, strict=False):
                if value is not None:
                    self.pairs.append(pair(value, column, formatter))
        self.lay_out()

    def lay_out(self) -> None:
        """Break the pairs into lines of the terminal's width."""
        lines = side_by_side(self.pairs, self.app.size.width - 2)
        content = Content("\n").join(lines)
        if not content.is_same(self.said):
            self.said = content
            self.set_class(bool(lines), "-said")
            self.update(content)
