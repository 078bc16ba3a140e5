"""A line of text that is written to the terminal only when it changes."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

Part = tuple[str, str]  # a text and its style


class TextLine(Static):
    """One line. Saying the same again costs nothing, and a change repaints the line without a layout."""

    DEFAULT_CSS = "TextLine { height: 1; width: 100%; text-wrap: nowrap; text-overflow: clip; }"

    def __init__(self, *, classes: str | None = None) -> None:
        super().__init__("", classes=classes, markup=False)
        self.said = Content("")

    def say(self, content: Content) -> None:
        """Show `content`."""
        if not content.is_same(self.said):
            self.said = content
            self.update(content, layout=False)

    @property
    def room(self) -> int:
        """The cells that there are for the line."""
        return self.size.width or self.app.size.width


def spread(left: Sequence[Part], right: Sequence[Part], width: int) -> Content:
    """A line with parts at both ends; the left gives way where there is no room for both."""
    tail = Content.assemble(*right)
    head = Content.assemble(*left).truncate(max(0, width - tail.cell_length - 1))
    return Content.assemble(head, " " * max(0, width - head.cell_length - tail.cell_length), tail)
