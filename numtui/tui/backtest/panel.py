"""The widgets above the table of a backtest: the choices, then heatmap, curves and the findings in words."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from textwrap import wrap
from typing import TYPE_CHECKING

from textual import events
from textual.content import Content
from textual.widgets import Static

from numtui.reports.backtest.query import RATIOS
from numtui.tui.backtest.curves import draw_curves
from numtui.tui.backtest.heatmap import Paint, draw_heat
from numtui.tui.backtest.summary import TITLES, about, findings

if TYPE_CHECKING:
    from numtui.reports.backtest.study import Study

ALL, HEAT, CURVES, WORDS = "all", "heatmap", "curves", "does it predict?"
LARGE = (110, 34)  # columns and lines of the terminal from which all panels are shown at once
GAP = 3
TABLE_ROOM = 15  # lines of a large terminal for what stands above the panel and below it
WORDS_ROOM = 9  # of them below the heatmap


class ChoiceLine(Static):
    """The choices in a line or two, `m own  n rounds all  x usual`, and whether the screen is at work."""

    DEFAULT_CSS = "ChoiceLine { height: auto; padding: 0 1; background: $panel; &:ansi { background: ansi_default; } }"

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.said = Content("")

    def show(self, parts: Sequence[tuple[str, str]], doing: str) -> None:
        """Say what is being done, and the choices, as many a line as fit."""
        room = self.app.size.width - 2
        lines: list[Content] = [Content.assemble((doing, "bold reverse"))] if doing else []
        for key, text in parts:
            part = Content.assemble((key, "bold $accent"), f" {text}")
            if lines and lines[-1].cell_length + 3 + part.cell_length <= room:
                lines[-1] = Content.assemble(lines[-1], "   ", part)
            else:
                lines.append(part)
        content = Content("\n").join(lines)
        if not content.is_same(self.said):
            self.said = content
            self.update(content)


class BacktestPanel(Static):
    """The findings on one model of a study; on a small terminal one panel at a time."""

    DEFAULT_CSS = "BacktestPanel { display: none; height: auto; padding: 0 1; &.-said { display: block; } }"

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self._panel = ""
        self.slice: int | None = None  # None: the one with the best cell
        self.study: Study | None = None
        self.model: str | None = None
        self.key: str | None = None
        self.marked: tuple[str, ...] = ()
        self.paint: Paint | None = None
        self.said = Content("")
        self.waiting = False

    def show(
        self, study: Study | None, model: str | None, key: str | None, marked: Sequence[str], paint: Paint
    ) -> None:
        """Draw the findings of `study` on `model`, of the cell `key` where one is looked at, and of what is `marked`
        (models, or else cells): behind the next frame, so that the cursor is there first and one drawing serves keys
        in quick succession."""
        wanted = (study, model, key, tuple(marked), paint)
        if wanted == (self.study, self.model, self.key, self.marked, self.paint):
            return
        self.study, self.model, self.key, self.marked, self.paint = wanted
        if not self.waiting:
            self.waiting = True
            self.call_after_refresh(self.draw)

    def turn(self, step: int) -> None:
        """Show another slice of the grid."""
        if self.study is not None and self.model is not None and self.study.slices:
            self.slice = (self._slice + step) % self.study.slices
            self.draw()

    @property
    def _slice(self) -> int:
        assert self.study is not None and self.model is not None
        return self.study.best_slice(self.model) if self.slice is None else self.slice

    def on_resize(self, event: events.Resize) -> None:
        """The same in another size."""
        self.draw()

    @property
    def panels(self) -> tuple[str, ...]:
        """The panels that there are on a terminal of this size: a large one has room for all together."""
        size = self.app.size
        if size.width >= LARGE[0] and size.height >= LARGE[1]:
            return ALL, WORDS
        has_grid = self.study is None or self.study.inputs.grid is not None
        return (HEAT, CURVES, WORDS) if has_grid else (CURVES, WORDS)

    @property
    def panel(self) -> str:
        """The panel that is shown."""
        return self._panel if self._panel in self.panels else self.panels[0]

    @property
    def next_panel(self) -> str:
        """The panel after it."""
        return self.panels[(self.panels.index(self.panel) + 1) % len(self.panels)]

    def next(self) -> None:
        """Show the next panel."""
        self._panel = self.next_panel
        self.draw()

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
        if self.panel != ALL:
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
        heat = self.study.heat(self.model, self._slice)
        if heat is None:
            words = "No grid: each round by its own terms. x chooses multipliers to compare."
            return [Content(line) for line in wrap(words, width)]
        mode = self.study.result.mode
        legend = TITLES[mode]
        best = self.study.best_slice(self.model) + 1
        legend += "   [ ] best" if heat.best is not None else f"   best in slice {best}"
        if heat.actual is not None:
            legend += "   ( ) actual choice"
        if heat.alike:
            legend += "   = the best but for leverage"
        if self.study.slices > 1:
            legend += f"   v: slice {self._slice + 1} of {self.study.slices}"
        lines = wrap(legend, width)
        paint = self.paint._replace(hide=self.paint.hide and mode not in RATIOS)
        drawn = draw_heat(heat, width, height - len(lines), paint)
        return [*drawn, *(Content.assemble((line, "$foreground-muted")) for line in lines)]

    def _curves(self, width: int, height: int) -> list[Content]:
        assert self.study is not None and self.paint is not None
        curves = [self.study.curve(model, cell) for model, cell in self._wanted_curves()]
        return draw_curves([curve for curve in curves if curve is not None], width, height, self.paint)

    def _wanted_curves(self) -> list[tuple[str, int | None]]:
        """The models and cells whose curves are drawn: what the cursor is on, the model's best cell, the terms of each
        round, and what is marked."""
        from numtui.reports.backtest.study import ACTUAL_CELL, cell_of  # loaded already: the study comes from there

        assert self.study is not None and self.model is not None
        best = (self.model, self.study.best_cell(self.model))
        wanted = [best]
        if self.key is not None:
            wanted.insert(0, cell_of(self.key))
        if self.study.inputs.grid is not None:
            wanted.append((self.model, ACTUAL_CELL))
        marked = [(mark, None) if self.key is None else cell_of(mark) for mark in self.marked]
        for model, cell in marked:
            if model in self.study.result.models:
                wanted.append((model, self.study.best_cell(model) if cell is None else cell))
        return list(dict.fromkeys(wanted))

    def _words(self, width: int, height: int) -> list[Content]:
        assert self.study is not None
        more = "p" if self.panel == ALL else "a larger terminal"
        return [Content(line) for line in findings(self.study, width, height, more)]

    def _about(self, width: int) -> list[Content]:
        """The lines on the cell that is looked at, with its uncertainty, and on the actual choice."""
        assert self.study is not None and self.model is not None and self.paint is not None
        text = about(self.study, self.model, self.key, hide=self.paint.hide)
        return [Content(line) for line in wrap(text, width)]


def _side_by_side(left: Sequence[Content], right: Sequence[Content], width: int) -> list[Content]:
    """Two panels as lines, the left one `width` cells wide."""
    rows = zip_longest(left, right, fillvalue=Content(""))
    return [Content.assemble(near, " " * max(0, width + GAP - near.cell_length), far) for near, far in rows]
