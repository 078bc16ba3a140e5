import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numtui.analysis.arrays import Floats, Ints
from numtui.analysis.backtest.compounding import Compounded, Growth, compound_v2, compound_v3

CLOSE = 1e-9


@st.composite
def markets(draw: st.DrawFn) -> tuple[Floats, Ints, Ints]:
    """Returns [R, 2] with gaps, openings and resolutions of overlapping rounds."""
    rounds = draw(st.integers(1, 30))
    seed = draw(st.integers(0, 10**6))
    rng = np.random.default_rng(seed)
    returns = np.clip(rng.normal(0, draw(st.sampled_from([0.01, 0.3, 1.0])), (rounds, 2)), -1, 1)
    returns[rng.random(returns.shape) < 0.2] = np.nan
    opens = np.sort(rng.integers(0, 40, rounds))
    return returns, opens, opens + rng.integers(1, 15, rounds)


def locked_at(result: Compounded, opens: Ints, resolves: Ints, time: int) -> Floats:
    """Stakes of the rounds that are open at a time."""
    held: Floats = result.at_risk[(opens <= time) & (resolves > time)].sum(axis=0)
    return held


def test_v2_by_hand() -> None:
    """Rounds 0 and 1 overlap, so both stake 100; round 2 opens when they have paid 10 and 20 and stakes 130."""
    got = compound_v2(np.array([0.1, 0.2, -0.5]), np.array([0, 1, 5]), np.array([3, 4, 9]), 100)
    np.testing.assert_allclose(got.at_risk, [100, 100, 130])
    np.testing.assert_allclose(got.payout, [10, 20, -65])
    np.testing.assert_allclose(got.wealth, [110, 130, 65])
    assert got.final == pytest.approx(65)


def test_v2_overlapping_burns_cannot_take_more_than_is_left() -> None:
    got = compound_v2(np.array([-0.7, -0.7, 0.5]), np.array([0, 1, 9]), np.array([3, 4, 12]), 10)
    np.testing.assert_allclose(got.payout, [-7, -3, 0])
    assert got.final == 0


def test_v3_by_hand() -> None:
    """Four slots of 25. Compound: round 2 opens with 90 + 12.5 owned after the first burned 10 and earned 12.5."""
    returns = np.array([-0.4, 0.5, 1.0])
    got = compound_v3(returns, np.array([0, 1, 5]), np.array([3, 4, 9]), 100, slots=4)
    np.testing.assert_allclose(got.at_risk, [25, 25, 102.5 / 4])
    np.testing.assert_allclose(got.wealth, [90, 102.5, 102.5 * 1.25])
    constant = compound_v3(returns, np.array([0, 1, 5]), np.array([3, 4, 9]), 100, slots=4, growth="constant")
    np.testing.assert_allclose(constant.at_risk, [25, 25, 25])
    np.testing.assert_allclose(constant.final, 127.5)


def test_v3_a_round_gets_no_more_than_is_idle_and_says_so() -> None:
    got = compound_v3(np.zeros(3), np.array([0, 1, 2]), np.array([9, 9, 9]), 100, slots=2, growth="constant")
    np.testing.assert_allclose(got.at_risk, [50, 50, 0])
    assert got.unmet == 1


def test_what_resolves_as_a_round_opens_can_be_staked_in_it() -> None:
    opens, resolves = np.array([0, 3]), np.array([3, 6])
    np.testing.assert_allclose(compound_v2(np.array([0.1, 0.1]), opens, resolves, 10).at_risk, [10, 11])
    np.testing.assert_allclose(compound_v3(np.array([0.1, 0.1]), opens, resolves, 10, slots=1).at_risk, [10, 11])


@settings(max_examples=60, deadline=None)
@given(markets(), st.integers(1, 12), st.sampled_from(["constant", "compound"]))
def test_v3_never_commits_more_than_there_is_and_conserves_it(
    market: tuple[Floats, Ints, Ints], slots: int, growth: Growth
) -> None:
    returns, opens, resolves = market
    got = compound_v3(returns, opens, resolves, 50.0, slots=slots, growth=growth)
    for time in range(int(resolves.max()) + 1):
        settled = got.payout[resolves <= time].sum(axis=0)
        assert np.all(locked_at(got, opens, resolves, time) <= 50 + settled + CLOSE)
    np.testing.assert_allclose(got.final, 50 + got.payout.sum(axis=0), atol=CLOSE)
    np.testing.assert_allclose(got.idle, got.final, atol=CLOSE, err_msg="all is idle once all has resolved")
    assert np.all(got.final >= -CLOSE)
    assert np.all(got.at_risk >= 0)
    assert np.all(got.at_risk[np.isnan(returns)] == 0)


@settings(max_examples=60, deadline=None)
@given(markets())
def test_v2_stakes_what_there_is_and_conserves_it(market: tuple[Floats, Ints, Ints]) -> None:
    returns, opens, resolves = market
    got = compound_v2(returns, opens, resolves, 50.0)
    for number in range(len(returns)):
        stake = 50 + got.payout[resolves <= opens[number]].sum(axis=0)
        expected = np.where(np.isnan(returns[number]), 0, stake)
        np.testing.assert_allclose(got.at_risk[number], expected, atol=CLOSE)
    np.testing.assert_allclose(got.final, 50 + got.payout.sum(axis=0), atol=CLOSE)
    assert np.all(got.final >= -CLOSE)


@settings(max_examples=40, deadline=None)
@given(markets(), st.integers(1, 12), st.sampled_from(["constant", "compound"]))
def test_zero_returns_keep_the_stake(market: tuple[Floats, Ints, Ints], slots: int, growth: Growth) -> None:
    returns, opens, resolves = market
    np.testing.assert_allclose(compound_v2(returns * 0, opens, resolves, 7.0).final, 7.0)
    still = compound_v3(returns * 0, opens, resolves, 7.0, slots=slots, growth=growth)
    np.testing.assert_allclose(still.final, 7.0)


@settings(max_examples=30, deadline=None)
@given(markets(), st.floats(0.01, 1e5))
def test_scaling_the_stake_scales_everything(market: tuple[Floats, Ints, Ints], scale: float) -> None:
    for simulate in (compound_v2, compound_v3):
        one, many = simulate(*market, 1.0), simulate(*market, scale)
        np.testing.assert_allclose(many.final, one.final * scale, rtol=1e-9, atol=1e-12 * scale)


def test_series_walk_apart() -> None:
    rng = np.random.default_rng(0)
    returns, opens = rng.normal(0, 0.1, (20, 2, 3)), np.arange(20)
    together = compound_v3(returns, opens, opens + 6, 5.0, slots=6)
    apart = compound_v3(returns[:, 1, 2], opens, opens + 6, 5.0, slots=6)
    np.testing.assert_allclose(together.wealth[:, 1, 2], apart.wealth)
    assert together.final.shape == (2, 3)


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="resolve after it opens"):
        compound_v2(np.zeros(2), np.array([0, 1]), np.array([2, 1]), 1.0)
    with pytest.raises(ValueError, match="2 returns, 1 openings"):
        compound_v2(np.zeros(2), np.array([0]), np.array([2, 3]), 1.0)
    with pytest.raises(ValueError, match="at least one round"):
        compound_v3(np.zeros(1), np.array([0]), np.array([2]), 1.0, slots=0)
