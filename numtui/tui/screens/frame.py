"""What stands around the table of a screen: header, breadcrumbs, news, facts, filter line and footer."""

from __future__ import annotations

from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.events import Resize
from textual.screen import Screen

from numtui.tui.monitor import MonitorApp
from numtui.tui.screens.view import ViewData, ViewSpec, ViewState
from numtui.tui.table.report_table import ReportTable
from numtui.tui.widgets.empty_state import EmptyState, why_empty
from numtui.tui.widgets.filter_line import FilterLine
from numtui.tui.widgets.header import Breadcrumbs, HeaderLine, SyncLine
from numtui.tui.widgets.key_footer import KeyFooter
from numtui.tui.widgets.summary_line import SummaryLine


class FramedScreen(Screen[None], inherit_bindings=False):
    """One table with its views, and the lines around it."""

    app = getters.app(MonitorApp)
    AUTO_FOCUS = "ReportTable"
    title_text = ""
    views: ClassVar[tuple[ViewSpec, ...]] = ()

    def __init__(self) -> None:
        super().__init__()
        self.shown = 0
        self.states: dict[int, ViewState] = {}
        self.data: ViewData | None = None
        self.failure = ""
        self.seen: dict[str, int] = {}
        self.tournament = self.app.cache.tournament

    @property
    def is_opened(self) -> bool:
        """Whether it was opened from another screen, to which one can go back."""
        return self.app.screen_stack[0] is not self

    def leave(self) -> None:
        """Go back to the screen that opened this one; once, whatever keys come late."""
        if self.app.screen is self:
            self.app.pop_screen()

    @property
    def all_views(self) -> tuple[ViewSpec, ...]:
        """The screen's tables."""
        return self.views

    @property
    def view(self) -> ViewSpec:
        """The table that is shown."""
        return self.all_views[self.shown]

    @property
    def state(self) -> ViewState:
        """What the user chose in it."""
        return self.states.setdefault(self.shown, ViewState())

    @property
    def table(self) -> ReportTable:
        """The table widget."""
        return self.query_one(ReportTable)

    def compose(self) -> ComposeResult:
        """Lines above and below one table."""
        yield HeaderLine()
        yield Breadcrumbs()
        yield SummaryLine()
        yield ReportTable(self.view.layout, self.app.formatter(self.view.layout))
        yield EmptyState()
        yield FilterLine()
        yield SyncLine()
        yield KeyFooter()

    @on(Resize)
    def resized(self) -> None:
        """Lines are laid out for a width."""
        self.show_facts()
        self.call_after_refresh(self.show_frame)

    def show_facts(self) -> None:
        """Show the figures above the table for the present width and formatter."""
        self.query_one(SummaryLine).show(self.data.facts if self.data is not None else None, self.table.formatter)

    def show_frame(self) -> None:
        """Bring the lines around the table up to date; unchanged ones cost nothing."""
        if not self.is_mounted:
            return
        app, glyphs, table = self.app, self.app.glyphs, self.table
        header = app.header
        self.query_one(HeaderLine).show(header, app.clock.now())
        rows = len(table.source)
        empty = ""
        if not rows:
            empty = self.failure or why_empty(header, glyphs, offline=app.settings.offline) or self._no_rows()
        self.query_one(SyncLine).show(header, glyphs, str(app.zone), said=empty)
        self.query_one(EmptyState).say(empty)
        table.set_class(bool(empty), "-empty")
        self.show_place()
        self.show_keys()

    def show_place(self) -> None:
        """Say where one is: the way here, the row of how many, and what is wrong."""
        table = self.table
        rows = len(table.source)
        facts = f"{table.cursor + 1:,}/{rows:,}" if rows else ""
        if table.marks:
            facts = f"{len(table.marks)} marked  {facts}"
        if rows and self.failure and self.failure != self.app.header.message:  # that is said in a line of its own
            facts = self.failure
        line = self.query_one(Breadcrumbs)
        line.show(self.crumbs(), facts, self.app.glyphs, simulated=self.app.header.simulated)

    def _no_rows(self) -> str:
        if self.data is None:
            return "Reading the cache."
        if self.state.filter is not None:
            return "No row passes the filter; esc clears it."
        return self.data.empty or self.view.empty

    def crumbs(self) -> list[str]:
        """The screens on the way here, and the view where there are several."""
        way = [screen.title_text for screen in self.app.screen_stack if isinstance(screen, FramedScreen)]
        return [*way, self.view.name] if len(self.all_views) > 1 else way

    def show_keys(self) -> None:
        """The footer, from the bindings that work now; the view key says which view comes next."""
        following = self.all_views[(self.shown + 1) % len(self.all_views)].name
        self.query_one(KeyFooter).show_bindings(self, {"view": following})
