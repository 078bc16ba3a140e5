"""The account's payouts by day: settled, with what is pending, and the forecast to the last resolution; what resolves
by week beside the legend."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import isnan
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from numtui.format import Formatter
from numtui.model import Column, Kind
from numtui.tui.charts.palette import EDGE, EXPECTED, INNER, INNER_EDGE, LINES, MUTED, OUTER, colours_of
from numtui.tui.charts.plot import Band, Line, Plot, draw_plot
from numtui.tui.widgets.small_table import TONES

if TYPE_CHECKING:
    from numtui.reports.overview.days import PayoutDays
    from numtui.reports.overview.weeks import WeekAhead

LEAST = 6  # lines with axis and legend
LEAST_WEEKS = 2  # of those ahead, or none
PAYOUT = Column("payout", Kind.NMR)
RESULTS = frozenset({PAYOUT.name})


class PayoutChart(Static):
    """The chart; hidden where there is no room, nothing to show, or balances are covered."""

    DEFAULT_CSS = "PayoutChart { display: none; padding: 0 1; text-wrap: nowrap; &.-said { display: block; } }"

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.days: PayoutDays | None = None
        self.weeks: Sequence[WeekAhead] = ()
        self.formatter: Formatter | None = None

    def show(self, days: PayoutDays | None, weeks: Sequence[WeekAhead], formatter: Formatter, lines: int) -> None:
        """Draw days and weeks in so many lines; fewer than there must be hide the chart."""
        self.days, self.weeks, self.formatter = days, weeks, formatter
        drawn = (
            days is not None
            and lines >= LEAST
            and not formatter.hide
            and bool(days.pending.any() or days.settled.any())
        )
        self.styles.height = lines if drawn else 0
        self.set_class(drawn, "-said")
        self._draw()

    def on_resize(self) -> None:
        """The same in another size."""
        self._draw()

    def _draw(self) -> None:
        width, height = self.content_size
        if self.has_class("-said") and self.days is not None and self.formatter is not None and height >= LEAST:
            ascii_only = self.formatter.glyphs.more == ">"
            plot = payout_plot(self.days, self.formatter)
            lines = draw_plot(plot, width, height, ascii_only=ascii_only, colours=colours_of(self.app))
            lines[-1] = _with_weeks(lines[-1], self.weeks, self.formatter, width)
            self.update(Content("\n").join(lines), layout=False)


def _with_weeks(line: Content, weeks: Sequence[WeekAhead], formatter: Formatter, width: int) -> Content:
    """A line with what resolves in the weeks ahead behind it: the forecast, else what stands open, as far as there is
    room for two."""
    formatter = formatter._replace(results=RESULTS)
    longer, words = line, "   resolves by week"
    for number, week in enumerate(weeks):
        amount = week.outlook
        if week.week is None or amount is None:
            break
        text, style = formatter.text(amount, PAYOUT), TONES.get(formatter.tone(amount, PAYOUT), "")
        more = Content.assemble(longer, (f"{words} {week.week:%d %b} ", LINES[MUTED]), (text, style))
        if more.cell_length > width:
            return longer if number >= LEAST_WEEKS else line
        longer, words = more, ","
    return longer


def payout_plot(days: PayoutDays, formatter: Formatter) -> Plot:
    """NMR (or fiat, at today's price) since the first day shown: settled, with what was pending, then the forecast."""
    price = 1.0 if formatter.price is None else float(formatter.price)
    unit = "NMR" if formatter.price is None else formatter.currency
    settled = [(float(day), float(paid) * price) for day, paid in zip(days.ordinals, days.settled, strict=True)]
    stood = [(x, y + float(open_) * price) for (x, y), open_ in zip(settled, days.pending, strict=True)]
    lines = [] if isnan(days.pending[0]) else [Line(stood, "with pending")]
    lines.append(Line(settled, "settled", "other4"))
    bands: list[Band] = []
    today, paid = settled[-1]
    if days.fan:
        fan = [(float(day.ordinal), *(paid + value * price for value in day[1:])) for day in days.fan]
        start = (today, paid, paid)
        lines.append(Line([(today, paid), *((row[0], row[1]) for row in fan)], "forecast", EXPECTED))
        bands = [
            Band([start, *((row[0], row[3], row[4]) for row in fan)], "50%", INNER, INNER_EDGE),
            Band([start, *((row[0], row[2], row[5]) for row in fan)], "90%", OUTER, EDGE),
        ]
    last = days.fan[-1].ordinal if days.fan else days.ordinals[-1]
    return Plot(
        lines,
        float(days.ordinals[0]),
        float(last),
        unit,
        lambda value: f"{value:+z,.2f}",
        lambda value: f"{value:+z,.6g}" if abs(value) > 1e-9 else "0",
        bands,
        today,
        x_text=lambda ordinal: f"{date.fromordinal(round(ordinal)):%d %b}",
    )
