"""What stands above the table of a backtest: heatmap, curves, and the findings in words."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

from textual import events
from textual.content import Content
from textual.widgets import Static

from numtui.tui.widgets.curves import draw_curves
from numtui.tui.widgets.grid_heat import Paint, draw_heat

if TYPE_CHECKING:
    from numtui.reports.backtest_study import Curve, Study

HEAT, CURVES, WORDS = "heatmap", "curves", "does it predict?"
PANELS = (HEAT, CURVES, WORDS)
LARGE = (110, 34)  # columns and lines of the terminal from which all panels are shown at once
GAP = 3
TABLE_ROOM = 15  # lines of a large terminal for what stands above the panel and below it
WORDS_ROOM = 9  # of them below the heatmap


class BacktestPanel(Static):
    """The findings on one model of a study; on a small terminal one panel at a time."""

    DEFAULT_CSS = "BacktestPanel { display: none; height: auto; padding: 0 1; &.-said { display: block; } }"

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.panel = HEAT
        self.slice = 0
        self.study: Study | None = None
        self.model: str | None = None
        self.marked: tuple[str, ...] = ()
        self.paint: Paint | None = None
        self.said = Content("")
        self.waiting = False

    def show(self, study: Study | None, model: str | None, marked: Sequence[str], paint: Paint) -> None:
        """Draw the findings of `study` on `model`, with the curves of `marked` ones: behind the next frame, so that the
        cursor is there first and one drawing serves keys in quick succession."""
        wanted = (study, model, tuple(marked), paint)
        if wanted == (self.study, self.model, self.marked, self.paint):
            return
        self.study, self.model, self.marked, self.paint = wanted
        if not self.waiting:
            self.waiting = True
            self.call_after_refresh(self.draw)

    def on_resize(self, event: events.Resize) -> None:
        """The same in another size."""
        self.draw()

    @property
    def large(self) -> bool:
        """Whether there is room for all panels."""
        size = self.app.size
        return size.width >= LARGE[0] and size.height >= LARGE[1]

    def draw(self) -> None:
        """Lay the panel out for the terminal's size."""
        self.waiting = False
        lines = self._lines() if self.study is not None and self.model is not None else []
        content = Content("\n").join(lines)
        if not content.is_same(self.said):
            same_height = len(lines) == len(self.said.split("\n")) and bool(lines) == self.has_class("-said")
            self.said = content
            self.set_class(bool(lines), "-said")
            self.update(content, layout=not same_height)

    def _lines(self) -> list[Content]:
        assert self.study is not None and self.model is not None and self.paint is not None
        width, height = self.app.size.width - 2, self.app.size.height
        about = self._about(width)
        if not self.large:
            room = height - 14
            body = {HEAT: self._heat, CURVES: self._curves, WORDS: self._words}[self.panel](width, room)
            return [*about, *body]
        half = (width - GAP) // 2
        room = height - TABLE_ROOM - len(about)
        left = [*self._heat(half, room - WORDS_ROOM), Content("")]
        left += self._words(half, room - len(left))
        return [*about, *_side_by_side(left, self._curves(width - half - GAP, room), half)]

    def _heat(self, width: int, height: int) -> list[Content]:
        assert self.study is not None and self.model is not None and self.paint is not None
        heat = self.study.heat(self.model, self.slice)
        if heat is None:
            return [Content("No grid: each round by its own terms. x chooses multipliers to compare.")]
        legend = f"{self.study.found.mode} NMR   [ ] best"
        if heat.actual is not None:
            legend += "   ( ) yours"
        if self.study.slices > 1:
            legend += f"   v: slice {self.slice + 1} of {self.study.slices}"
        return [*draw_heat(heat, width, height - 1, self.paint), Content.assemble((legend, "$text-muted"))]

    def _curves(self, width: int, height: int) -> list[Content]:
        assert self.study is not None and self.model is not None and self.paint is not None
        known = [name for name in self.marked if name in self.study.found.models and name != self.model]
        curves: list[Curve | None] = [self.study.curve(self.model)]
        if self.study.scope.grid is not None:
            curves.append(self.study.curve(self.model, -1))
        curves += [self.study.curve(name) for name in known]
        return draw_curves([curve for curve in curves if curve is not None], width, height, self.paint)

    def _words(self, width: int, height: int) -> list[Content]:
        assert self.study is not None
        walk = self.study.walk
        lines = wrap("Does the past say anything? " + (walk.verdict if walk is not None else "Working it out."), width)
        for note in self.study.notes:
            lines += wrap(f"- {note}", width, subsequent_indent="  ")
        return [Content(line) for line in lines[:height]]

    def _about(self, width: int) -> list[Content]:
        """The model, its best cell with its uncertainty, and what was really chosen."""
        assert self.study is not None and self.model is not None and self.paint is not None
        row = self.study.row(self.model)
        cell = self.study.best_cell(self.model)
        if not row or not cell:
            return [Content.assemble((self.model, "bold"), " has no round with all of these scores.")]
        hide = self.paint.hide
        low, high, share = row["average_p05"], row["average_p95"], row["best_share"]
        sure = f"90 % {float(str(low)):+.5f} to {float(str(high)):+.5f}" if low is not None else "interval: thin"
        figures = "" if hide else f", {float(str(row['average'])):+.5f} a round ({sure})"
        often = f", first in {float(str(share)):.0%} of draws" if share is not None else ""
        text = f"{self.model}: best {cell}{figures}{often}"
        if row["actual_rank"] is not None and self.study.scope.grid is not None:
            own = "" if hide else f", {float(str(row['actual_average'])):+.5f} a round"
            text += f". Your actual choice: rank {row['actual_rank']} of {row['cells']}{own}."
        return [Content(line) for line in wrap(text, width)]


def _side_by_side(left: Sequence[Content], right: Sequence[Content], width: int) -> list[Content]:
    """Two panels as lines, the left one `width` cells wide."""
    count = max(len(left), len(right))
    blank = Content("")
    rows = [(left[at] if at < len(left) else blank, right[at] if at < len(right) else blank) for at in range(count)]
    return [Content.assemble(one, " " * max(0, width + GAP - one.cell_length), other) for one, other in rows]
