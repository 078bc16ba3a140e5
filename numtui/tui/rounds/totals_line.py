"""The sums below the drift monitor: two lines, of everything and by week of resolution."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from textual import events
from textual.content import Content

from numtui.format import Formatter, Tone
from numtui.model import Column, Table
from numtui.tui.table.painter import cell_width
from numtui.tui.widgets.summary_line import COLOURS, SummaryLine
from numtui.tui.widgets.text_line import Part

WEEK, REASON = "week_", "reason"
INTERVAL = ("payout_p05", "payout_p95")


class DriftTotals(SummaryLine):
    """`at risk 434.14  worst case -434.14  now +6.24  forecast +19.09 (-1.55 to +37.50)`, and a line of weeks."""

    DEFAULT_CSS = """
    DriftTotals { display: none; height: auto; padding: 0 1; background: $panel;
      &.-said { display: block; } &:ansi { background: ansi_default; } }
    """

    def __init__(self) -> None:
        super().__init__()
        self.facts: Table | None = None
        self.formatter: Formatter | None = None

    def show(self, facts: Table | None, formatter: Formatter) -> None:
        """Show the sums; nothing of a table without."""
        self.facts, self.formatter = facts, formatter
        self._say()

    def on_resize(self, event: events.Resize) -> None:
        """More weeks have room in a wider terminal."""
        self._say()

    def _say(self) -> None:
        lines: list[Content] = []
        if self.facts is not None and self.formatter is not None:
            for row in self.facts.rows:
                cells = [
                    Cell(column, value, self.formatter) for column, value in zip(self.facts.columns, row, strict=True)
                ]
                known = [cell for cell in cells if cell.value is not None]
                sums = [cell for cell in known if not cell.column.name.startswith(WEEK) and cell.column.name != REASON]
                weeks = [cell for cell in known if cell.column.name.startswith(WEEK)]
                lines = [self._line(group) for group in self._wrapped(_with_interval(sums), whole=not weeks)]
                if weeks:
                    lines.append(self._line([cell.parts for cell in weeks], "by week "))
                lines += [Content.assemble(*cell.parts) for cell in known if cell.column.name == REASON]
        content = Content("\n").join(lines)
        if not content.is_same(self.said):
            self.said = content
            self.set_class(bool(lines), "-said")
            self.update(content)

    @property
    def _room(self) -> int:
        return (self.size.width or self.app.size.width) - 2

    def _wrapped(self, groups: list[list[Part]], *, whole: bool) -> list[list[list[Part]]]:
        """Groups of words line by line; unless they are wanted `whole`, the last gets no line of its own."""
        lines: list[list[list[Part]]] = [[]]
        left = self._room
        for group in groups:
            width = sum(cell_width(text) for text, _ in group)
            if width > left and lines[-1]:
                if not whole and group is groups[-1]:
                    break
                lines.append([])
                left = self._room
            lines[-1].append(group)
            left -= width + 2
        return lines

    def _line(self, groups: list[list[Part]], start: str = "") -> Content:
        """Groups of words as far as they fit; how many did not is said."""
        room = self._room
        parts: list[Part] = [(start, "$foreground-muted")]
        used = cell_width(start)
        for place, group in enumerate(groups):
            width = sum(cell_width(text) for text, _ in group)
            left = len(groups) - place
            if used + width > room - (0 if left == 1 else len(f"  +{left} more")):
                parts.append((f"+{left} more", "$foreground-muted"))
                break
            parts += [*group, ("  ", "")]
            used += width + 2
        return Content.assemble(*parts)


class Cell(NamedTuple):
    """A figure of the sums, in short: signed where it is won or lost, and with two decimals."""

    column: Column
    value: object
    formatter: Formatter

    @property
    def text(self) -> str:
        """The figure."""
        text = self.formatter._replace(results=frozenset()).text(self.value, self.column)
        won = isinstance(self.value, Decimal) and self.value > 0 and self.column.name != "at_risk"
        return f"+{text}" if won and not self.formatter.hide else text

    @property
    def style(self) -> str:
        """Its colour."""
        signed = isinstance(self.value, Decimal) and self.column.name != "at_risk" and not self.formatter.hide
        tone = (Tone.GAIN if self.value > 0 else Tone.LOSS) if signed and self.value else Tone.PLAIN  # type: ignore[operator]  # a Decimal
        return f"bold {COLOURS.get(tone, '')}".strip()

    @property
    def parts(self) -> list[Part]:
        """`title figure`."""
        return [(f"{self.formatter.heading(self.column)} ", "$foreground-muted"), (self.text, self.style)]


def _with_interval(cells: list[Cell]) -> list[list[Part]]:
    """The cells, with the interval in brackets behind what is expected."""
    by_name = {cell.column.name: cell for cell in cells}
    groups: list[list[Part]] = []
    for cell in cells:
        if cell.column.name in INTERVAL:
            continue
        parts = cell.parts
        if cell.column.name == "expected_payout" and all(name in by_name for name in INTERVAL):
            low, high = (by_name[name].text for name in INTERVAL)
            parts = [*parts, (f" ({low} to {high})", "")]
        groups.append(parts)
    return groups
