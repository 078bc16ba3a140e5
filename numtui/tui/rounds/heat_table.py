"""A table whose rows can be lines of a heatmap: one coloured cell, with its sign, for each round."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from numtui.model import Kind, Row
from numtui.tui.charts.heat import MARKS, MARKS_ASCII, level, mark, shade
from numtui.tui.table.painter import GUTTER, cell_width, padded
from numtui.tui.table.report_table import ReportTable

HEAT = "returns"  # the column that is drawn
NAME = 16
TOTAL = 11  # cells of a sum at the end
SUMS = (("payout", "NMR now"), ("expected_payout", "NMR fc"), ("at_risk", "at risk"))


class HeatTable(ReportTable):
    """A table that draws rows with the column `returns` as a heatmap, and those of other tables as ever."""

    @property
    def _heat_column(self) -> int | None:
        """The position of the column that is drawn as a heatmap, None in a table without."""
        columns = self.source.columns
        positions = (index for index, column in enumerate(columns) if column.name == HEAT and column.kind is Kind.SPARK)
        return next(positions, None)

    def render_line(self, y: int) -> Strip:
        """The line `y`: the header, or a row."""
        heat = self._heat_column
        if heat is None:
            return super().render_line(y)
        width, styles = self.scrollable_content_region.width, self._styles()
        if y == 0:
            return self._heading(width, styles, heat)
        position = self.scroll_offset.y + y - 1
        row = self.row(position) if position < len(self.source) else None
        if row is None:
            return Strip([Segment(" " * width, self.rich_style)], width)
        return self._line(row, position, heat, width, styles)

    def _room_for(self, width: int, heat: int, row: Row | None) -> tuple[int, int, int]:
        """The first round that is shown, how many are, and the cells that each takes."""
        cells = row[heat] if row is not None else ()
        count = len(cells) if isinstance(cells, tuple) else 0
        space = max(1, width - GUTTER - NAME - 1 - (TOTAL if width < 110 else 3 * TOTAL))
        size = max(1, min(3, space // max(count, 1)))
        shown = min(count, space // size)
        first = max(0, min(self.scrolled * 5, count - shown))
        return first, shown, size

    def _heading(self, width: int, styles: dict[str, Style], heat: int) -> Strip:
        first, shown, size = self._room_for(width, heat, self.row(0) if len(self.source) else None)
        name = padded("model", NAME, "", right=False)
        ends = f"{'<' if first else ''}next to resolve", f"newest{'>' if self._hidden(heat, first, shown) else ''}"
        space = shown * size
        middle = ends[0] + ends[1].rjust(space - len(ends[0])) if space >= sum(map(len, ends)) + 1 else ends[0][:space]
        sums = "".join(title.rjust(TOTAL) for _, title in self._sums(width, space))
        text = f"{' ' * GUTTER}{name} {middle.ljust(space)}{sums}"
        return Strip([Segment(padded(text, width, "", right=False), styles["header"])], width)

    def _hidden(self, heat: int, first: int, shown: int) -> bool:
        row = self.row(0) if len(self.source) else None
        cells = row[heat] if row is not None else ()
        return isinstance(cells, tuple) and first + shown < len(cells)

    def _line(self, row: Row, position: int, heat: int, width: int, styles: dict[str, Style]) -> Strip:
        selected = position == self.cursor
        flags = self._flags(row, position)
        base = styles["cursor"] if selected else styles["mine"] if flags.mine else styles["base"]
        glyphs = self.formatter.glyphs
        sign = glyphs.mine if flags.mine else glyphs.watched if flags.watched else " "
        head = f"{glyphs.mark if flags.marked else ' '}{sign} "
        name = self.formatter.text(row[self._place_of("model")], self.source.columns[self._place_of("model")])
        segments = [Segment(f"{head}{padded(name, NAME, glyphs.dots, right=False)} ", base)]
        first, shown, size = self._room_for(width, heat, row)
        cells = row[heat]
        assert isinstance(cells, tuple)
        segments += self._cells(cells[first : first + shown], size, styles)
        for column_name, _ in self._sums(width, shown * size):
            place = self._place_of(column_name)
            column, value = self.source.columns[place], row[place]
            tone = self.formatter.tone(value, column).value
            text = padded(self.formatter.text(value, column), TOTAL - 1, glyphs.dots, right=True)
            segments.append(Segment(f" {text}", base if selected or tone not in styles else styles[tone]))
        used = sum(cell_width(segment.text) for segment in segments)
        return Strip([*segments, Segment(" " * max(0, width - used), base)], width)

    def _sums(self, width: int, cells: int) -> tuple[tuple[str, str], ...]:
        """The sums that have room beside the cells: columns and titles."""
        return SUMS[: max(1, (width - GUTTER - NAME - 1 - cells) // TOTAL)]

    def _place_of(self, name: str) -> int:
        return next(index for index, column in enumerate(self.source.columns) if column.name == name)

    def _cells(self, values: Sequence[float | None], size: int, styles: dict[str, Style]) -> list[Segment]:
        """The marks, neighbours of one style as one segment."""
        marks = MARKS_ASCII if self.formatter.glyphs.more == ">" else MARKS
        segments: list[Segment] = []
        for value in values:
            text, style = mark(value, marks).center(size), self._style(value, styles)
            if segments and segments[-1].style == style:
                segments[-1] = Segment(segments[-1].text + text, style)
            else:
                segments.append(Segment(text, style))
        return segments

    def _style(self, value: float | None, styles: dict[str, Style]) -> Style:
        if value is None or level(value) == 0:
            return styles["faint"]
        if self.app.no_color or self.app.theme.startswith("ansi"):
            return styles["gain" if value > 0 else "loss"]
        return Style(color="#ffffff", bgcolor=shade(value))

    def action_columns(self, count: int) -> None:
        """Scroll sideways: by rounds in a heatmap."""
        heat = self._heat_column
        if heat is None:
            super().action_columns(count)
            return
        first, shown, _ = self._room_for(self.scrollable_content_region.width, heat, self.row(0))
        if count < 0 or self._hidden(heat, first, shown):
            self.scrolled = max(0, self.scrolled + count)
            self.repaint()
