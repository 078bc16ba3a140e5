"""Rankings of cells and models: the best of each model, the best for all, a choice's place, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from numtui.analysis.arrays import Bools, Floats, Ints
from numtui.analysis.backtest.backtest import EQUAL, Backtest, Mode, ScoreHistory, model_series
from numtui.analysis.intervals import DRAWS, LEVELS, Interval, cosines, draws, interval, sharpe_loadings, thin
from numtui.analysis.ranks import descending_ranks
from numtui.analysis.risk import measure, per_risk

BATCH = 500_000  # drawn figures held at once
SHORT = 0.5  # of the rounds of the model with most: a model with fewer is not matched with the others


@dataclass(frozen=True)
class BestCells:
    """Each model's best cell by the table's mode: position `cell` [M] (-1 without rounds) and figure `value` [M]."""

    cell: Ints
    value: Floats


@dataclass(frozen=True)
class CommonCell:
    """The cell that would have served a stake spread over all models best, on the rounds that all of them have.

    `cell` is -1 where there is no such round; `values` [C] are the figures of the mode; `rounds` their number.
    """

    cell: int
    values: Floats
    rounds: int


class Figures(NamedTuple):
    """Figures of S series by a mode, `value` [S], over n rounds; `loadings` [B, S] say how sure they are (see
    `intervals`), None when the rounds are thin."""

    value: Floats
    loadings: Floats | None
    n: int

    def interval(self) -> Interval | None:
        """The 90 % interval of each figure."""
        return None if self.loadings is None else interval(self.value, self.loadings, self.n)

    def behind(self, first: int) -> Interval | None:
        """How far each figure lies behind that of series `first`, with the 90 % interval of the paired difference."""
        if self.loadings is None:
            return None
        return interval(self.value[first] - self.value, self.loadings[:, [first]] - self.loadings, self.n)

    def ranks(self) -> tuple[Ints, Ints] | None:
        """The 5 % and 95 % quantiles of each series' place over 2,000 draws, [S] twice."""
        if self.loadings is None:
            return None
        drawn = self.value + draws(self.n, len(self.loadings)) @ self.loadings
        low, high = np.quantile(descending_ranks(drawn, EQUAL), LEVELS, axis=0, method="inverted_cdf")
        return low.astype(np.int64), high.astype(np.int64)

    def shares(self) -> Floats:
        """The share of 2,000 draws in which each series has the greatest figure, [S], summing to 1; equals share a
        draw. NaN when thin, or where no figure is known."""
        if self.loadings is None:
            return np.full(self.value.shape, np.nan)
        best = np.zeros(self.value.shape)
        known = np.isfinite(self.value) & np.isfinite(self.loadings).all(axis=0)
        if not known.any():
            return np.full(self.value.shape, np.nan)
        value, loadings = self.value[known], self.loadings[:, known]
        weights = draws(self.n, len(loadings))
        step = max(1, BATCH // len(value))
        counted = np.zeros(len(value))
        for start in range(0, DRAWS, step):
            drawn = weights[start : start + step] @ loadings
            drawn += value
            top = drawn.max(axis=1, keepdims=True)
            first = drawn >= top - EQUAL * np.maximum(np.abs(top), -drawn.min(axis=1, keepdims=True))
            counted += (1 / np.count_nonzero(first, axis=1)) @ first
        best[known] = counted / DRAWS
        return best


def figures(mode: Mode, returns: Floats, payouts: Floats, open_rounds: int) -> Figures:
    """The figures by a mode of series [n, S] of returns on stake and of what they paid in NMR, without NaN.

    `total` is judged as `average`, of which it is a multiple. Sharpe by the delta method on (r, r^2); mean over CVaR by
    that on r and on what lies below the 5 % quantile.
    """
    n = len(returns)
    if n == 0:
        return Figures(np.full(returns.shape[1], np.nan), None, 0)
    weights = None if thin(n, open_rounds) else cosines(n, open_rounds)
    if mode in {"average", "total"}:
        return Figures(payouts.mean(axis=0), None if weights is None else weights @ payouts, n)
    measured = measure(returns, np.full(returns.shape[1], n), full=mode == "per_risk")
    if mode == "sharpe":
        loadings = None
        if weights is not None:
            squares = weights @ np.square(returns)
            loadings = sharpe_loadings(weights @ returns, squares, measured.mean, measured.std)
        return Figures(measured.sharpe, loadings, n)
    assert measured.cvar_5 is not None
    value = per_risk(measured.mean, measured.cvar_5)
    return Figures(value, None if weights is None else weights @ _per_risk_influence(returns, measured.cvar_5), n)


def _per_risk_influence(returns: Floats, cvar: Floats) -> Floats:
    """How much each round moves mean / -CVaR, [n, S], but for a constant; NaN where CVaR is no loss.

    CVaR = q - E[(q - r)+] / a moves by -(q - r)+ / a, its quantile q being where that is least (Rockafellar and Uryasev
    2000); a is the share of rounds at or below q.
    """
    loss = np.where(cvar < 0, -cvar, np.nan)
    quantile = np.quantile(returns, LEVELS[0], axis=0)
    share = np.count_nonzero(returns <= quantile, axis=0) / len(returns)
    tail = np.minimum(returns - quantile, 0.0) / share
    influence: Floats = returns / loss + returns.mean(axis=0) / loss**2 * tail
    return influence


def best_cells(table: Backtest) -> BestCells:
    """The best cell of each model, the first of equals: of multiples in an ascending grid the smallest."""
    first = np.where(table.rank == 1, 1, 0)
    empty = ~first.any(axis=1)
    cell = np.where(empty, -1, first.argmax(axis=1))
    return BestCells(cell, np.where(empty, np.nan, table.figure[np.arange(len(cell)), cell]))


def common_best(history: ScoreHistory, multipliers: Floats, mode: Mode = "average") -> CommonCell:
    """The one cell of `multipliers` [C, K] that would have served all models together best by the mode."""
    common: Bools = np.logical_and.reduce(history.counted(), axis=0)
    n, models = int(np.count_nonzero(common)), len(history.models)
    if not n:
        return CommonCell(-1, np.full(len(multipliers), np.nan), 0)
    returns, payouts = np.zeros((2, n, len(multipliers)))
    for model in range(models):
        series = model_series(history, model, common)
        returned = series.returns(multipliers)
        returns += returned / models
        payouts += returned * (series.stake / models)[:, None]
    values = figures(mode, returns, payouts, n).value
    ranks = descending_ranks(values, EQUAL)
    return CommonCell(int(np.argmax(ranks == 1)) if ranks.any() else -1, values, n)


def matched_rounds(counted: Bools) -> tuple[Bools, Bools]:
    """The models that are compared [M], of rounds `counted` [M, R], and the rounds that all of them have [R].

    A model with fewer than half the rounds of the one with most is left out: it would cut the others' short.
    """
    rounds = np.count_nonzero(counted, axis=1)
    compared: Bools = (rounds > 0) & (rounds >= SHORT * rounds.max(initial=0))
    return compared, np.logical_and.reduce(counted[compared], axis=0) & compared.any()


def place_of(value: float, others: Floats) -> tuple[int, int]:
    """The place of a choice with this result among cells with results `others`, and of how many ("rank 14 of 20").

    Pass the results of all cells when the choice is one of them: then it is not counted twice.
    """
    known = others[~np.isnan(others)]
    scale = max(1e-300, float(np.abs(known[np.isfinite(known)]).max(initial=0.0)))
    equal = np.isclose(known, value, rtol=0, atol=EQUAL * scale)
    better = int(np.count_nonzero((known > value) & ~equal))
    return better + 1, len(known) + (0 if equal.any() else 1)


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
