"""The line in which a text is typed."""

from __future__ import annotations

from textual.geometry import Size
from textual.reactive import Reactive, reactive
from textual.widgets import Input


class TextInput(Input):
    """An input whose cursor stands still, as a blinking one would write to the terminal all the time, and whose size is
    given: a letter more lays out no screen."""

    cursor_blink = reactive(False, init=False)
    virtual_size = Reactive(Size(0, 0))
