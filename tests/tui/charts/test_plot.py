"""Charts: round numbers beside the axes, curves before bands, the values at the cursor, and the same in ASCII."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from numtui.tui.charts.palette import EXPECTED, GROUNDS, LINES, OUTER, Colours
from numtui.tui.charts.plot import Band, Line, Plot, draw_plot, percent_tick, round_numbers

RISE = Line([(1.0, -0.02), (10.0, 0.04)], "return")
FAN = Band([(10.0, 0.04, 0.04), (20.0, -0.01, 0.09)], "90%")


def plot(*lines: Line, bands: tuple[Band, ...] = ()) -> Plot:
    return Plot(lines, 1.0, 20.0, "day", "{:+z.2%}".format, percent_tick, bands, marker=10.0)


def drawn(
    shown: Plot, width: int = 60, height: int = 14, *, ascii_only: bool = False, cursor: float | None = None
) -> str:
    return "\n".join(line.plain for line in draw_plot(shown, width, height, ascii_only=ascii_only, cursor=cursor))


@given(st.floats(-1e3, 1e3), st.floats(1.0, 1e6), st.integers(1, 20))
def test_round_numbers_lie_within_the_axis_at_even_steps(low: float, span: float, most: int) -> None:
    ticks = round_numbers(low, low + span, most)
    assert len(ticks) <= most + 1
    tolerance = span * 1e-6 + 1e-6
    assert all(low - tolerance <= tick <= low + span + tolerance for tick in ticks)
    steps = {f"{after - before:.6g}" for before, after in pairwise(ticks)}
    assert all(f"{float(step):.3e}"[0] in "125" or f"{float(step):.3e}".startswith("9.99") for step in steps)


def test_the_axis_has_zero_and_round_percentages() -> None:
    text = drawn(plot(RISE))
    assert "0% ┤┄" in text
    assert "+4% ┤" in text
    assert "-2% ┤" in text


def test_a_curve_stands_before_the_edges_of_a_band_and_its_ground() -> None:
    level = Line([(1.0, 0.05), (20.0, 0.05)], "expected", EXPECTED)
    edges = Band([(1.0, 0.05, 0.05), (20.0, 0.05, 0.05)], "90%")
    lines = draw_plot(plot(level, bands=(edges,)), 40, 10, ascii_only=False)
    styles = [str(span.style) for line in lines[:1] for span in line.spans]
    assert f"{LINES[EXPECTED]} {GROUNDS[OUTER]}" in styles
    assert not any(style.startswith(LINES["edge"]) for style in styles)


def test_sixteen_colours_have_no_ground() -> None:
    lines = draw_plot(plot(RISE, bands=(FAN,)), 60, 14, ascii_only=False, colours=Colours.FEW)
    assert not any(" on " in f" {span.style}" for line in lines for span in line.spans)


def test_the_cursor_tells_the_values_of_what_reaches_it() -> None:
    shown = plot(RISE, bands=(FAN,))
    assert drawn(shown).splitlines()[-1] == "━ return  ━ 90%"
    assert drawn(shown, cursor=4.0).splitlines()[-1] == "day 4  ━ return +0.00%"
    assert drawn(shown, cursor=15.0).splitlines()[-1] == "day 15  ━ 90% +1.50% to +6.50%"


def test_ascii_tells_curves_and_edges_apart_by_their_marks() -> None:
    text = drawn(plot(RISE, Line([(10.0, 0.04), (20.0, 0.04)], "expected", EXPECTED), bands=(FAN,)), ascii_only=True)
    assert text.isascii()
    assert text.splitlines()[-1] == "* return  = expected  : 90%"
    body = "\n".join(text.splitlines()[:-2])
    assert all(mark in body for mark in "*=:")


def test_a_plot_without_room_is_its_legend() -> None:
    assert drawn(plot(RISE), width=60, height=4) == "━ return"
    assert drawn(plot(RISE), width=10, height=14) == "━ return"
    assert drawn(plot(RISE), height=0) == ""


def test_no_line_is_wider_than_its_room() -> None:
    long = plot(*(Line([(1.0, 0.01 * k), (20.0, 0.02 * k)], f"a long name {k}", f"other{k}") for k in range(1, 6)))
    for width in (24, 40, 80):
        for line in draw_plot(long, width, 12, ascii_only=False, cursor=7.0):
            assert line.cell_length <= width


def test_a_curve_that_never_moves_and_one_point_are_drawn() -> None:
    flat = drawn(plot(Line([(1.0, 0.0), (20.0, 0.0)], "flat"))).splitlines()
    assert sum(line.count("⠤") + line.count("⠒") + line.count("⠉") + line.count("⣀") for line in flat) > 40
    assert drawn(plot(Line([(5.0, 0.02)], "one")))
    assert drawn(plot(Line([], "none")))


def test_without_colours_dashes_tell_curves_apart_and_the_legend_shows_them() -> None:
    level = [(float(day), 0.5) for day in range(41)]
    curves = [Line([(x, y + place / 10) for x, y in level], f"curve {place}") for place in range(3)]
    drawn = draw_plot(Plot(curves, 0.0, 40.0, "day", str, str), 60, 30, ascii_only=False, colours=Colours.NONE)
    filled = [sum("⠀" < letter <= "⣿" for letter in line.plain) for line in drawn]
    rows = [line for line in filled if line]
    assert len(rows) == 3 and len(set(rows)) >= 2 and rows[2] > rows[0], "the first one is whole"
    legend = drawn[-1].plain
    marks = [legend[legend.index(f"curve {place}") - 2] for place in range(3)]
    assert len(set(marks)) == 3
    coloured = draw_plot(Plot(curves, 0.0, 40.0, "day", str, str), 60, 30, ascii_only=False, colours=Colours.FEW)
    assert coloured[-1].plain.count("━") == 3
