"""Tables as aligned text for people at a prompt. Amounts are rounded here; exports and files hold them exactly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from rich.cells import cell_len

from numtui.format import NUMBERS_OF_THINGS, RIGHT, duration, number_text
from numtui.model import Column, Kind, Row, Table
from numtui.money import short_text
from numtui.printable import printable

NONE = "-"


def cell(value: object, column: Column) -> str:
    """A value in a few characters; NMR with at most 4 decimals."""
    match value:
        case None:
            return NONE
        case bool():
            return "yes" if value else "no"
        case Decimal() if column.kind in (Kind.NMR, Kind.FIAT):
            return short_text(value, grouped=True)
        case int() if column.name in NUMBERS_OF_THINGS:
            return str(value)
        case int() | float() | Decimal():
            return duration(float(value)) if column.kind is Kind.DURATION else number_text(value, column.kind)
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%d %H:%MZ")
        case _:
            return printable(str(value))


def table_lines(table: Table, names: Sequence[str] = ()) -> Iterator[str]:
    """Heading and rows of the columns `names` (all without), those without any value left out; wide characters count
    as the two cells that a terminal gives them."""
    rows: list[Row] = list(table.rows)
    places = [table.column(name) for name in names] or list(range(len(table.columns)))
    used = [place for place in places if any(row[place] not in (None, "") for row in rows)]
    columns = [table.columns[place] for place in used]
    cells = [[printable(column.heading) for column in columns]]
    cells += [[cell(row[place], column) for place, column in zip(used, columns, strict=True)] for row in rows]
    widths = [max(cell_len(line[place]) for line in cells) for place in range(len(columns))]
    for line in cells:
        parts = []
        for text, width, column in zip(line, widths, columns, strict=True):
            space = " " * (width - cell_len(text))
            parts.append(space + text if column.kind in RIGHT else text + space)
        yield "  ".join(parts).rstrip()


def pair_lines(columns: Sequence[Column], row: Row) -> Iterator[str]:
    """`heading  value` lines of one row; values that are not known are left out."""
    known = [
        (printable(column.heading), cell(value, column))
        for column, value in zip(columns, row, strict=True)
        if value is not None
    ]
    width = max((len(heading) for heading, _ in known), default=0)
    for heading, text in known:
        yield f"{heading:<{width}}  {text}"
