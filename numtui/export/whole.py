"""All tables at once: as a SQLite file of plain rows, or as a folder of parquet files that is read as one dataset."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from numtui.errors import NO_DATA, NumtuiError
from numtui.export.draft import ExportError, draft_of
from numtui.export.serialise import EXACT, MONEY, arrow
from numtui.export.tables import TABLES, ReportContext
from numtui.model import Column, Kind, Row, Table, Tournament
from numtui.reports.overview import PARTS

ONCE = frozenset({"overview", "alerts", "journal", "notes", "prices"})  # about all tournaments together
AT_ONCE = 20_000  # rows
WHOLE = frozenset({Kind.INT, Kind.BOOL})
REAL = frozenset({Kind.FLOAT, Kind.SCORE, Kind.PERCENTILE, Kind.FRACTION, Kind.DURATION})
Skipped = Callable[[str], None]
PLACES = 18  # decimals of NMR


class NoRows(ExportError):  # noqa: N818  like the errors of the store
    """Tables that have no row between them: nothing is written, and what was there before stays."""

    exit_code = NO_DATA

    def __init__(self) -> None:
        super().__init__("nothing to show: the cache has no row of any table")


def all_tables(
    connection: sqlite3.Connection, context: ReportContext, skipped: Skipped
) -> Iterator[tuple[Table, Tournament | None]]:
    """Every table that the cache can make, one after the other: of each tournament, or (None) of all together.

    `skipped` is told of each that there is nothing for. A table is to be used up before the next one is asked for.
    """
    for name in TABLES:
        for tournament in (None,) if name in ONCE else tuple(Tournament):
            of = context if tournament is None else replace(context, tournament=tournament)
            for part in PARTS if name == "overview" else ("",):
                of = replace(of, part=part or of.part)
                try:
                    made = TABLES[name].make(connection, of)
                except NumtuiError as error:
                    skipped(f"{name}{'' if tournament is None else f' of {tournament.label}'}: {error}")
                    continue
                yield replace(made, name=f"{name}_{part}" if part else name), tournament


def write_database(tables: Iterable[tuple[Table, Tournament | None]], path: Path) -> int:
    """All tables as a SQLite file, whole or not at all; returns how many rows. ExportError when it cannot be written,
    NoRows.

    A table is called as its export; of several tournaments its rows stand in one, told apart by `tournament`. NMR and
    fiat are exact text, which SQLite sums as numbers; times are text; flags 0 and 1.
    """
    with draft_of(path) as draft:
        with closing(sqlite3.connect(draft)) as out:
            out.execute("PRAGMA journal_mode = OFF")
            out.execute("PRAGMA synchronous = OFF")
            rows = sum(_insert(out, table) for table, _ in tables)
            out.commit()
        if not rows:
            raise NoRows
    return rows


def write_dataset(tables: Iterable[tuple[Table, Tournament | None]], folder: Path) -> int:
    """All tables below a folder that is new or empty, as `table/tournament=classic/part-0.parquet`, which DuckDB,
    pandas, Polars and Spark read as one dataset a table; returns how many rows. ExportError when it cannot be
    written, NoRows."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ExportError(f"{folder} is there already: name a folder that is new or empty")
    rows = 0
    with draft_of(folder) as draft:
        draft.unlink()
        for table, tournament in tables:
            place = draft / table.name / ("" if tournament is None else f"tournament={tournament.label}")
            rows += _write_parquet(table, place, partitioned=tournament is not None)
        if not rows:
            raise NoRows
    return rows


def _insert(out: sqlite3.Connection, table: Table) -> int:
    shown = table.exported()
    known = [name for _, name, *_ in out.execute(f"PRAGMA table_info({_quoted(table.name)})")]
    if not known:
        columns = ", ".join(f"{_quoted(column.name)} {_affinity(column)}" for _, column in shown)
        out.execute(f"CREATE TABLE {_quoted(table.name)} ({columns})")
    for _, column in shown:
        if known and column.name not in known:
            out.execute(f"ALTER TABLE {_quoted(table.name)} ADD COLUMN {_quoted(column.name)} {_affinity(column)}")
    names = ", ".join(_quoted(column.name) for _, column in shown)
    sql = f"INSERT INTO {_quoted(table.name)} ({names}) VALUES ({', '.join('?' * len(shown))})"
    places = [place for place, _ in shown]
    before = out.total_changes
    out.executemany(sql, (tuple(_exact(row[place]) for place in places) for row in table.rows))
    return out.total_changes - before


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def _affinity(column: Column) -> str:
    return "INTEGER" if column.kind in WHOLE else "REAL" if column.kind in REAL else "TEXT"


def _exact(value: object) -> object:
    write_as = EXACT.get(type(value))
    return value if write_as is None else write_as(value)


def _write_parquet(table: Table, place: Path, *, partitioned: bool) -> int:
    """A part of a dataset; without rows none. The tournament is in the folder's name, so not in the file."""
    pa, parquet = arrow()
    shown = [(k, column) for k, column in table.exported() if not (partitioned and column.name == "tournament")]
    schema = pa.schema([(column.name, _arrow_type(pa, column)) for _, column in shown])
    rows, count = iter(table.rows), 0
    writer = None
    try:
        while some := list(islice(rows, AT_ONCE)):
            if writer is None:
                place.mkdir(parents=True, exist_ok=True)
                writer = parquet.ParquetWriter(place / "part-0.parquet", schema)
            arrays = [pa.array(_values(some, k, column), type=schema.field(column.name).type) for k, column in shown]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            count += len(some)
    finally:
        if writer is not None:
            writer.close()
    return count


def _values(rows: Sequence[Row], place: int, column: Column) -> list[object]:
    if column.kind in MONEY:
        return [None if value is None else round(Decimal(str(value)), PLACES) for value in (row[place] for row in rows)]
    if column.kind in REAL:
        return [None if value is None else float(str(value)) for value in (row[place] for row in rows)]
    if column.kind is Kind.TEXT:
        return [None if value is None else str(value) for value in (row[place] for row in rows)]
    return [row[place] for row in rows]


def _arrow_type(pa: Any, column: Column) -> Any:
    if column.kind in MONEY:
        return pa.decimal128(38, PLACES)
    if column.kind in REAL:
        return pa.float64()
    plain = {Kind.INT: pa.int64(), Kind.BOOL: pa.bool_(), Kind.TIME: pa.timestamp("us", tz="UTC")}
    return plain.get(column.kind, pa.string())
