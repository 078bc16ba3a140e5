"""A table of a few rows as lines of text, for panels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate

from textual.content import Content

from numtui.format import Formatter, Tone
from numtui.model import Column, Kind, Row, Table
from numtui.tui.charts.palette import AXIS, GAIN, LINES, LOSS, MUTED
from numtui.tui.table.painter import cell_width
from numtui.tui.widgets.text_line import Part

GAP = 2  # cells between columns
TONES = {Tone.GAIN: LINES[GAIN], Tone.LOSS: LINES[LOSS], Tone.FAINT: LINES[MUTED]}


def small_table(table: Table, order: Sequence[str], formatter: Formatter, width: int) -> list[Content]:
    """A table of a few rows as lines, with as many columns of `order` as have room; a mark says that there are more."""
    rows = list(table.rows)
    places = [table.column(name) for name in order]
    widths = {place: _width(table.columns[place], rows, place, formatter) for place in places}
    shown = _with_room(places, widths, width)
    if len(shown) < len(places):
        shown = _with_room(places, widths, width - 2)
    head: list[Part] = []
    for place in shown:
        text = formatter.heading(table.columns[place])
        head.append((_put(text, table.columns[place], widths[place]) + "  ", LINES[AXIS]))
    lines = [Content.assemble(*head).rstrip()]
    if len(shown) < len(places):
        gap = " " * (width - 1 - lines[0].cell_length)
        lines = [Content.assemble(lines[0], (f"{gap}{formatter.glyphs.more}", LINES[AXIS]))]
    for row in rows:
        parts: list[Part] = []
        for place in shown:
            column, value = table.columns[place], row[place]
            text = _put(formatter.text(value, column), column, widths[place])
            style = LINES[MUTED] if column.kind is Kind.SPARK else TONES.get(formatter.tone(value, column), "")
            parts += [(text, style), ("  ", "")]
        lines.append(Content.assemble(*parts[:-1]))
    return lines


def _with_room(places: Sequence[int], widths: Mapping[int, int], width: int) -> list[int]:
    """The first columns that fit beside each other."""
    ends = accumulate(widths[place] + GAP for place in places)
    return [place for place, end in zip(places, ends, strict=True) if end - GAP <= width]


def _width(column: Column, rows: Sequence[Row], place: int, formatter: Formatter) -> int:
    texts = (formatter.text(row[place], column) for row in rows)
    return max(cell_width(formatter.heading(column)), *map(cell_width, texts))


def _put(text: str, column: Column, width: int) -> str:
    space = " " * (width - cell_width(text))
    return text + space if column.kind is Kind.TEXT or column.kind is Kind.TIME else space + text
