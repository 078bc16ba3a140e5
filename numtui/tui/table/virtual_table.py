"""A table that renders the visible lines only, and reads their rows in blocks from a `RowSource`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from numtui.filter import Order
from numtui.format import Formatter
from numtui.model import Column, Kind, Row, Table
from numtui.reports.row_source import RowSource, TableRows
from numtui.tui.table.layout import Fit, Layout, fit, last_offset, limit
from numtui.tui.table.painter import GUTTER, Flags, LinePainter, cell_width
from numtui.tui.table.style import PARTS

BLOCK = 64
BLOCKS_KEPT = 16
RULE = Style(underline=True)
SAMPLE = 50  # rows that the first widths are measured on

EMPTY = TableRows(Table("", (Column("name", Kind.TEXT),), ()), "name")


class TableView(ScrollView, can_focus=True, inherit_bindings=False):
    """A virtual table with a cursor that stays with its row, fixed columns and scrolling by whole columns."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"table--{part}" for part in PARTS}

    class Unreadable(Message):
        """Rows could not be read; their lines are blank."""

        def __init__(self, error: Exception) -> None:
            super().__init__()
            self.error = error

    place: reactive[tuple[int, int, int]] = reactive((0, 0, 0), repaint=False)
    """The cursor's row, of how many, and how many are marked; watched by the screen, so that one frame shows both."""

    def __init__(self, layout: Layout, formatter: Formatter | None = None) -> None:
        super().__init__()
        self.columns_shown = layout
        self.formatter = formatter or Formatter(datetime.now(UTC))
        self.source: RowSource = EMPTY
        self.order: Order | None = None
        self.cursor = 0
        self.cursor_key: str | None = None
        self.followed = False  # whether the user chose the row: only then the cursor stays with it
        self.marks: set[str] = set()
        self.opens = False
        self.scrolled = 0
        self._fixed: list[int] = []
        self._others: list[int] = []
        self._widths: list[int] = []
        self._blocks: dict[int, Sequence[Row]] = {}
        self._strips: dict[tuple[int, bool], Strip] = {}
        self._sparse: frozenset[int] = frozenset()
        self._empty: frozenset[int] = frozenset()
        self._fit = Fit((), 0, 0)
        self._fit_width = -1
        self._painter: LinePainter | None = None

    # What is shown

    def present(self, source: RowSource, order: Order | None, layout: Layout | None = None) -> None:
        """Show `source`; the cursor stays with the row that the user chose, on its line of the screen, where that is
        still there. A cursor that nobody moved stays in its place.
        """
        if layout is not None and layout != self.columns_shown:
            self.columns_shown, self.scrolled = layout, 0
        line = self.cursor - self.scroll_offset.y
        if source.columns != self.source.columns:
            self._widths = []
        self.source, self.order = source, order
        self._blocks.clear()
        self._fixed, self._others = self.columns_shown.places(source.columns, self._sparse, self._empty)
        if not self._widths:
            self._measure(self._rows(0, min(SAMPLE, len(source))))
        self._follow_cursor_key()
        self._resize()
        if len(source):
            self.scroll_to(y=max(0, self.cursor - line), animate=False, force=True, immediate=True)
            self._reveal()
            top = self.scroll_offset.y
            self._measure(self._rows(top, min(top + self._lines, len(source))))  # now, rather than in a second frame
            self._resize()
        self.repaint()
        self._tell_place()

    def learn(self, source: RowSource) -> None:
        """Find out which columns are empty: in the first rows, they go to the end; in all, they are left out."""
        rows = source.page(0, SAMPLE)
        places = range(len(source.columns)) if rows else range(0)
        self._sparse = frozenset(place for place in places if all(row[place] is None for row in rows))
        self._empty = source.without_values(self._sparse) if self._sparse else frozenset()

    def restyle(self, formatter: Formatter) -> None:
        """Show the same rows with another formatter."""
        self.formatter = formatter
        self._widths = []
        self._measure(self._rows(0, min(SAMPLE, len(self.source))))
        self._resize()
        self.repaint()

    def repaint(self) -> None:
        """Render every line anew."""
        self._strips.clear()
        self._painter = None
        self.refresh()

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return self.row(self.cursor) if len(self.source) else None

    def row(self, position: int) -> Row | None:
        """The row at `position`, out of its block."""
        block, place = divmod(position, BLOCK)
        if block not in self._blocks:
            if len(self._blocks) >= BLOCKS_KEPT:
                self._blocks.pop(next(iter(self._blocks)))
            self._blocks[block] = self._page(block * BLOCK, min((block + 1) * BLOCK, len(self.source)))
        rows = self._blocks[block]
        return rows[place] if place < len(rows) else None

    def _page(self, start: int, stop: int) -> Sequence[Row]:
        try:
            return self.source.page(start, stop)
        except Exception as error:  # noqa: BLE001  said by the screen
            self.post_message(self.Unreadable(error))
            return ()

    def _key(self, position: int) -> str | None:
        try:
            return self.source.key(position)
        except Exception as error:  # noqa: BLE001  said by the screen
            self.post_message(self.Unreadable(error))
            return None

    def visible_columns(self) -> list[str]:
        """The names of the columns on screen, left to right."""
        return [self.source.columns[shown.place].name for shown in self._fitted().shown]

    def sortable_columns(self) -> list[str]:
        """The names of all columns in the order of the screen."""
        return [column.name for column in self.columns_in_order]

    @property
    def first_column(self) -> str | None:
        """The name of the first column on screen that is not fixed, else of the first one."""
        shown = sorted(self._fitted().shown, key=lambda column: column.fixed)
        return self.source.columns[shown[0].place].name if shown else None

    @property
    def columns_in_order(self) -> list[Column]:
        """All columns that can be scrolled to, in the order of the screen."""
        return [self.source.columns[place] for place in (*self._fixed, *self._others)]

    def reveal_column(self, name: str) -> None:
        """Scroll sideways until the column is on screen."""
        if name in self.visible_columns():
            return
        place = next(place for place, column in enumerate(self.source.columns) if column.name == name)
        if place in self._others:
            self.scrolled = min(self._others.index(place), self._last_offset())
            self._resize()
            self.repaint()

    def _rows(self, start: int, stop: int) -> list[Row]:
        return [row for row in map(self.row, range(start, stop)) if row is not None]

    def _measure(self, rows: Sequence[Row]) -> None:
        """Widths for the headings and `rows`; they only grow, so that columns do not jump while one scrolls."""
        columns = self.source.columns
        if not self._widths:
            self._widths = [cell_width(self.formatter.heading(column)) + 1 for column in columns]
        for place in (*self._fixed, *self._others):
            column = columns[place]
            widest = max((cell_width(self.formatter.text(row[place], column)) for row in rows), default=0)
            self._widths[place] = max(self._widths[place], limit(column, widest))

    def _widen(self) -> None:
        """Give columns the room that the rows just painted want: a number is never cut off for long."""
        wanted = self._painter.wanted if self._painter is not None else {}
        if any(width > self._widths[place] for place, width in wanted.items()):
            for place, width in wanted.items():
                self._widths[place] = max(self._widths[place], width)
            self._resize()
            self.repaint()

    def _follow_cursor_key(self) -> None:
        follows = self.followed and self.cursor_key is not None
        position = self.source.position(self.cursor_key) if follows and self.cursor_key is not None else None
        self.cursor = position if position is not None else max(0, min(self.cursor, len(self.source) - 1))
        self.cursor_key = self._key(self.cursor) if len(self.source) else self.cursor_key

    # Where it is

    def _resize(self) -> None:
        """Take up the size of what is shown. As long as there is a scrollbar before and after, the screen need not be
        laid out again, which would take a frame more."""
        size = Size(self._room, len(self.source) + 1)
        if self.show_vertical_scrollbar and size.height > self.container_size.height:
            self.set_reactive(ScrollView.virtual_size, size)
            self.vertical_scrollbar.window_virtual_size = size.height
        else:
            self.virtual_size = size
        self._fit_width = -1

    def _fitted(self) -> Fit:
        """The columns for the present width, which is another as soon as there is a scrollbar."""
        if self._fit_width != self._room:
            self._fit_width = self._room
            texts = {place for place, column in enumerate(self.source.columns) if column.kind is Kind.TEXT}
            self._fit = fit(self._fixed, self._others, self._widths, self._room - GUTTER, self.scrolled, elastic=texts)
            self._strips.clear()
        return self._fit

    def on_resize(self, event: events.Resize) -> None:
        """Fit the columns to another width."""
        self.scrolled = min(self.scrolled, self._last_offset())
        self._resize()
        self._reveal()
        self.repaint()

    def notify_style_update(self) -> None:
        """Paint anew in another theme."""
        super().notify_style_update()
        self.repaint()

    def _last_offset(self) -> int:
        return last_offset(self._fixed, self._others, self._widths, self._room - GUTTER)

    @property
    def _room(self) -> int:
        """The cells beside the scrollbar."""
        return self.scrollable_content_region.width

    @property
    def _lines(self) -> int:
        return max(1, self.size.height - 1)

    def _reveal(self) -> None:
        """Scroll so that the cursor is on screen."""
        top = self.scroll_offset.y
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, force=True, immediate=True)
        elif self.cursor >= top + self._lines:
            self.scroll_to(y=self.cursor - self._lines + 1, animate=False, force=True, immediate=True)

    def start_anew(self, key: str | None = None) -> None:
        """Put the cursor on the first of the next rows, or on `key`."""
        self.cursor, self.cursor_key, self.followed = 0, key, key is not None
        self.scroll_to(y=0, animate=False, force=True, immediate=True)

    def move_to(self, position: int) -> None:
        """Put the cursor on a row, which it then follows."""
        if not len(self.source):
            return
        self.followed = True
        position = max(0, min(position, len(self.source) - 1))
        old, top = self.cursor, self.scroll_offset.y
        self.cursor, self.cursor_key = position, self._key(position)
        self._tell_place()
        self._reveal()
        if self.scroll_offset.y == top:
            self._refresh_line(old)
            self._refresh_line(position)

    def _tell_place(self) -> None:
        self.place = (self.cursor, len(self.source), len(self.marks))

    def repaint_line(self, position: int) -> None:
        """Render a row's line anew."""
        for selected in (True, False):
            self._strips.pop((position, selected), None)
        self._refresh_line(position)

    def _refresh_line(self, position: int) -> None:
        self.refresh(Region(0, position - self.scroll_offset.y + 1, self._room, 1))

    # Lines

    def render_line(self, y: int) -> Strip:
        """The line `y` of the widget: the header, or a row."""
        width = self._room
        painter = self._painter = self._painter or LinePainter(
            self.formatter, self.source.columns, self._widths, self._styles()
        )
        fitted = self._fitted()
        if y == 0:
            return painter.header(fitted, self.order, width)
        position = self.scroll_offset.y + y - 1
        selected = position == self.cursor and len(self.source) > 0
        cached = self._strips.get((position, selected))
        if cached is None:
            row = self.row(position) if position < len(self.source) else None
            if row is None:
                return Strip([Segment(" " * width, self.rich_style)], width)
            cached = painter.row(row, self._flags(row, position), fitted, width, selected=selected)
            if self._is_last_own(position):
                cached = cached.apply_style(RULE)
            self._strips[position, selected] = cached
            if painter.wanted:
                self.call_after_refresh(self._widen)
        return cached

    def _is_last_own(self, position: int) -> bool:
        """Whether the rule between own models and others is below this row: in the report's own order alone."""
        if not self.columns_shown.ruled or self.order is not None or position + 1 >= len(self.source):
            return False
        rows = (self.row(place) for place in (position, position + 1))
        mine, follows = (row is not None and self._flags(row, position).mine for row in rows)
        return mine and not follows

    def _flags(self, row: Row, position: int) -> Flags:
        marked = bool(self.marks) and self._key(position) in self.marks
        values = {
            column.name: bool(value)
            for column, value in zip(self.source.columns, row, strict=False)
            if column.name in {"mine", "watched", "team"}
        }
        return Flags(marked, values.get("mine", False), values.get("watched", False), values.get("team", False))

    def _styles(self) -> dict[str, Style]:
        return {"base": self.rich_style} | {part: self.get_component_rich_style(f"table--{part}") for part in PARTS}
