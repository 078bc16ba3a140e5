"""Weights of models, long only and adding up to 1, each within a floor and a cap.

min_cvar and mean_cvar are the linear programs of Rockafellar and Uryasev 2000, J. Risk 2(3), over the rounds as
scenarios; the ratio by the substitution of Charnes and Cooper 1962. equal_risk is the convex form of Spinu 2013, "An
algorithm for computing risk parity weights". Linear programs go to HiGHS, the quadratic
one to SLSQP, both of scipy. For 70 models and 800 rounds cvxpy with Clarabel gave the same weights to 3e-7, the
linear ones in 150 ms where HiGHS takes 50, the quadratic one in 7 where SLSQP takes 12.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from numtui.analysis.allocation.covariance import Covariance
from numtui.analysis.allocation.methods import Method
from numtui.analysis.arrays import Floats
from numtui.analysis.risk import TAIL
from numtui.errors import NumtuiError

TOLERANCE = 1e-12
STEPS = 500
NO_BETTER = 8  # of SLSQP: no step lowers the variance any further, at weights that keep the constraints


class AllocationError(NumtuiError, ValueError):
    """Bounds that no weights can keep, or returns that no method can weigh; its text says which."""


class Bounds(NamedTuple):
    """The least and the most that one model may carry, as shares of the whole."""

    floor: float = 0.0
    cap: float = 1.0

    def check(self, models: int) -> None:
        """AllocationError where no weights of so many models keep them."""
        if not (0 <= self.floor <= 1 and 0 <= self.cap <= 1):
            raise AllocationError(f"a floor of {self.floor:g} and a cap of {self.cap:g}: both lie between 0 and 1")
        if self.floor > self.cap:
            raise AllocationError(f"the floor of {self.floor:g} is above the cap of {self.cap:g}")
        if models * self.floor > 1:
            raise AllocationError(f"{models} models with at least {self.floor:g} each are more than the whole")
        if models * self.cap < 1:
            raise AllocationError(f"{models} models with at most {self.cap:g} each are less than the whole")


def weigh(method: Method, returns: Floats, covariance: Covariance, today: Floats | None, bounds: Bounds) -> Floats:
    """Weights [M] by a method, from matched returns [n, M]; `today` are the shares of the stakes that stand.

    AllocationError: bounds that cannot be kept, no stakes for `today`, or a program without a solution.
    """
    models = returns.shape[1]
    bounds.check(models)
    match method:
        case "equal":
            return np.full(models, 1 / models)
        case "today":
            if today is None:
                raise AllocationError("no stake of these models is known: there are no weights of today")
            return today
        case "inverse_variance":
            return within(1 / _variances(covariance.matrix, method), bounds)
        case "equal_risk":
            return within(_equal_risk(covariance.matrix), bounds)
        case "min_variance":
            return least_variance(covariance.matrix, bounds)
        case "min_cvar":
            return _program(returns, bounds, ratio=False)
        case "mean_cvar":
            return _program(returns, bounds, ratio=True)


def within(weights: Floats, bounds: Bounds) -> Floats:
    """Weights [M] in the proportions given, but for those that meet the floor or the cap; they add up to 1."""
    low, high = 0.0, 1 / weights[weights > 0].min() if np.any(weights > 0) else 1.0
    for _ in range(STEPS):  # the scale at which the bounded ones add up to 1: the sum grows with it
        scale = (low + high) / 2
        total = np.clip(weights * scale, bounds.floor, bounds.cap).sum()
        low, high = (scale, high) if total < 1 else (low, scale)
        if high - low < TOLERANCE * high:
            break
    bounded = np.clip(weights * high, bounds.floor, bounds.cap)
    result: Floats = bounded / bounded.sum()
    return result


def shares_of_risk(weights: Floats, covariance: Floats) -> Floats:
    """What each model adds to the variance of the whole, as shares [M] of it."""
    marginal = weights * (covariance @ weights)
    result: Floats = marginal / marginal.sum()
    return result


def least_variance(
    covariance: Floats,
    bounds: Bounds,
    *,
    means: Floats | None = None,
    start: Floats | None = None,
) -> Floats:
    """The weights [M] of the least variance within the bounds, looked for from `start` on (None: from equal ones); with
    `means` [M] of those that have the mean of `start`. AllocationError without a solution."""
    from scipy.optimize import minimize  # slow to import: only where weights are solved for

    models = len(covariance)
    scaled = covariance / np.trace(covariance) * models
    begin = np.full(models, 1 / models) if start is None else start
    constraints = [{"type": "eq", "fun": lambda weights: weights.sum() - 1, "jac": np.ones_like}]
    if means is not None:
        size = np.abs(means).max() or 1.0
        slope = means / size
        constraints.append({"type": "eq", "fun": lambda weights: (weights - begin) @ slope, "jac": lambda _: slope})
    solved = minimize(
        lambda weights: (weights @ scaled @ weights, 2 * scaled @ weights),
        begin,
        jac=True,
        method="SLSQP",
        bounds=[tuple(bounds)] * models,
        constraints=constraints,
        options={"maxiter": STEPS, "ftol": TOLERANCE},
    )
    if not solved.success and solved.status != NO_BETTER:
        raise AllocationError(f"min_variance has no solution: {solved.message}")
    return np.asarray(np.clip(solved.x, *bounds))


def _equal_risk(covariance: Floats) -> Floats:
    """w with equal w_i (S w)_i: the minimum of w'Sw / 2 - mean(log w), a coordinate at a time, then scaled to 1."""
    models = len(covariance)
    variances = _variances(covariance, "equal_risk")
    weights = 1 / np.sqrt(variances)
    weights /= np.sqrt(weights @ covariance @ weights)
    for _ in range(STEPS):
        before = weights.copy()
        for i in range(models):
            others = covariance[i] @ weights - variances[i] * weights[i]
            weights[i] = (-others + np.sqrt(others**2 + 4 * variances[i] / models)) / (2 * variances[i])
        if np.abs(weights - before).max() < TOLERANCE * weights.max():
            break
    result: Floats = weights / weights.sum()
    return result


def _variances(covariance: Floats, method: Method) -> Floats:
    """The variances [M]. AllocationError where a model has none."""
    variances = np.diag(covariance)
    if not np.all(variances > 0):
        raise AllocationError(f"{method} needs returns that vary, of every model")
    return variances


def _program(returns: Floats, bounds: Bounds, *, ratio: bool) -> Floats:
    """The least mean loss of the worst 5 % of rounds; `ratio`: the most earned a round per such loss, and with no gain
    to be had the least loss.

    Variables: M weights, the value at risk, n excesses over it, and the scale k of the ratio's substitution.

    Minimised is value at risk + sum of excesses / (5 % n); of the ratio with mean return 1, weights w / k.
    """
    from scipy.optimize import linprog  # slow to import: only where weights are solved for
    from scipy.sparse import csr_array, eye_array, hstack, vstack

    n, models = returns.shape
    size = np.abs(returns).max() or 1.0
    scenarios = returns / size
    cost = np.concatenate([np.zeros(models), [1.0], np.full(n, 1 / (TAIL * n)), [0.0]])
    excess = hstack([csr_array(-scenarios), csr_array(-np.ones((n, 1))), -eye_array(n), csr_array((n, 1))])
    total = np.concatenate([np.ones(models), np.zeros(1 + n), [-1.0]])
    fixed = [np.concatenate([np.zeros(models + 1 + n), [1.0]])]
    rows, limits = [excess], [np.zeros(n)]
    if ratio:
        fixed = [np.concatenate([scenarios.mean(axis=0), np.zeros(2 + n)])]
        scale = np.ones((models, 1))
        unit, none = eye_array(models), csr_array((models, 1 + n))
        rows += [hstack([unit, none, csr_array(-bounds.cap * scale)])]
        rows += [hstack([-unit, none, csr_array(bounds.floor * scale)])]
        limits += [np.zeros(2 * models)]
    of_weights = [(0.0, None)] * models if ratio else [tuple(bounds)] * models
    solved = linprog(
        cost,
        A_ub=vstack(rows),
        b_ub=np.concatenate(limits),
        A_eq=csr_array(np.vstack([total, *fixed])),
        b_eq=[0.0, 1.0],
        bounds=[*of_weights, (None, None), *[(0.0, None)] * n, (0.0, None)],
        method="highs",
    )
    if not solved.success:
        if ratio:  # no weights within the bounds gain anything, or the worst rounds are no loss
            return _program(returns, bounds, ratio=False)
        raise AllocationError(f"there are no such weights: {solved.message}")
    weights = np.asarray(solved.x[:models])
    result: Floats = weights / weights.sum()
    return result
