"""Rankings of a grid's cells: the best of each model, the best for all, the place of a choice, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from numtui.analysis.arrays import Bools, Floats, Ints
from numtui.analysis.backtest.backtest import Backtest, ScoreHistory, backtest, model_series
from numtui.analysis.bootstrap import Scheme
from numtui.analysis.ranks import descending_ranks

EQUAL = 1e-12  # of the greatest result: what lies closer together differs by rounding only


@dataclass(frozen=True)
class BestCells:
    """Each model's best cell by the table's mode: `cell` [M] its position (-1 without rounds), `value` [M] NMR, and
    `rank` [M] the model's place by it among the models (0 without rounds)."""

    cell: Ints
    value: Floats
    rank: Ints


@dataclass(frozen=True)
class CommonCell:
    """The cell with the best average payout over models, on the rounds that all of them have.

    `cell` is -1 where there is no such round; `averages` [C] are NMR a round and model; `rounds` their number.
    """

    cell: int
    averages: Floats
    rounds: int


@dataclass(frozen=True)
class BestShares:
    """The shares of bootstrap draws in which each cell is the best, summing to 1: `by_model` [M, C], `common` [C].

    NaN where there are too few blocks of rounds to tell. Cells that are equal share the draw.
    """

    by_model: Floats
    common: Floats


def figure(table: Backtest) -> Floats:
    """The figure that the table ranks by, [M, C] NMR: its total or its average."""
    return table.total if table.mode == "total" else table.average


def best_cells(table: Backtest) -> BestCells:
    """The best cell of each model, and the models in order of it."""
    values = figure(table)
    empty = np.isnan(values).all(axis=1)
    cell = np.where(empty, -1, np.argmax(np.where(np.isnan(values), -np.inf, values), axis=1))
    value = np.where(empty, np.nan, values[np.arange(len(values)), cell])
    return BestCells(cell, value, descending_ranks(value))


def common_best(history: ScoreHistory, multipliers: Floats) -> CommonCell:
    """The one cell [C, K] that would have served all models together best."""
    table = backtest(history, multipliers, mode="average", matched=True, full=False)
    averages = table.average.mean(axis=0)
    rounds = int(table.rounds[0]) if len(table.rounds) else 0
    return CommonCell(int(np.argmax(averages)) if rounds else -1, averages, rounds)


def place_of(value: float, others: Floats) -> tuple[int, int]:
    """The place of a choice with this result among cells with results `others`, and of how many ("rank 14 of 20").

    Pass the results of all cells when the choice is one of them: then it is not counted twice.
    """
    known = others[~np.isnan(others)]
    scale = max(1e-300, float(np.abs(known).max(initial=0.0)))
    equal = np.isclose(known, value, rtol=0, atol=EQUAL * scale)
    better = int(np.count_nonzero((known > value) & ~equal))
    return better + 1, len(known) + (0 if equal.any() else 1)


def best_shares(history: ScoreHistory, multipliers: Floats, scheme: Scheme, *, matched: bool = False) -> BestShares:
    """The certainty of the best cells. Common: means over models on the rounds that all of them have."""
    counted = history.counted(matched=matched)
    common: Bools = np.logical_and.reduce(counted, axis=0)
    by_model = np.full((len(history.models), len(multipliers)), np.nan)
    together = np.zeros((np.count_nonzero(common), len(multipliers)))
    for model, rounds in enumerate(counted):  # one model at a time: all of them may not fit into memory
        series = model_series(history, model, rounds)
        earned = series.payouts(multipliers)
        by_model[model] = _shares(earned, scheme)
        together += earned[common[rounds]]
    return BestShares(by_model, _shares(together, scheme))


def _shares(earned: Floats, scheme: Scheme) -> Floats:
    """Shares of the draws in which each column of `earned` [n, C] has the greatest mean, [C]."""
    n, cells = earned.shape
    if n == 0 or scheme.thin(n):
        return np.full(cells, np.nan)
    drawn = earned.T @ scheme.weights(n)
    best = drawn >= drawn.max(axis=0) - EQUAL * np.abs(drawn).max(axis=0)
    shares: Floats = (best / best.sum(axis=0)).mean(axis=1)
    return shares


def actual_history(history: ScoreHistory, multipliers: Floats, name: str = "actual") -> ScoreHistory:
    """The same history under the terms of each round: one score `name`, whose only cell is a multiplier of 1.

    `multipliers` [M, R, K]; 0 or NaN where a round does not pay on a score, which then may be missing. A round that
    pays on none does not count.
    """
    if multipliers.shape != history.values.shape:
        raise ValueError(f"multipliers of shape {multipliers.shape} for scores of {history.values.shape}")
    pays = ~np.isnan(multipliers) & (multipliers != 0)
    parts = np.where(pays, multipliers, 0.0) * np.where(pays, history.values, 0.0)
    values = np.where(pays.any(axis=2), parts.sum(axis=2), np.nan)
    return ScoreHistory(
        history.models, history.rounds, (name,), values[:, :, None], history.factor, history.clip, history.stake
    )


def choose_models(history: ScoreHistory, positions: Sequence[int]) -> ScoreHistory:
    """The same history of some of its models."""
    index = np.asarray(positions, dtype=np.intp)

    def of(value: Floats | float) -> Floats | float:
        return value[index] if isinstance(value, np.ndarray) and value.ndim == 2 else value

    return ScoreHistory(
        tuple(history.models[i] for i in positions),
        history.rounds,
        history.scores,
        history.values[index],
        of(history.factor),
        of(history.clip),
        of(history.stake),
    )
