"""Texts in place of a table."""

from __future__ import annotations

from textual.widgets import Static

from numtui.config import ConfigError, credentials
from numtui.format import Glyphs
from numtui.printable import printable_lines
from numtui.reports.header import Header
from numtui.tui.widgets.header import progress_text


class EmptyState(Static):
    """The text in place of an empty table: why it is empty, and what to do."""

    DEFAULT_CSS = "EmptyState { display: none; height: 1fr; padding: 1 2; &.-said { display: block; } }"

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.text = ""

    def say(self, text: str) -> None:
        """Show the text; none hides the notice."""
        text = printable_lines(text)
        if text != self.text:
            self.text = text
            self.set_class(bool(text), "-said")
            self.update(text)


def why_empty(header: Header, glyphs: Glyphs, *, offline: bool) -> str | None:
    """Why there is no data at all, and what to do; None when there are data and the table itself must say it."""
    if header.data_time is not None:
        return None
    if header.progress is not None:
        return f"The first sync is at work; rows appear as they arrive.\n\n{progress_text(header, glyphs)}"
    if header.message is not None:
        return f"There is nothing in the cache yet, and the last try failed:\n\n{header.message}\n\nr tries again."
    if offline:
        return (
            "There is nothing in the cache yet, and this is an offline session.\n\nStart numtui without --offline once."
        )
    hint = "" if has_keys() else "\n\nNo API keys are set: rounds and leaderboards come without, own models do not."
    return f"There is nothing in the cache yet.\n\nThe poller is starting; r asks it for a refresh.{hint}"


def has_keys() -> bool:
    """Whether the environment has an API key."""
    try:
        return credentials() is not None
    except ConfigError:
        return False
