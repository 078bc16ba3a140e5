"""The money of the account: what there is as one bar, and a row a tournament."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from numtui.format import Formatter
from numtui.model import Column, Kind
from numtui.money import ZERO
from numtui.tui.charts.palette import AXIS, LINES, MUTED
from numtui.tui.widgets.small_table import TONES, small_table
from numtui.tui.widgets.text_line import Part

if TYPE_CHECKING:
    from numtui.reports.overview.overview import Overview, Totals

NMR = Column("amount", Kind.NMR)
WON = Column("payout", Kind.NMR)
RESULTS = frozenset(
    {"payout", "pending", "expected_payout", "payout_p05", "payout_p95", "last_run", "settled_7d", "settled_90d"}
)
BAR = 30  # cells
# What is worth most comes first; as many columns as there is room for.
ORDER = (
    "tournament", "at_risk", "worst_case", "pending", "last_run", "expected_payout", "burn_probability", "payout_p05",
    "payout_p95", "stake", "settled_7d", "settled_90d", "next_resolve",
)  # fmt: skip


class MoneyPanel(Static):
    """Two lines of totals and a small table."""

    DEFAULT_CSS = "MoneyPanel { height: auto; padding: 0 1; text-wrap: nowrap; text-overflow: clip; }"

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.overview: Overview | None = None
        self.formatter: Formatter | None = None

    def show(self, overview: Overview | None, formatter: Formatter) -> None:
        """Show the money of an overview; nothing without one."""
        self.overview, self.formatter = overview, formatter._replace(results=RESULTS)
        self._draw()

    def on_resize(self) -> None:
        """More columns have room in a wider terminal."""
        self._draw()

    def _draw(self) -> None:
        if self.overview is None or self.formatter is None or not self.overview.money:
            self.update("")
            return
        width = self.size.width or self.app.size.width - 2
        lines = [totals_line(self.overview.totals, self.formatter, width)]
        lines += small_table(self.overview.table("money"), ORDER, self.formatter, width)
        self.update(Content("\n").join(lines))


def money_lines(overview: Overview) -> int:
    """The lines of the panel: totals, headings, a row a tournament, and of several their sum."""
    rows = len(overview.money)
    return 2 + rows + (rows > 1) if rows else 0


def totals_line(totals: Totals, formatter: Formatter, width: int) -> Content:
    """All NMR and its worth in money, free against staked as a bar, and what is pending; as far as there is room."""
    unit = "NMR" if formatter.price is None else formatter.currency
    parts: list[Part] = [(f"{unit} ", LINES[AXIS]), (formatter.text(totals.whole, NMR), "bold")]
    if totals.whole is not None and totals.price is not None and formatter.price is None:
        worth = formatter._replace(price=None).text(totals.whole * totals.price, Column("worth", Kind.FIAT))
        parts.append((f"  {worth} {formatter.currency}", LINES[AXIS]))
    free, staked = totals.available or ZERO, totals.stake or ZERO
    ends = (("free", totals.available), ("staked", totals.stake))
    (left, right) = ([(f" {name} ", LINES[AXIS]), (formatter.text(amount, NMR), "bold")] for name, amount in ends)
    groups: list[list[Part]] = [
        [("  ", ""), *left],
        [(" ", ""), *_bar(free, staked, formatter), *right],
        [("   pending ", LINES[AXIS]), _won(totals.pending, formatter)],
        [("   at risk ", LINES[AXIS]), (formatter.text(totals.at_risk, NMR), "bold")],
    ]
    if totals.held:
        groups.insert(2, [("  held for increases ", LINES[AXIS]), (formatter.text(totals.held, NMR), "bold")])
    line = Content.assemble(*parts)
    for group in groups:
        longer = Content.assemble(line, *group)
        if longer.cell_length <= width:
            line = longer
    return line


def _bar(free: Decimal, staked: Decimal, formatter: Formatter) -> list[Part]:
    """Free and staked NMR side by side."""
    whole = free + staked
    if whole <= 0 or formatter.hide:
        return [(formatter.glyphs.empty * BAR, LINES[MUTED])]
    cells = round(BAR * free / whole)
    return [(formatter.glyphs.empty * cells, LINES[MUTED]), (formatter.glyphs.full * (BAR - cells), LINES[AXIS])]


def _won(amount: Decimal | None, formatter: Formatter) -> Part:
    if amount is None:
        return "days not here yet", LINES[MUTED]
    return formatter.text(amount, WON), f"bold {TONES.get(formatter.tone(amount, WON), '')}".strip()
