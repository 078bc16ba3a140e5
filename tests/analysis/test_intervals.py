import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from numtui.analysis.arrays import Floats
from numtui.analysis.intervals import cosines, degrees, draws, interval, mean_interval, sharpe_loadings, thin
from tests.bench.bench_coverage import coverage


def by_hand(values: Floats, open_rounds: int) -> tuple[float, float]:
    """The estimator of Lazarus, Lewis, Stock and Watson term by term, with scipy's t."""
    n = len(values)
    terms = max(3, n // (2 * open_rounds))
    total = 0.0
    for j in range(1, terms + 1):
        wave = [np.sqrt(2) * np.cos(np.pi * j * (t - 0.5) / n) for t in range(1, n + 1)]
        total += (sum(w * x for w, x in zip(wave, values, strict=True)) / np.sqrt(n)) ** 2
    reach = stats.t.ppf(0.95, terms) * np.sqrt(total / terms / n)
    return float(values.mean() - reach), float(values.mean() + reach)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 9), st.integers(0, 40))
def test_interval_of_a_mean_is_that_of_the_formula(seed: int, open_rounds: int, more: int) -> None:
    values = np.random.default_rng(seed).normal(0.01, 0.02, (6 * open_rounds + more, 3)).cumsum(axis=0)
    got = mean_interval(values, open_rounds)
    assert got is not None
    for column in range(3):
        expected = by_hand(values[:, column], open_rounds)
        assert (got.low[column], got.high[column]) == pytest.approx(expected, rel=1e-9)


def test_cosines_are_orthonormal_and_blind_to_constants() -> None:
    weights = cosines(150, 5)
    assert weights.shape == (15, 150)
    np.testing.assert_allclose(weights @ weights.T, np.eye(15), atol=1e-12)
    np.testing.assert_allclose(weights @ np.ones(150), 0, atol=1e-12)


def test_independent_rounds_have_about_the_interval_of_student() -> None:
    """With nothing unresolved beside it the estimator is the usual one, but for its degrees of freedom."""
    values = np.random.default_rng(3).normal(0.01, 0.02, 1000)
    got = mean_interval(values, 1)
    assert got is not None
    low, high = stats.t.interval(0.9, 999, loc=values.mean(), scale=stats.sem(values))
    assert float(got.high - got.low) == pytest.approx(float(high - low), rel=0.1)


def test_fewer_than_six_times_the_open_rounds_are_thin() -> None:
    assert thin(143, 24)
    assert not thin(144, 24)
    assert thin(383, 64)
    assert degrees(144, 24) == degrees(60, 24) == 3
    assert degrees(400, 24) == 8
    assert mean_interval(np.zeros(143), 24) is None
    with pytest.raises(ValueError, match="at least one round"):
        degrees(100, 0)


def test_constant_returns_have_an_interval_of_no_width() -> None:
    got = mean_interval(np.full((70, 1), 0.1), 6)
    assert got is not None
    np.testing.assert_allclose([got.low, got.high], 0.1, atol=1e-15)


def test_a_difference_is_paired() -> None:
    """Two models that differ by a constant share all their luck: their difference has no uncertainty."""
    luck = np.random.default_rng(3).normal(0.0, 0.02, (80, 1))
    got = mean_interval(luck - (luck - 0.01), 6)
    assert got is not None
    np.testing.assert_allclose([got.low, got.high], 0.01)


def test_interval_of_a_sharpe_follows_from_how_much_each_round_moves_it() -> None:
    """The influence of a round as a jackknife finds it: n times what the ratio changes when the round is left out."""
    values = np.random.default_rng(5).normal(0.01, 0.02, 600)
    n, weights = len(values), cosines(len(values), 4)
    mean, std = np.array(values.mean()), np.array(values.std(ddof=1))
    got = sharpe_loadings(weights @ values, weights @ values**2, mean, std)
    left = np.array([np.delete(values, t) for t in range(n)])
    influence = (n - 1) * (mean / std - left.mean(axis=1) / left.std(axis=1, ddof=1))
    np.testing.assert_allclose(got, weights @ influence, atol=0.03 * np.abs(got).max())
    assert np.isnan(sharpe_loadings(np.zeros(3), np.zeros(3), np.array(0.1), np.array(0.0))).all()


def test_sharpe_of_independent_normal_returns_has_the_known_error() -> None:
    """Lo 2002, "The Statistics of Sharpe Ratios": variance (1 + S^2 / 2) / n."""
    values = np.random.default_rng(6).normal(0.5, 1.0, (2000, 50))
    weights = cosines(2000, 5)
    mean, std = values.mean(axis=0), values.std(axis=0, ddof=1)
    got = interval(mean / std, sharpe_loadings(weights @ values, weights @ values**2, mean, std), 2000)
    errors = (got.high - got.low) / 2 / stats.t.ppf(0.95, 200)
    assert np.sqrt((errors**2).mean()) == pytest.approx(np.sqrt((1 + 0.125) / 2000), rel=0.05)


def test_draws_are_those_of_the_interval() -> None:
    """Their 5 % and 95 % quantiles are its ends, and one seed serves all series."""
    values = np.random.default_rng(7).normal(0.01, 0.02, (300, 1))
    got = mean_interval(values, 6)
    assert got is not None
    drawn = values.mean() + draws(300, 25) @ (cosines(300, 6) @ values)
    assert drawn.shape == (2000, 1)
    width = float(got.high[0] - got.low[0])
    np.testing.assert_allclose(np.quantile(drawn, [0.05, 0.95]), [got.low[0], got.high[0]], atol=0.04 * width)
    np.testing.assert_array_equal(draws(300, 25), draws(300, 25))


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    """Overlapping series of 144 to 800 rounds, mean and Sharpe: 85 to 92 %, and a little more for a small sample."""
    held = [row.held for row in coverage(series=500, seed=7)]
    assert min(held) > 0.82
    assert max(held) < 0.94


@pytest.mark.parametrize(("rounds", "open_rounds"), [(258, 24), (400, 24), (800, 24), (400, 64), (800, 64)])
def test_differences_of_models_that_share_their_luck_are_held_as_often_as_said(rounds: int, open_rounds: int) -> None:
    """Overlapping returns of 2,000 pairs with a common part; a 90 % interval of their difference in 85 to 92 %."""
    random = np.random.default_rng(11)
    shape = (rounds + open_rounds - 1, 2000)

    def overlapping(size: float) -> Floats:
        sums = np.cumsum(np.vstack([np.zeros((1, 2000)), random.normal(0.0, size, shape)]), axis=0)
        result: Floats = sums[open_rounds:] - sums[:-open_rounds]
        return result

    common = overlapping(0.02)
    one, other = common + overlapping(0.01) + 0.003, common + overlapping(0.015)
    got = mean_interval(one - other, open_rounds)
    assert got is not None
    assert 0.85 <= np.mean((got.low <= 0.003) & (got.high >= 0.003)) <= 0.92
