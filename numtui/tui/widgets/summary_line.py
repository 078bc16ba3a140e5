"""Figures above a table: `title value` pairs of a report of one row."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from numtui.format import Formatter, Tone
from numtui.model import Table

COLOURS = {Tone.GAIN: "$text-success", Tone.LOSS: "$text-error"}
GAP = "   "


class SummaryLine(Static):
    """The pairs side by side, in as many lines as they need, none torn apart; not there without facts."""

    DEFAULT_CSS = "SummaryLine { display: none; height: auto; padding: 0 1; &.-said { display: block; } }"

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.pairs: list[Content] = []
        self.said = Content("")

    def show(self, facts: Table | None, formatter: Formatter) -> None:
        """Show the first row of `facts`; values that are not known are left out."""
        self.pairs = []
        if facts is not None:
            for value, column in zip(next(iter(facts.rows), ()), facts.columns, strict=False):
                if value is not None:
                    style = f"bold {COLOURS.get(formatter.tone(value, column), '')}".strip()
                    title = (f"{formatter.heading(column)} ", "$foreground-muted")
                    self.pairs.append(Content.assemble(title, (formatter.text(value, column), style)))
        self.lay_out()

    def lay_out(self) -> None:
        """Break the pairs into lines of the terminal's width."""
        room = self.app.size.width - 2
        lines: list[Content] = []
        for pair in self.pairs:
            if lines and lines[-1].cell_length + len(GAP) + pair.cell_length <= room:
                lines[-1] = Content.assemble(lines[-1], GAP, pair)
            else:
                lines.append(pair)
        content = Content("\n").join(lines)
        if not content.is_same(self.said):
            self.said = content
            self.set_class(bool(lines), "-said")
            self.update(content)
