"""The line in which a text is typed."""

from __future__ import annotations

from textual.reactive import reactive
from textual.widgets import Input


class TextInput(Input):
    """An input whose cursor stands still: a blinking one would write to the terminal all the time."""

    cursor_blink = reactive(False, init=False)
