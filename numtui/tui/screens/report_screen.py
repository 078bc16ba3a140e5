"""The screen of reports: one table with its views, how it is read, and the keys that all such screens have."""

from __future__ import annotations

import sqlite3
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Resize, ScreenResume

from numtui.filter import FilterError, Order, parse_filter
from numtui.model import Row
from numtui.store.errors import NoDatabase, as_store_errors, store_error
from numtui.tui.failures import caught, failure_line
from numtui.tui.messages import CacheChanged
from numtui.tui.screens.comparing import ComparingScreen
from numtui.tui.screens.frame import Frame, framed
from numtui.tui.screens.view import ViewData, ViewSpec, ViewState
from numtui.tui.table.report_table import ReportTable
from numtui.tui.widgets.filter_line import FilterLine
from numtui.tui.widgets.summary_line import SummaryLine


class ReportScreen(ComparingScreen):
    """A screen that shows reports. Subclasses give `views` or `all_views`, and say what enter opens.

    It has a `Frame` that draws the lines around the table, and a `ViewState` for each view.
    """

    AUTO_FOCUS = "ReportTable"
    title_text = ""
    views: ClassVar[tuple[ViewSpec, ...]] = ()
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "back"),
        # By priority: it is done before the next key is handed on, so that a burst of keys goes on in the filter.
        Binding("slash", "filter", "filter", key_display="/", priority=True),
        Binding("a", "view", "next view", tooltip="the screen's next table"),
        Binding("f", "watch", "watch", tooltip="watch the model, or no longer"),
        Binding("F", "watched_only", "watched only", tooltip="only watched models"),
        Binding("less_than_sign", "sort_column(-1)", "sort", key_display="<", tooltip="sort by the column before"),
        Binding("greater_than_sign", "sort_column(1)", "sort by the next column", key_display=">", show=False),
        Binding("S", "reverse", "reverse", tooltip="reverse the order"),
        Binding("y", "copy", "copy", tooltip="copy the marked rows, else this one, as CSV"),
        Binding("e", "export", "export", tooltip="write the filtered table to a file"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.shown = 0
        self.states: dict[int, ViewState] = {}
        self.data: ViewData | None = None
        self.failure = ""
        self.seen: dict[str, int] = {}
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
        return self.states.setdefault(self.shown, ViewState())

    def compose(self) -> ComposeResult:
        """Lines above and below one table."""
        yield from framed(ReportTable(self.view.layout, self.app.formatter(self.view.layout)))

    def on_mount(self) -> None:
        """Read the first view."""
        self.table.set_class(self.app.settings.ascii, "-ascii")
        self.watch(self.table, "place", self.show_place, init=False)
        self.reload()

    # Reading

    def reload(self) -> None:
        """Read the view anew; the old rows stay until the new ones are there."""
        self.seen = dict(self.app.versions)
        view = self.view
        if not view.live:
            self.run_worker(self._read(view), exclusive=True, group="reload")
            return
        with caught(self.fail), as_store_errors(self.app.settings.db):
            self.show(view, view.load(self.app.cache.reader, self.app.cache.request))

    async def _read(self, view: ViewSpec) -> None:
        with caught(self.fail):
            data = await self.app.cache.read(view.load)
            if view.name == self.view.name and self.is_mounted:
                self.show(view, data)

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
        table.present(state.arranged(data.source), state.order_for(data.source.columns), view.layout)
        self.show_facts()
        self.show_frame()

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
        """Follow what happened while another screen was in front."""
        if not self.is_mounted:
            return
        if self.tournament != self.app.cache.tournament:
            if self.is_opened:
                self.leave()
                return
            self.tournament = self.app.cache.tournament
            self.states.clear()
            self.table.start_anew()
            self.reload()
        elif any(self.seen.get(name) != self.app.versions.get(name) for name in (*self.view.tables, "")):
            self.reload()
        if self.app.formatter(self.view.layout)._replace(now=self.table.formatter.now) != self.table.formatter:
            self.restyle()
        self.show_frame()

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
        if not self.is_mounted:
            return
        self.frame.show(self.table, self.failure, self.no_rows())
        self.show_place()
        self.show_keys()

    def show_place(self) -> None:
        """Say where one is: the way here, the row of how many, and what is wrong."""
        self.frame.show_place(self.table, self.crumbs(), self.failure)

    def show_keys(self) -> None:
        """The footer, from the bindings that work now; the view key says which view comes next."""
        self.frame.show_keys({"view": self.next_view.name})

    def no_rows(self) -> str:
        """Why the table has no rows, where the cache as a whole has data."""
        if self.data is None:
            return "Reading the cache."
        if self.state.filter is not None:
            return "No row passes the filter; esc clears it."
        return self.data.empty or self.view.empty

    def crumbs(self) -> list[str]:
        """The screens on the way here, and the view where there are several."""
        way = [screen.title_text for screen in self.app.screen_stack if isinstance(screen, ReportScreen)]
        return [*way, self.view.name] if len(self.all_views) > 1 else way

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a key means something here and now."""
        if not self.is_mounted:
            return False
        match action:
            case "filter":
                return not self.query_one(FilterLine).has_focus_within
            case "view":
                return len(self.all_views) > 1
            case "watch" | "watched_only":
                return self.view.models
            case "back":
                return self.is_opened or bool(self.state.text)
        return super().check_action(action, parameters)

    def action_back(self) -> None:
        """Clear the filter, else go back; never quit."""
        if self.state.text:
            self.query_one(FilterLine).action_clear()
        elif self.is_opened:
            self.leave()

    def leave(self) -> None:
        """Go back to the screen that opened this one; once, whatever keys come late."""
        if self.app.screen is self:
            self.app.pop_screen()

    def action_view(self) -> None:
        """The next table of this screen."""
        self.state.cursor = self.table.cursor_key if self.table.followed else None
        self.shown = (self.shown + 1) % len(self.all_views)
        self.data = None
        self.table.start_anew()
        self.query_one(FilterLine).put(self.state.text)
        self.reload()

    def action_filter(self) -> None:
        """Type a filter."""
        self.query_one(FilterLine).open()

    @on(FilterLine.Changed)
    def filter_changed(self, event: FilterLine.Changed) -> None:
        """Filter while typing; a text that is not understood leaves the rows as they are."""
        self.state.text = event.text
        self.rearrange()

    @on(FilterLine.Left)
    def filter_left(self) -> None:
        """Back to the table."""
        self.table.focus()

    def action_watched_only(self) -> None:
        """Only watched models, by way of the filter, where one can see and change it."""
        self.state.toggle_watched()
        self.query_one(FilterLine).put(self.state.text)
        self.rearrange()

    async def action_watch(self) -> None:
        """Watch the model under the cursor, or no longer."""
        from numtui.tui import table_actions  # brings the exports with it: not before the first frame

        await table_actions.watch(self.app, self.table)

    async def action_copy(self) -> None:
        """Copy the marked rows, else the one under the cursor."""
        from numtui.tui import table_actions  # brings the exports with it: not before the first frame

        await table_actions.copy_rows(self.app, self.table, self.view.name)

    def action_export(self) -> None:
        """Write the table as filtered and sorted to a file that the user names."""
        from numtui.tui import table_actions  # brings the exports with it: not before the first frame

        table_actions.export_rows(self.app, self.table, f"{self.title_text} {self.view.name}")

    def action_sort_column(self, step: int) -> None:
        """Sort by the column to the left or right of the one that sorts now."""
        names = self.table.sortable_columns()
        if names:
            self.sort_by(self.state.neighbour(names, step))

    def sort_by(self, name: str) -> None:
        """Sort by a column, from the first row on; once more reverses."""
        self.state.sort_by(next(column for column in self.table.source.columns if column.name == name))
        self.table.start_anew()
        self.rearrange()
        self.table.reveal_column(name)

    def action_reverse(self) -> None:
        """Reverse the order; without one, of the first column."""
        order = self.state.order_for(self.table.source.columns)
        names = self.table.sortable_columns()
        if order is not None:
            self.sort_by(order.column)
        elif names:
            self.state.order = Order(names[0], descending=names[0] == "rank")
            self.table.start_anew()
            self.rearrange()

    @on(ReportTable.HeadingClicked)
    def heading_clicked(self, event: ReportTable.HeadingClicked) -> None:
        """Sort by the clicked column."""
        self.sort_by(event.column)

    @on(ReportTable.Unreadable)
    def unreadable(self, event: ReportTable.Unreadable) -> None:
        """Say why lines are blank."""
        self.fail(event.error)

    @on(ReportTable.Opened)
    def opened(self, event: ReportTable.Opened) -> None:
        """Open what the row is about."""
        self.open_row(event.key, event.row)

    def open_row(self, key: str, row: Row) -> None:
        """Open what a row is about; nothing, unless a subclass says what."""
