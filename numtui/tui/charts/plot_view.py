"""A chart as a widget: drawn for its size, hidden where there is none or no room."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.widgets import Static

from numtui.tui.charts.palette import colours_of
from numtui.tui.charts.plot import Plot, draw_plot

LEAST = 6  # lines with axis and legend


class PlotView(Static):
    """One plot at a time."""

    DEFAULT_CSS = """
    PlotView { display: none; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; &.-said { display: block; } }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.plot: Plot | None = None
        self.ascii_only = False

    def show(self, plot: Plot | None, lines: int, *, ascii_only: bool) -> None:
        """Draw a plot in so many lines; None, or too few lines, hide it."""
        self.plot, self.ascii_only = plot, ascii_only
        drawn = plot is not None and lines >= LEAST
        self.styles.height = lines if drawn else 0
        self.set_class(drawn, "-said")
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        """The same in another size."""
        self._draw()

    def _draw(self) -> None:
        width, height = self.content_size
        if self.plot is not None and self.has_class("-said") and height >= LEAST:
            lines = draw_plot(self.plot, width, height, ascii_only=self.ascii_only, colours=colours_of(self.app))
            self.update(Content("\n").join(lines), layout=False)
