"""The page of a model, of anybody's as far as it is public: summary, rounds, scores, risk, field, payouts, stake."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from numtui.model import Row
from numtui.reports.row_source import TableRows
from numtui.tui.charts.plot_view import PlotView
from numtui.tui.data import ReadRequest
from numtui.tui.models.page_views import TABLES, page_views
from numtui.tui.models.return_chart import ReturnChart
from numtui.tui.models.summary_panel import SummaryPanel
from numtui.tui.models.views import newest_note_on
from numtui.tui.screens.noting import Subject
from numtui.tui.screens.page_screen import PageScreen
from numtui.tui.screens.pages import days_page
from numtui.tui.screens.view import ViewData, ViewSpec
from numtui.tui.table.layout import Layout

if TYPE_CHECKING:
    from numtui.reports.page.summary import ModelPage

SETTLED = Layout(fixed=("round",), first=("resolve_time", "at_risk", "settled", "paid"), results=("settled",))
TALL, TALLER = 34, 48  # lines from which there is a chart, and a large one
MOST, AROUND = 20, 8  # lines of another view's chart, and those that are neither chart nor rows
ROUNDS_VIEW = 1


class ModelScreen(PageScreen):
    """One model. The summary has its figures and the chart above the settled rounds; enter opens its days in one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        # By priority: the table takes them for its columns elsewhere.
        Binding("left", "point(-1)", "values of a round", tooltip="the round before in the chart", priority=True),
        Binding("right", "point(1)", "values of the next round", tooltip="the next round", priority=True, show=False),
        Binding("v", "chart", "next chart", tooltip="another chart of these rounds"),
    ]

    def __init__(self, model: str, number: int | None = None) -> None:
        """The page; with the number of a round its rounds, the cursor on that one."""
        super().__init__()
        self.model = self.title_text = model
        self.page: ModelPage | None = None
        self.note = ""
        self.chart = 0
        empty = f"No round of {model} has settled here."
        summary = ViewSpec("summary", SETTLED, self._summary, TABLES, empty, opens=True)
        self.views = (summary, *page_views(model))
        if number is not None:
            self.shown = ROUNDS_VIEW
            self.state.cursor = str(number)

    def above_table(self) -> ComposeResult:
        """Figures and charts."""
        yield SummaryPanel()
        yield ReturnChart()
        yield PlotView()

    def _summary(self, connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
        from numtui.reports.epochs import first_rounds  # another file than the cache: not for the first frame
        from numtui.reports.page.summary import model_page  # numpy: in the thread

        starts = first_rounds(request.settings, request.tournament)
        self.page = page = model_page(connection, request.tournament, self.model, request.now, starts)
        noted = newest_note_on(request, self.model)
        self.note = "" if noted is None else note_text(next(iter(noted.rows)))
        return ViewData(TableRows(page.settled, "round"))

    def show(self, view: ViewSpec, data: ViewData) -> None:
        """Show the parts above the table too."""
        super().show(view, data)
        self.show_parts()

    def show_parts(self) -> None:
        """Lay figures and chart out for the present height and formatter; only the summary has them."""
        page = self.page if self.view.name == "summary" and self.data is not None else None
        height, formatter = self.app.size.height, self.app.formatter(self.view.layout)
        paid = 0 if page is None or page.terms is None else max(len(page.terms.multipliers), 1)
        scores = min(paid, 3) if height < TALL else 5 if height < TALLER else 9
        self.query_one(SummaryPanel).show(page, self.note, formatter, scores)
        lines = 0 if height < TALL else 10 if height < TALLER else 16
        self.query_one(ReturnChart).show(None if page is None else page.curve, formatter.glyphs, lines)
        plots = () if self.data is None else self.data.plots
        plot = plots[self.chart % len(plots)] if plots else None
        lines = min(MOST, max(height // 2 - 4, height - AROUND - (len(self.data.source) if self.data else 0)))
        self.query_one(PlotView).show(plot, lines, ascii_only=self.app.glyphs.more == ">")

    def restyle(self) -> None:
        """Show the same values in another form."""
        super().restyle()
        self.show_parts()

    def show_facts(self) -> None:
        """Lay the parts out for another size."""
        super().show_facts()
        self.show_parts()

    @property
    def subject(self) -> Subject:
        """The model, and the round under the cursor."""
        return super().subject._replace(model=self.model)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The page's model can be watched; the chart has a cursor where it is shown, and nobody types."""
        match action:
            case "watch":
                return self.is_mounted
            case "chart":
                return self.data is not None and len(self.data.plots) > 1
            case "point":
                return self.is_mounted and self.query_one(ReturnChart).has_class("-said") and self.table.has_focus
        return super().check_action(action, parameters)

    def action_chart(self) -> None:
        """Another chart of the view."""
        self.chart += 1
        self.show_parts()

    def action_point(self, rounds: int) -> None:
        """Tell the values of another round."""
        self.query_one(ReturnChart).move(rounds)

    async def action_watch(self) -> None:
        """Watch the model of this page, or no longer."""
        from numtui.tui import table_actions  # brings the exports with it: not before the first frame

        watched = self.page is not None and self.page.facts is not None and self.page.facts.watched
        await table_actions.watch_model(self.app, self.model, watched=not watched)

    def open_row(self, key: str, row: Row) -> None:
        """The model's days in the round."""
        self.app.push_screen(days_page(self.model, int(key), key))


def note_text(row: Row) -> str:
    """Tier and note of `newest_note_on` in one line."""
    tier, note, _ = row
    return "  ".join(text for text in ("" if tier is None else f"tier {tier}", str(note or "")) if text)
