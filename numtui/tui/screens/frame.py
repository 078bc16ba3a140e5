"""The lines around the table of a screen, above and below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.app import ComposeResult
from textual.screen import Screen

from numtui.tui.monitor import MonitorApp
from numtui.tui.screens import SCREENS
from numtui.tui.table.report_table import ReportTable
from numtui.tui.widgets.empty_state import EmptyState, why_empty
from numtui.tui.widgets.filter_line import FilterLine
from numtui.tui.widgets.header import HeaderLine, SyncLine
from numtui.tui.widgets.key_footer import KeyFooter
from numtui.tui.widgets.summary_line import SummaryLine
from numtui.tui.widgets.tab_line import Tab, TabLine


def framed(table: ReportTable, above: ComposeResult, below: ComposeResult) -> ComposeResult:
    """The lines above the table, the table between a screen's own widgets, and the lines below it."""
    yield HeaderLine()
    yield TabLine()
    yield SummaryLine()
    yield from above
    yield table
    yield from below
    yield EmptyState()
    yield FilterLine()
    yield SyncLine()
    yield KeyFooter()


class Frame:
    """The lines around the table of one screen; what has not changed is not drawn again."""

    def __init__(self, screen: Screen[None], app: MonitorApp) -> None:
        self._screen, self._app = screen, app

    def show(self, table: ReportTable, failure: str, no_rows: str) -> None:
        """Show header and sync line, and without rows the reason: `failure`, an empty cache, or `no_rows`."""
        app, screen = self._app, self._screen
        empty = ""
        if not len(table.source):
            empty = failure or why_empty(app.header, app.glyphs, offline=app.settings.offline) or no_rows
        screen.query_one(HeaderLine).show(app.header, app.clock.now())
        screen.query_one(SyncLine).show(app.header, app.glyphs, str(app.zone), said=empty)
        screen.query_one(EmptyState).say(empty)
        if not empty and table.has_class("-empty"):  # hidden it had lost the focus, and with it the keys
            screen.call_after_refresh(self._focus, table)
        table.set_class(bool(empty), "-empty")

    def _focus(self, table: ReportTable) -> None:
        if self._screen.focused is None:
            table.focus()

    def show_place(self, table: ReportTable, crumbs: Sequence[str], views: Sequence[Tab], failure: str) -> None:
        """Show where one is among screens and views, the row of how many, the number of marks, and what is wrong.

        Of a screen that was opened from another the way there is shown in place of the screens: `crumbs`.
        """
        app = self._app
        rows = len(table.source)
        facts = f"{table.cursor + 1:,}/{rows:,}" if rows else ""
        if table.marks:
            facts = f"{len(table.marks)} marked  {facts}"
        if rows and failure and failure != app.header.message:  # that is said in a line of its own
            facts = failure
        self._screen.query_one(TabLine).show(self._places(), crumbs, views, facts, simulated=app.header.simulated)

    def _places(self) -> list[Tab]:
        front = self._app.current_mode
        return [Tab(entry.title, f"app.screen('{entry.name}')", entry.name == front, entry.key) for entry in SCREENS]

    def show_keys(self, labels: Mapping[str, str]) -> None:
        """Show the keys that work now; `labels` replace the words of some actions."""
        self._screen.query_one(KeyFooter).show_bindings(self._screen, labels)
