import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numtui.analysis.arrays import Floats, Ints
from numtui.analysis.compound import PARTS, Compounded, Mode, continuous, per_round
from numtui.model import Tournament

Rounds = tuple[Floats, Ints, Ints]
OPENED, RESOLVED = np.array([1, 2, 3]), np.array([4, 5, 6])
THREE = np.array([0.1, -0.2, 0.5])


@st.composite
def rounds(draw: st.DrawFn) -> Rounds:
    """Two series of up to 30 overlapping rounds, some missed, in no particular order."""
    n = draw(st.integers(1, 30))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    returns = np.clip(rng.normal(0, draw(st.sampled_from([0.02, 0.4])), (2, n)), -1, 1)
    returns[rng.random((2, n)) < 0.1] = np.nan
    opened = rng.integers(0, 40, n)
    return returns, opened, opened + rng.integers(1, 15, n)


def simulations(data: Rounds, start: float, parts: int = 6) -> list[Compounded]:
    constant, compound = (per_round(*data, start, parts=parts, mode=mode) for mode in Mode)
    return [continuous(*data, start), constant, compound]


def test_a_single_round_by_hand() -> None:
    one = np.array([0.04])
    v2 = continuous(one, np.array([10]), np.array([40]), 100.0)
    assert v2.times.tolist() == [10, 40]
    assert v2.idle.tolist() == [0, 104]
    assert v2.committed.tolist() == [100, 0]
    assert float(v2.final) == 104
    for mode in Mode:
        v3 = per_round(one, np.array([10]), np.array([40]), 64.0, mode=mode)
        assert v3.idle.tolist() == [63, 64.04]
        assert v3.committed.tolist() == [1, 0]


def test_three_overlapping_rounds_of_a_continuous_stake_by_hand() -> None:
    """All three open on 100 NMR: +10, -20 and +50, none of them on what the others paid."""
    got = continuous(THREE, OPENED, RESOLVED, 100.0)
    assert got.at_risk.tolist() == [100, 100, 100]
    np.testing.assert_allclose(got.payouts, [10, -20, 50])
    np.testing.assert_allclose(got.equity, [100, 100, 100, 110, 90, 140])
    np.testing.assert_allclose(got.idle, [0, 0, 0, 0, 0, 140])


def test_a_round_opens_on_what_resolved_before_it() -> None:
    """The third opens on the day on which the first resolves, and takes its payout along: 110 at risk."""
    got = continuous(THREE, np.array([1, 2, 4]), RESOLVED, 100.0)
    assert got.at_risk.tolist() == [100, 100, 110]
    np.testing.assert_allclose(got.final, 100 + 10 - 20 + 55)


def test_three_overlapping_rounds_of_per_round_stakes_by_hand() -> None:
    """60 NMR in 2 parts. On day 3 both parts are out, so that the third round is skipped: 60 + 3 - 6."""
    got = per_round(THREE, OPENED, RESOLVED, 60.0, parts=2)
    assert got.at_risk.tolist() == [30, 30, 0]
    assert got.unfunded.tolist() == [False, False, True]
    assert int(got.skipped) == 1
    np.testing.assert_allclose(got.idle, [30, 0, 0, 33, 57, 57])
    np.testing.assert_allclose(got.committed, [30, 60, 60, 30, 0, 0])
    np.testing.assert_allclose(got.final, 57)


def test_constant_and_compound_amounts_by_hand() -> None:
    """Two rounds, one after the other, half of 100 NMR each: 50 % on 50, then 50 % on 50 or on half of 125."""
    data = np.array([0.5, 0.5]), np.array([1, 2]), np.array([2, 3])
    np.testing.assert_allclose(per_round(*data, 100.0, parts=2).at_risk, [50, 50])
    np.testing.assert_allclose(per_round(*data, 100.0, parts=2, mode=Mode.COMPOUND).at_risk, [50, 62.5])


def test_after_a_burn_constant_skips_a_round_and_compound_takes_what_is_idle() -> None:
    """Two parts of 50, both out; the first burns 10: 40 are idle when the third opens, 45 would be half of 90."""
    data = np.array([-0.2, 0.0, 0.1]), np.array([1, 2, 3]), np.array([3, 9, 4])
    constant = per_round(*data, 100.0, parts=2)
    assert constant.at_risk.tolist() == [50, 50, 0]
    compound = per_round(*data, 100.0, parts=2, mode=Mode.COMPOUND)
    np.testing.assert_allclose(compound.at_risk, [50, 50, 40])
    assert not compound.unfunded.any()
    np.testing.assert_allclose(compound.final, 94)


def test_rounds_unresolved_at_once_can_burn_the_whole_stake_but_not_more() -> None:
    got = continuous(np.full(4, -0.5), np.array([1, 2, 3, 8]), np.array([4, 5, 6, 9]), 10.0)
    assert got.payouts.tolist() == [-5, -5, 0, 0]
    assert got.unfunded.tolist() == [False, False, False, True]
    assert float(got.final) == 0


def test_a_missed_round_is_neither_staked_nor_unfunded() -> None:
    for got in simulations((np.array([np.nan, 0.1, np.nan]), OPENED, RESOLVED), 6.0):
        assert got.at_risk[0] == got.at_risk[2] == 0
        assert not got.unfunded.any()


def test_as_many_parts_as_unresolved_rounds_keep_the_whole_total_at_work() -> None:
    """24 parts do not divide a float exactly; the slack must neither skip the last part nor stake too much."""
    opened = np.arange(400)
    parts = PARTS[Tournament.CRYPTO]
    for mode in Mode:
        got = per_round(np.zeros(400), opened, opened + parts, 0.1, parts=parts, mode=mode)
        assert int(got.skipped) == 0
        assert got.idle.min() >= 0
        np.testing.assert_allclose(got.committed[parts:400], 0.1, rtol=1e-11)


@settings(max_examples=60)
@given(rounds(), st.sampled_from([0.01, 1.0, 12_345.678]))
def test_zero_returns_keep_the_stake(data: Rounds, start: float) -> None:
    returns, opened, resolved = data
    for got in simulations((np.where(np.isnan(returns), returns, 0.0), opened, resolved), start):
        np.testing.assert_allclose(got.equity, start, rtol=1e-12)


@settings(max_examples=60)
@given(rounds(), st.integers(1, 40))
def test_no_nmr_appears_or_is_lost_and_none_is_staked_twice(data: Rounds, parts: int) -> None:
    returns, _, resolved = data
    for got in simulations(data, 64.0, parts):
        assert got.idle.min() >= 0
        assert got.committed.min() >= 0
        np.testing.assert_allclose(got.final, 64 + got.payouts.sum(axis=-1), rtol=1e-11, atol=1e-11)
        for step, at in enumerate(got.times):
            settled = got.payouts[:, resolved <= at].sum(axis=-1)
            np.testing.assert_allclose(got.equity[:, step], 64 + settled, rtol=1e-11, atol=1e-11)
        np.testing.assert_allclose(got.committed[:, -1], 0, atol=1e-11)
        assert np.all(got.at_risk[np.isnan(returns)] == 0)


@settings(max_examples=60)
@given(rounds(), st.integers(1, 40), st.sampled_from(Mode))
def test_per_round_stakes_never_commit_more_than_is_idle(data: Rounds, parts: int, mode: Mode) -> None:
    _, opened, resolved = data
    got = per_round(*data, 10.0, parts=parts, mode=mode)
    for step, at in enumerate(got.times):
        backing = got.at_risk[:, (opened <= at) & (resolved > at)].sum(axis=-1)
        np.testing.assert_allclose(got.committed[:, step], backing, atol=1e-11)
        assert np.all(backing <= got.equity[:, step] * (1 + 1e-11) + 1e-11)


@settings(max_examples=60)
@given(rounds(), st.sampled_from([0.5, 8.0, 1024.0]))
def test_scaling_the_stake_scales_everything(data: Rounds, scale: float) -> None:
    for small, large in zip(simulations(data, 3.0), simulations(data, 3.0 * scale), strict=True):
        np.testing.assert_allclose(large.equity, scale * small.equity, rtol=1e-11, atol=1e-12 * scale)
        assert np.array_equal(large.unfunded, small.unfunded)


@settings(max_examples=30)
@given(rounds())
def test_series_do_not_touch_one_another(data: Rounds) -> None:
    returns, opened, resolved = data
    both = simulations((np.stack([returns, -returns]), opened, resolved), 5.0)
    alone = simulations((-returns[1], opened, resolved), 5.0)
    for many, one in zip(both, alone, strict=True):
        assert np.array_equal(many.equity[1, 1], one.equity)


def test_without_overlap_a_continuous_stake_compounds_as_a_product() -> None:
    returns = np.random.default_rng(0).normal(0, 0.03, 50)
    times = np.arange(50)
    got = continuous(returns, times, times + 1, 2.0)
    np.testing.assert_allclose(got.equity[1:], 2 * np.cumprod(1 + returns))
    whole = per_round(returns, times, times + 1, 2.0, parts=1, mode=Mode.COMPOUND)
    np.testing.assert_allclose(whole.equity, got.equity)


def test_no_rounds_leave_the_start() -> None:
    none = np.array([], dtype=np.int64)
    for got in simulations((np.empty((2, 0)), none, none), 7.0):
        assert got.final.tolist() == [7, 7]


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="times of shape"):
        continuous(THREE, OPENED[:2], RESOLVED)
    with pytest.raises(ValueError, match="later than it opens"):
        continuous(THREE, OPENED, OPENED)
    with pytest.raises(ValueError, match="below -1"):
        continuous(THREE * 6, OPENED, RESOLVED)
    with pytest.raises(ValueError, match="cannot be -1"):
        continuous(THREE, OPENED, RESOLVED, -1.0)
    with pytest.raises(ValueError, match="at least 1 part"):
        per_round(THREE, OPENED, RESOLVED, parts=0)
