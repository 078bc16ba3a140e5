"""The screen of a terminal below 80x24: one line, and no key that acts unseen."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Static

LEAST_WIDTH, LEAST_HEIGHT = 80, 24


class TooSmallScreen(ModalScreen[None]):
    """A line over everything until the terminal is large enough; the screens below stay as they were."""

    DEFAULT_CSS = """
    TooSmallScreen { background: $background; &:ansi { background: ansi_default; } }
    TooSmallScreen > Static { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("q,ctrl+q", "app.quit", "quit")]

    def compose(self) -> ComposeResult:
        """The line."""
        yield Static(f"numtui needs a terminal of {LEAST_WIDTH}x{LEAST_HEIGHT} or more", markup=False)
