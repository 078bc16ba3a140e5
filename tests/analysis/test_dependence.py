"""Downside beta and burns in common: held against pandas and against counting."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numtui.analysis.dependence import LEAST_COMMON, LEAST_DOWN, burns_together, downside_beta


def with_gaps(seed: int, models: int = 4, rounds: int = 120) -> np.ndarray:
    rng = np.random.default_rng(seed)
    returns = 0.4 * rng.normal(0, 0.02, rounds) + rng.normal(0.001, 0.02, (models, rounds))
    returns[rng.uniform(size=returns.shape) < 0.2] = np.nan
    return returns


@given(st.integers(0, 10_000))
@settings(deadline=None, max_examples=40)
def test_downside_beta_is_that_of_pandas(seed: int) -> None:
    returns = with_gaps(seed)
    field = with_gaps(seed + 1, 1)[0]
    slopes = downside_beta(returns, field)
    for series, slope in zip(returns, slopes, strict=True):
        frame = pd.DataFrame({"own": series, "field": field}).dropna()
        down = frame[frame["field"] < frame["field"].mean()]
        assert slope == pytest.approx(down["own"].cov(down["field"]) / down["field"].var(), abs=1e-9)


def test_downside_beta_looks_at_the_fields_bad_rounds_alone() -> None:
    field = np.tile([-0.03, -0.01, 0.02, 0.05], 10)
    own = np.where(field < 0, 2 * field, -7 * field)
    assert downside_beta(own[None], field) == pytest.approx([2])
    few = slice(0, 2 * LEAST_DOWN - 4)
    assert np.isnan(downside_beta(own[None, few], field[few])).all(), "too few rounds below the mean"
    assert np.isnan(downside_beta(np.full((1, 40), np.nan), field)).all()
    assert np.isnan(downside_beta(own[None], np.full(40, 0.01))).all(), "a field that does not vary"


@given(st.integers(0, 10_000))
@settings(deadline=None, max_examples=40)
def test_burns_together_are_counted(seed: int) -> None:
    returns = with_gaps(seed)
    together = burns_together(returns)
    for a in range(4):
        for b in range(4):
            both = np.logical_not(np.isnan(returns[a]) | np.isnan(returns[b]))
            one, other = returns[a, both] < 0, returns[b, both] < 0
            if a == b:
                assert np.isnan(together[a, b])
            else:
                assert together[a, b] == pytest.approx((one & other).mean() / (one.mean() * other.mean()))


def test_copies_burn_together_as_often_as_they_can_and_mirrors_never() -> None:
    series = np.tile([-0.01, 0.02, 0.01, -0.02, 0.01], 8)
    together = burns_together(np.stack([series, series, -series, np.abs(series), series]))
    assert together[0, 1] == pytest.approx(1 / 0.4)
    assert together[0, 2] == 0
    assert np.isnan(together[3]).all(), "one that never burns"
    short = np.stack([series, series])[:, : LEAST_COMMON - 1]
    assert np.isnan(burns_together(short)).all()
