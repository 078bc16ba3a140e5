"""The frontier: each point has less variance than any other weights of its mean, and more mean costs more of it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from numtui.analysis.allocation.covariance import long_run_covariance
from numtui.analysis.allocation.frontier import POINTS, frontier, portfolio
from numtui.analysis.allocation.weights import AllocationError, Bounds, weigh
from numtui.analysis.risk import risk_table

from .market import market

OPEN = 24
RETURNS = market(11, 1.0, models=6)
COVARIANCE = long_run_covariance(RETURNS, OPEN)
COVARIANCE_OF_ONE = long_run_covariance(RETURNS[:, :1], OPEN)


@pytest.mark.parametrize("bounds", [Bounds(), Bounds(0.05, 0.4)])
def test_it_goes_from_the_least_variance_to_the_largest_mean(bounds: Bounds) -> None:
    points = frontier(RETURNS, COVARIANCE, bounds)
    assert len(points) == POINTS
    means, stds = [point.mean for point in points], [point.std for point in points]
    assert means == sorted(means) and stds == sorted(stds)
    assert points[0].weights == pytest.approx(weigh("min_variance", RETURNS, COVARIANCE, None, bounds))
    best = linprog(-RETURNS.mean(axis=0), A_eq=np.ones((1, 6)), b_eq=[1], bounds=[tuple(bounds)] * 6)
    assert points[-1].mean == pytest.approx(-best.fun, rel=1e-6)
    for point in points:
        assert point.weights.sum() == pytest.approx(1)
        assert point.weights.min() >= bounds.floor - 1e-9 and point.weights.max() <= bounds.cap + 1e-9


def test_no_other_weights_of_the_same_mean_have_less_variance() -> None:
    points = frontier(RETURNS, COVARIANCE, Bounds())
    means = np.array([point.mean for point in points])
    variances = np.array([point.std**2 for point in points])
    others = np.random.default_rng(0).dirichlet(np.ones(6), 4000)
    reached = others @ RETURNS.mean(axis=0)
    spread = np.einsum("ij,jk,ik->i", others, COVARIANCE.matrix, others)
    inside = (reached >= means[0]) & (reached <= means[-1])
    assert inside.sum() > 500
    # Between two points the frontier lies at or below the chord of variances.
    assert (spread[inside] >= np.interp(reached[inside], means, variances) * 0.98).all()


def test_a_point_is_what_its_weights_come_to() -> None:
    weights = np.full(6, 1 / 6)
    point = portfolio(weights, RETURNS, COVARIANCE)
    series = RETURNS @ weights
    assert point.mean == pytest.approx(series.mean())
    assert point.std == pytest.approx(np.sqrt(weights @ COVARIANCE.matrix @ weights))
    assert point.cvar_5 == pytest.approx(float(risk_table(series[None]).cvar_5[0]))


def test_where_all_have_the_same_mean_there_is_one_point() -> None:
    alike = np.concatenate([RETURNS, -RETURNS])
    assert len(frontier(alike, long_run_covariance(alike, OPEN), Bounds())) == 1


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        (Bounds(0.3, 0.2), "the floor of 0.3 is above the cap of 0.2"),
        (Bounds(-0.1, 0.5), "both lie between 0 and 1"),
        (Bounds(0.0, float("nan")), "both lie between 0 and 1"),
    ],
)
def test_bounds_that_cannot_be_say_which(bounds: Bounds, words: str) -> None:
    with pytest.raises(AllocationError, match=words):
        weigh("min_cvar", RETURNS, COVARIANCE, None, bounds)


@pytest.mark.parametrize("bounds", [Bounds(), Bounds(0.1, 0.4), Bounds(0, 0.3)])  # 0: whole numbers from a notebook
@pytest.mark.parametrize("seed", range(12))
def test_every_point_of_many_markets_is_found(bounds: Bounds, seed: int) -> None:
    returns = market(seed, 1.0, models=5)
    points = frontier(returns, long_run_covariance(returns, OPEN), bounds)
    steps = np.diff([point.mean for point in points])
    assert steps == pytest.approx(np.full(POINTS - 1, steps.mean()), rel=1e-4)
    assert (np.diff([point.std for point in points]) > -1e-7).all()
    for point in points:
        assert point.weights.sum() == pytest.approx(1, abs=1e-8)
        assert point.weights.min() >= bounds.floor - 1e-9 and point.weights.max() <= bounds.cap + 1e-9


def test_one_model_is_a_frontier_of_one_point() -> None:
    assert [point.weights.tolist() for point in frontier(RETURNS[:, :1], COVARIANCE_OF_ONE, Bounds())] == [[1.0]]
