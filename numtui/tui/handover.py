"""What leaves a table: copies, files, and the mark that a model is watched."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from numtui.export import FORMATS, ExportError, to_text, write
from numtui.model import Row, Table
from numtui.reports.rows import RowSource
from numtui.tui import clipboard
from numtui.tui.data import REPORT_ERRORS, one_line
from numtui.tui.screens.prompt import PathPrompt
from numtui.tui.widgets.table import ReportTable

if TYPE_CHECKING:
    from numtui.tui.app import NumtuiApp

SUFFIXES = {f".{form}": form for form in FORMATS}


def whole(source: RowSource, name: str) -> Table:
    """All rows of a source as they are sorted and filtered."""
    return Table(name, source.columns, source.page(0, len(source)))


def chosen(table: ReportTable) -> list[Row]:
    """The marked rows in the order of the screen, else the row under the cursor."""
    source = table.source
    places = sorted(place for key in table.marks if (place := source.position(key)) is not None)
    return [row for place in places or [table.cursor] for row in source.page(place, place + 1)]


async def copy_rows(app: NumtuiApp, table: ReportTable, name: str) -> None:
    """Copy the chosen rows as CSV under their headings."""
    if not len(table.source):
        app.notify("There is no row to copy.", severity="warning")
        return
    try:
        rows = chosen(table)
        how = await clipboard.copy(app, to_text(Table(name, table.source.columns, rows), "csv"))
    except REPORT_ERRORS as error:
        app.notify(one_line(error), severity="error", markup=False)
        return
    app.notify(f"Copied {len(rows)} row{'' if len(rows) == 1 else 's'} as CSV ({how}).")


def export_rows(app: NumtuiApp, table: ReportTable, title: str) -> None:
    """Ask for a file's name and write the rows to it, in the form that its ending names."""
    words = [*title.lower().split(), app.cache.tournament.label, app.clock.now().strftime("%Y-%m-%d")]
    source = table.source

    def save(name: str | None) -> None:
        if name is None:
            return
        path = Path(name).expanduser()
        try:
            write(whole(source, title), SUFFIXES[path.suffix.lower()], path)
        except (ExportError, *REPORT_ERRORS) as error:
            text = str(error) if isinstance(error, ExportError) else one_line(error)
            app.notify(text, severity="error", markup=False)
        else:
            app.notify(f"Wrote {len(source):,} rows to {path}.", markup=False)

    question = f"Write {len(source):,} rows to the file:"
    app.push_screen(PathPrompt(question, f"numtui-{'-'.join(words)}.csv", tuple(SUFFIXES)), save)


async def watch(app: NumtuiApp, table: ReportTable) -> None:
    """Turn the mark of the model under the cursor."""
    row, name = table.current, table.cursor_key
    if row is None or name is None:
        return
    names = [column.name for column in table.source.columns]
    watched = not bool(row[names.index("watched")]) if "watched" in names else True
    try:
        await app.cache.watch(name, watched=watched)
    except REPORT_ERRORS as error:
        app.notify(f"{name} could not be marked: {one_line(error)}", severity="error", markup=False)
        return
    app.notify(f"{name} is {'watched' if watched else 'no longer watched'}.", markup=False)
    app.look()
