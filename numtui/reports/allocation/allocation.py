"""`export allocation`: how much each model should carry by what all of them returned, and whether such weights served.

The weights that were solved for are moved towards equal ones, as far as a walk forward finds no evidence for them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_DOWN, Decimal

import numpy as np

from numtui.analysis.allocation.covariance import Covariance, long_run_covariance
from numtui.analysis.allocation.figures import effective_models, variance
from numtui.analysis.allocation.methods import Method
from numtui.analysis.allocation.walk import Walk, evidence, walk_forward
from numtui.analysis.allocation.weights import AllocationError, Bounds, weigh
from numtui.analysis.arrays import Bools, Floats
from numtui.analysis.intervals import LEAST, Interval
from numtui.analysis.risk import Risk, risk_table
from numtui.format import counted
from numtui.model import Tournament
from numtui.money import MINIMUM, ZERO, exact_sum
from numtui.reports.backtest.inputs import load_inputs, require_one_cell
from numtui.reports.backtest.query import AllocationQuery, BacktestError, BacktestQuery
from numtui.reports.backtest.risk import round_returns
from numtui.store.queries.selection import Models, Rounds, counted_models, known_models
from numtui.store.queries.stakes.figures import stake_figures
from numtui.store.queries.terms import staking_system

GIVEN: tuple[Method, ...] = ("equal", "today")  # weights that nothing is learnt for: there is nothing to shrink


@dataclass(frozen=True, slots=True, eq=False)
class Allocation:
    """Weights [M] of `models`: of `today` (None without stakes), `raw` as solved and as to be used; `returns` [n, M] of
    the `rounds` that all have; `stakes` [M] NMR that stand, None where unknown; `trust` (0..1) is how far the raw
    weights count."""

    tournament: Tournament
    query: AllocationQuery
    models: tuple[str, ...]
    rounds: tuple[int, ...]
    returns: Floats
    covariance: Covariance
    stakes: tuple[Decimal | None, ...]
    today: Floats | None
    raw: Floats
    weights: Floats
    walk: Walk
    trust: float
    open_rounds: int
    input_notes: tuple[str, ...]

    @property
    def equal(self) -> Floats:
        """[M] equal weights."""
        return np.full(len(self.models), 1 / len(self.models))

    @property
    def whole(self) -> Risk:
        """The risk figures, each [2], of the returns of the whole: under the weights to be used, and equal ones."""
        return risk_table(np.stack([self.returns @ self.weights, self.returns @ self.equal]))

    def targets(self) -> dict[str, Decimal]:
        """The stake of each model, NMR, when what is staked now is spread by the weights: to the hundredth below, and 0
        where that is less than the smallest stake. A change below the query's least one is left out, and the others
        share what there is. BacktestError where a stake is not known, or nothing is staked."""
        if self.today is None:
            raise BacktestError("no stake of these models is known: there is nothing to spread")
        stakes = {model: stake for model, stake in zip(self.models, self.stakes, strict=True) if stake is not None}
        shares = {
            model: Decimal(repr(weight)) for model, weight in zip(self.models, self.weights.tolist(), strict=True)
        }
        staying: dict[str, Decimal] = {}
        while True:
            left = exact_sum(stakes.values()) - exact_sum(staying.values())
            targets = staying | _spread(left, {m: share for m, share in shares.items() if m not in staying})
            small = {m for m in targets if m not in staying and abs(targets[m] - stakes[m]) < self.query.min_change}
            if not small:
                return {model: targets[model] for model in self.models}
            staying |= {model: stakes[model] for model in small}

    @property
    def verdict(self) -> str:
        """Whether weights by this method served out of sample, in a sentence."""
        gain = self.walk.gain
        if gain is None:
            tested = counted(self.walk.chosen.size, "round")
            least = LEAST * self.open_rounds
            return f"{tested} to test these weights on, {least} are needed: no evidence that they beat equal ones"
        ends = _ends(gain)
        if gain.low > 0:
            return f"out of sample these weights beat equal ones by {ends}"
        if gain.high < 0:
            return f"out of sample these weights did worse than equal ones: {ends}"
        return f"no evidence that these weights beat equal ones: {ends}"

    @property
    def findings(self) -> tuple[str, ...]:
        """The verdict, and what the whole is like, in lines."""
        spread, whole = effective_models(self.weights), self.whole
        lines = [
            self.verdict,
            f"{self.trust:.0%} solved weights, {1 - self.trust:.0%} equal ones; {len(self.models)} models count as "
            f"{spread:.1f}; {self.covariance.common_share:.0%} of all variance is what they have in common",
            f"in the {counted(len(self.rounds), 'round')} themselves, of which the weights were chosen: drawdown "
            f"{_percent(whole.max_drawdown[0])} (equal {_percent(whole.max_drawdown[1])}), worst 20 "
            f"{_percent(whole.worst_20[0])} (equal {_percent(whole.worst_20[1])})",
            self._ensemble_bound,
        ]
        if self.walk.gain_on_today is not None:
            lines.insert(1, f"against the stakes that stand: {_ends(self.walk.gain_on_today)}")
        return tuple(lines)

    @property
    def _ensemble_bound(self) -> str:
        """What one stake on an ensemble could do in place of many: its return is taken for the mean of theirs."""
        together, weighted = variance(self.equal, self.covariance), variance(self.weights, self.covariance)
        share = together / weighted if weighted > 0 else float("nan")
        return (
            f"the mean of the models' returns has {share:.0%} of the variance of the weighted ones: one stake on an "
            "ensemble of them all is not likely to have less (a bound, not a forecast)"
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """The findings, and what the reader must know of the rounds."""
        return (*self.findings, *self.input_notes)


def allocation(
    connection: sqlite3.Connection,
    tournament: Tournament,
    query: BacktestQuery,
    rounds: Rounds,
    *,
    asked: AllocationQuery,
    now: datetime,
) -> Allocation | None:
    """The weights of the models of `query` under its terms; None where they have no score in the range.

    Where it chooses no models they are the account's own, without any the watched ones.

    BacktestError: a grid of several cells, a model without a round that all others have, bounds that cannot be kept.
    """
    chosen = Models(names=tuple(counted_models(connection, tournament, query.models)))
    inputs = load_inputs(connection, tournament, replace(query, models=chosen, matched=True), rounds)
    if inputs is None or not chosen.names:  # no names would stand for all models
        return None
    require_one_cell(inputs, "weights are")
    per_round = round_returns(inputs)
    common: Bools = np.logical_not(np.isnan(per_round).any(axis=0))
    returns = per_round[:, common].T
    if len(returns) < 2:
        raise BacktestError("the models have no two rounds in common: name others with --models, or leave some out")
    stakes = _stakes(connection, tournament, inputs.history.models, now)
    bounds, today = Bounds(asked.floor, asked.cap), _shares(stakes)
    try:
        covariance = long_run_covariance(returns, inputs.open_rounds)
        raw = weigh(asked.method, returns, covariance, today, bounds)
        walk = walk_forward(asked.method, returns, inputs.open_rounds, today, bounds)
    except AllocationError as error:
        raise BacktestError(str(error)) from None
    trust = 1.0 if asked.method in GIVEN else evidence(walk.gain, walk.chosen.size, inputs.open_rounds)
    equal = 1 / len(raw)
    return Allocation(
        tournament=tournament,
        query=asked,
        models=inputs.history.models,
        rounds=tuple(np.array(inputs.rounds.numbers)[common].tolist()),
        returns=returns,
        covariance=covariance,
        stakes=tuple(stakes),
        today=today,
        raw=raw,
        weights=equal + trust * (raw - equal),
        walk=walk,
        trust=trust,
        open_rounds=inputs.open_rounds,
        input_notes=inputs.notes,
    )


def _spread(total: Decimal, shares: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """NMR by shares that need not add up to 1, each to the hundredth below, none below the smallest stake."""
    whole = exact_sum(shares.values())
    amounts = {}
    for model, share in shares.items():
        # What floats leave behind the ninth decimal is no reason for a hundredth less.
        amount = round(total * share / whole, 9).quantize(MINIMUM, ROUND_DOWN) if whole and total > 0 else ZERO
        amounts[model] = amount if amount >= MINIMUM else ZERO
    return amounts


def _stakes(
    connection: sqlite3.Connection, tournament: Tournament, models: tuple[str, ...], now: datetime
) -> list[Decimal | None]:
    numbers = known_models(connection, tournament, Models(names=models))
    keys = [numbers[name] for name in models]
    figures = stake_figures(connection, tournament, staking_system(connection, tournament), keys, now)
    return [figures[key].stake for key in keys]


def _shares(stakes: list[Decimal | None]) -> Floats | None:
    """The shares of the models' stakes; None where one is not known, or nothing is staked."""
    known = [float(stake) for stake in stakes if stake is not None]
    if len(known) < len(stakes) or not sum(known):
        return None
    return np.array(known) / sum(known)


def _ends(gain: Interval) -> str:
    return f"{float(gain.estimate):+.4%} a round, 90 % interval {float(gain.low):+.4%} to {float(gain.high):+.4%}"


def _percent(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.1%}"
