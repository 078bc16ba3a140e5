"""Rolling figures are those of each window by itself, and of pandas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from numtui.analysis.intervals import LEAST
from numtui.analysis.stretches import rolling_band, rolling_sharpe, sharpe_interval

OPEN = 4
WINDOW = LEAST * OPEN
RETURNS = np.random.default_rng(3).normal(0.002, 0.02, 90)


def test_the_rolling_sharpe_is_that_of_each_window() -> None:
    rolling = rolling_sharpe(RETURNS, WINDOW, OPEN)
    assert rolling.value.size == RETURNS.size - WINDOW + 1
    series = pd.Series(RETURNS).rolling(WINDOW)
    expected = (series.mean() / series.std()).to_numpy()[WINDOW - 1 :]
    np.testing.assert_allclose(rolling.value, expected, atol=1e-9)
    for place in range(rolling.value.size):
        alone = sharpe_interval(RETURNS[place : place + WINDOW], OPEN)
        assert alone is not None
        assert (rolling.low[place], rolling.high[place]) == pytest.approx((float(alone.low), float(alone.high)))


def test_too_short_a_window_has_no_band_and_a_constant_no_sharpe() -> None:
    rolling = rolling_sharpe(RETURNS, WINDOW - 1, OPEN)
    assert np.isfinite(rolling.value).all() and np.isnan(rolling.low).all() and np.isnan(rolling.high).all()
    still = np.concatenate([np.full(WINDOW, 0.01), RETURNS[:5]])
    rolling = rolling_sharpe(still, WINDOW, OPEN)
    assert np.isnan(rolling.value[0]) and np.isnan(rolling.low[0])
    assert np.isfinite(rolling.value[1:]).all() and np.isfinite(rolling.high[1:]).all()
    assert rolling_sharpe(RETURNS[:5], 6, OPEN).value.size == 0


def test_the_rolling_band_is_that_of_pandas() -> None:
    band = rolling_band(RETURNS, 20, 0.1)
    series = pd.Series(RETURNS).rolling(20)
    for ours, theirs in (
        (band.value, series.mean()),
        (band.low, series.quantile(0.1)),
        (band.high, series.quantile(0.9)),
    ):
        np.testing.assert_allclose(ours, theirs.to_numpy()[19:], atol=1e-9)
    assert rolling_band(RETURNS[:5], 6, 0.1).value.size == 0
