"""The heatmap of a grid of multipliers: numbers where there is room, else marks; best and actual cell are framed."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, isfinite, log10
from typing import TYPE_CHECKING, NamedTuple

from textual.content import Content

from numtui.format import Glyphs
from numtui.tui.charts.heat import GAINS, LOSSES, MARKS, MARKS_ASCII
from numtui.tui.charts.palette import Colours
from numtui.tui.table.painter import padded
from numtui.tui.widgets.text_line import Part

if TYPE_CHECKING:
    from numtui.reports.backtest.study import Heat

LEVELS = (0.15, 0.4, 0.65, 0.9)  # of the strongest result: the darker, the more
FRAMED = 3  # cells from which a mark has room for its frame
BEST, YOURS, ALIKE = "B", "o", "="  # stand for the frames where there are none
HEADINGS = 2  # lines above the map
UNITS = ((9, "G"), (6, "M"), (3, "k"))  # by power of ten
TELLING = 2  # digits of the strongest result that any way of writing must show


class Paint(NamedTuple):
    """The means of drawing: the characters, the terminal's colours, whether amounts are hidden."""

    glyphs: Glyphs
    colours: Colours
    hide: bool

    @property
    def marks(self) -> str:
        """Nothing, gain, strong gain, loss, strong loss."""
        return MARKS_ASCII if self.glyphs.more == ">" else MARKS


class Form(NamedTuple):
    """One way to write all results of a map, so that they compare at a glance."""

    spec: str
    power: int = 0
    unit: str = ""

    def text(self, value: float) -> str:
        """The result with its sign; none at zero."""
        text = f"{value / 10**self.power:{self.spec}}{self.unit}"
        return text if value else text.lstrip("+-")


class _Layout(NamedTuple):
    """The layout of a map.

    The cells of the row's heading and of a column, how numbers are written (None: marks), what is shown of the grid,
    the strongest result, and a column with a gap before it (-1: none).
    """

    left: int
    size: int
    form: Form | None
    rows: list[int]
    columns: list[int]
    strongest: float
    apart: int

    def cells(self, column: int) -> int:
        """The cells of a column."""
        return self.size + (column == self.apart and self.size >= FRAMED)


def draw_heat(heat: Heat, width: int, height: int, paint: Paint) -> list[Content]:
    """The heatmap in at most `height` lines of at most `width` cells; a grid that is too large for it is thinned."""
    width, height = max(1, width), max(1, height)
    dots = paint.glyphs.dots
    if all(value is None for row in heat.values for value in row):
        where = f" (at {heat.others})" if heat.others else ""
        return [Content(_cut(f"No result in this slice{where}.", width, dots))]
    plan = _layout(heat, width, height, paint)
    lines = [Content.assemble((_title(heat, plan, width, dots), "bold"))]
    lines.append(Content.assemble((" " * (plan.left + 1) + _multipliers(heat, plan, dots), "$foreground-muted")))
    for index in plan.rows:
        parts: list[Part] = [(padded(heat.down[1][index], plan.left, dots, right=True) + " ", "$foreground-muted")]
        for column in plan.columns:
            frame = _frame(heat, (index, column))
            text, style = _cell(heat.values[index][column], plan, frame, paint)
            parts.append((text.rjust(plan.cells(column)), style))
        lines.append(Content.assemble(*parts))
    return [line.truncate(width) for line in lines[:height]]


def short(value: float, strongest: float) -> str:
    """A result with its sign, in as many decimals as tell it from its neighbours."""
    return forms(strongest)[0].text(value)


def forms(strongest: float) -> list[Form]:
    """The ways to write results up to `strongest`, from the most exact way to the shortest one that still tells."""
    magnitude = floor(log10(strongest)) if strongest else 0
    if not -6 < magnitude < 12:
        return [Form("+.1e")]
    most = 0 if magnitude >= 3 else 1 if magnitude == 2 else 2 if magnitude >= 0 else max(4, 2 - magnitude)
    fewest = max(0, TELLING - 1 - magnitude)
    ways = [Form(f"+,.{places}f") for places in range(most, min(most, fewest) - 1, -1)]
    for power, unit in UNITS:
        if magnitude >= power:
            fewest = max(0, TELLING - 1 - magnitude + power)
            ways += [Form(f"+,.{places}f", power, unit) for places in range(max(1, fewest), fewest - 1, -1)]
            break
    return ways


def thinned(count: int, room: int, keep: Sequence[int]) -> list[int]:
    """At most `room` of `count` positions, evenly spaced from end to end, those of `keep` among them.

    Each of `keep` stands in for the nearest one that is not an end; for an end only where there is nothing else. Where
    there is not room for all of `keep`, its first ones count.
    """
    if count <= room:
        return list(range(count))
    taken = {round(position * (count - 1) / (room - 1)) for position in range(room)} if room > 1 else {0}
    for place, position in enumerate(keep):
        free = taken.difference(keep) or taken.difference(keep[:place])
        inner = free - {0, count - 1}
        if position not in taken and free:
            taken.remove(min(inner or free, key=lambda candidate: (abs(candidate - position), candidate)))
            taken.add(position)
    return sorted(taken)


def _layout(heat: Heat, width: int, height: int, paint: Paint) -> _Layout:
    left = min(max(map(len, heat.down[1])), width // 4)
    room = max(1, width - left - 1)
    strongest = max((abs(v) for row in heat.values for v in row if v is not None and isfinite(v)), default=0.0)
    apart = _apart(heat)
    size, form = _sized(heat, room - (apart >= 0), strongest, paint)
    kept = [place for place in (heat.best, heat.actual) if place is not None]
    rows = thinned(len(heat.down[1]), max(1, height - HEADINGS), [index for index, _ in kept])
    columns = thinned(len(heat.across[1]), max(1, room // size), [index for _, index in kept])
    return _Layout(left, size, form, rows, columns, strongest, apart)


def _apart(heat: Heat) -> int:
    """The right one of two framed cells side by side, whose frames would touch: a column, -1 where there are none."""
    if heat.best is None or heat.actual is None:
        return -1
    (best_row, best_column), (actual_row, actual_column) = heat.best, heat.actual
    return max(best_column, actual_column) if best_row == actual_row and abs(best_column - actual_column) == 1 else -1


def _sized(heat: Heat, room: int, strongest: float, paint: Paint) -> tuple[int, Form | None]:
    """The cells of a column and how its numbers are written: the most exact way that there is room for.

    A text has a cell on either side for its frame, one of which is the gap to the next column.
    """
    count, longest = len(heat.across[1]), max(map(len, heat.across[1]))
    if not paint.hide:
        for form in forms(strongest):
            size = max(longest, len(form.text(strongest))) + 2
            if size * count <= room:
                return size, form
    sizes = (longest + 2, FRAMED, 2, 1)
    return next((size for size in sizes if size * count <= room), 1), None


def _title(heat: Heat, plan: _Layout, width: int, dots: str) -> str:
    """The title: the scores down and across, the other multipliers, and how much of the grid is shown."""
    parts = [
        f"{len(shown)} of {len(axis[1])} {name}"
        for shown, axis, name in ((plan.rows, heat.down, "rows"), (plan.columns, heat.across, "columns"))
        if len(shown) < len(axis[1])
    ]
    tail = f"   {', '.join(parts)}" if parts else ""
    (down, _), (across, _) = heat.down, heat.across
    others = f", at {heat.others}" if heat.others else ""
    room = max(0, width - len(tail))
    name = f"{down} down, {across} across{others}" if down else f"{across}{others}"
    if len(name) > room and down:
        name = f"{down} / {across}{others}"
    return _cut(_cut(name, room, dots) + tail, width, dots)


def _multipliers(heat: Heat, plan: _Layout, dots: str) -> str:
    """The multipliers across, each above its column; of narrow columns the first and the last one."""
    texts = [heat.across[1][column] for column in plan.columns]
    if plan.size > max(map(len, heat.across[1])):
        return "".join(f"{text} ".rjust(plan.cells(place)) for text, place in zip(texts, plan.columns, strict=True))
    said = [f"{BEST} best"] * (heat.best is not None) + [f"{YOURS} yours"] * (heat.actual not in {None, heat.best})
    said += [f"{ALIKE} same per risk"] * bool(heat.alike)
    letters = ", ".join(said) if plan.size < FRAMED else ""
    gap = (plan.size - 1) // 2  # a mark's distance from the sides of its column
    room = sum(map(plan.cells, plan.columns)) - 2 * gap
    between = room - len(texts[0]) - len(texts[-1])
    if between < 1 or len(texts) == 1:
        return _cut(" ".join(texts[:: max(1, len(texts) - 1)]), room, dots)
    return " " * gap + texts[0] + (letters if between >= len(letters) + 2 else "").center(between) + texts[-1]


def _cell(value: float | None, plan: _Layout, frame: str, paint: Paint) -> Part:
    strength = sum(abs(value) / plan.strongest >= level for level in LEVELS) if value and plan.strongest else 0
    sign = 0 if not strength or value is None else 1 if value > 0 else -1
    if value is None:
        text = " "
    elif plan.form is not None:
        text = plan.form.text(value)
    else:
        text = paint.marks[0 if not sign else (1 if sign > 0 else 3) + (strength >= 3)]
    if frame and plan.size < FRAMED:
        text = {"[]": BEST, "()": YOURS}.get(frame, ALIKE)
    elif frame:
        text = f"{frame[0]}{text}{frame[1]}"
    closing = "" if plan.size == 1 or (frame and plan.size >= FRAMED) else " "
    style = ("bold " if frame else "") + _shade(sign, strength, paint)
    return text + closing, style


def _frame(heat: Heat, place: tuple[int, int]) -> str:
    """The two marks around a cell: of the best, the actual choice, a multiple of the best; nothing on others."""
    return "[]" if place == heat.best else "()" if place == heat.actual else f"{ALIKE} " if place in heat.alike else ""


def _shade(sign: int, strength: int, paint: Paint) -> str:
    if not sign:
        return "$foreground-muted"
    if paint.colours is not Colours.ALL:
        return "$text-success" if sign > 0 else "$text-error"
    return f"#ffffff on {(GAINS if sign > 0 else LOSSES)[strength - 1]}"


def _cut(text: str, width: int, dots: str) -> str:
    return text if len(text) <= width else padded(text, width, dots, right=False)
