"""The columns of a table: which are shown, in which order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from numtui.model import Column, Kind
from numtui.tui.kept import ColumnChoice
from numtui.tui.keys import Dialog
from numtui.tui.monitor import MonitorApp
from numtui.tui.screens.view_screen import ViewScreen
from numtui.tui.table.layout import Layout

HINT = "space shows or hides, < and > move, d as at first\nenter keeps them for this table, esc leaves"
AS_AT_FIRST = ColumnChoice((), frozenset())
TITLE_WIDTH = 18


class Listed(NamedTuple):
    """Columns in their order, and the names of those that are hidden."""

    columns: Sequence[Column]
    hidden: frozenset[str]


class ColumnsDialog(Dialog[ColumnChoice | None]):
    """A list of columns with what they mean. `AS_AT_FIRST` takes the choice away; None when left."""

    DEFAULT_CSS = """
    ColumnsDialog { align: center middle; }
    ColumnsDialog > Vertical {
        width: 76; height: auto; max-height: 100%; background: $surface; padding: 0 2;
        & > OptionList { height: auto; max-height: 17; border: none; background: $surface; padding: 0; }
        & > OptionList:focus { border: none; }
        & > Static { height: auto; }
        &:ansi { border: solid ansi_blue; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave"),
        Binding("space", "show_or_hide", "Show or hide", priority=True),
        Binding("less_than_sign", "shift(-1)", "Up", priority=True),
        Binding("greater_than_sign", "shift(1)", "Down", priority=True),
        Binding("d", "start_anew", "As at first"),
        Binding("j", "move(1)", "Down", show=False),
        Binding("k", "move(-1)", "Up", show=False),
    ]

    def __init__(self, title: str, now: Listed, at_first: Listed, *, show: str, hide: str) -> None:
        """Start from the columns as they are `now`; `show` and `hide` mark those that are shown or not."""
        super().__init__()
        self.title_text, self.at_first = title, at_first
        self.columns, self.hidden = list(now.columns), set(now.hidden)
        self.anew = False  # whether they are as at first, and nothing was changed since
        self.marks = {False: show, True: hide}

    def compose(self) -> ComposeResult:
        """A line a column."""
        with Vertical():
            yield Static(self.title_text, markup=False)
            yield OptionList(*self._options(), markup=False)
            yield Static(HINT, markup=False)

    def _options(self) -> list[Option]:
        return [Option(self._line(column)) for column in self.columns]

    def _line(self, column: Column) -> Content:
        hidden = column.name in self.hidden
        title = f"{self.marks[hidden]} {column.heading:<{TITLE_WIDTH}} "
        style = "$foreground-muted" if hidden else ""
        return Content.assemble((title, style), (column.doc or column.name, "$foreground-muted"))

    @property
    def _place(self) -> int:
        return self.query_one(OptionList).highlighted or 0

    def _show(self, place: int) -> None:
        listed = self.query_one(OptionList)
        listed.set_options(self._options())
        listed.highlighted = place

    def action_show_or_hide(self) -> None:
        """Show or hide the column under the cursor; one is always shown."""
        hidden = self.hidden ^ {self.columns[self._place].name}
        if any(column.name not in hidden for column in self.columns):
            self.hidden, self.anew = hidden, False
            self._show(self._place)

    def action_shift(self, step: int) -> None:
        """Move the column up or down."""
        place = self._place
        other = place + step
        if 0 <= other < len(self.columns):
            self.columns[place], self.columns[other] = self.columns[other], self.columns[place]
            self.anew = False
            self._show(other)

    def action_start_anew(self) -> None:
        """List the columns as at first; enter takes the choice away."""
        self.columns, self.hidden, self.anew = list(self.at_first.columns), set(self.at_first.hidden), True
        self._show(0)

    @on(OptionList.OptionSelected)
    def keep(self, event: OptionList.OptionSelected) -> None:
        """Keep the columns as they are listed."""
        event.stop()
        if self.anew:
            self.dismiss(AS_AT_FIRST)
        else:
            self.dismiss(ColumnChoice(tuple(column.name for column in self.columns), frozenset(self.hidden)))

    def action_move(self, step: int) -> None:
        """The next column, or the one before."""
        listed = self.query_one(OptionList)
        listed.action_cursor_down() if step > 0 else listed.action_cursor_up()

    def action_leave(self) -> None:
        """Change nothing."""
        self.dismiss(None)


def ask(app: MonitorApp, screen: ViewScreen) -> None:
    """Ask for the columns beside the fixed ones of the table in front, and show them."""
    columns = screen.table.source.columns
    title = f"Columns of {screen.title_text}, {screen.view.name}"
    now, at_first = (_listed(columns, layout) for layout in (screen.table.columns_shown, screen.view.layout))

    def take(choice: ColumnChoice | None) -> None:
        if choice is None:
            return
        if choice == AS_AT_FIRST:
            screen.state.order = None
            app.kept.keep_order(screen.table_name, None)
        try:
            app.kept.keep_columns(screen.table_name, None if choice == AS_AT_FIRST else choice)
        except OSError as error:
            app.notify(f"The columns cannot be kept: {error.strerror}.", severity="warning")
        if screen.data is not None:
            screen.show(screen.view, screen.data)

    if now.columns:
        app.push_screen(ColumnsDialog(title, now, at_first, show=app.glyphs.mark, hide=" "), take)


def _listed(columns: Sequence[Column], layout: Layout) -> Listed:
    """The columns beside the fixed ones as a layout has them: those that are shown, then the others."""
    fixed, others = layout.places(columns)
    shown = {*fixed, *others}
    away = [place for place in range(len(columns)) if place not in shown and columns[place].kind is not Kind.KEY]
    return Listed([columns[place] for place in (*others, *away)], frozenset(columns[place].name for place in away))
