from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numtui.analysis.arrays import Floats
from numtui.analysis.backtest.backtest import Backtest, Mode, ScoreHistory, backtest, payouts
from numtui.analysis.backtest.grid import parse_grid
from numtui.analysis.intervals import mean_interval
from numtui.analysis.payout import returns
from numtui.analysis.risk import risk_table
from tests.analysis.shared_data import needs_shared, recorded, rows

RATIOS = ("std", "sharpe", "sortino", "max_drawdown", "cvar_5", "burn_rate", "worst_20")
NMR = ("total", "average", "average_p05", "average_p95")
SURE = ("mean", "sharpe_p05", "sharpe_p95", "per_risk")
OPEN = 4  # rounds unresolved at once


def history(seed: int = 0, *, models: int = 3, rounds: int = 60, scores: int = 2, gaps: float = 0.1) -> ScoreHistory:
    rng = np.random.default_rng(seed)
    values = rng.normal(0.004, 0.02, (models, rounds, scores))
    values[rng.random(values.shape) < gaps / scores] = np.nan
    names = tuple(f"m{i}" for i in range(models))
    clip = np.full(rounds, 0.03)
    return ScoreHistory(names, np.arange(rounds) + 843, tuple("abc"[:scores]), values, 0.8, clip, 25.0)


def cells(history: ScoreHistory, seed: int = 1, count: int = 9) -> Floats:
    return np.random.default_rng(seed).integers(0, 7, (count, len(history.scores))) / 2 + 0.25


@needs_shared
def test_recorded_scores_give_the_expected_grid() -> None:
    models, rounds, scores = recorded()
    grid = parse_grid(["canon_corr=0,0.5,1", "canon_mmc=0..3:0.5"])
    got = backtest(ScoreHistory(tuple(models), rounds, grid.scores, scores, 0.10, 0.05, 10_000.0), grid.array)
    expected = iter(rows("expected_grid_10000_0.10_0.05.csv"))
    for model, name in enumerate(models):
        for cell, (corr, mmc) in enumerate(grid.cells):
            row = next(expected)
            assert (row["model"], float(row["canon_corr"]), float(row["canon_mmc"])) == (name, float(corr), float(mmc))
            assert got.rounds[model] == int(row["rounds"])
            assert got.rounds[model] + got.skipped[model] == 258
            assert got.total[model, cell] == pytest.approx(float(row["total"]), abs=1e-9, rel=1e-9)
            assert got.average[model, cell] == pytest.approx(float(row["average"]), abs=1e-9, rel=1e-9)
    assert next(expected, None) is None


@needs_shared
def test_recorded_scores_give_the_expected_risk_as_a_grid_of_one() -> None:
    models, rounds, scores = recorded()
    got = backtest(ScoreHistory(tuple(models), rounds, ("canon_corr", "canon_mmc"), scores), np.array([[0.75, 2.25]]))
    for model, row in enumerate(rows("expected_risk_0.75_2.25.csv")):
        for name in RATIOS:
            assert getattr(got, name)[model, 0] == pytest.approx(float(row[name]), abs=1e-9, rel=1e-9), name


def test_by_hand() -> None:
    """Two rounds of 10 NMR at factor 0.5: 1 x 0.02 pays 0.1 NMR; 1 x -0.3 is clipped at -0.1 and burns 1 NMR."""
    data = ScoreHistory(("m",), np.array([7, 8, 9]), ("corr",), np.array([[[0.02], [np.nan], [-0.3]]]), 0.5, 0.1, 10.0)
    got = backtest(data, np.array([[1.0], [2.0]]))
    assert (got.rounds.tolist(), got.skipped.tolist()) == ([2], [1])
    np.testing.assert_allclose(got.total, [[-0.9, -0.8]])
    np.testing.assert_allclose(got.average, [[-0.45, -0.4]])
    np.testing.assert_allclose(got.max_drawdown, [[0.1, 0.1]])
    np.testing.assert_allclose(got.burn_rate if got.burn_rate is not None else [], [[0.5, 0.5]])
    assert got.rank.tolist() == [[2, 1]]
    assert got.thin.tolist() == [False]
    assert backtest(data, np.array([[1.0]]), open_rounds=1).thin.tolist() == [True]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 3), st.sampled_from([0.0, 0.3, 0.9]))
def test_a_grid_equals_its_cells_one_by_one(seed: int, scores: int, gaps: float) -> None:
    data = history(seed, scores=scores, gaps=gaps)
    grid = cells(data, seed)
    whole = backtest(data, grid, open_rounds=OPEN)
    for cell, multipliers in enumerate(grid):
        single = backtest(data, multipliers[None], open_rounds=OPEN)
        for name in (*RATIOS, *NMR, *SURE):
            np.testing.assert_allclose(getattr(whole, name)[:, cell], getattr(single, name)[:, 0], atol=1e-12)


def test_every_figure_is_that_of_the_returns() -> None:
    data = history(5)
    grid = cells(data)
    got = backtest(data, grid, open_rounds=OPEN)
    fractions = np.moveaxis(returns(data.values, grid, data.factor, data.clip), 2, 1)
    expected = risk_table(fractions)
    for name in RATIOS:
        np.testing.assert_allclose(getattr(got, name), getattr(expected, name), atol=1e-12, err_msg=name)
    np.testing.assert_allclose(got.total, 25 * np.nansum(fractions, axis=2))
    for model, cell in np.ndindex(*got.total.shape):
        r = fractions[model, cell]
        interval = mean_interval(25 * r[~np.isnan(r)], OPEN)
        assert interval is not None
        assert got.average_p05 is not None
        assert got.average_p95 is not None
        assert got.average_p05[model, cell] == pytest.approx(float(interval.low), abs=1e-12)
        assert got.average_p95[model, cell] == pytest.approx(float(interval.high), abs=1e-12)


@pytest.mark.parametrize("mode", ["total", "average", "sharpe", "per_risk"])
def test_ranks_within_the_model(mode: Mode) -> None:
    got = backtest(history(2), np.array([[1.0, 0.5], [2.0, 1.0], [1.0, 0.5], [0.5, 2.0]]), mode=mode)
    expected = pd.DataFrame(getattr(got, mode).round(12)).rank(axis=1, ascending=False, method="min").to_numpy()
    assert np.array_equal(got.rank, expected)
    assert np.array_equal(got.rank[:, 0], got.rank[:, 2])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.001, 1e6))
def test_scaling_the_stake_scales_totals_and_no_ratio(seed: int, scale: float) -> None:
    data = history(seed)
    grid = cells(data)
    one = backtest(replace(data, stake=1.0), grid, open_rounds=OPEN)
    many = backtest(replace(data, stake=scale), grid, open_rounds=OPEN)
    for name in NMR:
        np.testing.assert_allclose(getattr(many, name), scale * getattr(one, name), rtol=1e-9, atol=1e-12 * scale)
    for name in (*RATIOS, *SURE):
        np.testing.assert_array_equal(getattr(many, name), getattr(one, name))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.05, 1.0))
def test_a_factor_is_a_scale_inside_the_clip(seed: int, factor: float) -> None:
    """clip(f x, c) = f clip(x, c / f)."""
    data = history(seed)
    grid = cells(data)
    inside = backtest(replace(data, factor=factor, clip=0.03), grid)
    outside = backtest(replace(data, factor=1.0, clip=0.03 / factor), grid)
    np.testing.assert_allclose(inside.total, factor * outside.total, rtol=1e-9, atol=1e-12)
    assert np.nanmax(np.abs(inside.average)) <= 0.03 * 25 + 1e-12


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.floats(0, 0.95))
def test_matched_never_exceeds_the_intersection(seed: int, gaps: float) -> None:
    data = history(seed, gaps=gaps)
    matched = backtest(data, cells(data), matched=True)
    common = [set(data.rounds[~np.isnan(m).any(axis=1)]) for m in data.values]
    assert set(matched.rounds.tolist()) == {len(set.intersection(*common))}
    assert np.all(matched.rounds <= backtest(data, cells(data)).rounds)


def test_unknown_factor_clip_or_stake_skips_the_round() -> None:
    data = history(gaps=0)
    factor = np.full((3, 60), 0.5)
    factor[1, :10] = np.nan
    stake = np.full(60, 2.0)
    stake[50:] = np.nan
    got = backtest(replace(data, factor=factor, stake=stake), cells(data))
    assert got.rounds.tolist() == [50, 40, 50]
    assert got.skipped.tolist() == [10, 20, 10]


def test_stakes_by_round_weigh_payouts_but_not_ratios() -> None:
    data = history(gaps=0)
    stake = np.random.default_rng(8).uniform(0, 9, (3, 60))
    got = backtest(replace(data, stake=stake), cells(data), open_rounds=OPEN)
    plain = backtest(data, cells(data))
    earned = payouts(replace(data, stake=stake), cells(data))
    np.testing.assert_allclose(got.total, earned.sum(axis=1))
    np.testing.assert_array_equal(got.sharpe, plain.sharpe)
    expected = mean_interval(np.moveaxis(earned, 0, 1), OPEN)
    assert expected is not None
    assert got.average_p05 is not None
    np.testing.assert_allclose(got.average_p05, expected.low)


def test_a_model_without_rounds_and_thin_evidence_are_empty_not_wrong() -> None:
    data = history(gaps=0)
    values = data.values.copy()
    values[1] = np.nan
    values[2, 30:] = np.nan
    got = backtest(replace(data, values=values), cells(data), open_rounds=6)
    assert got.rounds.tolist() == [60, 0, 30]
    assert got.rank[1].tolist() == [0] * 9
    for name in (*RATIOS, *NMR, *SURE):
        assert np.isnan(getattr(got, name)[1]).all()
    assert got.thin.tolist() == [False, True, True]
    assert got.average_p05 is not None
    assert np.isnan(got.average_p05[2]).all()
    assert not np.isnan(got.average_p05[0]).any()


def test_the_core_alone_is_the_same_core() -> None:
    data = history(3)
    core, full = backtest(data, cells(data), full=False), backtest(data, cells(data))
    for name in ("total", "average", "std", "sharpe", "max_drawdown"):
        np.testing.assert_array_equal(getattr(core, name), getattr(full, name))
    assert [core.sortino, core.cvar_5, core.burn_rate, core.worst_20, core.average_p05] == [None] * 5


def test_batches_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    data = history(4, models=7, gaps=0.5)
    together = backtest(data, cells(data))
    monkeypatch.setattr("numtui.analysis.backtest.backtest.BATCH", 1)
    for workers in (1, 3):
        apart: Backtest = backtest(data, cells(data), workers=workers)
        for name in ("total", *RATIOS, "rank"):
            np.testing.assert_array_equal(getattr(together, name), getattr(apart, name))


def test_wrong_shapes_are_refused() -> None:
    data = history()
    with pytest.raises(ValueError, match="scores of shape"):
        replace(data, models=("one",))
    with pytest.raises(ValueError, match="negative"):
        replace(data, clip=-0.05)
    with pytest.raises(ValueError, match="multipliers of shape"):
        backtest(data, np.ones((2, 3)))
