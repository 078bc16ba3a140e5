"""The choices of a screen in a line or two: the key of each before it."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static


class ChoiceLine(Static):
    """`m own  n rounds all  x usual`; it says when it is at work."""

    DEFAULT_CSS = "ChoiceLine { height: auto; padding: 0 1; background: $panel; &:ansi { background: ansi_default; } }"

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.said = Content("")

    def show(self, parts: Sequence[tuple[str, str]], doing: str) -> None:
        """Say what is being done, and the choices, as many a line as fit."""
        room = self.app.size.width - 2
        lines: list[Content] = [Content.assemble((doing, "bold reverse"))] if doing else []
        for key, text in parts:
            part = Content.assemble((key, "bold $accent"), f" {text}")
            if lines and lines[-1].cell_length + 3 + part.cell_length <= room:
                lines[-1] = Content.assemble(lines[-1], "   ", part)
            else:
                lines.append(part)
        content = Content("\n").join(lines)
        if not content.is_same(self.said):
            self.said = content
            self.update(content)
