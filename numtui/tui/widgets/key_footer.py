"""The footer: the keys that work on this screen, as many as fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

from textual import events
from textual.content import Content
from textual.screen import Screen

from numtui.tui.table.painter import cell_width
from numtui.tui.widgets.text_line import Part, TextLine

# What is worth most comes first, and what does not fit falls off the end.
ORDER = "enter escape s D p x z N slash a v R M u w i f less_than_sign S t e y F c dollar_sign r colon question_mark q"
RANKS = {key: rank for rank, key in enumerate(ORDER.split())}
ALWAYS = frozenset({"question_mark", "q"})


class Key(NamedTuple):
    """A key of the footer: the key to press, how it is written, what it does."""

    key: str
    display: str
    label: str

    @property
    def width(self) -> int:
        """The cells it takes in the line."""
        return cell_width(self.display) + cell_width(self.label) + 3


class KeyFooter(TextLine):
    """Keys in the order of their worth; the last ones, help and quit, are always there. A click presses the key."""

    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = "KeyFooter { background: $panel; &:ansi { background: ansi_default; } }"

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

    def show_bindings(self, screen: Screen[Any], labels: Mapping[str, str]) -> None:
        """Say the bindings that work on `screen` now; `labels` name actions otherwise than their bindings do."""
        keys: list[Key] = []
        for active in screen.active_bindings.values():
            binding = active.binding
            if binding.show and active.enabled and binding.key in RANKS:
                display = "< >" if binding.key == "less_than_sign" else screen.app.get_key_display(binding)
                keys.append(Key(binding.key, display, labels.get(binding.action, binding.description)))
        keys.sort(key=lambda key: RANKS[key.key])
        self.show([key for key in keys if key.key not in ALWAYS], [key for key in keys if key.key in ALWAYS])

    def on_click(self, event: events.Click) -> None:
        """Press the key that was clicked."""
        x = 0
        for key in self.shown:
            if x <= event.x < x + key.width:
                self.app.simulate_key(key.key)
                return
            x += key.width
