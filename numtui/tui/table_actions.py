"""Actions on a table's rows: copying, writing a file, watching a model."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain, count, groupby
from pathlib import Path

from numtui.export import FORMATS, to_text, write
from numtui.format import counted
from numtui.model import Row, Table
from numtui.reports.row_source import RowSource
from numtui.tui.failures import READ_ERRORS, failure_line
from numtui.tui.monitor import MonitorApp
from numtui.tui.screens.line_prompt import path_prompt
from numtui.tui.table.report_table import ReportTable
from numtui.tui.terminal import clipboard

LONGEST_NAME = 120  # characters of a file's name that is proposed
SUFFIXES = {f".{form}": form for form in FORMATS}


def whole(source: RowSource, name: str) -> Table:
    """All rows of a source as they are sorted and filtered."""
    return Table(name, source.columns, source.page(0, len(source)))


def selection(table: ReportTable) -> list[Row]:
    """The marked rows in the order of the screen, else the row under the cursor."""
    source = table.source
    places = sorted(place for key in table.marks if (place := source.position(key)) is not None)
    return [row for place in places or [table.cursor] for row in source.page(place, place + 1)]


async def copy_rows(app: MonitorApp, table: ReportTable, name: str) -> None:
    """Copy the chosen rows as CSV under their headings."""
    if not len(table.source):
        app.notify("There is no row to copy.", severity="warning")
        return
    try:
        rows = selection(table)
        how = await clipboard.copy(app, to_text(Table(name, table.source.columns, rows), "csv"))
    except READ_ERRORS as error:
        app.notify(failure_line(error), severity="error", markup=False)
        return
    app.notify(f"Copied {counted(len(rows), 'row')} as CSV ({how}).")


def export_rows(app: MonitorApp, table: ReportTable, title: str) -> None:
    """Ask for a file's name and write the marked rows to it, else all, in the form that its ending names."""
    source = table.source
    rows = selection(table) if table.marks else None

    def save(name: str | None) -> None:
        if name is None:
            return
        path = Path(name).expanduser()
        try:
            content = whole(source, title) if rows is None else Table(title, source.columns, rows)
            write(content, SUFFIXES[path.suffix.lower()], path)
        except READ_ERRORS as error:
            app.notify(failure_line(error), severity="error", markup=False)
        else:
            app.notify(f"Wrote {many} to {path}.")

    marked = "" if rows is None else "marked "
    many = counted(len(source) if rows is None else len(rows), f"{marked}row")
    day = app.clock.now().strftime("%Y-%m-%d")
    name = free_name([*title.split(), app.cache.tournament.label, day])
    app.push_screen(path_prompt(f"Write {many} to the file:", name, tuple(SUFFIXES)), save)


def free_name(words: Sequence[str]) -> str:
    """A file's name of these words, none twice in a row, that no file here has: `numtui-models-classic-2026-11-21.csv`.

    Words may come from outside: what is no letter, digit or dash becomes a dash.
    """
    parts = [part for word in words if (part := re.sub(r"[^a-z0-9_]+", "-", word.lower()).strip("-"))]
    stem = "-".join(["numtui", *(part for part, _ in groupby(parts))])[:LONGEST_NAME].rstrip("-")
    names = (f"{stem}{number}.csv" for number in chain([""], (f"-{again}" for again in count(2))))
    return next(name for name in names if not Path(name).exists())


async def watch(app: MonitorApp, table: ReportTable) -> None:
    """Watch the model under the cursor, or no longer."""
    row, name = table.current, table.cursor_key
    if row is None or name is None:
        return
    names = [column.name for column in table.source.columns]
    watched = not bool(row[names.index("watched")]) if "watched" in names else True
    await watch_model(app, name, watched=watched)


async def watch_model(app: MonitorApp, name: str, *, watched: bool) -> None:
    """Watch a model, or no longer."""
    try:
        await app.cache.watch(name, watched=watched)
    except READ_ERRORS as error:
        app.notify(f"{name} could not be marked: {failure_line(error)}", severity="error", markup=False)
        return
    app.notify(f"{name} is {'watched' if watched else 'no longer watched'}.", markup=False)
    app.look()
