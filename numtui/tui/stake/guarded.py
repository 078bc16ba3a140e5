"""Controls that cannot be pressed by accident.

A key counts when it was pressed after the control had been on screen for a moment: what was typed ahead, or held down
since before, came too early. A key that repeats faster than a hand presses it twice does not count either. Text is
typed: a paste is refused. Neither the mouse nor enter works `SendButton`.
"""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Static

from numtui.tui.widgets.text_input import TextInput

MOMENT = 0.3  # seconds
REPEAT = 0.15  # seconds; terminals repeat a held key some 30 times a second


class Guard:
    """The filter of key events: those typed too early or repeated by the terminal do not count."""

    def __init__(self) -> None:
        self._from = float("inf")
        self._last: tuple[str, float] = ("", 0.0)

    def arm(self) -> None:
        """Keys count from a moment after now."""
        self._from = Message().time + MOMENT  # the clock of key events

    def counts(self, event: events.Key) -> bool:
        """Whether the key was pressed on purpose."""
        key, time = self._last
        repeated = event.key == key and event.time - time < REPEAT
        self._last = (event.key, event.time)
        return event.time >= self._from and not repeated


class TypedField(TextInput, inherit_bindings=False):
    """A line that must be typed key by key, after the dialog has been on screen for a moment."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("left", "cursor_left", "Left"),
        ("right", "cursor_right", "Right"),
        ("home", "home", "Start"),
        ("end", "end", "End"),
        ("backspace", "delete_left", "Delete left"),
        ("delete", "delete_right", "Delete right"),
        ("ctrl+u", "delete_left_all", "Clear"),
    ]
    DEFAULT_CSS = """
    TypedField { height: 1; border: none; background: $panel; padding: 0 1; }
    TypedField:focus { border: none; background: $primary-muted; }
    TypedField:ansi:focus { text-style: reverse; }
    """

    class Pasted(Message):
        """A paste was refused."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, select_on_focus=False)
        self._from = float("inf")

    def arm(self) -> None:
        """Keys count from a moment after now."""
        self._from = Message().time + MOMENT  # the clock of key events

    def on_key(self, event: events.Key) -> None:
        """Leave out what was typed ahead."""
        if event.time < self._from and event.is_printable:
            event.stop()
            event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        """Refuse it."""
        event.stop()
        event.prevent_default()
        self.post_message(self.Pasted())


class GuardedButton(Static, can_focus=True):
    """A button for enter, space and a click; keys typed ahead or held down do not press it."""

    DEFAULT_CSS = """
    GuardedButton { width: auto; height: 1; padding: 0 2; background: $panel; }
    GuardedButton:focus { background: $primary; color: $block-cursor-foreground; text-style: bold; }
    GuardedButton:ansi:focus, GuardedButton:nocolor:focus { text-style: bold reverse; }
    """

    class Typed(Message):
        """A character was typed while it had the focus, where nothing can be typed."""

    class Pressed(Message):
        """The control was pressed."""

        def __init__(self, control: GuardedButton) -> None:
            super().__init__()
            self.key = control

        @property
        def control(self) -> GuardedButton:
            """The control, for `@on`."""
            return self.key

    def __init__(self, label: str, *, id: str) -> None:
        super().__init__(label, id=id, markup=False)
        self.guard = Guard()

    def on_focus(self) -> None:
        """Keys count from a moment after the focus came."""
        self.guard.arm()

    def on_key(self, event: events.Key) -> None:
        """Enter or space."""
        if event.key in ("enter", "space"):
            event.stop()
            if self.guard.counts(event):
                self.post_message(self.Pressed(self))
        elif event.is_printable:
            self.post_message(self.Typed())

    def on_click(self) -> None:
        """A click."""
        self.post_message(self.Pressed(self))


class SendButton(Static, can_focus=True):
    """The button that sends: pressed by the space bar alone, once, and only while it is ready."""

    FOCUS_ON_CLICK = False
    DEFAULT_CSS = """
    SendButton { width: auto; height: 1; padding: 0 2; background: $panel; color: $text-disabled; }
    SendButton.-ready { color: $text-error; text-style: bold; }
    SendButton:focus { background: $error; color: $text; text-style: bold; }
    SendButton:ansi:focus, SendButton:nocolor:focus { text-style: bold reverse; }
    """

    class Confirmed(Message):
        """The space bar was pressed on it, and everything before was right."""

    class Held(Message):
        """The space bar was pressed on it too early: not everything before is right."""

    def __init__(self, label: str, *, id: str) -> None:
        super().__init__(label, id=id, markup=False)
        self.guard = Guard()
        self.ready = False
        self.spent = False

    def set_ready(self, ready: bool) -> None:
        """Whether both fields are right."""
        self.ready = ready
        self.set_class(ready, "-ready")

    def on_focus(self) -> None:
        """Keys count from a moment after the focus came."""
        self.guard.arm()

    def on_key(self, event: events.Key) -> None:
        """The space bar as a terminal sends it: a key that the program simulates has no character."""
        if event.key != "space" or event.character != " ":
            return
        event.stop()
        if not self.guard.counts(event) or self.spent:
            return
        self.spent = self.ready
        self.post_message(self.Confirmed() if self.ready else self.Held())
