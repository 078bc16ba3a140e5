from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numtui.analysis.payout import payout, returns, round_return
from numtui.money import EXACT, exact

scores = st.floats(-0.2, 0.2).map(lambda x: round(x, 8))
multipliers = st.sampled_from([Decimal(x) for x in ("0", "0.5", "0.75", "1", "2.25", "3", "15")])


def test_payout_by_hand() -> None:
    """12.5 NMR, factor 0.4: 0.4 x (0.75 x 0.02 + 2.25 x 0.01) = 0.015, so 0.1875 NMR."""
    got = payout(Decimal("12.5"), "0.4", Decimal("0.05"), [0.02, 0.01], [Decimal("0.75"), Decimal("2.25")])
    assert got == Decimal("0.1875")


def test_payout_is_clipped_on_both_sides() -> None:
    assert payout(10, 1, "0.05", [0.1], [1]) == Decimal("0.5")
    assert payout(10, 1, "0.05", [-0.1], [1]) == Decimal("-0.5")


def test_atomic_payout_clips_at_the_whole_stake() -> None:
    assert payout("2.5", 1, 1, [0.01, 0.004], [3, 15]) == Decimal("0.225")
    assert payout("2.5", 1, 1, [-0.2, -0.1], [3, 15]) == Decimal("-2.5")


def test_products_are_not_rounded() -> None:
    got = payout("1234567.000000000000000001", "0.123456789012345678", "1", [0.1234567890123456], ["2.25"])
    expected = 1234567000000000000000001 * 123456789012345678 * 1234567890123456 * 225
    assert Fraction(got) == Fraction(expected, 10 ** (18 + 18 + 16 + 2))


def test_a_float_means_its_wire_text() -> None:
    assert exact(0.1) == Decimal("0.1")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN"), "Infinity"])
def test_what_is_not_finite_is_refused(value: float | Decimal | str) -> None:
    with pytest.raises(ValueError, match="finite"):
        exact(value)


def test_uneven_scores_and_a_negative_clip_are_refused() -> None:
    with pytest.raises(ValueError, match="2 scores but 1"):
        round_return(1, 1, [0.1, 0.2], [1])
    with pytest.raises(ValueError, match="negative"):
        round_return(1, "-0.05", [0.1], [1])


def test_every_guard_has_its_bound() -> None:
    """A clip of 0 is one (nothing is paid); each number is looked at, and scores may be too few as well as too many."""
    assert round_return(1, 0, [0.1], [1]) == 0
    assert payout("10", 1, 0, ["-0.1"], [1]) == 0
    with pytest.raises(ValueError, match="1 scores but 2"):
        round_return(1, 1, [0.1], [1, 2])
    assert round_return(1, 1, [], []) == 0
    for terms in (
        ("NaN", 1, ["0.1"], [1]),
        (1, "Infinity", ["0.1"], [1]),
        (1, 1, ["NaN"], [1]),
        (1, 1, ["0.1"], ["Infinity"]),
    ):
        with pytest.raises(ValueError, match="finite"):
            round_return(*terms)
    with pytest.raises(ValueError, match="finite"):
        payout("NaN", 1, 1, ["0.1"], [1])


@given(st.lists(st.tuples(scores, multipliers), min_size=1, max_size=4), st.sampled_from(["0", "0.1", "0.35", "1"]))
def test_clip_and_factor_commute(terms: list[tuple[float, Decimal]], factor: str) -> None:
    """clip(f x) at c is f clip(x) at c/f: a factor inside the clip equals a smaller clip outside."""
    s, m = zip(*terms, strict=True)
    inside = round_return(factor, "0.05", s, m)
    if factor == "0":
        assert inside == 0
        return
    outside = Decimal(factor) * round_return(1, Decimal("0.05") / Decimal(factor), s, m)
    assert float(inside) == pytest.approx(float(outside), abs=1e-20, rel=1e-20)
    assert abs(inside) <= Decimal("0.05")


@given(
    st.lists(st.tuples(scores, multipliers), min_size=1, max_size=4),
    st.decimals(0, 1000, places=18),
    st.sampled_from(["0.05", "0.25", "1"]),
    st.integers(2, 9),
)
def test_scaling_the_stake_scales_the_payout(
    terms: list[tuple[float, Decimal]], at_risk: Decimal, clip: str, scale: int
) -> None:
    s, m = zip(*terms, strict=True)
    with localcontext(EXACT):
        assert payout(at_risk * scale, "0.37", clip, s, m) == scale * payout(at_risk, "0.37", clip, s, m)


@given(st.lists(st.tuples(scores, multipliers), min_size=1, max_size=4), st.sampled_from(["0.05", "0.25", "1"]))
def test_returns_in_float_are_the_exact_ones(terms: list[tuple[float, Decimal]], clip: str) -> None:
    s, m = zip(*terms, strict=True)
    got = returns(np.array([s]), np.array([float(x) for x in m]), 0.37, float(clip))
    assert got.shape == (1,)
    assert got[0] == pytest.approx(float(round_return("0.37", clip, s, m)), abs=1e-15)


def test_returns_of_cells_with_factors_by_round_and_a_missing_score() -> None:
    got = returns(
        np.array([[[0.02, 0.01], [0.02, np.nan], [-0.1, 0.0]]]),
        np.array([[1.0, 0.0], [0.0, 2.0]]),
        np.array([[0.5, 0.5, 1.0]]),
        np.array([0.05]),
    )
    np.testing.assert_allclose(got, [[[0.01, 0.01], [np.nan, np.nan], [-0.05, 0.0]]])
