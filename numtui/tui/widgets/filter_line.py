"""The line in which a filter is typed."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.events import Resize
from textual.message import Message
from textual.widgets import Input, Static

from numtui.format import UNICODE
from numtui.tui.widgets.text_input import TextInput

SHARE = 0.6  # of the line that what is wrong with the text may take
PADDING = 2  # columns on both sides of it


class FilterLine(Horizontal):
    """`/`, a text that filters while it is typed, and what is wrong with it. Hidden while there is no filter."""

    DEFAULT_CSS = """
    FilterLine {
        display: none; height: 1; width: 100%; background: $panel;
        &.-open { display: block; }
        & > Static { width: auto; text-style: bold; padding: 0 0 0 1; }
        & > Input { width: 1fr; height: 1; border: none; padding: 0 1; background: $panel; }
        & > Input:focus { border: none; }
        & > .filter--error { width: auto; color: $text-error; padding: 0 1; }
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

    def __init__(self) -> None:
        super().__init__()
        self.error = ""
        self._said = ""

    @property
    def _entry(self) -> TextInput:
        """The text field. It and what stands beside it are made when first needed, not before the first frame."""
        if not self.children:
            hint = "name, lgbm*, stake>100, own, watched, tag:x; | or; ! at the start inverts"
            self.mount(
                Static("/", markup=False),
                TextInput(placeholder=hint, select_on_focus=False),
                Static("", classes="filter--error", markup=False),
            )
        return self.query_one(TextInput)

    @property
    def text(self) -> str:
        """The filter as typed."""
        return self._entry.value if self.children else ""

    def open(self) -> None:
        """Show the line and type into it, at once: the keys that follow may be waiting already. What is typed first
        takes the place of the text that is there; an arrow key keeps it."""
        self.add_class("-open")
        self._entry.select_all()
        self.screen.set_focus(self._entry)

    def put(self, text: str) -> None:
        """Another text, such as that of another view; none hides the line."""
        if text or self.children:
            entry = self._entry
            with entry.prevent(Input.Changed):
                entry.value = text
            self.set_class(bool(text) or entry.has_focus, "-open")

    def complain(self, error: str) -> None:
        """Say what is wrong with the text; nothing when all is well."""
        self.error = error
        self._show_error()

    def on_resize(self, event: Resize) -> None:
        """Fit the error to the new width."""
        self._show_error()

    def _show_error(self) -> None:
        room = int(self.size.width * SHARE) - PADDING
        dots = ".." if self.app.has_class("-ascii") else UNICODE.dots
        words = cut_at_word(self.error, room, dots)
        if words != self._said and self.children:  # an update lays the whole screen out again
            self._said = words
            self.query_one(".filter--error", Static).update(words)

    @on(Input.Changed)
    def typed(self, event: Input.Changed) -> None:
        """Filter while typing."""
        event.stop()
        self.post_message(self.Changed(event.value))

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        """Go back to the table; the filter stays."""
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


def cut_at_word(text: str, width: int, dots: str) -> str:
    """`text` in `width` columns; what does not fit is left out from a word on, with `dots` in its place."""
    if cell_len(text) <= width:
        return text
    kept = ""
    for word in text.split(" "):
        longer = f"{kept} {word}" if kept else word
        if cell_len(f"{longer} {dots}") > width:
            break
        kept = longer
    return f"{kept} {dots}" if kept else set_cell_size(text, max(0, width - len(dots))) + dots
