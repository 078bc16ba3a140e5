"""One model in one round: the path of its projected return with the forecast's fan, and its scores day by day."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from numtui.reports.missing_days import with_missing_days
from numtui.reports.rounds import model_days
from numtui.reports.row_source import TableRows
from numtui.store.queries.selection import Models, Rounds
from numtui.tui.data import ReadRequest
from numtui.tui.rounds.path_chart import PathChart
from numtui.tui.screens.page_screen import PageScreen
from numtui.tui.screens.view import ViewData, ViewSpec
from numtui.tui.table.layout import Layout

if TYPE_CHECKING:
    from numtui.reports.drift.path import ModelPath

TABLES = frozenset(
    {"score_paths", "latest", "models", "rounds", "score_configs", "positions", "score_dates", "multipliers"}
)
DAYS = Layout(fixed=("day", "date"))


class DaysScreen(PageScreen):
    """One model in one round: a chart of an unresolved round's path, and a row a scoring day, the newest first."""

    DEFAULT_CSS = "DaysScreen > ReportTable { max-height: 40%; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        # By priority: the table takes them for its columns elsewhere.
        Binding("left", "day(-1)", "values of a day", tooltip="the day before in the chart", priority=True),
        Binding("right", "day(1)", "values of the next day", tooltip="the next day", priority=True, show=False),
    ]

    def __init__(self, model: str, number: int, title: str) -> None:
        super().__init__()
        self.model, self.number = model, number
        self.title_text = title
        self._path: ModelPath | None = None
        empty = f"{model} has no score in round {number} yet.\n\nThe first comes four days after the close."
        self.views = (ViewSpec("days", DAYS, self._load, TABLES, empty),)

    def above_table(self) -> ComposeResult:
        """The chart."""
        yield PathChart()

    def _load(self, connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
        from numtui.reports.drift.path import model_path  # numpy: in the thread

        self._path = model_path(connection, request.tournament, self.model, self.number)
        table = model_days(connection, request.tournament, self.model, self.number)
        newest_first = TableRows(table, "day")
        rounds = Rounds(self.number, self.number)
        facts = with_missing_days(connection, request.tournament, None, Models(names=(self.model,)), rounds)
        empty = "The days of this round are not here yet." if facts is not None else ""
        return ViewData(TableRows(newest_first.table, "day", list(newest_first.table.rows)[::-1]), facts, empty)

    def show(self, view: ViewSpec, data: ViewData) -> None:
        """Draw the chart too."""
        self.query_one(PathChart).show(self._path, self.app.glyphs)
        super().show(view, data)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The cursor of the chart moves where there is a chart, and nobody types."""
        if action == "day":
            return self.is_mounted and self._path is not None and self.table.has_focus
        return super().check_action(action, parameters)

    def action_day(self, days: int) -> None:
        """Tell the values of another day."""
        self.query_one(PathChart).move(days)
