import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numtui.analysis.arrays import Floats
from numtui.analysis.backtest.backtest import ScoreHistory, backtest, payouts
from numtui.analysis.backtest.ranking import (
    actual_history,
    best_cells,
    common_best,
    figures,
    matched_rounds,
    place_of,
)
from numtui.analysis.intervals import cosines, mean_interval
from numtui.analysis.ranks import average_ranks, descending_ranks, spearman
from numtui.analysis.risk import risk_table

NAN = np.nan
CELLS = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])


def two_models() -> ScoreHistory:
    """One model lives of its first score, the other of its second; the third has nothing; the rounds differ."""
    values = np.array([
        [[0.02, -0.01], [0.03, -0.02], [0.01, 0.0], [NAN, 0.01]],
        [[-0.02, 0.04], [-0.01, 0.05], [NAN, NAN], [0.0, 0.03]],
        [[NAN, NAN]] * 4,
    ])  # fmt: skip
    return ScoreHistory(("first", "second", "none"), np.arange(4), ("a", "b"), values)


def test_best_cells() -> None:
    best = best_cells(backtest(two_models(), CELLS))
    assert best.cell.tolist() == [0, 1, -1]
    np.testing.assert_allclose(best.value, [0.02, 0.04, NAN])
    total = best_cells(backtest(two_models(), CELLS, mode="total"))
    np.testing.assert_allclose(total.value, [0.06, 0.12, NAN])


def test_multiples_share_a_place_by_ratios_and_the_smallest_of_them_is_the_best() -> None:
    data = ScoreHistory(
        ("m",), np.arange(90), ("a", "b"), np.random.default_rng(2).normal([0.01, 0.002], 0.02, (1, 90, 2))
    )
    cells = np.array([[0.0, 1.0], [0.1, 0.2], [0.3, 0.6], [0.7, 1.4], [5.0, 10.0]])
    for mode in ("sharpe", "per_risk"):
        table = backtest(data, cells, mode=mode)
        assert len(set(table.rank[0, 1:].tolist())) == 1
    assert best_cells(backtest(data, cells[1:], mode="per_risk")).cell.tolist() == [0]
    assert best_cells(backtest(data, cells[1:], mode="average")).cell.tolist() == [3]


def test_without_a_loss_in_the_worst_rounds_the_return_per_risk_has_no_end() -> None:
    values = np.array([[[0.01, -0.01], [0.02, 0.0], [0.01, 0.03]]])
    got = backtest(ScoreHistory(("m",), np.arange(3), ("a", "b"), values), CELLS, mode="per_risk")
    assert got.per_risk is not None
    assert got.per_risk[0].tolist() == [np.inf, pytest.approx(2 / 3), np.inf]
    assert got.rank.tolist() == [[1, 3, 1]]
    idle = backtest(ScoreHistory(("m",), np.arange(3), ("a",), np.zeros((1, 3, 1))), np.ones((1, 1)), mode="per_risk")
    assert idle.rank.tolist() == [[0]]
    with pytest.raises(ValueError, match="no CVaR"):
        backtest(two_models(), CELLS, mode="per_risk", full=False)


def test_the_common_best_is_over_the_rounds_that_all_have() -> None:
    data = two_models()
    both = ScoreHistory(data.models[:2], data.rounds, data.scores, data.values[:2])
    common = common_best(both, CELLS)
    assert common.rounds == 2
    np.testing.assert_allclose(common.values, [0.005, 0.015, 0.02])
    assert common.cell == 2
    assert common_best(two_models(), CELLS).cell == -1


def test_the_common_best_by_a_ratio_is_that_of_a_stake_spread_over_the_models() -> None:
    values = np.random.default_rng(4).normal(0.01, 0.02, (3, 80, 2))
    data = ScoreHistory(("m", "n", "o"), np.arange(80), ("a", "b"), values)
    together = (values @ CELLS.T).mean(axis=0).T
    risk = risk_table(together)
    np.testing.assert_allclose(common_best(data, CELLS, "sharpe").values, risk.sharpe)
    np.testing.assert_allclose(common_best(data, CELLS, "per_risk").values, risk.mean / -risk.cvar_5)


def test_models_with_few_rounds_do_not_cut_the_others_short() -> None:
    counted = np.ones((4, 10), dtype=np.bool_)
    counted[1, 0] = False
    counted[2, :6] = False
    counted[3] = False
    compared, common = matched_rounds(counted)
    assert compared.tolist() == [True, True, False, False]
    assert np.count_nonzero(common) == 9
    assert not matched_rounds(np.zeros((2, 5), dtype=np.bool_))[1].any()


def test_place_of_a_choice() -> None:
    others = np.array([5.0, 3.0, NAN, 1.0])
    assert place_of(5.0, others) == (1, 3)
    assert place_of(3.0 + 1e-13, others) == (2, 3)
    assert place_of(2.0, others) == (3, 4)
    assert place_of(-9.0, others) == (4, 4)


def some_returns(seed: int = 0) -> Floats:
    return np.random.default_rng(seed).normal([0.012, 0.004, 0.0], 0.02, (240, 3))


def test_shares_of_draws_sum_to_one_and_find_the_better_cell() -> None:
    returns = some_returns()
    shares = figures("average", returns, returns, 6).shares()
    assert shares.sum() == pytest.approx(1)
    assert shares[0] > 0.9
    difference = mean_interval(returns[:, 0] - returns[:, 1], 6)
    assert difference is not None
    assert difference.low > 0


def test_shares_of_equals_are_split_and_thin_ones_are_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    returns = some_returns()[:, [0, 0]]
    np.testing.assert_allclose(figures("average", returns, returns, 6).shares(), [0.5, 0.5])
    assert np.isnan(figures("average", returns, returns, 60).shares()).all()
    whole = figures("average", some_returns(), some_returns(), 6).shares()
    monkeypatch.setattr("numtui.analysis.backtest.ranking.BATCH", 10)
    np.testing.assert_allclose(figures("average", some_returns(), some_returns(), 6).shares(), whole)


def test_ranks_and_distances_say_what_is_sure() -> None:
    """The first two differ by a constant: they share all luck, and their order is beyond doubt."""
    luck = np.random.default_rng(1).normal(0, 0.02, (240, 2))
    returns = np.column_stack([luck[:, 0] + 0.02, luck[:, 0] + 0.019, luck[:, 1] + 0.019])
    found = figures("average", returns, returns, 6)
    behind, ranks = found.behind(0), found.ranks()
    assert behind is not None
    assert ranks is not None
    np.testing.assert_allclose([behind.low[1], behind.high[1]], 0.001, atol=1e-12)
    assert behind.low[2] < behind.estimate[2] < behind.high[2]
    better, worse = ranks
    assert better[0] == 1
    assert better[1] >= 2
    assert (better <= worse).all()


def test_figures_are_those_of_the_backtest() -> None:
    returns = some_returns(9)
    data = ScoreHistory(("a", "b", "c"), np.arange(240), ("s",), returns.T[:, :, None].copy(), stake=3.0)
    table = backtest(data, np.ones((1, 1)), open_rounds=6)
    for mode, figure in (("average", table.average), ("sharpe", table.sharpe), ("per_risk", table.per_risk)):
        found = figures(mode, returns, 3 * returns, 6)  # type: ignore[arg-type]  # a mode
        assert figure is not None
        np.testing.assert_allclose(found.value, figure[:, 0])
        sure = found.interval()
        assert sure is not None
        if mode != "per_risk":
            np.testing.assert_allclose(sure.low, getattr(table, f"{mode}_p05")[:, 0], rtol=1e-9)
            np.testing.assert_allclose(sure.high, getattr(table, f"{mode}_p95")[:, 0], rtol=1e-9)


def test_the_doubt_of_a_return_per_risk_follows_from_how_much_each_round_moves_it() -> None:
    """Weigh a round a little more and see what mean over CVaR becomes, by the definition that weights allow."""
    returns = np.random.default_rng(11).normal(0.004, 0.02, (400, 1))

    def ratio(weights: Floats) -> float:
        order = np.argsort(returns[:, 0])
        r, w = returns[order, 0], weights[order] / weights.sum()
        tail = 20 / 400  # what lies at or below the 5 % quantile of these rounds
        below = np.minimum(np.cumsum(w), tail) - np.minimum(np.cumsum(w) - w, tail)
        return float((w @ r) / -(below @ r / tail))

    even, step = np.ones(400), 1e-4
    moved = np.array([(ratio(even + step * (np.arange(400) == t)) - ratio(even)) / step * 400 for t in range(400)])
    found = figures("per_risk", returns, returns, 10)
    assert found.loadings is not None
    expected = cosines(400, 10) @ moved
    np.testing.assert_allclose(found.loadings[:, 0], expected, atol=0.05 * np.abs(expected).max())


def test_actual_terms_pay_each_round_by_its_own_multipliers() -> None:
    data = two_models()
    multipliers = np.zeros((3, 4, 2))
    multipliers[:, :2] = [0.5, 2.0]
    multipliers[:, 2] = [1.0, 0.0]
    multipliers[:, 3] = NAN
    got = payouts(actual_history(data, multipliers), np.array([1.0]))
    np.testing.assert_allclose(got, [[-0.01, -0.025, 0.01, NAN], [0.07, 0.095, NAN, NAN], [NAN] * 4])
    with pytest.raises(ValueError, match="multipliers of shape"):
        actual_history(data, multipliers[0])


@given(st.lists(st.sampled_from([-1.0, 0.0, 0.5, 2.0, NAN]), min_size=1, max_size=12))
def test_ranks_are_those_of_pandas(values: list[float]) -> None:
    expected = pd.Series(values).rank(ascending=False, method="min").fillna(0)
    assert descending_ranks(np.array([values, values]))[1].tolist() == expected.tolist()
    known = np.array([v for v in values if v == v])  # noqa: PLR0124 - NaN is the one value that is not itself
    if known.size:
        assert average_ranks(known).tolist() == pd.Series(known).rank().tolist()


@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=3, max_size=20))
def test_rank_correlation_is_that_of_pandas(pairs: list[tuple[int, int]]) -> None:
    a, b = (np.array(x, dtype=np.float64) for x in zip(*pairs, strict=True))
    expected = float(pd.Series(a).rank().corr(pd.Series(b).rank())) if np.ptp(a) and np.ptp(b) else NAN
    assert spearman(a, b) == pytest.approx(expected, abs=1e-12, nan_ok=True)
    assert spearman(np.append(a, NAN), np.append(b, 1.0)) == pytest.approx(expected, abs=1e-12, nan_ok=True)


def test_rank_correlation_needs_three_places() -> None:
    assert np.isnan(spearman(np.array([1.0, 2.0]), np.array([1.0, 2.0])))


def test_there_is_no_common_best_where_no_cell_has_a_figure() -> None:
    """Returns that do not vary have no Sharpe ratio."""
    flat = ScoreHistory(("a", "b"), np.arange(5), ("x",), np.full((2, 5, 1), 0.01), 1.0, 1.0)
    found = common_best(flat, np.array([[1.0], [2.0]]), "sharpe")
    assert found.cell == -1
    assert np.isnan(found.values).all()
    assert found.rounds == 5
