"""What happened last, in a few lines."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from numtui.format import Formatter
from numtui.model import Column, Kind
from numtui.tui.charts.palette import AXIS, LINES
from numtui.tui.widgets.small_table import TONES
from numtui.tui.widgets.text_line import Part

if TYPE_CHECKING:
    from numtui.reports.overview.latest import Event

AMOUNT = Column("amount", Kind.NMR)
RESULTS = frozenset({AMOUNT.name})
PLACES = {"settled": 0, "moved": 2}  # in the line of a day; between them stands what was sent


class LatestPanel(Static):
    """A line a day, the newest first: what settled, what moved, what was sent."""

    DEFAULT_CSS = "LatestPanel { height: auto; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }"

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.events: tuple[Event, ...] = ()
        self.formatter: Formatter | None = None
        self.most = 0

    def show(self, events: Sequence[Event], formatter: Formatter, most: int) -> None:
        """Show the newest days in at most `most` lines; none hides it."""
        self.events, self.formatter, self.most = tuple(events), formatter._replace(results=RESULTS), most
        self.display = most > 0 and bool(events)
        self._draw()

    def on_resize(self) -> None:
        """Fit the lines to another width."""
        self._draw()

    def _draw(self) -> None:
        if self.formatter is None or not self.display:
            return
        width = self.size.width or self.app.size.width - 2
        lines: list[Content] = []
        for day, events in groupby(self.events, key=lambda event: event.date):
            if len(lines) < self.most:
                lines.append(self._line(day, list(events), width))
        self.update(Content("\n").join(lines))

    def _line(self, day: str, events: Sequence[Event], width: int) -> Content:
        assert self.formatter is not None
        line = Content.assemble((day, LINES[AXIS]))
        said = ""
        for event in sorted(events, key=lambda event: (PLACES.get(event.what, 1), event.what)):
            start = ", " if event.what == said else f"   {event.what} "
            said = event.what
            about = event.model or f"{event.tournament} {event.round}"
            parts: list[Part] = [(start, LINES[AXIS]), (self.formatter.outside(about), "")]
            if event.amount is not None:
                style = TONES.get(self.formatter.tone(event.amount, AMOUNT), "")
                parts.append((f" {self.formatter.text(event.amount, AMOUNT)}", style))
            longer = Content.assemble(line, *parts)
            if longer.cell_length > width:
                break
            line = longer
        return line
