"""The painting of a table's lines: cells padded to their columns, few segments, styles that combine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from numtui.filter import Order
from numtui.format import RIGHT, Formatter, Tone
from numtui.model import Column, Kind, Row
from numtui.tui.table.layout import Fit, Shown, limit

GUTTER = 3  # the mark, the sign of an own or watched model, a space


class Flags(NamedTuple):
    """The marks of a row: marked, own, watched, of the team."""

    marked: bool = False
    mine: bool = False
    watched: bool = False
    team: bool = False


def cell_width(text: str) -> int:
    """The cells that a text takes in a terminal."""
    return len(text) if text.isascii() else cell_len(text)


def padded(text: str, width: int, dots: str, *, right: bool) -> str:
    """A text in exactly `width` cells; what is cut off is said by `dots`."""
    length = cell_width(text)
    if length > width:
        return set_cell_size(text, max(0, width - 1)) + dots[:width]
    return " " * (width - length) + text if right else text + " " * (width - length)


class LinePainter:
    """The painter of header and rows, with one formatter and styles by the table's component names."""

    def __init__(
        self, formatter: Formatter, columns: Sequence[Column], widths: Sequence[int], styles: dict[str, Style]
    ) -> None:
        self.formatter = formatter
        self.columns = columns
        self.styles = styles
        self.widths = widths
        # A table that states the price of each row's day is shown in money at that price.
        self.priced = next((place for place, column in enumerate(columns) if column.name == "price"), None)
        self.right = [column.kind in RIGHT for column in columns]
        self.wanted: dict[int, int] = {}  # by a column's position: the width that a text did not get

    def header(self, fitted: Fit, order: Order | None, width: int) -> Strip:
        """The headings; the sorted column has its direction, and the ends say that there are more columns."""
        glyphs = self.formatter.glyphs
        style, sorted_style = self.styles["header"], self.styles["sorted"]
        segments = [Segment(("<" if fitted.left else " ").ljust(GUTTER), style)]
        x = 0
        for shown in fitted.shown:
            column = self.columns[shown.place]
            text = self.formatter.heading(column)
            selected = order is not None and order.column == column.name
            if selected and order is not None:
                text += glyphs.down if order.descending else glyphs.up
            segments.append(Segment(" " * (shown.x - x), style))
            cell = padded(text, shown.width, glyphs.dots, right=self.right[shown.place])
            segments.append(Segment(cell, sorted_style if selected else style))
            x = shown.x + shown.width
        more = f"{fitted.right} more {glyphs.more}" if fitted.right else ""
        rest = width - GUTTER - x
        segments.append(Segment(more.rjust(rest) if len(more) < rest else (">" * min(1, rest)).rjust(rest), style))
        return Strip(segments, width)

    def row(self, row: Row, flags: Flags, fitted: Fit, width: int, *, selected: bool) -> Strip:
        """One row, in as few segments as its styles allow."""
        base = self._base(flags, selected=selected)
        glyphs = self.formatter.glyphs
        sign = glyphs.mine if flags.mine else glyphs.watched if flags.watched else " "
        segments = [
            Segment(glyphs.mark if flags.marked else " ", base if selected else self.styles["mark"]),
            Segment(f"{sign} ", base),
        ]
        text, style, x = "", base, 0
        for shown in fitted.shown:
            cell, cell_style = self._cell(row, shown, base, selected=selected, plain=flags.team)
            cell = " " * (shown.x - x) + cell
            x = shown.x + shown.width
            if cell_style is style:
                text += cell
                continue
            segments.append(Segment(text, style))
            text, style = cell, cell_style
        segments.append(Segment(text, style))
        segments.append(Segment(" " * max(0, width - GUTTER - x), base))
        return Strip(segments, width)

    def _base(self, flags: Flags, *, selected: bool) -> Style:
        if selected:
            return self.styles["cursor"]
        if flags.mine:
            return self.styles["mine"]
        return self.styles["team"] if flags.team else self.styles["base"]

    def _cell(self, row: Row, shown: Shown, base: Style, *, selected: bool, plain: bool) -> tuple[str, Style]:
        column, value = self.columns[shown.place], row[shown.place]
        formatter = self.formatter
        if formatter.price is not None and self.priced is not None and column.kind is Kind.NMR:
            formatter = formatter.at_price(row[self.priced])
        text = formatter.text(value, column)
        wanted = limit(column, cell_width(text))
        if wanted > max(self.widths[shown.place], self.wanted.get(shown.place, 0)):
            self.wanted[shown.place] = wanted
        cell = padded(text, shown.width, self.formatter.glyphs.dots, right=self.right[shown.place])
        tone = Tone.PLAIN if selected or plain else self.formatter.tone(value, column)
        return cell, base if tone is Tone.PLAIN else self.styles[tone.value]
