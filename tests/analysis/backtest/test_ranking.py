import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numtui.analysis.backtest.backtest import ScoreHistory, backtest, payouts
from numtui.analysis.backtest.ranking import (
    actual_history,
    best_cells,
    best_shares,
    choose_models,
    common_best,
    place_of,
)
from numtui.analysis.bootstrap import Scheme
from numtui.analysis.ranks import average_ranks, descending_ranks, spearman
from tests.analysis.plain_interval import indices

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


def test_best_cells_and_the_models_in_their_order() -> None:
    table = backtest(two_models(), CELLS)
    best = best_cells(table)
    assert best.cell.tolist() == [0, 1, -1]
    np.testing.assert_allclose(best.value, [0.06, 0.12, NAN])
    assert best.rank.tolist() == [2, 1, 0]


def test_the_common_best_is_over_the_rounds_that_all_have() -> None:
    both = choose_models(two_models(), [0, 1])
    common = common_best(both, CELLS)
    assert common.rounds == 2
    np.testing.assert_allclose(common.averages, [0.005, 0.015, 0.02])
    assert common.cell == 2
    assert common_best(two_models(), CELLS).cell == -1


def test_choosing_models_keeps_what_is_theirs() -> None:
    data = two_models()
    factor = np.array([[0.1] * 4, [0.2] * 4, [0.3] * 4])
    chosen = choose_models(ScoreHistory(data.models, data.rounds, data.scores, data.values, factor), [1])
    assert chosen.models == ("second",)
    assert np.asarray(chosen.factor).tolist() == [[0.2] * 4]
    np.testing.assert_allclose(backtest(chosen, CELLS).total, [[-0.006, 0.024, 0.018]])


def test_place_of_a_choice() -> None:
    others = np.array([5.0, 3.0, NAN, 1.0])
    assert place_of(5.0, others) == (1, 3)
    assert place_of(3.0 + 1e-13, others) == (2, 3)
    assert place_of(2.0, others) == (3, 4)
    assert place_of(-9.0, others) == (4, 4)


def test_best_shares_sum_to_one_and_find_the_better_cell() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal([0.01, 0.0], 0.02, (2, 120, 2))
    data = ScoreHistory(("m", "n"), np.arange(120), ("a", "b"), values)
    cells = np.array([[1.0, 0.0], [0.0, 1.0]])
    shares = best_shares(data, cells, Scheme(block=6, draws=400))
    np.testing.assert_allclose(shares.by_model.sum(axis=1), 1)
    assert shares.by_model[:, 0].min() > 0.9
    assert shares.common.sum() == pytest.approx(1)
    index = indices(Scheme(block=6, draws=400), 120)
    direct = (values[0][index].mean(axis=1).argmax(axis=1) == 0).mean()
    assert shares.by_model[0, 0] == pytest.approx(direct)


def test_best_shares_of_equal_cells_are_split_and_thin_ones_are_not_told() -> None:
    data = ScoreHistory(("m",), np.arange(60), ("a",), np.random.default_rng(1).normal(size=(1, 60, 1)))
    np.testing.assert_allclose(best_shares(data, np.array([[1.0], [1.0]]), Scheme(5, 50)).by_model, [[0.5, 0.5]])
    assert np.isnan(best_shares(data, np.array([[1.0], [2.0]]), Scheme(24, 50)).by_model).all()


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
