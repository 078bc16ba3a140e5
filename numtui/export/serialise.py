"""One way to write a table down.

Missing is null in JSON and empty in CSV; numbers are never rounded, but NMR ends at the wei; NMR and fiat are strings
in JSON; times are `YYYY-MM-DDTHH:MM:SSZ`; flags are true and false. In CSV a text that a spreadsheet would run as a
formula gets a quote before it, unless it is asked for raw. Bars, sparklines and keys of rows are for screens and left
out.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from math import isnan
from pathlib import Path
from typing import Any, TextIO

import msgspec

from numtui.export.csv_text import write_csv
from numtui.export.draft import ExportError, draft_of
from numtui.model import Kind, Table, time_text
from numtui.money import wei_text

Writer = Callable[[Table, TextIO], None]
NO_TEXT = "parquet is binary: give a file with -o FILE"
FORMULAS = ("=", "+", "-", "@", "\t")  # at the start of a cell a spreadsheet runs what follows
MONEY = {Kind.NMR, Kind.FIAT}


def write(table: Table, form: str, target: Path | TextIO, *, raw: bool = False) -> None:
    """Write `table` in `form` (one of FORMATS) to an open text stream, or to a file, which then is whole or untouched.

    Parquet is binary and goes to files only. `raw`: texts of CSV as they are. ExportError when it cannot be written.
    """
    writer = _raw_csv if raw and form == "csv" else WRITERS.get(form)
    if isinstance(target, Path):
        if target.exists() and not target.is_file():
            _to_device(table, writer, target)
        else:
            _to_file(table, writer, target)
    elif writer is None:
        raise ExportError(NO_TEXT)
    else:
        writer(table, target)


def to_text(table: Table, form: str = "csv") -> str:
    """The table as text, as screens copy it."""
    out = io.StringIO()
    write(table, form, out)
    return out.getvalue()


def _to_device(table: Table, writer: Writer | None, path: Path) -> None:
    """A terminal, a pipe or /dev/null: it can only be written to, never be replaced."""
    if writer is None:
        raise ExportError(NO_TEXT)
    try:
        with path.open("w", encoding="utf-8", newline="") as out:
            writer(table, out)
    except OSError as error:
        raise ExportError(f"{path} cannot be written: {error.strerror}") from None


def _to_file(table: Table, writer: Writer | None, path: Path) -> None:
    with draft_of(path) as draft:
        if writer is None:
            _parquet(table, draft)
            return
        with draft.open("w", encoding="utf-8", newline="") as out:
            writer(table, out)


# By type, since long tables ask it of millions of values.
PLAIN: dict[type, Callable[[Any], object]] = {
    bool: lambda value: "true" if value else "false",
    Decimal: wei_text,
    datetime: time_text,
    float: lambda value: None if isnan(value) else value,
}


def _plain(value: object) -> object:
    """A value as CSV holds it: exact text of decimals and times, everything else as it is."""
    write_as = PLAIN.get(type(value))
    return value if write_as is None else write_as(value)


def _harmless(text: str) -> str:
    text = text.replace("\r", " ")  # the csv module leaves it bare, and readers take it for the end of a row
    return f"'{text}" if text.lstrip(" ").startswith(FORMULAS) else text


HARMLESS = PLAIN | {str: _harmless}


def _csv(table: Table, out: TextIO) -> None:
    write_csv(table, out, HARMLESS)


def _raw_csv(table: Table, out: TextIO) -> None:
    write_csv(table, out, PLAIN)


def _json_number(value: Decimal) -> msgspec.Raw:
    return msgspec.Raw(wei_text(value).encode())


EXACT: dict[type, Callable[[Any], object]] = {Decimal: wei_text, datetime: time_text}
JSON = EXACT | {Decimal: _json_number}


def _objects(table: Table) -> Iterator[str]:
    encode = msgspec.json.Encoder().encode
    shown = [(place, column.name, EXACT if column.kind in MONEY else JSON) for place, column in table.exported()]
    for row in table.rows:
        content = {}
        for place, name, written in shown:
            value = row[place]
            write_as = written.get(type(value))
            content[name] = value if write_as is None else write_as(value)
        yield encode(content).decode()


def _ndjson(table: Table, out: TextIO) -> None:
    for line in _objects(table):
        out.write(line + "\n")


def _json(table: Table, out: TextIO) -> None:
    separator = "[\n"
    for line in _objects(table):
        out.write(separator + line)
        separator = ",\n"
    out.write("\n]\n" if separator == ",\n" else "[]\n")


def _markdown(table: Table, out: TextIO) -> None:
    names = [column.name for _, column in table.exported()]
    out.write("| " + " | ".join(names) + " |\n|" + "---|" * len(names) + "\n")
    places = [place for place, _ in table.exported()]
    for row in table.rows:
        out.write("| " + " | ".join([_markdown_cell(row[place]) for place in places]) + " |\n")


def _markdown_cell(value: object) -> str:
    plain = _plain(value)
    return "" if plain is None else str(plain).replace("|", "\\|").replace("\n", " ")


def arrow() -> tuple[Any, Any]:
    """pyarrow and its parquet; ExportError where the extra is not installed."""
    try:
        import pyarrow as pa  # slow to import, needed for this format only
        from pyarrow import parquet
    except ImportError:
        raise ExportError("parquet needs one more package: pip install 'numtui[parquet]'") from None
    return pa, parquet


def _parquet(table: Table, path: Path) -> None:
    pa, parquet = arrow()
    arrays = {name: pa.array(_one_type(values), from_pandas=True) for name, values in table.by_column().items()}
    for name, array in arrays.items():
        if array.type == pa.string():
            arrays[name] = array.cast(pa.large_string())  # 64-bit offsets: a long column of texts has more than 2 GB
    parquet.write_table(pa.table(arrays), path)


def _one_type(values: list[object]) -> list[object]:
    """A column as parquet holds it: whole numbers are floats where one is missing, as readers of frames expect."""
    if None in values and any(type(value) is int for value in values):
        return [float(value) if isinstance(value, int) else value for value in values]
    return values


WRITERS: dict[str, Writer] = {
    "csv": _csv,
    "json": _json,
    "ndjson": _ndjson,
    "md": _markdown,
}
FORMATS = (*WRITERS, "parquet")
