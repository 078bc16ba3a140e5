"""CSV a block of rows at a time, column by column: a million score rows take a second.

The text is that of the csv module, which quotes only where it must; what a type looks like, the caller says.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from math import isnan
from types import NoneType
from typing import Any, TextIO

import msgspec

from numtui.model import Row, Table

BLOCK = 512  # rows; more of them leave the processor's cache, and take twice as long
KNOWN = 50_000  # texts whose cells are remembered

_encode = msgspec.json.Encoder().encode


def write_csv(table: Table, out: TextIO, forms: Mapping[type, Callable[[Any], object]]) -> None:
    """Writes the exported columns of a table, with a head. `forms` gives a value of a type as text, number or None."""
    shown = table.exported()
    cells = Cells(forms)
    empty = '""' if len(shown) == 1 else ""  # alone in its row, an empty cell would be an empty line
    _write(out, [[cells.text(column.name) or empty] for _, column in shown])
    for block in _blocks(iter(table.rows)):
        columns = list(zip(*block, strict=True))
        texts = [cells.of_column(columns[place]) for place, _ in shown]
        _write(out, texts if not empty else [[cell or empty for cell in texts[0]]])


def _blocks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while block := list(islice(rows, BLOCK)):
        yield block


def _write(out: TextIO, columns: Sequence[Sequence[str]]) -> None:
    out.write("\n".join(map(",".join, zip(*columns, strict=True))))
    out.write("\n")


class Cells(dict[str, str]):
    """Values as cells; of a text the cell is remembered, for most texts come again."""

    def __init__(self, forms: Mapping[type, Callable[[Any], object]]) -> None:
        super().__init__()
        self._forms = forms

    def of_column(self, values: Sequence[object]) -> list[str]:
        """The cells of a column."""
        kinds = set(map(type, values))
        if kinds == {int}:
            return list(map(str, values))
        if kinds == {str}:
            return [self[text] for text in values]  # type: ignore[index]  # all of them are texts
        if float in kinds and kinds <= {float, NoneType}:
            return _numbers(values)  # type: ignore[arg-type]  # all of them are floats or missing
        if kinds <= {bool, NoneType}:
            flags = {flag: self.text(flag) for flag in (True, False, None)}
            return [flags[flag] for flag in values]  # type: ignore[index]  # there is nothing else
        return [self.text(value) for value in values]

    def text(self, value: object) -> str:
        """The cell of a value."""
        if isinstance(value, str):
            return self[value]
        write_as = self._forms.get(type(value))
        plain = value if write_as is None else write_as(value)
        return "" if plain is None else _quoted(str(plain))

    def __missing__(self, text: str) -> str:
        write_as = self._forms.get(str)
        cell = _quoted(str(text if write_as is None else write_as(text)))
        if len(self) >= KNOWN:
            self.clear()
        self[text] = cell
        return cell


def _quoted(text: str) -> str:
    cell = io.StringIO()
    csv.writer(cell, lineterminator="\n").writerow((text, ""))
    return cell.getvalue()[:-2]


def _numbers(values: Sequence[float | None]) -> list[str]:
    """Python's own text of floats, a missing one empty.

    msgspec writes the same digits, five times as fast; only small and large ones, which Python writes with an exponent,
    are written another way, and NaN and infinity are null.
    """
    text = _encode(values).decode()[1:-1]
    cells = text.split(",")
    if "0.0000" in text or "e" in text or "null" in text:
        return [
            _number(value) if "0.0000" in cell or "e" in cell or cell == "null" else cell
            for cell, value in zip(cells, values, strict=True)
        ]
    return cells


def _number(value: float | None) -> str:
    return "" if value is None or isnan(value) else repr(value)
