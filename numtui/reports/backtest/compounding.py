"""Backtests whose stake grows and shrinks with what it earns, locked up while its rounds are unresolved."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from numtui.analysis.arrays import Bools, Floats, Ints
from numtui.analysis.backtest.backtest import Backtest, ScoreHistory, model_series
from numtui.analysis.backtest.compounding import SLOTS_20, SLOTS_60, Compounded, compound_v2, compound_v3
from numtui.analysis.ranks import descending_ranks
from numtui.model import Tournament
from numtui.reports.backtest.inputs import BacktestInputs

V3 = "v3"


def compounded(scope: BacktestInputs, found: Backtest) -> tuple[Backtest, list[str]]:
    """The same backtest with totals and averages of the compounding stake, and lines on how it was simulated.

    `total` is the NMR won or lost when all rounds have resolved, `average` that a round; ratios stay those of the
    returns on what was at risk, so that they compare with a constant stake's.
    """
    total = np.full_like(found.total, np.nan)
    unfunded = 0
    for m, counted in enumerate(scope.history.counted()):
        if counted.any():
            run = simulate(scope, scope.history, m, counted, scope.cells)
            total[m] = run.final - float(scope.query.stake)
            unfunded += int(run.unmet.sum())
    average = total / np.where(found.rounds > 0, found.rounds, np.nan)[:, None]
    rank = descending_ranks(total if found.mode == "total" else average)
    changed = replace(found, total=total, average=average, average_p05=None, average_p95=None, rank=rank)
    return changed, _said(scope, unfunded)


def simulate(scope: BacktestInputs, history: ScoreHistory, model: int, counted: Bools, cells: Floats) -> Compounded:
    """The stake of one model (by position) of a history of the scope, under `cells` [C, K], through `counted` [R]
    rounds."""
    returns = model_series(history, model, counted).returns(cells)
    opened, resolved = times(scope)
    stake = float(scope.query.stake)
    if scope.query.compound == V3:
        return compound_v3(returns, opened[counted], resolved[counted], stake, slots=slots(scope))
    return compound_v2(returns, opened[counted], resolved[counted], stake)


def earned(scope: BacktestInputs, history: ScoreHistory, model: int, counted: Bools, cells: Floats) -> Floats:
    """Payouts in NMR of one model's `counted` rounds under `cells`, [n, C]: of the same stake each, or compounded."""
    if scope.query.compound:
        return simulate(scope, history, model, counted, cells).payout
    return model_series(history, model, counted).payouts(cells)


def slots(scope: BacktestInputs) -> int:
    """Over how many rounds a v3 stake is spread: 64, in Crypto 24."""
    return SLOTS_20 if scope.tournament is Tournament.CRYPTO else SLOTS_60


def times(scope: BacktestInputs) -> tuple[Ints, Ints]:
    """When stakes are fixed and rounds resolve; where the cache does not know it of all, one opens after the other and
    resolves when as many others have opened as are unresolved at once."""
    rounds = scope.rounds
    if (rounds.opened > 0).all() and (rounds.resolved > rounds.opened).all():
        return rounds.opened, rounds.resolved
    opened = np.array(rounds.numbers, dtype=np.int64)
    return opened, opened + scope.scheme.block


def _said(scope: BacktestInputs, unfunded: int) -> list[str]:
    how = (
        f"v3: each round takes 1/{slots(scope)} of the NMR owned at its opening"
        if scope.query.compound == V3
        else "v2: one stake backs every unresolved round"
    )
    lines = [f"compounded, {how}; total is what {scope.query.stake} NMR won or lost"]
    if (scope.rounds.opened == 0).any():
        lines.append("the cache lacks times of some rounds: they are taken to follow each other")
    if unfunded:
        lines.append(f"{unfunded:,} rounds of all cells got less NMR than they were meant to have")
    return lines
