"""Heatmap and curves of a backtest, drawn from made-up values in every size."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.content import Content

from numtui.format import ASCII, UNICODE
from numtui.reports.backtest.study import Curve, Heat
from numtui.tui.backtest.curves import draw_curves
from numtui.tui.backtest.heatmap import Paint, draw_heat, forms, short, thinned
from numtui.tui.charts.palette import Colours

PLAIN = Paint(UNICODE, Colours.FEW, hide=False)
SHADED = Paint(UNICODE, Colours.ALL, hide=False)
IN_ASCII = Paint(ASCII, Colours.FEW, hide=False)
HIDDEN = Paint(UNICODE, Colours.ALL, hide=True)
PAINTS = st.builds(Paint, st.sampled_from([UNICODE, ASCII]), st.booleans(), st.booleans())
AMOUNT = re.compile(r"[+-][\d,]+(?:\.\d+)?(?:e[+-]\d+)?[kMG]?")
GAPPED = re.compile(rf" [\[( ]?(?:{AMOUNT.pattern}|0\.0+)(?:[\])]|(?= )|$)")  # a number that touches no other one


def steps(count: int) -> tuple[str, ...]:
    """Multipliers from 0 to 2, in hundredths at most."""
    return tuple(f"{round(200 * at / max(1, count - 1)) / 100:g}" for at in range(count))


def heat(
    rows: int,
    columns: int,
    strongest: float = 2.0,
    *,
    best: tuple[int, int] | None = None,
    actual: tuple[int, int] | None = None,
    others: str = "",
) -> Heat:
    """A grid whose results rise to `strongest` at its lower right end, and are losses at the upper left."""
    last = max(1, rows + columns - 2)
    values: list[list[float | None]] = [
        [strongest * (1.4 * (one + other) / last - 0.4) for other in range(columns)] for one in range(rows)
    ]
    return Heat(("v2_corr20", steps(rows)), ("mmc", steps(columns)), values, best, actual, others)


def drawn(lines: Sequence[Content]) -> list[str]:
    return [line.plain.rstrip() for line in lines]


@st.composite
def heats(draw: st.DrawFn) -> Heat:
    rows, columns = draw(st.integers(1, 60)), draw(st.integers(1, 60))
    cell = st.none() | st.tuples(st.integers(0, rows - 1), st.integers(0, columns - 1))
    scale = draw(st.floats(1e-12, 1e15))
    return heat(rows, columns, scale, best=draw(cell), actual=draw(cell), others=draw(st.sampled_from(["", "1 bmc"])))


@pytest.mark.parametrize("strongest", [0.0008, 0.9, 12.5, 940.0, 12_929.0, 3e6, 2e10, 0.0])
def test_numbers_stand_apart_under_their_multipliers(strongest: float) -> None:
    _, heading, *rows = drawn(draw_heat(heat(5, 5, strongest, best=(4, 3), actual=(0, 2)), 57, 13, PLAIN))
    ends = [found.end() for found in re.finditer(r"\S+", heading)]
    for row in rows:
        assert len(GAPPED.findall(row[3:])) == 5, row
        numbers = [found.end() for found in re.finditer(r"[\d.,+kMG-]+", row[3:])]
        assert [end + 3 for end in numbers] == ends
    assert sum("[" in row for row in rows) == sum("(" in row for row in rows) == 1


def test_frames_side_by_side_do_not_touch() -> None:
    for strongest in (0.0008, 29_660.0):
        _, heading, *rows = drawn(draw_heat(heat(5, 5, strongest, best=(1, 2), actual=(1, 3)), 57, 13, PLAIN))
        assert re.search(r"\] +\(", rows[1])
        ends = [found.end() for found in re.finditer(r"\S+", heading)]
        assert all([found.end() for found in re.finditer(r"[\d.,+-]+", row)][1:] == ends for row in rows)
    *_, row = drawn(draw_heat(heat(5, 12, best=(4, 3), actual=(4, 2)), 57, 13, HIDDEN))
    assert "(▲) [▲]" in row or "(+) [+]" in row


def test_one_shorter_form_before_marks() -> None:
    grid = heat(3, 5, 29_546.0)
    wide, narrow, least = (drawn(draw_heat(grid, width, 13, PLAIN)) for width in (57, 44, 30))
    assert wide[-1].endswith("+29,546")
    assert narrow[-1].endswith("+29.5k")
    assert all(found.endswith("k") for line in narrow[2:] for found in AMOUNT.findall(line))
    assert not AMOUNT.findall(" ".join(least[2:]).replace("- ", " "))
    assert least[-1].endswith("▲")


def test_forms_go_from_exact_to_short() -> None:
    assert [form.text(9127.4) for form in forms(9127.4)] == ["+9,127", "+9.1k"]
    assert [form.text(-129_274.0) for form in forms(129_274.0)] == ["-129,274", "-129.3k", "-129k"]
    assert [form.text(0.0008) for form in forms(0.0008)] == ["+0.000800", "+0.00080"]
    assert [form.text(12.345) for form in forms(12.345)] == ["+12.35", "+12.3", "+12"]
    assert short(0.0, 12.0) == "0.00"
    assert short(3e-9, 3e-9) == "+3.0e-09"


@given(st.floats(1e-20, 1e20))
def test_every_form_tells_two_digits_and_each_is_shorter(strongest: float) -> None:
    found = forms(strongest)
    assert found
    assert [len(form.text(strongest)) for form in found][1:] == sorted(
        (len(form.text(strongest)) for form in found[1:]), reverse=True
    )
    for form in found:
        assert float(form.text(strongest).strip("+kMG").replace(",", "")) * 10**form.power == pytest.approx(
            strongest, rel=0.06
        )


@given(st.integers(1, 300), st.integers(1, 120), st.data())
def test_thinning_is_even_and_has_both_ends_and_what_is_to_be_kept(count: int, room: int, data: st.DataObject) -> None:
    keep = data.draw(st.lists(st.integers(0, count - 1), max_size=2))
    taken = thinned(count, room, keep)
    assert taken == sorted(set(taken))
    assert len(taken) == min(count, room)
    assert all(0 <= at < count for at in taken)
    if room >= 2 + len(set(keep)):
        assert {0, count - 1, *keep} <= set(taken)
        step = (count - 1) / max(1, room - 1)
        widest = (1 + len(set(keep))) * step + 2  # neighbours may each have given way to one that is kept
        assert all(after - before <= widest for before, after in pairwise(taken))
    elif keep:
        assert keep[0] in taken


def test_a_large_grid_is_thinned_and_says_so() -> None:
    title, heading, *rows = drawn(
        draw_heat(heat(51, 60, best=(24, 21), actual=(20, 33), others="1 bmc"), 57, 13, PLAIN)
    )
    assert "11 of 51 rows, 52 of 60 columns" in title
    assert heading.split()[0] == "0"
    assert heading.split()[-1] == "2"
    assert "B best, o yours" in heading
    labels = [row[:4].strip() for row in rows]
    assert (labels[0], labels[-1]) == ("0", "2")
    assert {steps(51)[24], steps(51)[20]} <= set(labels)
    assert sum(row.count("B") for row in rows) == sum(row.count("o") for row in rows) == 1
    left = len(heading) - len(heading.lstrip())
    assert {len(row) for row in rows} == {len(heading)}  # the last multiplier ends above the last column
    assert all(row[left - 1] == " " and row[left] in "-B" for row in rows[:1])


def test_what_fits_as_marks_has_all_columns_and_rows() -> None:
    title, _, *rows = drawn(draw_heat(heat(11, 51, best=(10, 50)), 57, 13, PLAIN))
    assert " of " not in title
    assert len(rows) == 11
    assert {len(row[4:].replace(" ", "")) for row in rows} == {51}
    assert rows[-1].endswith("B")


def test_marks_differ_by_sign_and_strength_without_colour() -> None:
    for paint, marks in ((PLAIN, "▼-·+▲"), (IN_ASCII, "v-.+^")):
        grid = Heat(("a", ("1",)), ("b", steps(40)), [[at - 20.0 for at in range(40)]], None, None, "")
        row = drawn(draw_heat(grid, 57, 9, paint))[-1][1:].strip()
        assert list(dict.fromkeys(row)) == list(marks)


def test_one_axis_has_no_heading_at_the_side() -> None:
    grid = Heat(("", ("",)), ("mmc", steps(5)), [[-1.0, 0.0, 1.0, None, 2.0]], (0, 4), None, "")
    assert drawn(draw_heat(grid, 57, 9, PLAIN)) == [
        "mmc",
        "      0    0.5      1    1.5      2",
        "  -1.00   0.00  +1.00        [+2.00]",
    ]


@pytest.mark.parametrize("paint", [PLAIN, SHADED, IN_ASCII, HIDDEN])
def test_nothing_in_this_slice_is_said_in_one_line(paint: Paint) -> None:
    nothing: list[list[float | None]] = [[None] * 5 for _ in range(5)]
    grid = heat(5, 5, others="1 bmc")._replace(values=nothing)
    assert drawn(draw_heat(grid, 57, 13, paint)) == ["No result in this slice (at 1 bmc)."]


@given(heats(), st.integers(1, 130), st.integers(1, 60), PAINTS)
def test_a_heatmap_never_leaves_its_room(grid: Heat, width: int, height: int, paint: Paint) -> None:
    lines = draw_heat(grid, width, height, paint)
    assert 1 <= len(lines) <= height
    assert all(line.cell_length <= width for line in lines)
    body = [line.plain for line in lines[2:]]
    if paint.glyphs is ASCII:
        assert all(line.plain.isascii() for line in lines)
    if width >= 40:
        assert len({len(line) for line in body}) <= 1
        assert len(body) == min(len(grid.values), max(0, height - 2))
    if paint.hide:
        assert not any(re.search(r"[+-]\d", line) for line in body)


@given(st.integers(1, 9), st.integers(1, 12), st.floats(1e-9, 1e14), st.integers(40, 130))
def test_numbers_never_touch(rows: int, columns: int, strongest: float, width: int) -> None:
    best, actual = (rows - 1, columns - 1), (rows - 1, max(0, columns - 2))
    lines = drawn(draw_heat(heat(rows, columns, strongest, best=best, actual=actual), width, 30, PLAIN))[2:]
    if any(AMOUNT.search(line) for line in lines):
        assert all(len(GAPPED.findall(line[len(line.split()[0]) :])) == columns for line in lines)


def curve(name: str, *values: float) -> Curve:
    return Curve(name, tuple(range(1000, 1000 + len(values))), values)


LONG = "demo_cinder: 1 v2_corr20 + 0 mmc + 1 bmc + 0.5 rcv"


@pytest.mark.parametrize(("paint", "dots"), [(PLAIN, "…"), (IN_ASCII, ASCII.dots)])
def test_a_legend_is_cut_with_a_sign_and_amounts_stand_under_each_other(paint: Paint, dots: str) -> None:
    curves = [curve(LONG, 1.0, 32_986.8398), curve("b", 1.0, -2.0), curve(f"x{LONG}", 0.0)]
    *_, first, second, third = (line.plain for line in draw_curves(curves, 57, 20, paint))
    assert re.fullmatch(rf" a demo_cinder: 1 v2_corr20 \+ 0 m.*{re.escape(dots)}  \+32,986\.8398 NMR", first)
    assert second.endswith("  -2.0000 NMR")
    assert {len(first), len(second), len(third)} == {57}


def test_short_names_have_their_amounts_near() -> None:
    *_, last = draw_curves([curve("aurora: 1 mmc", 1.0, 2.0)], 57, 20, PLAIN)
    assert last.plain == " a aurora: 1 mmc  +2.0000 NMR"


def test_every_letter_of_curves_that_end_together_is_shown() -> None:
    lines = drawn(draw_curves([curve(str(at), 0.0, 5.0, 7.0) for at in range(6)], 40, 20, PLAIN))
    assert lines[0].endswith("abcdef")
    assert max(map(len, lines)) <= 40


def test_large_amounts_widen_the_axis() -> None:
    lines = drawn(draw_curves([curve("a", -1_000.0, 12_345_678.0, 5.0)], 57, 12, PLAIN))
    assert any(line.startswith("+10,000,000 ") for line in lines)
    assert next(line for line in lines if line.startswith("      round")).split() == ["round", "1000", "1001", "1002"]


def test_hidden_balances_show_no_amount() -> None:
    lines = drawn(draw_curves([curve("aurora", 1.5, -3.25, 2.75)], 57, 12, HIDDEN))
    assert lines[-1] == " a aurora  •••"
    assert not re.search(r"\d", "".join(lines[:-2]))
    marks = drawn(draw_heat(heat(5, 5, 3.0, best=(4, 4)), 57, 13, HIDDEN))
    assert marks[1].split() == list(steps(5))
    assert not re.search(r"[+-]\d", " ".join(marks[2:]))
    assert marks[-1].endswith("[▲]")


NUMBERS = st.floats(-1e9, 1e9, allow_subnormal=False)
CURVES = st.lists(
    st.builds(
        lambda name, first, values: Curve(name, tuple(range(first, first + len(values))), tuple(values)),
        st.sampled_from(["a", LONG, "模型: 1 mmc"]),
        st.integers(1, 1300),
        st.lists(NUMBERS, min_size=1, max_size=40),
    ),
    max_size=8,
)


@given(CURVES, st.integers(1, 130), st.integers(1, 40), PAINTS)
def test_curves_never_leave_their_room(curves: list[Curve], width: int, height: int, paint: Paint) -> None:
    lines = draw_curves(curves, width, height, paint)
    assert len(lines) <= height
    assert all(line.cell_length <= width for line in lines)
    if paint.glyphs is ASCII and not any("模" in one.name for one in curves):
        assert all(line.plain.isascii() for line in lines)
    if paint.hide:
        assert not any("NMR" in line.plain for line in lines)
