"""The heatmap of a grid of multipliers: numbers where there is room, else marks; best and actual cell are framed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from textual.content import Content

from numtui.tui.format import Glyphs
from numtui.tui.widgets.text_line import Part

if TYPE_CHECKING:
    from numtui.reports.backtest_study import Heat

WIDEST, LEAST_NUMBER = 9, 6
SHADES = {1: ("#123524", "#1a5c36", "#22864a", "#2fb560"), -1: ("#3d1a1f", "#6b2229", "#9c2c33", "#d23b42")}
LEVELS = (0.15, 0.4, 0.65, 0.9)  # of the strongest result: the darker, the more
MARKS, MARKS_ASCII = "·+▲-▼", ".+^-v"


class Paint(NamedTuple):
    """How to draw: the characters there are, whether shades of colour may be used, whether amounts are hidden."""

    glyphs: Glyphs
    shades: bool
    hide: bool

    @property
    def marks(self) -> str:
        """Nothing, gain, strong gain, loss, strong loss."""
        return MARKS_ASCII if self.glyphs.more == ">" else MARKS


def draw_heat(heat: Heat, width: int, height: int, paint: Paint) -> list[Content]:
    """The heatmap in at most `height` lines of `width` cells, around the best cell where it does not fit."""
    left = max(len(heat.down[0]), *(len(text) for text in heat.down[1]))
    left = min(left, width // 4)
    count = len(heat.across[1])
    size = min(WIDEST, (width - left - 1) // max(1, count))
    size = size if size >= LEAST_NUMBER and not paint.hide else max(1, min(3, size))
    shown = _window(count, max(1, (width - left - 1) // size), heat.best[1] if heat.best else 0)
    rows = _window(len(heat.down[1]), max(1, height - 2), heat.best[0] if heat.best else 0)
    strongest = max((abs(value) for row in heat.values for value in row if value is not None), default=0.0)
    lines = [*_heading(heat, left, size, shown)]
    for at in rows:
        parts: list[Part] = [(f"{heat.down[1][at][-left:]:>{left}} ", "$text-muted")]
        for column in shown:
            frame = "[]" if (at, column) == heat.best else "()" if (at, column) == heat.actual else ""
            parts.append(_cell(heat.values[at][column], strongest, size, frame, paint))
        lines.append(Content.assemble(*parts))
    return lines


def _window(count: int, room: int, around: int) -> range:
    """As many positions as there is room for, `around` among them."""
    first = max(0, min(around - room // 2, count - room))
    return range(first, min(count, first + room))


def _heading(heat: Heat, left: int, size: int, shown: Sequence[int]) -> list[Content]:
    """What runs across, and its multipliers where there is room for them."""
    numbers = "".join(f"{heat.across[1][column]:>{size}}" for column in shown)
    if size < LEAST_NUMBER - 1:
        first, last = heat.across[1][shown[0]], heat.across[1][shown[-1]]
        numbers = first + last.rjust(max(0, size * len(shown) - len(first)))
    others = f"   at {heat.others}" if heat.others else ""
    return [
        Content.assemble((f"{heat.down[0][:left]:>{left}} ", "bold"), (f"{heat.across[0]}{others}", "bold")),
        Content.assemble((f"{' ' * left} {numbers}", "$text-muted")),
    ]


def _cell(value: float | None, strongest: float, size: int, frame: str, paint: Paint) -> Part:
    strength = 0 if not value or not strongest else sum(abs(value) / strongest >= level for level in LEVELS)
    sign = 0 if not strength or value is None else 1 if value > 0 else -1
    if size >= LEAST_NUMBER:
        text = "" if value is None else short(value, strongest)
    elif value is None:
        text = " "
    else:
        text = paint.marks[0 if not sign else (1 if sign > 0 else 3) + (strength >= 3)]
    if frame and size >= 3:
        text = f"{frame[0]}{text}{frame[1]}"
    elif frame:
        text = "B" if frame == "[]" else "o"
    aligned = text.rjust(size) if size >= LEAST_NUMBER else text.center(size)
    style = ("bold " if frame else "") + (_shade(sign, strength, paint))
    return aligned, style.strip()


def _shade(sign: int, strength: int, paint: Paint) -> str:
    if not sign:
        return "$text-muted"
    if not paint.shades:
        return "$text-success" if sign > 0 else "$text-error"
    return f"#ffffff on {SHADES[sign][strength - 1]}"


def short(value: float, strongest: float) -> str:
    """A result with its sign, in as many decimals as tell it from its neighbours."""
    places = 0 if strongest >= 1000 else 1 if strongest >= 100 else 2 if strongest >= 1 else 4
    return f"{value:+,.{places}f}"
