"""What a series went through, against pandas, empyrical and series whose figures are known."""

from __future__ import annotations

import empyrical
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numtui.analysis.arrays import Floats
from numtui.analysis.intervals import mean_interval
from numtui.analysis.stretches import (
    drawdown_length,
    earn_burn,
    effective_rounds,
    longest_burn,
    sharpe_interval,
    stretch,
)


def series(seed: int, n: int, correlation: float = 0.0) -> Floats:
    rng = np.random.default_rng(seed)
    values: Floats = rng.normal(0.002, 0.02, n)
    for place in range(1, n):
        values[place] += correlation * (values[place - 1] - 0.002)
    return values


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 300))
def test_lengths_of_drawdowns_against_pandas(seed: int, n: int) -> None:
    returns = series(seed, n)
    equity = pd.concat([pd.Series([1.0]), (1 + pd.Series(returns)).cumprod()], ignore_index=True)
    losses = 1 - equity / equity.cummax()
    length, recovery = drawdown_length(returns)
    if losses.max() <= 0:
        assert (length, recovery) == (None, None)
        return
    assert losses.max() == pytest.approx(-empyrical.max_drawdown(returns), rel=1e-9, abs=1e-12)
    bottom = int(losses.to_numpy().argmax())
    peak = int(equity[: bottom + 1].to_numpy().argmax())
    assert length == bottom - peak
    after = equity[bottom:]
    again = after[after >= equity[peak]]
    assert recovery == (None if again.empty else int(again.index[0]) - bottom)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 300))
def test_burns_against_pandas(seed: int, n: int) -> None:
    values = series(seed, n)
    returns = pd.Series(values)
    burns = returns < 0
    runs = burns.groupby((burns != burns.shift()).cumsum()).sum()
    assert longest_burn(values) == int(runs.max())
    ratio = earn_burn(values)
    if not burns.any():
        assert ratio is None
    else:
        assert ratio == pytest.approx(returns[returns > 0].sum() / -returns[burns].sum())
        assert ratio == pytest.approx(empyrical.omega_ratio(returns), nan_ok=True) or not (returns > 0).any()


def test_a_series_by_hand() -> None:
    found = stretch(np.array([0.1, -0.1, -0.1, 0.05, 0.2, 0.0, -0.05]), 24)
    assert (found.drawdown_rounds, found.recovery_rounds) == (2, 2)
    assert found.longest_burn == 2
    assert found.earn_burn == pytest.approx(0.35 / 0.25)
    assert (found.mean_p05, found.sharpe_p95, found.effective_rounds) == (None, None, None), "7 rounds are thin"


def test_nothing_lost_has_no_drawdown() -> None:
    assert drawdown_length(np.array([0.0, 0.1, 0.0])) == (None, None)
    assert drawdown_length(np.array([])) == (None, None)


def test_rounds_that_hang_together_count_for_fewer() -> None:
    apart, together = (
        np.mean([effective_rounds(series(seed, 800, correlation), 24) or 0 for seed in range(40)])
        for correlation in (0.0, 0.9)
    )
    assert apart > 500
    assert together < 200


def test_intervals_are_those_of_intervals() -> None:
    returns = series(3, 400, 0.5)
    found, mean = stretch(returns, 24), mean_interval(returns, 24)
    assert mean is not None
    assert (found.mean_p05, found.mean_p95) == (float(mean.low), float(mean.high))


def test_the_sharpe_is_covered_as_often_as_said() -> None:
    """Of independent rounds: the share of 90 % intervals that hold the true Sharpe of 0.1."""
    held = 0
    for seed in range(300):
        found = sharpe_interval(series(seed, 400), 24)
        assert found is not None
        held += bool(found.low <= 0.1 <= found.high)
    assert 0.85 <= held / 300 <= 0.94


def test_a_constant_has_no_sharpe() -> None:
    found = sharpe_interval(np.full(400, 0.01), 24)
    assert found is not None
    assert np.isnan(found.estimate)
    assert stretch(np.full(400, 0.01), 24).sharpe_p05 is None


def test_a_drawdown_begins_at_the_last_of_equal_peaks() -> None:
    """Up by a half, down to the start and up again: the peak is reached twice before the fall."""
    assert drawdown_length(np.array([0.5, -1 / 3, 0.5, -0.5, -0.5])) == (2, None)
