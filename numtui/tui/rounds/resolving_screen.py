"""The page of a week, or of a day: the unresolved rounds that resolve then."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from numtui.model import Row, Table
from numtui.reports.row_source import TableRows
from numtui.tui.data import ReadRequest
from numtui.tui.rounds.screen import MONITOR, TABLES, RoundScreen
from numtui.tui.screens.page_screen import PageScreen
from numtui.tui.screens.view import ViewData, ViewSpec

ALL = "all"  # the row of all weeks
NamedAfter = Callable[[datetime], str]  # how the week or the day of a resolution is called


def week_of(time: datetime) -> str:
    """The Monday of its week."""
    return day_of(time - timedelta(days=time.weekday()))


def day_of(time: datetime) -> str:
    """Its day."""
    return time.date().isoformat()


def resolving(when: str, named: NamedAfter, connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
    """The rounds of the drift monitor that resolve then; those of unknown resolution are called so."""
    from numtui.reports.drift.monitor import monitor  # numpy: in the thread
    from numtui.reports.drift.totals import UNKNOWN

    table, _ = monitor(connection, request.tournament, request.now)
    place = table.column("resolve_time")
    called = [named(row[place]) if isinstance(row[place], datetime) else UNKNOWN for row in table.rows]  # type: ignore[arg-type]  # it is one
    rows = [row for row, name in zip(table.rows, called, strict=True) if when in {ALL, name}]
    return ViewData(TableRows(Table("rounds", table.columns, rows), "round"))


class ResolvingScreen(PageScreen):
    """Rounds that resolve in a week or on a day; enter opens a round by model."""

    def __init__(self, title: str, when: str, named: NamedAfter) -> None:
        super().__init__()
        self.title_text = title
        load = partial(resolving, when, named)
        self.views = (ViewSpec("rounds", MONITOR, load, TABLES, "None of its rounds is left.", opens=True),)

    def open_row(self, key: str, row: Row) -> None:
        """The round by model."""
        self.app.push_screen(RoundScreen(int(key)))


def week_page(when: str) -> ResolvingScreen:
    """The rounds of a row of the table of weeks."""
    return ResolvingScreen("all weeks" if when == ALL else f"week of {when}", when, week_of)


def day_page(when: str) -> ResolvingScreen:
    """The rounds of a row of the calendar."""
    return ResolvingScreen(when, when, day_of)
