import empyrical
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from numtui.analysis.arrays import Floats
from numtui.analysis.payout import returns
from numtui.analysis.risk import Risk, correlations, measure, risk_table
from tests.analysis.shared_data import needs_shared, recorded, rows

FIGURES = [name for name in Risk.__dataclass_fields__ if name != "rounds"]


def oracle(series: "pd.Series[float]") -> dict[str, float]:
    """The same figures the way a notebook computes them."""
    r = series.dropna().reset_index(drop=True)
    equity = pd.concat([pd.Series([1.0]), (1 + r).cumprod()])
    return {
        "mean": r.mean(),
        "std": r.std(),
        "sharpe": r.mean() / r.std(),
        "sortino": r.mean() / np.sqrt((r.clip(upper=0) ** 2).mean()),
        "max_drawdown": (1 - equity / equity.cummax()).max(),
        "cvar_5": r[r <= r.quantile(0.05)].mean(),
        "burn_rate": (r < 0).mean(),
        "worst_20": r.rolling(20).sum().min(),
        "skew": r.skew(),
        "excess_kurtosis": r.kurt(),
        "autocorr_1": r.autocorr(1),
    }


@needs_shared
def test_recorded_scores_give_the_expected_figures() -> None:
    models, _, scores = recorded()
    got = risk_table(returns(scores, np.array([0.75, 2.25]), 1.0, 1.0))
    expected = rows("expected_risk_0.75_2.25.csv")
    assert [row["model"] for row in expected] == models
    for position, row in enumerate(expected):
        assert got.rounds[position] == int(row["rounds"])
        for figure in FIGURES:
            assert getattr(got, figure)[position] == pytest.approx(float(row[figure]), abs=1e-9, rel=1e-9), figure


def test_every_figure_against_pandas_with_gaps() -> None:
    rng = np.random.default_rng(4)
    values = rng.normal(0.004, 0.02, (3, 4, 90))
    values[rng.random(values.shape) < 0.2] = np.nan
    got = risk_table(values)
    for place in np.ndindex(3, 4):
        for figure, expected in oracle(pd.Series(values[place])).items():
            assert getattr(got, figure)[place] == pytest.approx(expected, rel=1e-10), figure


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 400))
def test_figures_are_those_of_empyrical(seed: int, n: int) -> None:
    """Per round: its annualisation is switched off."""
    returns = np.random.default_rng(seed).normal(0.002, 0.02, n)
    got = risk_table(returns)
    assert got.sharpe == pytest.approx(empyrical.sharpe_ratio(returns, annualization=1), rel=1e-9)
    if (returns < 0).any():
        assert got.sortino == pytest.approx(empyrical.sortino_ratio(returns, annualization=1), rel=1e-9)
    assert got.max_drawdown == pytest.approx(-empyrical.max_drawdown(returns), abs=1e-12)
    assert got.cvar_5 == pytest.approx(empyrical.conditional_value_at_risk(returns, 0.05), rel=1e-9)


def test_shape_is_that_of_scipy() -> None:
    returns = np.random.default_rng(8).gamma(2.0, 0.01, 300)
    got = risk_table(returns)
    assert got.skew == pytest.approx(stats.skew(returns, bias=False), rel=1e-9)
    assert got.excess_kurtosis == pytest.approx(stats.kurtosis(returns, bias=False), rel=1e-9)


def test_figures_by_hand() -> None:
    """Equity of +10 %, -50 %, +20 %: 1.1, 0.55, 0.66, so half is lost from the top."""
    got = risk_table(np.array([0.1, -0.5, 0.2]))
    assert got.rounds == 3
    assert got.mean == pytest.approx(-0.2 / 3)
    assert got.max_drawdown == pytest.approx(0.5)
    assert got.burn_rate == pytest.approx(1 / 3)
    assert got.sortino == pytest.approx((-0.2 / 3) / np.sqrt(0.25 / 3))
    assert got.cvar_5 == pytest.approx(-0.5)
    assert np.isnan(got.worst_20)


def test_what_is_undefined_is_nan() -> None:
    nothing = risk_table(np.full((1, 5), np.nan))
    assert nothing.rounds[0] == 0
    assert all(np.isnan(getattr(nothing, figure)[0]) for figure in FIGURES)
    one = risk_table(np.array([0.01, np.nan]))
    assert (float(one.mean), float(one.cvar_5), float(one.burn_rate), float(one.max_drawdown)) == (0.01, 0.01, 0.0, 0.0)
    assert all(np.isnan(getattr(one, f)) for f in ("std", "sharpe", "sortino", "skew", "autocorr_1", "worst_20"))
    steady = risk_table(np.full(30, 0.1))
    assert steady.std == 0
    assert all(np.isnan(getattr(steady, f)) for f in ("sharpe", "sortino", "skew", "excess_kurtosis", "autocorr_1"))
    assert steady.worst_20 == pytest.approx(2.0)
    assert risk_table(np.empty((2, 0))).rounds.tolist() == [0, 0]


def test_a_total_loss_is_a_drawdown_of_one() -> None:
    assert risk_table(np.array([0.2, -1.0, 0.5])).max_drawdown == 1


@settings(max_examples=60)
@given(arrays(np.float64, st.integers(4, 70), elements=st.sampled_from([-0.05, -0.02, 0.0, 0.01, 0.05])))
def test_cvar_with_ties_is_that_of_pandas(values: Floats) -> None:
    r = pd.Series(values)
    assert risk_table(values).cvar_5 == pytest.approx(r[r <= r.quantile(0.05)].mean(), abs=1e-15)


@settings(max_examples=60)
@given(arrays(np.float64, st.tuples(st.integers(1, 5), st.integers(1, 50)), elements=st.floats(-1, 1, width=32)))
def test_drawdown_is_that_of_the_definition(values: Floats) -> None:
    equity = np.concatenate([np.ones((len(values), 1)), (1 + values).cumprod(axis=1)], axis=1)
    expected = (1 - equity / np.maximum.accumulate(equity, axis=1)).max(axis=1)
    np.testing.assert_allclose(risk_table(values).max_drawdown, expected, atol=1e-12)


def test_measure_wants_series_by_falling_length_and_reads_nothing_below_them() -> None:
    packed = np.array([[0.1, 0.2], [0.3, 99.0]])
    got = measure(packed, np.array([2, 1]), full=False)
    np.testing.assert_allclose(got.mean, [0.2, 0.2])
    assert got.cvar_5 is None
    with pytest.raises(ValueError, match="falling length"):
        measure(packed, np.array([1, 2]), full=False)


def test_series_of_many_lengths_in_several_pieces_are_each_measured_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Series of one length are worked on together, a piece at a time: every border lies where it should."""
    monkeypatch.setattr("numtui.analysis.risk.CHUNK", 100)  # pieces of one to five series here
    rng = np.random.default_rng(0)
    counts = [42, 42, 42, 41, 21, 21, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 19, 19, 2, 1, 1]
    table = np.full((len(counts), 42), np.nan)
    for row, count in enumerate(counts):
        table[row, rng.permutation(42)[:count]] = rng.normal(0, 0.03, count)
    shuffled = rng.permutation(len(counts))
    together = risk_table(table[shuffled])
    for place, row in enumerate(shuffled):
        alone = risk_table(table[row : row + 1])
        for name in (*FIGURES, "rounds"):
            np.testing.assert_allclose(
                getattr(together, name)[place], getattr(alone, name)[0], rtol=1e-12, err_msg=name
            )
        expected = oracle(pd.Series(table[row]))
        np.testing.assert_allclose(alone.worst_20[0], expected["worst_20"], rtol=1e-9)
        np.testing.assert_allclose(alone.burn_rate[0], expected["burn_rate"], rtol=1e-12)


def test_correlations_are_those_of_numpy() -> None:
    values = np.random.default_rng(2).normal(size=(4, 30))
    assert correlations(values) == pytest.approx(np.corrcoef(values))
    values[1] = 0.5
    assert np.isnan(correlations(values)[1]).all(), "it does not vary"
    assert np.isnan(correlations(values[:, :1])).all(), "one round"
