"""What every screen of tables is: its keys, on top of how it reads and what stands around the table."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from numtui.filter import Order
from numtui.format import RIGHT
from numtui.model import Row
from numtui.tui.screens.reading import ReadingScreen
from numtui.tui.table.report_table import ReportTable
from numtui.tui.widgets.filter_line import FilterLine

WATCHED_ONLY = "watched=yes"


class ReportScreen(ReadingScreen):
    """A screen that shows reports. Subclasses give `views`, and say what enter opens."""

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

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that mean nothing here, or come before the screen stands, are not bound here."""
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
        return True

    def action_back(self) -> None:
        """Clear the filter, else go back; never quit."""
        if self.state.text:
            self.query_one(FilterLine).action_clear()
        elif self.is_opened:
            self.leave()

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
        words = self.state.text.split()
        kept = [word for word in words if word != WATCHED_ONLY]
        if len(kept) == len(words):
            kept = [*([] if self.state.text.startswith("!") else kept), WATCHED_ONLY]
        self.state.text = " ".join(kept)
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
        if not names:
            return
        order = self.state.order
        place = names.index(order.column) if order is not None and order.column in names else -1 if step > 0 else 0
        self.sort_by(names[(place + step) % len(names)])

    def sort_by(self, name: str) -> None:
        """Sort by a column: numbers from the largest, texts from A; once more reverses."""
        order = self.state.order
        if order is not None and order.column == name:
            self.state.order = replace(order, descending=not order.descending)
        else:
            kinds = {column.name: column.kind for column in self.table.source.columns}
            self.state.order = Order(name, descending=kinds[name] in RIGHT and name != "rank")
        self.table.start_anew()
        self.rearrange()
        self.table.reveal_column(name)

    def action_reverse(self) -> None:
        """Reverse the order; without one, of the first column."""
        order = self.state.order
        names = self.table.sortable_columns()
        if order is not None:
            self.sort_by(order.column)
        elif names:
            self.state.order = Order(names[0], descending=names[0] == "rank")
            self.table.start_anew()
            self.rearrange()

    @on(ReportTable.HeadingClicked)
    def heading_clicked(self, event: ReportTable.HeadingClicked) -> None:
        """Sort by it."""
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
        """What enter does; screens whose rows lead somewhere say where."""
