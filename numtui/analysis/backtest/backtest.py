"""Backtests: what many models would have earned under many payout terms, and the figures that compare them.

A round counts for a model when the factor, the clip, the stake and every score of the grid are known; the others are
skipped and counted. Matched mode keeps only the rounds that count for all models. Models are worked on in batches of
series packed without gaps, so that one batch stays in the processor's cache.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Literal

import numpy as np

from numtui.analysis.arrays import Bools, Floats, Ints
from numtui.analysis.intervals import cosines, interval, sharpe_loadings, thin
from numtui.analysis.ranks import descending_ranks
from numtui.analysis.risk import measure, per_risk

Mode = Literal["average", "total", "sharpe", "per_risk"]

BATCH = 4096  # series worked on at once
EQUAL = 1e-12  # of the greatest result: what lies closer together differs by rounding only


@dataclass(frozen=True)
class ScoreHistory:
    """The scores of M models in R rounds (ascending) on K scores, and how the rounds pay.

    `values` [M, R, K], NaN where a score is missing; `factor`, `clip` and `stake` (NMR) are numbers, [R] or [M, R],
    NaN where not known. A negative clip is refused, and so are shapes that do not fit.
    """

    models: tuple[str, ...]
    rounds: Ints
    scores: tuple[str, ...]
    values: Floats
    factor: Floats | float = 1.0
    clip: Floats | float = 1.0
    stake: Floats | float = 1.0

    def __post_init__(self) -> None:
        expected = (len(self.models), len(self.rounds), len(self.scores))
        if self.values.shape != expected:
            raise ValueError(f"scores of shape {self.values.shape} for {expected} models, rounds and scores")
        if np.any(np.asarray(self.clip) < 0):
            raise ValueError("clip must not be negative")

    def by_round(self, figure: Floats | float) -> Floats:
        """`factor`, `clip` or `stake` as [M, R]."""
        return np.broadcast_to(np.asarray(figure, dtype=np.float64), self.values.shape[:2])

    def counted(self, *, matched: bool = False) -> Bools:
        """The rounds that count, [M, R]."""
        return self._known & self._known.all(axis=0) if matched else self._known

    @cached_property
    def _known(self) -> Bools:
        known: Bools = np.logical_not(np.isnan(self.values).any(axis=2))
        for figure in (self.factor, self.clip, self.stake):
            known &= ~np.isnan(self.by_round(figure))
        known.setflags(write=False)  # shared by all who ask for it
        return known

    def only(self, kept: Bools) -> ScoreHistory:
        """The same history without the rounds that are not `kept` [M, R]."""
        return replace(self, values=np.where(kept[:, :, None], self.values, np.nan))


@dataclass(frozen=True)
class Series:
    """The counted rounds of one model: `base` [n, K] is factor x score, `clip` and `stake` [n]."""

    base: Floats
    clip: Floats
    stake: Floats

    def returns(self, multipliers: Floats) -> Floats:
        """The returns on stake under multipliers [C, K], as [n, C]."""
        results: Floats = self.base @ multipliers.T
        reach = np.abs(self.base) @ np.abs(multipliers).max(axis=0, initial=0.0)
        rows = np.flatnonzero(reach > self.clip)  # only there the clip may bite
        bound = self.clip[rows, None]
        results[rows] = np.clip(results[rows], -bound, bound)
        return results

    def payouts(self, multipliers: Floats) -> Floats:
        """The payouts in NMR under multipliers [C, K], as [n, C]."""
        return self.stake[:, None] * self.returns(multipliers)


@dataclass(frozen=True)
class Backtest:
    """The table of a backtest: M models, C cells. Figures are [M, C], NaN where undefined.

    `multipliers` [C, K] under `scores`; `rounds` and `skipped` [M]; `thin` [M] is True where there are too few rounds
    for an interval. `total`, `average` and its 90 % interval are NMR, of payouts as they are after factor and clip; the
    other figures are of returns on stake, `mean` their average. `rank` [M, C] is the cell's place within the model by
    `mode`, 1 the best, equals sharing the better place, 0 where the model has no round. Sortino, CVaR, burn rate and
    the worst 20 are None when only the core was asked for, and the intervals when they were not.
    """

    models: tuple[str, ...]
    scores: tuple[str, ...]
    multipliers: Floats
    mode: Mode
    matched: bool
    rounds: Ints
    skipped: Ints
    thin: Bools
    total: Floats
    average: Floats
    average_p05: Floats | None
    average_p95: Floats | None
    mean: Floats
    std: Floats
    sharpe: Floats
    sharpe_p05: Floats | None
    sharpe_p95: Floats | None
    sortino: Floats | None
    max_drawdown: Floats
    cvar_5: Floats | None
    burn_rate: Floats | None
    worst_20: Floats | None
    rank: Ints

    @property
    def per_risk(self) -> Floats | None:
        """Mean over CVaR 5 % of each cell as `risk.per_risk` defines it; None without CVaR."""
        return None if self.cvar_5 is None else per_risk(self.mean, self.cvar_5)

    @property
    def figure(self) -> Floats:
        """The figure that cells are ranked by. ValueError: `per_risk` of the core alone."""
        values = getattr(self, self.mode)
        if values is None:
            raise ValueError("the core alone has no CVaR to rank by")
        result: Floats = values
        return result

    def ranked(self) -> Backtest:
        """The same table with ranks by its figure. Ratios of cells that are multiples of each other are equal but for
        rounding, and share a place."""
        tolerance = EQUAL if self.mode in {"sharpe", "per_risk"} else 0.0
        return replace(self, rank=descending_ranks(self.figure, tolerance))


def backtest(
    history: ScoreHistory,
    multipliers: Floats,
    *,
    mode: Mode = "average",
    matched: bool = False,
    full: bool = True,
    open_rounds: int | None = None,
    workers: int = 1,
    progress: Callable[[float], None] | None = None,
) -> Backtest:
    """Every model of `history` under every cell of `multipliers` [C, K] (the columns in the order of its scores).

    `full` False leaves out Sortino, CVaR, burn rate and the worst 20; `open_rounds`, how many rounds are unresolved at
    once, is what the intervals need, None leaves them out. `workers` threads share the batches; the figures are the
    same with any number. `progress` is told the share done after each batch; what it raises stops the work.
    """
    if multipliers.ndim != 2 or multipliers.shape[1] != len(history.scores):
        raise ValueError(f"multipliers of shape {multipliers.shape} for {len(history.scores)} scores")
    counted = history.counted(matched=matched)
    rounds = np.count_nonzero(counted, axis=1)
    sheet = _Sheet(len(history.models), len(multipliers), full, open_rounds)
    work = partial(_work, history, multipliers, counted, sheet)
    batches = list(_batches(rounds, len(multipliers)))
    with ThreadPoolExecutor(workers) as pool:
        for done, _ in enumerate(pool.map(work, batches), start=1):
            if progress is not None:
                progress(done / len(batches))
    table = Backtest(
        models=history.models,
        scores=history.scores,
        multipliers=multipliers,
        mode=mode,
        matched=matched,
        rounds=rounds,
        skipped=len(history.rounds) - rounds,
        thin=np.array([open_rounds is not None and thin(int(n), open_rounds) for n in rounds], dtype=np.bool_),
        total=sheet.total,
        average=sheet.total / np.where(rounds > 0, rounds, np.nan)[:, None],
        average_p05=sheet.average[0] if open_rounds else None,
        average_p95=sheet.average[1] if open_rounds else None,
        mean=sheet.measured["mean"],
        std=sheet.measured["std"],
        sharpe=sheet.measured["sharpe"],
        sharpe_p05=sheet.sharpe[0] if open_rounds else None,
        sharpe_p95=sheet.sharpe[1] if open_rounds else None,
        sortino=sheet.measured.get("sortino"),
        max_drawdown=sheet.measured["max_drawdown"],
        cvar_5=sheet.measured.get("cvar_5"),
        burn_rate=sheet.measured.get("burn_rate"),
        worst_20=sheet.measured.get("worst_20"),
        rank=np.zeros(sheet.total.shape, dtype=np.int64),
    )
    return table.ranked()


class _Sheet:
    """The figures being filled in, [M, C] each, NaN until they are; `average` and `sharpe` are the ends of intervals,
    [2, M, C]."""

    def __init__(self, models: int, cells: int, full: bool, open_rounds: int | None) -> None:
        self.full = full
        self.open_rounds = open_rounds
        self.total = np.full((models, cells), np.nan)
        self.average, self.sharpe = np.full((2, 2, models if open_rounds else 0, cells), np.nan)
        tails = ("sortino", "cvar_5", "burn_rate", "worst_20") if full else ()
        names = ("mean", "std", "sharpe", "max_drawdown", *tails)
        self.measured = {name: np.full((models, cells), np.nan) for name in names}

    def bound(self, model: int, series: Series, returned: Floats, open_rounds: int) -> None:
        """Fill in the intervals of one model, whose returns [n, C] have been measured."""
        n = len(returned)
        weights = cosines(n, open_rounds)
        loadings = weights @ returned
        same = bool((series.stake == series.stake[0]).all())
        paid = loadings * series.stake[0] if same else (weights * series.stake) @ returned
        self.average[:, model] = interval(self.total[model] / n, paid, n)[1:]
        squares = np.empty_like(loadings)
        for start in range(0, returned.shape[1], BATCH):  # squares of all cells may not fit into memory
            part = slice(start, start + BATCH)
            squares[:, part] = weights @ np.square(returned[:, part])
        figures = self.measured
        ratio = sharpe_loadings(loadings, squares, figures["mean"][model], figures["std"][model])
        self.sharpe[:, model] = interval(figures["sharpe"][model], ratio, n)[1:]


def _work(history: ScoreHistory, multipliers: Floats, counted: Bools, sheet: _Sheet, batch: Ints) -> None:
    """Fills in the figures of some models, which are ordered by falling number of rounds."""
    cells = len(multipliers)
    rounds = np.count_nonzero(counted[batch], axis=1)
    every = [model_series(history, model, counted[model]) for model in batch]
    parts = [series.returns(multipliers) for series in every]
    measured = measure(_packed(parts), np.repeat(rounds, cells), full=sheet.full)
    for name, out in sheet.measured.items():
        out[batch] = getattr(measured, name).reshape(len(batch), cells)
    for model, series, returned in zip(batch.tolist(), every, parts, strict=True):
        if len(returned):
            sheet.total[model] = series.stake @ returned
        if sheet.open_rounds is not None and not thin(len(returned), sheet.open_rounds):
            sheet.bound(model, series, returned, sheet.open_rounds)


def _packed(parts: Sequence[Floats]) -> Floats:
    """Arrays of falling length beside each other, the longest first; what lies below the shorter ones is unset."""
    if len(parts) == 1:
        return parts[0]
    packed = np.empty((len(parts[0]), sum(part.shape[1] for part in parts)))
    start = 0
    for part in parts:
        packed[: len(part), start : start + part.shape[1]] = part
        start += part.shape[1]
    return packed


def model_series(history: ScoreHistory, model: int | np.integer, counted: Bools) -> Series:
    """The rounds of one model where `counted` [R] is True."""
    factor = history.by_round(history.factor)[model, counted]
    return Series(
        base=factor[:, None] * history.values[model, counted],
        clip=history.by_round(history.clip)[model, counted],
        stake=history.by_round(history.stake)[model, counted],
    )


def payouts(history: ScoreHistory, multipliers: Floats, *, matched: bool = False) -> Floats:
    """Payouts in NMR of every cell, [M, R, C] (or [M, R] for multipliers [K]), NaN where a round does not count."""
    cells = np.atleast_2d(multipliers)
    counted = history.counted(matched=matched)
    out = np.full((*counted.shape, len(cells)), np.nan)
    for model, rounds in enumerate(counted):
        series = model_series(history, model, rounds)
        out[model, rounds] = series.payouts(cells)
    return out if multipliers.ndim == 2 else out[:, :, 0]


def _batches(rounds: Ints, cells: int) -> Iterator[Ints]:
    """Positions of the models, those with most rounds first, some at a time."""
    order = np.argsort(-rounds, kind="stable")
    size = max(1, BATCH // max(1, cells))
    for start in range(0, len(order), size):
        yield order[start : start + size]
