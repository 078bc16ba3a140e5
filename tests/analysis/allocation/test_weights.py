"""Weights keep their bounds, are the best within them by another solver, and say nothing where there is nothing."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import LinearConstraint, minimize

from numtui.analysis.allocation.covariance import Covariance, ledoit_wolf, long_run_covariance
from numtui.analysis.allocation.methods import METHODS, Method
from numtui.analysis.allocation.walk import evidence, walk_forward
from numtui.analysis.allocation.weights import AllocationError, Bounds, shares_of_risk, weigh
from numtui.analysis.risk import risk_table

from .market import market

OPEN = 24


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("bounds", [Bounds(), Bounds(0.05, 0.3)])
def test_weights_add_up_within_their_bounds(method: Method, bounds: Bounds) -> None:
    returns = market(1, 1.0, models=8)
    today = np.full(8, 1 / 8)
    weights = weigh(method, returns, long_run_covariance(returns, OPEN), today, bounds)
    assert weights.sum() == pytest.approx(1)
    assert weights.min() >= bounds.floor - 1e-9
    assert weights.max() <= bounds.cap + 1e-9


def test_least_variance_is_that_of_another_solver() -> None:
    returns = market(2, 1.0, models=8)
    covariance = long_run_covariance(returns, OPEN)
    ours = weigh("min_variance", returns, covariance, None, Bounds(cap=0.4))
    scaled = covariance.matrix / np.trace(covariance.matrix)
    other = minimize(
        lambda weights: weights @ scaled @ weights,
        np.full(8, 1 / 8),
        jac=lambda weights: 2 * scaled @ weights,
        hess=lambda _: 2 * scaled,
        method="trust-constr",
        bounds=[(0, 0.4)] * 8,
        constraints=LinearConstraint(np.ones(8), 1, 1),
        options={"gtol": 1e-12, "xtol": 1e-14, "barrier_tol": 1e-13, "maxiter": 5000},
    )
    assert ours == pytest.approx(other.x, abs=1e-6)


def test_no_weights_nearby_have_a_better_tail() -> None:
    returns = market(3, 1.0, models=6)
    covariance = long_run_covariance(returns, OPEN)
    least = weigh("min_cvar", returns, covariance, None, Bounds())
    best = weigh("mean_cvar", returns, covariance, None, Bounds())
    random = np.random.default_rng(0)
    others = np.abs(np.stack([least, best])[:, None] + 0.02 * random.standard_normal((2, 300, 6)))
    others /= others.sum(axis=2, keepdims=True)

    def figures(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        figure = risk_table(weights @ returns.T)
        return figure.cvar_5, figure.mean / -figure.cvar_5

    assert figures(others[0])[0].max() <= figures(least[None])[0][0] + 1e-6
    assert figures(others[1])[1].max() <= figures(best[None])[1][0] + 1e-3


def test_equal_risk_shares_the_risk() -> None:
    returns = market(4, 0.0, models=7)
    covariance = long_run_covariance(returns, OPEN)
    weights = weigh("equal_risk", returns, covariance, None, Bounds())
    assert shares_of_risk(weights, covariance.matrix) == pytest.approx(np.full(7, 1 / 7), abs=1e-6)


def test_bounds_that_nothing_keeps_are_refused() -> None:
    for bounds in (Bounds(0.2, 1), Bounds(0, 0.05), Bounds(0.5, 0.2)):
        with pytest.raises(AllocationError):
            bounds.check(10)


def test_shrinkage_of_many_observations_is_little() -> None:
    random = np.random.default_rng(0)
    mixed = random.standard_normal((5000, 5)) @ np.diag([1, 2, 3, 4, 5])
    found = ledoit_wolf(mixed)
    assert found.shrunk < 0.01
    assert found.matrix == pytest.approx(np.diag([1, 4, 9, 16, 25]), abs=1.5)
    assert ledoit_wolf(mixed[:3]).shrunk > 0.1


def test_weights_serve_where_skill_differs_and_are_not_trusted_where_it_does_not() -> None:
    """Few markets of what tests/bench/allocation_study.py does with 100."""
    found = {
        skill: [walk_forward("mean_cvar", market(seed, skill, 10), OPEN, None, Bounds()).gain for seed in range(12)]
        for skill in (2.0, 0.0)
    }
    assert sum(gain is not None and gain.low > 0 for gain in found[2.0]) >= 8
    assert sum(gain is not None and gain.low > 0 for gain in found[0.0]) <= 2
    assert evidence(None, 100, OPEN) == 0.0
    assert all(evidence(gain, 328, OPEN) == 0 for gain in found[0.0] if gain is not None and gain.estimate <= 0)


def test_inverse_variance_is_in_proportion_to_one_over_the_variances() -> None:
    returns = market(5, 1.0, models=4) * np.array([1.0, 2.0, 3.0, 4.0])
    covariance = long_run_covariance(returns, OPEN)
    inverse = 1 / np.diag(covariance.matrix)
    assert weigh("inverse_variance", returns, covariance, None, Bounds()) == pytest.approx(inverse / inverse.sum())


def test_a_model_that_does_not_vary_cannot_be_weighed_by_its_variance() -> None:
    returns = np.zeros((200, 3))
    with pytest.raises(AllocationError, match="inverse_variance needs returns that vary"):
        weigh("inverse_variance", returns, Covariance(np.zeros((3, 3)), 1.0), None, Bounds())


def test_of_few_observations_nothing_is_shrunk_by_more_than_all() -> None:
    for seed in range(50):
        observations = np.random.default_rng(seed).normal(size=(3, 12))
        found = ledoit_wolf(observations)
        assert 0 <= found.shrunk <= 1
        assert np.linalg.eigvalsh(found.matrix).min() >= 0


def test_what_a_cap_takes_from_some_goes_to_the_others() -> None:
    covariance = Covariance(np.diag([1.0, 1.0, 100.0]), 0.0)
    weights = weigh("inverse_variance", np.zeros((200, 3)), covariance, None, Bounds(cap=0.4))
    assert weights == pytest.approx([0.4, 0.4, 0.2])


@pytest.mark.parametrize("size", [1.0, 100.0])
def test_the_best_ratio_of_two_models_is_that_of_a_search(size: float) -> None:
    returns = market(6, 1.0, models=2) * size
    ours = weigh("mean_cvar", returns, long_run_covariance(returns, OPEN), None, Bounds())
    shares = np.linspace(0, 1, 2001)
    figure = risk_table(np.stack([shares, 1 - shares], axis=1) @ returns.T)
    reached = risk_table((returns @ ours)[None])
    assert reached.mean[0] / -reached.cvar_5[0] >= (figure.mean / -figure.cvar_5).max() * (1 - 1e-3)
