"""The screen that reconciles changes with an unknown outcome."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from numtui.tui.keys import Dialog
from numtui.tui.stake.calls import Failure, Session, reconcile


class ReconcileScreen(Dialog[None]):
    """The dialog that reads the account and shows whether each unknown change was made. It only reads."""

    DEFAULT_CSS = """
    ReconcileScreen { align: center middle; }
    ReconcileScreen > VerticalScroll {
        width: 78; height: auto; max-height: 100%; background: $surface; padding: 0 1; border: round $primary;
        &:ansi { border: round ansi_blue; }
        & > Static { height: auto; }
    }
    ReconcileScreen.-ascii > VerticalScroll { border: ascii $primary; scrollbar-size: 0 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "dismiss", "Close")]

    def __init__(self, session: Session) -> None:
        super().__init__(classes="-ascii" if session.settings.ascii else "")
        self.session = session

    def compose(self) -> ComposeResult:
        """The text of the dialog."""
        with VerticalScroll():
            yield Static("Reading the account to find out what became of unknown changes.", markup=False)

    def on_mount(self) -> None:
        """Read the account."""
        self.run_worker(self._look(), group="stake")

    async def _look(self) -> None:
        result = await asyncio.to_thread(reconcile, self.session)
        if isinstance(result, Failure):
            text = f"It could not be found out: {result.message}"
        elif not result.lines:
            text = "No change of this account has an unknown outcome."
        else:
            text = "\n\n".join(result.lines)
        self.query_one(Static).update(f"{text}\n\nesc closes")
