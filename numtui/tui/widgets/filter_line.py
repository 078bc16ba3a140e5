"""The line in which a filter is typed."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from numtui.tui.widgets.entry import Entry


class FilterLine(Horizontal):
    """`/`, a text that filters while it is typed, and what is wrong with it. Hidden while there is no filter."""

    DEFAULT_CSS = """
    FilterLine {
        display: none; height: 1; width: 100%; background: $panel;
        &.-open { display: block; }
        & > Static { width: auto; text-style: bold; padding: 0 0 0 1; }
        & > Input { width: 1fr; height: 1; border: none; padding: 0 1; background: $panel; }
        & > Input:focus { border: none; }
        & > .filter--error { width: auto; max-width: 60%; color: $text-error; padding: 0 1; }
        &:ansi, &:ansi > Input { background: ansi_default; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "clear", "clear", tooltip="clear the filter"),
        Binding("down", "leave", "to the table", show=False),
    ]

    class Changed(Message):
        """The filter's text is another."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """The keys go back to the table."""

    def compose(self) -> ComposeResult:
        """The slash, the text, the error."""
        yield Static("/", markup=False)
        yield Entry(placeholder="name, stake>100, mmc60>=0.01; ! at the start inverts", select_on_focus=False)
        yield Static("", classes="filter--error", markup=False)

    @property
    def text(self) -> str:
        """The filter as typed."""
        return self.query_one(Input).value

    def open(self) -> None:
        """Show the line and type into it, at once: the keys that follow may be waiting already."""
        self.add_class("-open")
        self.screen.set_focus(self.query_one(Input))

    def put(self, text: str) -> None:
        """Another text, such as that of another view; none hides the line."""
        entry = self.query_one(Input)
        with entry.prevent(Input.Changed):
            entry.value = text
        self.set_class(bool(text) or entry.has_focus, "-open")

    def complain(self, error: str) -> None:
        """Say what is wrong with the text; nothing when all is well."""
        self.query_one(".filter--error", Static).update(error)

    @on(Input.Changed)
    def typed(self, event: Input.Changed) -> None:
        """Filter while typing."""
        event.stop()
        self.post_message(self.Changed(event.value))

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        """Enter goes back to the table, the filter stays."""
        event.stop()
        self.action_leave()

    def action_leave(self) -> None:
        """Back to the table."""
        self.set_class(bool(self.text), "-open")
        self.post_message(self.Left())

    def action_clear(self) -> None:
        """No filter, and back to the table."""
        self.put("")
        self.remove_class("-open")
        self.complain("")
        self.post_message(self.Changed(""))
        self.post_message(self.Left())
