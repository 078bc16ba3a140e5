"""A question that is answered with a line of text, such as the name of a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from numtui.tui.keys import Dialog
from numtui.tui.widgets.text_input import TextInput


class LinePrompt(Dialog[str | None]):
    """A prompt for a text; one that `check` refuses (ValueError) stays, with the reason below it. None when left."""

    DEFAULT_CSS = """
    LinePrompt { align: center middle; }
    LinePrompt > Vertical {
        width: 76; height: auto; background: $surface; padding: 1 2;
        & > Input { height: 1; border: none; background: $panel; margin: 1 0; padding: 0 1; }
        & > Input:focus { border: none; }
        &:ansi { border: solid ansi_blue; }
    }
    LinePrompt.-path > Vertical { width: 72; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Leave")]

    def __init__(
        self,
        question: str,
        text: str,
        hint: str,
        check: Callable[[str], object],
        *,
        enter: str = "takes it",
        select: bool = True,
        classes: str | None = None,
    ) -> None:
        """Ask with `text` to start from, `select`ed as a whole or not; `enter` is what the key does, in words."""
        super().__init__(classes=classes)
        self.question, self.first_text, self.check, self.select = question, text, check, select
        self.hint = f"{hint}\nenter {enter}, esc leaves"

    def compose(self) -> ComposeResult:
        """The question, the text, and how to answer."""
        with Vertical():
            yield Static(self.question, markup=False)
            yield TextInput(self.first_text, select_on_focus=self.select)
            yield Static(self.hint, id="hint", markup=False)

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


def path_prompt(question: str, name: str, endings: tuple[str, ...]) -> LinePrompt:
    """A prompt for a path with one of the endings; a file that exists is replaced only after a second enter."""
    existing: set[str] = set()

    def check(text: str) -> None:
        path = Path(text).expanduser()
        if path.suffix.lower() not in endings:
            raise ValueError(f"The name must end in one of {' '.join(endings)}")
        if not path.parent.is_dir():
            raise ValueError(f"There is no folder {path.parent}")
        if path.exists() and text not in existing:
            existing.clear()
            existing.add(text)
            raise ValueError("The file exists. enter once more replaces it, esc leaves")

    hint = f"The ending chooses the form: {' '.join(endings)}"
    return LinePrompt(question, name, hint, check, enter="writes", select=False, classes="-path")
