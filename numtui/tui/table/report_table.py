"""The table of every screen: its keys, its marks and the mouse."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from numtui.model import Row
from numtui.tui.table.painter import GUTTER
from numtui.tui.table.style import CSS
from numtui.tui.table.virtual_table import TableView


class ReportTable(TableView, inherit_bindings=False):
    """A table moved by keys and mouse; messages say what was opened and what to sort by."""

    DEFAULT_CSS = CSS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "down", show=False),
        Binding("up,k", "move(-1)", "up", show=False),
        Binding("pagedown,ctrl+d", "page(1)", "page down", show=False),
        Binding("pageup,ctrl+u", "page(-1)", "page up", show=False),
        Binding("g,home", "edge(0)", "first row", show=False),
        Binding("G,end", "edge(1)", "last row", show=False),
        Binding("right,l", "columns(1)", "columns to the right", show=False),
        Binding("left,h", "columns(-1)", "columns to the left", show=False),
        Binding("space", "mark", "mark", show=False, tooltip="mark the row for copying"),
        Binding("enter", "open", "open", tooltip="open what the row is about"),
    ]

    class Opened(Message):
        """A row was opened with enter or a second click."""

        def __init__(self, key: str, row: Row) -> None:
            super().__init__()
            self.key, self.row = key, row

    class HeadingClicked(Message):
        """A column's heading was clicked."""

        def __init__(self, column: str) -> None:
            super().__init__()
            self.column = column

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a key is bound: enter only where a row leads somewhere."""
        return self.opens if action == "open" else True

    def action_move(self, lines: int) -> None:
        """Move by lines."""
        self.move_to(self.cursor + lines)

    def action_page(self, pages: int) -> None:
        """Move by screens."""
        self.move_to(self.cursor + pages * max(1, self._lines - 1))

    def action_edge(self, last: int) -> None:
        """To the first or the last row."""
        self.move_to(len(self.source) - 1 if last else 0)

    def action_columns(self, count: int) -> None:
        """Scroll sideways by columns."""
        offset = max(0, min(self.scrolled + count, self._last_offset()))
        if offset != self.scrolled:
            self.scrolled = offset
            self._resize()
            self.repaint()

    def action_mark(self) -> None:
        """Mark or unmark the row, and go to the next."""
        if self.cursor_key is None or not len(self.source):
            return
        self.marks ^= {self.cursor_key}
        self.repaint_line(self.cursor)
        self._tell_place()
        self.action_move(1)

    def action_open(self) -> None:
        """Say that the row is opened."""
        row = self.current
        if row is not None and self.cursor_key is not None:
            self.post_message(self.Opened(self.cursor_key, row))

    def on_click(self, event: events.Click) -> None:
        """Sort by a heading, move to a row, or open the row under the cursor."""
        if event.y == 0:
            for shown in self._fitted().shown:
                if shown.x <= event.x - GUTTER <= shown.x + shown.width:
                    self.post_message(self.HeadingClicked(self.source.columns[shown.place].name))
            return
        position = self.scroll_offset.y + event.y - 1
        if position >= len(self.source):
            return
        if position == self.cursor and self.opens:
            self.action_open()
        else:
            self.move_to(position)
