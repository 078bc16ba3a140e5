"""Weights as a whole: their returns are those of one series, and what they rest on lies where it must."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numtui.analysis.allocation.covariance import Covariance, long_run_covariance
from numtui.analysis.allocation.figures import concentration, effective_models, figures, variance
from numtui.analysis.intervals import mean_interval
from numtui.analysis.risk import risk_table
from numtui.analysis.stretches import sharpe_interval

from .market import market

OPEN, MODELS = 24, 5
RETURNS = market(21, 1.0, models=MODELS)
COVARIANCE = long_run_covariance(RETURNS, OPEN)

shares = st.lists(st.integers(0, 100), min_size=MODELS, max_size=MODELS).filter(any)


@given(shares)
def test_what_weights_rest_on_lies_where_it_must(parts: list[int]) -> None:
    weights = np.array(parts) / sum(parts)
    found = figures(weights, RETURNS, COVARIANCE, OPEN)
    assert 1 / MODELS - 1e-12 <= found.concentration <= 1
    assert 1 <= found.effective_models <= MODELS + 1e-9
    assert found.effective_models <= np.count_nonzero(weights) + 1e-9
    assert found.common_share is not None and 0 <= found.common_share <= 1 + 1e-12
    assert found.diversification is not None and found.diversification >= 1 - 1e-12
    assert found.std == pytest.approx(np.sqrt(weights @ COVARIANCE.matrix @ weights))


def test_the_returns_of_weights_are_one_series() -> None:
    weights = np.array([0.4, 0.3, 0.2, 0.1, 0.0])
    series = RETURNS @ weights
    found = figures(weights, RETURNS, COVARIANCE, OPEN)
    risk, mean, sharpe = risk_table(series[None]), mean_interval(series, OPEN), sharpe_interval(series, OPEN)
    assert mean is not None and sharpe is not None
    assert (found.mean, found.sharpe) == pytest.approx((series.mean(), series.mean() / series.std(ddof=1)))
    assert (found.mean_p05, found.mean_p95) == (float(mean.low), float(mean.high))
    assert (found.sharpe_p05, found.sharpe_p95) == (float(sharpe.low), float(sharpe.high))
    assert found.max_drawdown == pytest.approx(float(risk.max_drawdown[0]))
    assert (found.cvar_5, found.worst_20) == pytest.approx((float(risk.cvar_5[0]), float(risk.worst_20[0])))


def test_one_model_is_all_there_is() -> None:
    found = figures(np.eye(MODELS)[2], RETURNS, COVARIANCE, OPEN)
    assert (found.concentration, found.effective_models) == (1.0, 1.0)
    assert found.diversification == pytest.approx(1)
    assert found.mean == pytest.approx(RETURNS[:, 2].mean())


def test_the_common_factor_is_the_first_principal_component() -> None:
    """Two models that move as one, and a third apart from them that moves less."""
    covariance = Covariance(np.array([[4.0, 4.0, 0.0], [4.0, 4.0, 0.0], [0.0, 0.0, 1.0]]), 0.0)
    returns = np.random.default_rng(0).normal(0, 0.01, (200, 3))
    assert figures(np.array([0.5, 0.5, 0.0]), returns, covariance, OPEN).common_share == pytest.approx(1)
    assert figures(np.array([0.0, 0.0, 1.0]), returns, covariance, OPEN).common_share == pytest.approx(0)
    mixed = figures(np.array([0.25, 0.25, 0.5]), returns, covariance, OPEN)
    assert mixed.common_share == pytest.approx(1 / 1.25)
    assert mixed.diversification == pytest.approx(1.5 / np.sqrt(1.25))


def test_without_variance_nothing_is_shared() -> None:
    found = figures(np.full(2, 0.5), np.zeros((200, 2)), Covariance(np.zeros((2, 2)), 1.0), OPEN)
    assert (found.common_share, found.diversification, found.sharpe) == (None, None, None)
    assert (found.std, found.max_drawdown) == (0.0, 0.0)


def test_few_rounds_have_no_interval() -> None:
    found = figures(np.full(MODELS, 1 / MODELS), RETURNS[:100], long_run_covariance(RETURNS[:100], OPEN), OPEN)
    assert (found.mean_p05, found.mean_p95, found.sharpe_p05, found.sharpe_p95) == (None, None, None, None)
    assert found.sharpe is not None


def test_equal_weights_count_as_many_as_there_are() -> None:
    assert concentration(np.full(8, 1 / 8)) == pytest.approx(1 / 8)
    assert effective_models(np.full(8, 1 / 8)) == pytest.approx(8)
    assert variance(np.full(MODELS, 1 / MODELS), COVARIANCE) == pytest.approx(float(COVARIANCE.matrix.mean()))
