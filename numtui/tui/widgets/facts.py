"""Figures above a table: `title value` pairs of a report of one row."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from numtui.model import Table
from numtui.tui.format import Formatter, Tone
from numtui.tui.widgets.text_line import Part

COLOURS = {Tone.GAIN: "$text-success", Tone.LOSS: "$text-error"}


class FactsLine(Static):
    """The pairs side by side, wrapped between pairs; not there without facts."""

    DEFAULT_CSS = "FactsLine { display: none; height: auto; padding: 0 1; &.-said { display: block; } }"

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.said = Content("")

    def show(self, facts: Table | None, formatter: Formatter) -> None:
        """Show the first row of `facts`; values that are not known are left out."""
        parts: list[Part] = []
        if facts is not None and facts.rows:
            for value, column in zip(next(iter(facts.rows)), facts.columns, strict=True):
                if value is None:
                    continue
                style = COLOURS.get(formatter.tone(value, column), "")
                space = formatter.glyphs.space
                parts += [(f"{formatter.heading(column)} ".replace(" ", space), "$text-muted")]
                parts += [(formatter.text(value, column).replace(" ", space), f"bold {style}".strip()), ("   ", "")]
        content = Content.assemble(*parts[:-1])
        if not content.is_same(self.said):
            self.said = content
            self.set_class(bool(parts), "-said")
            self.update(content)
