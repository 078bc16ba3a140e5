"""A screen that shows one of its views: how it is read, presented, and kept up to date."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.events import Resize, ScreenResume

from numtui.filter import FilterError, parse_filter
from numtui.model import Column
from numtui.store.errors import NoDatabase, as_store_errors, store_error
from numtui.tui.failures import caught, failure_line
from numtui.tui.kept import SavedView
from numtui.tui.messages import CacheChanged
from numtui.tui.screens.comparing import ComparingScreen
from numtui.tui.screens.frame import Frame, framed
from numtui.tui.screens.view import ViewData, ViewSpec, ViewState
from numtui.tui.table.layout import Layout
from numtui.tui.table.report_table import ReportTable
from numtui.tui.widgets.filter_line import FilterLine
from numtui.tui.widgets.summary_line import SummaryLine
from numtui.tui.widgets.tab_line import Tab


class ViewScreen(ComparingScreen):
    """A table with its views. Subclasses give `views` or `all_views`.

    It has a `Frame` that draws the lines around the table, and a `ViewState` for each view.
    """

    AUTO_FOCUS = "ReportTable"
    title_text = ""
    views: tuple[ViewSpec, ...] = ()
    table_class: ClassVar[type[ReportTable]] = ReportTable
    of_all_tournaments: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        self.shown = 0
        self.states: dict[int, ViewState] = {}
        self.data: ViewData | None = None
        self.failure = ""
        self.seen: dict[str, int] = {}
        self.reading = ""  # the view whose rows are being read
        self.tournament = self.app.cache.tournament
        self.frame = Frame(self, self.app)

    @property
    def is_opened(self) -> bool:
        """Whether it was opened from another screen, to which one can go back."""
        return self.app.screen_stack[0] is not self

    @property
    def all_views(self) -> tuple[ViewSpec, ...]:
        """The screen's tables."""
        return self.views

    @property
    def view(self) -> ViewSpec:
        """The table that is shown."""
        return self.all_views[self.shown]

    @property
    def next_view(self) -> ViewSpec:
        """The table that the view key leads to."""
        return self.all_views[(self.shown + 1) % len(self.all_views)]

    @property
    def state(self) -> ViewState:
        """The user's order, filter, cursor and marks in the view that is shown."""
        if self.shown not in self.states:
            self.states[self.shown] = ViewState(self.app.kept.order(self.table_name))
        return self.states[self.shown]

    @property
    def table_name(self) -> str:
        """What the table is called where its columns and order are kept: `leaderboard models`."""
        return f"{type(self).__name__.removesuffix('Screen').lower()} {self.view.name}"

    def layout_of(self, view: ViewSpec) -> Layout:
        """The layout of a view with the columns that the user chose."""
        choice = self.app.kept.columns(self.table_name)
        return view.layout if choice is None else view.layout.chosen(*choice)

    def compose(self) -> ComposeResult:
        """Lines above and below one table, and around it what the screen has."""
        table = self.table_class(self.view.layout, self.app.formatter(self.view.layout))
        yield from framed(table, self.above_table(), self.below_table())

    def above_table(self) -> ComposeResult:
        """What the screen shows above its table."""
        yield from ()

    def below_table(self) -> ComposeResult:
        """What it shows below."""
        yield from ()

    def panels(self) -> list[tuple[str, Sequence[Column]]]:
        """The tables around the main one with their columns, for the help."""
        return []

    def on_mount(self) -> None:
        """Read the first view."""
        self.tournament = self.app.cache.tournament  # as its opener put it
        self.table.set_class(self.app.settings.ascii, "-ascii")
        self.watch(self.table, "place", self.show_place, init=False)
        self.reload()

    # Reading

    def reload(self) -> None:
        """Read the view anew; the old rows stay until the new ones are there."""
        self.seen = dict(self.app.versions)
        view = self.view
        if not view.live:
            self.reading = view.name
            self.run_worker(self._read(view), exclusive=True, group="reload")
            return
        with caught(self.fail), as_store_errors(self.app.settings.db):
            self.show(view, view.load(self.app.cache.reader, self.app.cache.request))

    async def _read(self, view: ViewSpec) -> None:
        with caught(self.fail):
            data = await self.app.cache.read(view.load)
            if view.name == self.view.name and self.is_mounted and self.is_running:  # it has not gone meanwhile
                self.show(view, data)
        self.reading = ""
        if self.is_current:  # no screen is any more once the program ends
            self.catch_up()

    def show(self, view: ViewSpec, data: ViewData) -> None:
        """Put rows on screen in the user's order, through the user's filter."""
        self.data, self.failure = data, ""
        state, table = self.state, self.table
        self._understand_filter()
        table.formatter, table.opens = self.app.formatter(view.layout), view.opens
        table.marks = state.marks
        if state.cursor is not None:
            table.cursor_key, table.followed, state.cursor = state.cursor, True, None
        table.learn(data.source)
        layout = self.layout_of(view)
        table.present(state.arranged(data.source), state.order_for(data.source.columns), layout)
        self.show_facts()
        self.show_frame()

    def show_saved(self, view: SavedView) -> None:
        """Show a table as it was saved; nothing where this screen has none of that name."""
        names = [each.name for each in self.all_views]
        if view.view not in names:
            return
        self.shown, self.data = names.index(view.view), None
        self.state.text, self.state.order = view.filter, view.order
        self.app.kept.keep_columns(self.table_name, view.columns)
        self.app.kept.keep_order(self.table_name, view.order)
        self.table.start_anew()
        self.query_one(FilterLine).put(view.filter)
        self.reload()

    def restyle(self) -> None:
        """Show the same values in another form."""
        self.table.restyle(self.app.formatter(self.view.layout))
        self.show_facts()

    def rearrange(self) -> None:
        """Show the same rows in another order or through another filter."""
        if self.data is None or not self._understand_filter():
            return
        with caught(self.fail):
            self.table.present(self.state.arranged(self.data.source), self.state.order_for(self.data.source.columns))
        self.show_frame()

    def _understand_filter(self) -> bool:
        """Read the filter's text for the columns there are; say what is wrong with it."""
        line = self.query_one(FilterLine)
        try:
            columns = self.data.source.columns if self.data is not None else ()
            self.state.filter = parse_filter(self.state.text, columns) if columns else None
        except FilterError as error:
            line.complain(str(error))
            return False
        line.complain("")
        return True

    def fail(self, error: Exception) -> None:
        """Say in a line why there is nothing to read; rows that were read before stay."""
        if isinstance(error, sqlite3.DatabaseError):
            error = store_error(error, self.app.settings.db)
        self.failure = "" if isinstance(error, NoDatabase) else failure_line(error)
        self.show_frame()

    @on(CacheChanged)
    def follow(self, event: CacheChanged) -> None:
        """Read again when a table that the view uses has changed."""
        event.stop()
        self.catch_up()

    @on(ScreenResume)
    def catch_up(self) -> None:
        """Follow what happened while another screen was in front; what is being read is shown first, however often the
        cache is written meanwhile."""
        if not self.is_mounted:
            return
        if not self.of_all_tournaments and self.tournament != self.app.cache.tournament:
            if self.is_opened:
                self.leave()
                return
            self.tournament = self.app.cache.tournament
            self.states.clear()
            self.table.start_anew()
            self.reload()
        elif self.reading != self.view.name and self._has_changed():
            self.reload()
        if self.app.formatter(self.view.layout)._replace(now=self.table.formatter.now) != self.table.formatter:
            self.restyle()
        self.show_frame()

    def _has_changed(self) -> bool:
        """Whether a table that the view uses was written since it was read."""
        return any(self.seen.get(name) != self.app.versions.get(name) for name in (*self.view.tables, ""))

    def leave(self) -> None:
        """Go back to the screen that opened this one; once, whatever keys come late."""
        if self.app.screen is self:
            self.app.close_page()

    # The lines around the table

    @on(Resize)
    def resized(self) -> None:
        """Lay the lines out for the new width."""
        self.show_facts()
        self.call_after_refresh(self.show_frame)

    def show_facts(self) -> None:
        """Show the figures above the table for the present width and formatter."""
        self.query_one(SummaryLine).show(self.data.facts if self.data is not None else None, self.table.formatter)

    def show_frame(self) -> None:
        """Bring the lines around the table up to date; unchanged ones cost nothing."""
        if not (self.is_mounted and self.is_running):
            return
        self.frame.show(self.table, self.failure, self.no_rows())
        self.show_place()
        self.show_keys()

    def show_place(self) -> None:
        """Say where one is: the way here, the row of how many, and what is wrong."""
        self.frame.show_place(self.table, self.crumbs(), self.view_tabs(), self.failure)

    def show_keys(self) -> None:
        """The footer, from the bindings that work now; the view key says which view comes next."""
        self.frame.show_keys({"view(1)": self.next_view.name})

    def no_rows(self) -> str:
        """Why the table has no rows, where the cache as a whole has data."""
        if self.data is None:
            return "Reading the cache."
        if self.state.filter is not None:
            return "No row passes the filter; esc clears it."
        return self.data.empty or self.view.empty

    def crumbs(self) -> list[str]:
        """The screens on the way here."""
        return [screen.title_text for screen in self.app.screen_stack if isinstance(screen, ViewScreen)]

    def view_tabs(self) -> list[Tab]:
        """The views that the tab line offers; none where there is only one."""
        names = [view.name for view in self.all_views]
        tabs = [Tab(name, f"screen.show_view({number})", number == self.shown) for number, name in enumerate(names)]
        return tabs if len(tabs) > 1 else []
