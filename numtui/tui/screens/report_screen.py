"""The screen of reports: a table with its views, and the keys that all such screens have."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from numtui.filter import WHOSE, Order
from numtui.model import Row
from numtui.tui.screens.view_screen import ViewScreen
from numtui.tui.table.report_table import ReportTable
from numtui.tui.widgets.filter_line import FilterLine


class ReportScreen(ViewScreen):
    """A screen that shows reports. Subclasses give `views` or `all_views`, and say what enter opens."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "back"),
        # By priority: it is done before the next key is handed on, so that a burst of keys goes on in the filter.
        Binding("slash", "filter", "filter", key_display="/", priority=True),
        Binding("a", "view(1)", "next view", tooltip="the screen's next table"),
        Binding("A", "view(-1)", "view before", tooltip="the table before", show=False),
        Binding("f", "watch", "watch", tooltip="watch the model, or no longer"),
        Binding("F", "whose", "own/watched", tooltip="all models, own ones, watched ones"),
        Binding("less_than_sign", "sort_column(-1)", "sort", key_display="<", tooltip="sort by the column before"),
        Binding("greater_than_sign", "sort_column(1)", "sort by the next column", key_display=">", show=False),
        Binding("S", "reverse", "reverse", tooltip="reverse the order"),
        Binding("K", "explain", "explain", tooltip="what the sort column means", show=False),
        Binding("C", "columns", "columns", tooltip="which columns are shown, in which order", show=False),
        Binding("V", "save_view", "save view", tooltip="keep filter, order, columns under a name", show=False),
        Binding("y", "copy", "copy", tooltip="copy the marked rows, else this one, as CSV"),
        Binding("e", "export", "export", tooltip="write the filtered table to a file"),
    ]

    @property
    def tells_needs(self) -> bool:
        """Whether it reads what needs the user in all tournaments, and tells the header how much that is."""
        return False

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a key means something here and now."""
        if not self.is_mounted:
            return False
        match action:
            case "filter":
                return not self.query_one(FilterLine).has_focus_within
            case "view":
                return len(self.all_views) > 1
            case "watch":
                return self.view.models
            case "save_view":
                return not self.is_opened and self.data is not None
            case "whose":
                return any(column.name in WHOSE.values() for column in self.table.source.columns)
            case "back":
                return self.is_opened or self.app.leads_back or bool(self.state.text)
        return super().check_action(action, parameters)

    def action_back(self) -> None:
        """Clear the filter, else go back; never quit."""
        if self.state.text:
            self.query_one(FilterLine).action_clear()
        elif self.is_opened:
            self.leave()
        else:
            self.app.go_back()

    def action_view(self, step: int) -> None:
        """The next table of this screen, or the one before."""
        self.action_show_view((self.shown + step) % len(self.all_views))

    def show_row(self, number: int, key: str) -> None:
        """Show one of the tables, unfiltered, with the cursor on a row."""
        self.shown = number
        self.state.text, self.state.cursor = "", key
        if self.is_mounted:
            self.data = None
            self.table.start_anew()
            self.query_one(FilterLine).put("")
            self.reload()

    def action_show_view(self, number: int) -> None:
        """One of the tables of this screen."""
        if number != self.shown:
            self.state.cursor = self.table.cursor_key if self.table.followed else None
            self.shown, self.data = number, None
            self.table.start_anew()
            self.query_one(FilterLine).put(self.state.text)
            self.reload()

    def show_view_named(self, name: str, row: str | None = None) -> None:
        """The table of that name, else the first one; with the key of a row unfiltered, the cursor on it."""
        names = [view.name for view in self.all_views]
        number = names.index(name) if name in names else 0
        if row is None:
            self.action_show_view(number)
        else:
            self.show_row(number, row)

    def action_back_to(self, place: int) -> None:
        """Close what was opened from the screen at `place` of the way here."""
        for _ in self.app.screen_stack[place + 1 :]:
            self.app.close_page()

    def go_to_top(self) -> None:
        """The first row of the first view."""
        self.action_show_view(0)
        self.state.cursor = None
        self.table.move_to(0)
        self.table.followed = False

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

    def action_whose(self) -> None:
        """All models, own ones, watched ones: by way of the filter, where one can see and change it."""
        self.state.next_whose(self.table.source.columns)
        self.query_one(FilterLine).put(self.state.text)
        self.table.start_anew()
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

    def action_explain(self) -> None:
        """Say what the column that sorts means; without one, the first that scrolls. < and > choose another."""
        names = self.table.sortable_columns()
        order = self.state.order_for(self.table.source.columns)
        name = order.column if order is not None and order.column in names else self.table.first_column
        for column in self.table.source.columns:
            if column.name == name:
                self.app.notify(f"{self.table.formatter.heading(column)}: {column.doc or column.name}")

    def action_columns(self) -> None:
        """Choose columns and their order; they are kept for this table."""
        from numtui.tui.screens.columns_dialog import ask  # first used when asked for

        ask(self.app, self)

    def action_save_view(self) -> None:
        """Save filter, order and columns of this table under a name."""
        from numtui.tui.commands.saved_views import save  # first used when asked for

        save(self.app, self)

    def action_sort_column(self, step: int) -> None:
        """Sort by the column to the left or right of the one that sorts now; beyond them as at first."""
        name = self.state.neighbour(self.table.sortable_columns(), step)
        if name is not None:
            self.sort_by(name)
        elif self.state.order is not None:
            self.state.order = None
            self._arranged_anew()

    def sort_by(self, name: str) -> None:
        """Sort by a column, from the first row on; once more reverses."""
        self.state.sort_by(next(column for column in self.table.source.columns if column.name == name))
        self._arranged_anew()
        self.table.reveal_column(name)

    def _arranged_anew(self) -> None:
        self.app.kept.keep_order(self.table_name, self.state.order)
        self.table.start_anew()
        self.rearrange()

    def action_reverse(self) -> None:
        """Reverse the order; without one, of the first column."""
        order = self.state.order_for(self.table.source.columns)
        names = self.table.sortable_columns()
        if order is not None:
            self.sort_by(order.column)
        elif names:
            self.state.order = Order(names[0], descending=names[0] == "rank")
            self._arranged_anew()

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
