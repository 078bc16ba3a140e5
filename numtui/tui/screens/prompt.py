"""A question for a file's name."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from numtui.tui.keys import Dialog
from numtui.tui.widgets.text_input import TextInput


class PathPrompt(Dialog[str | None]):
    """Asks for a path with one of the known endings; a file that exists is replaced only after a second enter."""

    DEFAULT_CSS = """
    PathPrompt { align: center middle; }
    PathPrompt > Vertical {
        width: 72; height: auto; background: $surface; padding: 1 2;
        & > Input { height: 1; border: none; background: $panel; margin: 1 0; padding: 0 1; }
        & > Input:focus { border: none; }
        &:ansi { border: solid ansi_blue; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Leave")]

    def __init__(self, question: str, name: str, endings: tuple[str, ...]) -> None:
        super().__init__()
        self.question, self.first_name, self.endings = question, name, endings
        self.replaces = ""

    def compose(self) -> ComposeResult:
        """The question, the name, and what enter and esc do."""
        with Vertical():
            yield Static(self.question, markup=False)
            yield TextInput(self.first_name, select_on_focus=False)
            yield Static(self._hint(), id="hint", markup=False)

    def _hint(self) -> str:
        return f"The ending chooses the form: {' '.join(self.endings)}\nenter writes, esc leaves"

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        """Take the name when it can be used."""
        event.stop()
        name = event.value.strip()
        path = Path(name).expanduser()
        hint = self.query_one("#hint", Static)
        if path.suffix.lower() not in self.endings:
            hint.update(f"The name must end in one of {' '.join(self.endings)}")
        elif not path.parent.is_dir():
            hint.update(f"There is no folder {path.parent}")
        elif path.exists() and self.replaces != name:
            self.replaces = name
            hint.update("The file exists. enter once more replaces it, esc leaves")
        else:
            self.dismiss(name)

    def action_leave(self) -> None:
        """Write nothing."""
        self.dismiss(None)
