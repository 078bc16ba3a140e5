"""A question that is answered with a line of text."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from numtui.tui.keys import Dialog
from numtui.tui.widgets.text_input import TextInput


class LinePrompt(Dialog[str | None]):
    """Asks for a text; one that `check` refuses (ValueError) stays, with the reason below it. None when left."""

    DEFAULT_CSS = """
    LinePrompt { align: center middle; }
    LinePrompt > Vertical {
        width: 76; height: auto; background: $surface; padding: 1 2;
        & > Input { height: 1; border: none; background: $panel; margin: 1 0; padding: 0 1; }
        & > Input:focus { border: none; }
        &:ansi { border: solid ansi_blue; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Leave")]

    def __init__(self, question: str, text: str, hint: str, check: Callable[[str], object]) -> None:
        super().__init__()
        self.question, self.first_text, self.hint, self.check = question, text, hint, check

    def compose(self) -> ComposeResult:
        """The question, the text, and how to answer."""
        with Vertical():
            yield Static(self.question, markup=False)
            yield TextInput(self.first_text, select_on_focus=True)
            yield Static(f"{self.hint}\nenter takes it, esc leaves", id="hint", markup=False)

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        """Take the text when it can be used."""
        event.stop()
        text = event.value.strip()
        try:
            self.check(text)
        except ValueError as error:
            self.query_one("#hint", Static).update(str(error))
        else:
            self.dismiss(text)

    def action_leave(self) -> None:
        """Change nothing."""
        self.dismiss(None)
