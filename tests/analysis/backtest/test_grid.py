from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numtui.analysis.backtest.grid import MAX_CELLS, Axis, make_grid, parse_axis, parse_grid


def decimals(*texts: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(text) for text in texts)


@pytest.mark.parametrize(
    ("text", "score", "values"),
    [
        ("canon_corr=0,0.5,1", "canon_corr", decimals("0", "0.5", "1")),
        ("tc=0..3:0.5", "tc", decimals("0", "0.5", "1", "1.5", "2", "2.5", "3")),
        ("corr@v2 = 0,1..2:0.25", "corr@v2", decimals("0", "1", "1.25", "1.5", "1.75", "2")),
        ("mmc=2.25", "mmc", decimals("2.25")),
        ("mmc=0..1:0.3", "mmc", decimals("0", "0.3", "0.6", "0.9")),
        ("mmc=1,0..1:0.5", "mmc", decimals("1", "0", "0.5")),
    ],
)
def test_axis(text: str, score: str, values: tuple[Decimal, ...]) -> None:
    assert parse_axis(text) == Axis(score, values)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "SCORE=V"),
        ("canon_corr", "SCORE=V"),
        ("=1", "SCORE=V"),
        ("a b=1", "SCORE=V"),
        ("tc=", "missing"),
        ("tc=1,,2", "missing"),
        ("tc=one", "not a number"),
        ("tc=0..3", "needs a step"),
        ("tc=0..:1", "not a number"),
        ("tc=0..3:0", "above 0"),
        ("tc=0..3:-1", "above 0"),
        ("tc=3..0:1", "backwards"),
        ("tc=nan", "finite"),
        ("tc=0..1:0.0000001", "more than"),
    ],
)
def test_bad_axis_says_what_is_wrong(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse_axis(text)


def test_grid_leaves_out_all_zeros_and_runs_the_last_axis_fastest() -> None:
    grid = parse_grid(["canon_corr=0,0.5", "canon_mmc=0..1:0.5"])
    assert grid.scores == ("canon_corr", "canon_mmc")
    assert grid.cells == tuple(
        decimals(*pair) for pair in (("0", "0.5"), ("0", "1.0"), ("0.5", "0"), ("0.5", "0.5"), ("0.5", "1.0"))
    )
    assert grid.array.tolist() == [[0, 0.5], [0, 1], [0.5, 0], [0.5, 0.5], [0.5, 1]]
    assert grid.index(decimals("0.5", "1")) == 4
    assert grid.index(decimals("0", "0")) is None


@pytest.mark.parametrize(
    ("texts", "complaint"),
    [
        ([], "at least one"),
        (["tc=1", "tc=2"], "named twice"),
        (["tc=0", "mmc=0"], "all multipliers are 0"),
        (["tc=0..9:1", "mmc=0..9:1", "corr=0..9:1"], "1000 cells are more than 500"),
    ],
)
def test_bad_grid_says_what_is_wrong(texts: list[str], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse_grid(texts, limit=500)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_a_grid_is_the_product_of_its_axes(sizes: list[int]) -> None:
    axes = [Axis(f"s{i}", tuple(Decimal(v) for v in range(1, size + 1))) for i, size in enumerate(sizes)]
    grid = make_grid(axes)
    assert len(grid.cells) == len(set(grid.cells)) == len(grid.array)
    assert list(grid.cells) == sorted(grid.cells)
    expected = 1
    for size in sizes:
        expected *= size
    assert len(grid.cells) == expected


def test_an_axis_has_at_most_so_many_multipliers() -> None:
    assert len(parse_axis(f"mmc=1..{MAX_CELLS}:1").values) == MAX_CELLS
    with pytest.raises(ValueError, match="more than"):
        parse_axis(f"mmc=0..{MAX_CELLS}:1")
