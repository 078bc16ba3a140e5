"""The footer: the keys that work on this screen, as many as fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual import events
from textual.content import Content

from numtui.tui.widgets.line import cell_width
from numtui.tui.widgets.text_line import Part, TextLine


class Key(NamedTuple):
    """A key of the footer: the key to press, how it is written, what it does."""

    key: str
    display: str
    label: str

    @property
    def width(self) -> int:
        """The cells it takes in the line."""
        return cell_width(self.display) + cell_width(self.label) + 3


class KeyLine(TextLine):
    """Keys in the order of their worth; the last ones, help and quit, are always there. A click presses the key."""

    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = "KeyLine { background: $panel; &:ansi { background: ansi_default; } }"

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[Key] = []

    def show(self, keys: Sequence[Key], always: Sequence[Key]) -> None:
        """Say `keys` in order as far as they fit, then `always`."""
        left = self.room - sum(key.width for key in always)
        self.shown = []
        for key in keys:
            if key.width <= left:
                self.shown.append(key)
                left -= key.width
        self.shown += always
        parts: list[Part] = []
        for key in self.shown:
            parts += [(f" {key.display}", "bold $accent"), (f" {key.label} ", "")]
        self.say(Content.assemble(*parts))

    def on_click(self, event: events.Click) -> None:
        """Press the key that was clicked."""
        x = 0
        for key in self.shown:
            if x <= event.x < x + key.width:
                self.app.simulate_key(key.key)
                return
            x += key.width
