"""How a screen reads its reports: at first, when the cache was written, and in another order or through a filter."""

from __future__ import annotations

import sqlite3

from textual import on
from textual.events import ScreenResume

from numtui.filter import FilterError, parse_filter
from numtui.store.errors import NoDatabase, as_store_errors, store_error
from numtui.tui.data import REPORT_ERRORS, one_line
from numtui.tui.messages import CacheChanged
from numtui.tui.screens.frame import FramedScreen
from numtui.tui.screens.view import ViewData, ViewSpec
from numtui.tui.widgets.filter_line import FilterLine


class ReadingScreen(FramedScreen):
    """Shows what its view reads, and follows the cache."""

    def on_mount(self) -> None:
        """Read the first view."""
        self.table.set_class(self.app.settings.ascii, "-ascii")
        self.watch(self.table, "place", self.show_place, init=False)
        self.reload()

    def reload(self) -> None:
        """Read the view anew; the old rows stay until the new ones are there."""
        self.seen = dict(self.app.versions)
        view = self.view
        if not view.live:
            self.run_worker(self._read(view), exclusive=True, group="reload")
            return
        try:
            with as_store_errors(self.app.settings.db):
                self.show(view, view.load(self.app.cache.reader, self.app.cache.request))
        except REPORT_ERRORS as error:
            self.fail(error)

    async def _read(self, view: ViewSpec) -> None:
        try:
            data = await self.app.cache.read(view.load)
            if view.name == self.view.name:
                self.show(view, data)
        except REPORT_ERRORS as error:
            self.fail(error)

    def show(self, view: ViewSpec, data: ViewData) -> None:
        """Put rows on screen in the chosen order, through the chosen filter."""
        self.data, self.failure = data, ""
        state, table = self.state, self.table
        self._understand_filter()
        names = {column.name for column in data.source.columns}
        order = state.order if state.order is not None and state.order.column in names else None
        source = data.source
        if order is not None or state.filter is not None:
            source = source.arranged(order, state.filter)
        table.formatter, table.opens = self.app.formatter(view.layout), view.opens
        table.marks = state.marks
        if state.cursor is not None:
            table.cursor_key, table.followed, state.cursor = state.cursor, True, None
        table.learn(data.source)
        table.present(source, order, view.layout)
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
        try:
            state = self.state
            source = self.data.source
            if state.order is not None or state.filter is not None:
                source = source.arranged(state.order, state.filter)
            self.table.present(source, state.order)
        except REPORT_ERRORS as error:
            self.fail(error)
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

    def fail(self, error: BaseException) -> None:
        """Say in a line why there is nothing to read; rows that were read before stay."""
        if isinstance(error, sqlite3.DatabaseError):
            error = store_error(error, self.app.settings.db)
        self.failure = "" if isinstance(error, NoDatabase) else one_line(error)
        self.show_frame()

    @on(CacheChanged)
    def follow(self, event: CacheChanged) -> None:
        """Read again when a table that the view uses has changed."""
        event.stop()
        self.catch_up()

    @on(ScreenResume)
    def catch_up(self) -> None:
        """What happened while another screen was in front."""
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
