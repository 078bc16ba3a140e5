"""Backtests whose stake grows and shrinks with what it earns, locked up while its rounds are unresolved."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from numtui.analysis.arrays import Bools, Floats, Ints
from numtui.analysis.backtest.backtest import Backtest, ScoreHistory, model_series
from numtui.analysis.backtest.compounding import SLOTS_20, SLOTS_60, Compounded, compound_v2, compound_v3
from numtui.model import Tournament
from numtui.reports.backtest.inputs import BacktestInputs

V3 = "v3"


def compounded(inputs: BacktestInputs, result: Backtest) -> tuple[Backtest, list[str]]:
    """The same backtest with totals and averages of the compounding stake, and lines on how it was simulated.

    `total` is the NMR won or lost when all rounds have resolved, `average` that a round; they hang on the order of the
    rounds and have no interval. Ratios and the interval of Sharpe stay those of the returns on what was at risk, so
    that they compare with a constant stake's.
    """
    total = np.full_like(result.total, np.nan)
    unfunded = 0
    for m, counted in enumerate(inputs.history.counted()):
        if counted.any():
            run = simulate(inputs, inputs.history, m, counted, inputs.cells)
            total[m] = run.final - float(inputs.query.stake)
            unfunded += int(run.unmet.sum())
    average = total / np.where(result.rounds > 0, result.rounds, np.nan)[:, None]
    changed = replace(result, total=total, average=average, average_p05=None, average_p95=None)
    return changed.ranked(), _said(inputs, unfunded)


def simulate(inputs: BacktestInputs, history: ScoreHistory, model: int, counted: Bools, cells: Floats) -> Compounded:
    """The stake of one model (by position) of one of its histories, under `cells` [C, K], through `counted` [R]
    rounds."""
    returns = model_series(history, model, counted).returns(cells)
    opened, resolved = times(inputs)
    stake = float(inputs.query.stake)
    if inputs.query.compound == V3:
        return compound_v3(returns, opened[counted], resolved[counted], stake, slots=slots(inputs))
    return compound_v2(returns, opened[counted], resolved[counted], stake)


def earned(inputs: BacktestInputs, history: ScoreHistory, model: int, counted: Bools, cells: Floats) -> Floats:
    """Payouts in NMR of one model's `counted` rounds under `cells`, [n, C]: of the same stake each, or compounded."""
    if inputs.query.compound:
        return simulate(inputs, history, model, counted, cells).payout
    return model_series(history, model, counted).payouts(cells)


def slots(inputs: BacktestInputs) -> int:
    """Over how many rounds a v3 stake is spread: 64, in Crypto 24."""
    return SLOTS_20 if inputs.tournament is Tournament.CRYPTO else SLOTS_60


def times(inputs: BacktestInputs) -> tuple[Ints, Ints]:
    """When stakes are fixed and rounds resolve; where the cache does not know it of all, one opens after the other and
    resolves when as many others have opened as are unresolved at once."""
    rounds = inputs.rounds
    if (rounds.opened > 0).all() and (rounds.resolved > rounds.opened).all():
        return rounds.opened, rounds.resolved
    opened = np.array(rounds.numbers, dtype=np.int64)
    return opened, opened + inputs.open_rounds


def _said(inputs: BacktestInputs, unfunded: int) -> list[str]:
    how = (
        f"v3: each round takes 1/{slots(inputs)} of the NMR owned at its opening"
        if inputs.query.compound == V3
        else "v2: one stake backs every unresolved round"
    )
    lines = [f"compounded, {how}; total is what {inputs.query.stake} NMR won or lost"]
    if (inputs.rounds.opened == 0).any():
        lines.append("the cache lacks times of some rounds: they are taken to follow each other")
    if unfunded:
        lines.append(f"{unfunded:,} rounds of all cells got less NMR than they were meant to have")
    return lines
