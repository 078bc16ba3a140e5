"""A table of a few rows as lines of text, for panels."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from numtui.format import Formatter, Tone
from numtui.model import Column, Kind, Row, Table
from numtui.tui.charts.palette import AXIS, GAIN, LINES, LOSS, MUTED
from numtui.tui.table.painter import cell_width
from numtui.tui.widgets.text_line import Part

TONES = {Tone.GAIN: LINES[GAIN], Tone.LOSS: LINES[LOSS], Tone.FAINT: LINES[MUTED]}


def small_table(table: Table, order: Sequence[str], formatter: Formatter, width: int) -> list[Content]:
    """A table of a few rows as lines, with as many columns of `order` as have room."""
    rows = list(table.rows)
    places = [table.column(name) for name in order]
    widths = {place: _width(table.columns[place], rows, place, formatter) for place in places}
    shown: list[int] = []
    for place in places:
        if sum(widths[one] + 2 for one in (*shown, place)) - 2 > width:
            break
        shown.append(place)
    head: list[Part] = []
    for place in shown:
        text = formatter.heading(table.columns[place])
        head.append((_put(text, table.columns[place], widths[place]) + "  ", LINES[AXIS]))
    lines = [Content.assemble(*head).rstrip()]
    for row in rows:
        parts: list[Part] = []
        for place in shown:
            column, value = table.columns[place], row[place]
            text = _put(formatter.text(value, column), column, widths[place])
            style = LINES[MUTED] if column.kind is Kind.SPARK else TONES.get(formatter.tone(value, column), "")
            parts += [(text, style), ("  ", "")]
        lines.append(Content.assemble(*parts[:-1]))
    return lines


def _width(column: Column, rows: Sequence[Row], place: int, formatter: Formatter) -> int:
    texts = (formatter.text(row[place], column) for row in rows)
    return max(cell_width(formatter.heading(column)), *map(cell_width, texts))


def _put(text: str, column: Column, width: int) -> str:
    space = " " * (width - cell_width(text))
    return text + space if column.kind is Kind.TEXT or column.kind is Kind.TIME else space + text
