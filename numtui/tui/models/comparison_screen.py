"""Up to six models beside each other: curves on the rounds that all have, figures, and correlation of returns."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from numtui.model import Column, Kind, Row, Table
from numtui.reports.row_source import TableRows
from numtui.tui.data import ReadRequest
from numtui.tui.models.comparison_panel import ComparisonChart, CorrelationMatrix
from numtui.tui.models.page_views import TABLES
from numtui.tui.screens.pages import model_page
from numtui.tui.screens.report_screen import ReportScreen
from numtui.tui.screens.view import ViewData, ViewSpec
from numtui.tui.table.layout import Layout

if TYPE_CHECKING:
    from numtui.reports.page.comparison import Comparison

FIGURES = Layout(
    fixed=("place", "model"), first=("total", "mean", "std", "sharpe", "max_drawdown", "cvar_5", "burn_rate")
)
EMPTY = "None of these models has a settled round here.\n\nHistories are fetched for own and watched models."
FACTS = (Column("missing", Kind.TEXT, "left out, without a settled round here:"),)


class ComparisonScreen(ReportScreen):
    """The marked models beside each other; enter opens a model's page."""

    DEFAULT_CSS = "ComparisonScreen > ReportTable { height: auto; max-height: 8; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        # By priority: the table takes them for its columns elsewhere.
        Binding("left", "point(-1)", "values of a round", tooltip="the round before in the chart", priority=True),
        Binding("right", "point(1)", "values of the next round", tooltip="the next round", priority=True, show=False),
    ]

    def __init__(self, models: tuple[str, ...]) -> None:
        super().__init__()
        self.models = models
        self.title_text = f"{len(models)} models"
        self.comparison: Comparison | None = None
        self.views = (ViewSpec("comparison", FIGURES, self._load, TABLES, EMPTY, opens=True),)

    def above_table(self) -> ComposeResult:
        """Curves."""
        yield ComparisonChart()

    def below_table(self) -> ComposeResult:
        """The matrix."""
        yield CorrelationMatrix()

    def _load(self, connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
        from numtui.reports.epochs import first_rounds  # another file than the cache: not for the first frame
        from numtui.reports.page.comparison import comparison  # numpy: in the thread

        starts = first_rounds(request.settings, request.tournament)
        self.comparison = found = comparison(connection, request.tournament, self.models, starts)
        facts = Table("facts", FACTS, [(", ".join(found.missing) or None,)])
        return ViewData(TableRows(found.table, "model"), facts)

    def show(self, view: ViewSpec, data: ViewData) -> None:
        """Show curves and matrix too."""
        super().show(view, data)
        self.show_parts()

    def restyle(self) -> None:
        """Show the same values in another form."""
        super().restyle()
        self.show_parts()

    def crumbs(self) -> list[str]:
        """The way here, and the rounds that all of the models have."""
        found = self.comparison
        matched = (
            []
            if found is None or not found.rounds
            else [f"{found.rounds} matched rounds {found.first} to {found.last}"]
        )
        return [*super().crumbs(), *matched]

    def show_parts(self) -> None:
        """Draw curves and matrix."""
        formatter = self.app.formatter(self.view.layout)
        self.query_one(ComparisonChart).show(self.comparison, formatter.glyphs)
        self.query_one(CorrelationMatrix).show(self.comparison, formatter)
        self.table.styles.height = 1 + max(len(self.table.source), 1)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The chart has a cursor where it is shown, and nobody types; models are compared already."""
        match action:
            case "compare":
                return False
            case "point":
                return self.is_mounted and self.query_one(ComparisonChart).display and self.table.has_focus
        return super().check_action(action, parameters)

    def action_point(self, rounds: int) -> None:
        """Tell the values of another round."""
        self.query_one(ComparisonChart).move(rounds)

    def open_row(self, key: str, row: Row) -> None:
        """The model's page."""
        self.app.push_screen(model_page(key))
