"""The line under the table of models: which of them will probably earn least, and which most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from numtui.format import Formatter
from numtui.model import Column, Kind
from numtui.tui.charts.palette import AXIS, LINES
from numtui.tui.widgets.small_table import TONES
from numtui.tui.widgets.text_line import TextLine

if TYPE_CHECKING:
    from numtui.reports.overview.models import Extremes, ModelRow

FORECAST = Column("forecast", Kind.NMR)
RESULTS = frozenset({FORECAST.name})


class ExtremesLine(TextLine):
    """`worst forecast demo_signal_c -3.2877   best demo_grove +14.0210`."""

    DEFAULT_CSS = "ExtremesLine { padding: 0 1; text-overflow: ellipsis; }"

    def show(self, of: Extremes | None, formatter: Formatter) -> None:
        """Name the two models; nothing where there are no two."""
        self.display = of is not None
        if of is not None:
            formatter = formatter._replace(results=RESULTS)
            worst, best = _model("worst forecast", of.worst, formatter), _model("best", of.best, formatter)
            self.say(Content.assemble(worst, "   ", best))


def _model(words: str, row: ModelRow, formatter: Formatter) -> Content:
    amount = row.outlook
    style = f"bold {TONES.get(formatter.tone(amount, FORECAST), '')}".strip()
    text = formatter.text(amount, FORECAST)
    return Content.assemble((f"{words} ", LINES[AXIS]), formatter.outside(row.model), " ", (text, style))
