"""The account's payouts by day: settled, with what is pending, and the forecast to the last resolution."""

from __future__ import annotations

from datetime import date
from math import isnan
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from numtui.format import Formatter
from numtui.tui.charts.palette import EDGE, EXPECTED, INNER, INNER_EDGE, OUTER, is_plain
from numtui.tui.charts.plot import Band, Line, Plot, draw_plot

if TYPE_CHECKING:
    from numtui.reports.overview.days import PayoutDays

LEAST = 6  # lines with axis and legend


class PayoutChart(Static):
    """The chart; hidden where there is no room, nothing to show, or balances are covered."""

    DEFAULT_CSS = "PayoutChart { display: none; padding: 0 1; text-wrap: nowrap; &.-said { display: block; } }"

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.days: PayoutDays | None = None
        self.formatter: Formatter | None = None

    def show(self, days: PayoutDays | None, formatter: Formatter, lines: int) -> None:
        """Draw the days in so many lines; fewer than there must be hide the chart."""
        self.days, self.formatter = days, formatter
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
            lines = draw_plot(plot, width, height, ascii_only=ascii_only, plain=is_plain(self.app))
            self.update(Content("\n").join(lines), layout=False)


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
