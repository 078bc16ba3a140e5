"""`numtui export all`: where all tables go, by the file's ending or the format."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import click

from numtui.export import FORMATS
from numtui.export.whole import write_database, write_dataset
from numtui.format import counted
from numtui.model import Table, Tournament

DATABASE = "sqlite"
PARQUET = "parquet"
ENDINGS = {"jsonl": "ndjson", "markdown": "md", "db": DATABASE, "sqlite3": DATABASE}  # other names of formats
WholeWriter = Callable[[Iterable[tuple[Table, Tournament | None]]], None]
HOW = "all tables go to a SQLite file (-o snapshot.db) or to a folder (-o DIR --format parquet)"


def named_format(output: Path | None) -> str | None:
    """The format that a file's ending names; None where it names none."""
    ending = "" if output is None else output.suffix.removeprefix(".").lower()
    named = ENDINGS.get(ending, ending)
    return named if named in {*FORMATS, DATABASE} else None


def whole_writer(form: str | None, output: Path | None, *, schema: bool) -> WholeWriter:
    """What writes all tables. UsageError where the options name neither a database nor a folder of parquet files."""
    if schema:
        raise click.UsageError("--schema is of one table: name it in the place of all")
    if output is None:
        raise click.UsageError(HOW)
    is_database = named_format(output) == DATABASE
    if form not in {None, DATABASE, PARQUET} or (form is None and not is_database):
        raise click.UsageError(HOW)
    if is_database and form == PARQUET:
        raise click.UsageError(f"{output} is named as a database, but --format says parquet: leave out one of them")
    kept = write_dataset if form == PARQUET else write_database

    def write(tables: Iterable[tuple[Table, Tournament | None]]) -> None:
        rows = kept(tables, output)
        click.echo(f"numtui: {counted(rows, 'row')} in {output}", err=True)

    return write
