"""Walk forward: whether choices on a window of rounds served on a later one, again and again.

Between the two lies a gap of at least the resolution lag, since at the time of choosing the latest rounds had no final
score yet. The windows that are measured on do not overlap. In each fold the results of the options (models, cells, or
pairs of both) in the first window are held against those in the second: by rank correlation, and by what the option
that was best in the first window then did against the best, the mean of all, and nothing at all. To choose, only the
first window is looked at: an option without enough rounds in the second one can be chosen, and then earned nothing.

Interval: mean ± t(0.95, folds - 1) * s / sqrt(folds) * inflation. Without skill, fold correlations are uncorrelated
though their first windows overlap, since every second window is news; but neighbouring second windows share rounds that
were unresolved in both. If each return were a sum of `block` equal daily parts, their means would correlate by the r of
`WalkPlan.neighbours`, and the variance of the mean of F folds over s^2 / F would be
(1 + 2 r (F - 1) / F) / (1 - 2 r / F): the inflation is its root.
(Simulated, no skill, 335 and 400 rounds: holds 0 in 86 to 91 %, without it in 80 to 85 %.)
Fewer than 10 blocks of rounds measured on are "thin": no interval.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from numtui.analysis.arrays import Bools, Floats, Ints
from numtui.analysis.backtest.backtest import ScoreHistory, model_series
from numtui.analysis.intervals import LEVELS, OPEN_20
from numtui.analysis.ranks import spearman
from numtui.analysis.risk import ratio
from numtui.analysis.student import t_quantile

MIN_BLOCKS = 10  # of rounds measured on: fewer are thin
MIN_FOLDS = 4  # in which a correlation or a result is defined
MIN_COVERAGE = 0.5  # share of a window's rounds that an option must have to be judged on it

ChoiceName = Literal["models", "cells", "both"]


@dataclass(frozen=True)
class WalkPlan:
    """The windows of a walk, in rounds: choose on `length`, leave out `gap`, measure on `test`.

    `lag` is how many rounds later a round resolves; the gap must not be shorter. `block` is the number of rounds
    unresolved at once. ValueError says what does not fit.
    """

    length: int = 4 * OPEN_20
    gap: int = OPEN_20
    test: int = OPEN_20
    lag: int = OPEN_20
    block: int = OPEN_20

    def __post_init__(self) -> None:
        if min(self.length, self.test, self.block) < 1:
            raise ValueError("the windows of a walk need at least one round each")
        if self.gap < self.lag:
            raise ValueError(f"a gap of {self.gap} rounds is shorter than the {self.lag} that a round takes to resolve")

    @property
    def step(self) -> int:
        """Rounds from one fold to the next: second windows do not overlap, and only neighbours share open rounds."""
        return max(self.test, self.block)

    @property
    def neighbours(self) -> float:
        """Correlation r of the means of neighbouring second windows, for sums of `block` independent equal parts."""
        apart = np.arange(self.test)[:, None] - np.arange(self.test)

        def shared(shift: int) -> float:
            return float(np.maximum(self.block - np.abs(apart + shift), 0).sum())

        return shared(self.step) / shared(0)

    def inflation(self, folds: int) -> float:
        """The factor on the standard error over `folds` folds."""
        r = self.neighbours
        return float(((1 + 2 * r * (folds - 1) / folds) / (1 - 2 * r / folds)) ** 0.5)

    def starts(self, rounds: int) -> list[int]:
        """First positions of the folds among `rounds` rounds; the last fold ends with the last round."""
        spare = rounds - self.length - self.gap - self.test
        return list(range(spare % self.step, spare + 1, self.step)) if spare >= 0 else []


@dataclass(frozen=True)
class Estimate:
    """The mean over folds with its 90 % interval; `low` and `high` are None when the evidence is thin."""

    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class WalkChoice:
    """The outcome of choosing among models, cells, or both.

    `correlations`, `chosen`, `best` and `equal` [F] are by fold: the rank correlation, and the mean return on stake a
    round in the second window of the option chosen on the first, of the best one in hindsight and of all on average.
    `correlation` sums up the first; the regrets are what the choice earned less than the best, the mean of all, and
    nothing (negative: it earned more). `shrinkage` is the part of a past lead to distrust: 1 when nothing shows that
    leads last, else 1 - the slope of later on earlier results, within 0..1.
    """

    name: ChoiceName
    options: int
    correlations: Floats
    chosen: Floats
    best: Floats
    equal: Floats
    correlation: Estimate
    regret_best: Estimate
    regret_equal: Estimate
    regret_nothing: Estimate
    shrinkage: float
    verdict: str


@dataclass(frozen=True)
class Walk:
    """A walk forward over F folds. `train` and `test` [F, 2] are the first and last round of each window.

    `choices` [F, 2] is the model and the cell (positions) that were best together in the first window, `promised` [F]
    their mean return there; -1 and NaN where nothing could be judged. What it came to is `both.chosen`. `blocks` is how
    many blocks of rounds are measured on; `thin` is True where no interval can be given.
    """

    train: Ints
    test: Ints
    choices: Ints
    promised: Floats
    blocks: int
    thin: bool
    models: WalkChoice
    cells: WalkChoice
    both: WalkChoice

    @property
    def verdict(self) -> str:
        """The walk in plain words, one sentence for each kind of choice."""
        if self.thin:
            return (
                f"Too thin to tell: the {len(self.train)} windows measured on hold {self.blocks} blocks of overlapping "
                f"rounds, and it takes {MIN_BLOCKS}."
            )
        choices = (self.models, self.cells) if min(self.models.options, self.cells.options) > 1 else (self.both,)
        return " ".join(choice.verdict for choice in choices)


def walk_forward(history: ScoreHistory, multipliers: Floats, plan: WalkPlan) -> Walk:
    """The walk through `history` with the cells [C, K] as choices; results are mean returns on stake a round."""
    starts = plan.starts(len(history.rounds))
    begin = np.array(starts, dtype=np.int64)[:, None]
    first = begin + np.array([0, plan.length])
    second = begin + plan.length + plan.gap + np.array([0, plan.test])
    earlier, later = _window_means(history, multipliers, (first, second))
    blocks = len(starts) * plan.test // plan.block
    thin = blocks < MIN_BLOCKS
    pairs = (len(starts), len(history.models) * len(multipliers), 1)
    choices, promised = _choices(earlier)
    return Walk(
        train=_bounds(history.rounds, first),
        test=_bounds(history.rounds, second),
        choices=choices,
        promised=promised,
        blocks=blocks,
        thin=thin,
        models=_walk_choice("models", earlier, later, plan, thin=thin),
        cells=_walk_choice("cells", earlier.transpose(0, 2, 1), later.transpose(0, 2, 1), plan, thin=thin),
        both=_walk_choice("both", earlier.reshape(pairs), later.reshape(pairs), plan, thin=thin),
    )


def _bounds(rounds: Ints, windows: Ints) -> Ints:
    """First and last round of windows of positions [F, 2] (the end excluded)."""
    return np.stack([rounds[windows[:, 0]], rounds[windows[:, 1] - 1]], axis=1)


def _window_means(history: ScoreHistory, multipliers: Floats, windows: tuple[Ints, Ints]) -> tuple[Floats, Floats]:
    """Mean returns in both windows of each fold, [F, M, C] twice; NaN where a model has too few rounds in one."""
    shape = (len(windows[0]), len(history.models), len(multipliers))
    means = (np.full(shape, np.nan), np.full(shape, np.nan))
    for model, counted in enumerate(history.counted()):
        returned = model_series(history, model, counted).returns(multipliers)
        sums = np.concatenate([np.zeros((1, shape[2])), returned.cumsum(axis=0)])
        before = np.concatenate([[0], counted.cumsum()])  # counted rounds before each position
        for out, bounds in zip(means, windows, strict=True):
            first, last = before[bounds[:, 0]], before[bounds[:, 1]]
            enough = (last - first) >= MIN_COVERAGE * (bounds[:, 1] - bounds[:, 0])
            n = np.where(enough, last - first, np.nan)[:, None]
            out[:, model] = (sums[last] - sums[first]) / n
    return means


def _choices(earlier: Floats) -> tuple[Ints, Floats]:
    """The best model and cell of each fold of [F, M, C], as positions [F, 2], and their result [F]."""
    if not earlier.size:
        return np.full((len(earlier), 2), -1), np.full(len(earlier), np.nan)
    known = np.where(np.isnan(earlier), -np.inf, earlier).reshape(len(earlier), -1)
    best = known.argmax(axis=1)
    promised = known[np.arange(len(known)), best]
    judged = np.isfinite(promised)
    places = np.stack(np.unravel_index(best, earlier.shape[1:]), axis=1)
    return np.where(judged[:, None], places, -1), np.where(judged, promised, np.nan)


def _walk_choice(name: ChoiceName, earlier: Floats, later: Floats, plan: WalkPlan, *, thin: bool) -> WalkChoice:
    """The choice among the middle axis of [F, options, repeats]; figures of the repeats are averaged."""
    pairs = list(zip(earlier, later, strict=True))
    correlations = np.array([_mean([spearman(a[:, i], b[:, i]) for i in range(a.shape[1])]) for a, b in pairs])
    outcomes = np.array([_outcome(a, b) for a, b in pairs]).reshape(-1, 3)
    chosen, best, equal = outcomes.T
    correlation = _estimate(correlations, plan, thin)
    shrinkage = _shrinkage(earlier, later) if correlation.low is not None and correlation.low > 0 else 1.0
    return WalkChoice(
        name=name,
        options=earlier.shape[1],
        correlations=correlations,
        chosen=chosen,
        best=best,
        equal=equal,
        correlation=_bounded(correlation),
        regret_best=_estimate(best - chosen, plan, thin),
        regret_equal=_estimate(equal - chosen, plan, thin),
        regret_nothing=_estimate(-chosen, plan, thin),
        shrinkage=shrinkage,
        verdict=_verdict(name, earlier.shape[1], _bounded(correlation), shrinkage),
    )


def _outcome(earlier: Floats, later: Floats) -> tuple[float, float, float]:
    """Later results [options, repeats] of the earlier best, of the best and of all, each averaged over repeats.

    All are of the options that could be judged earlier; one that is missing later earned nothing.
    """
    judged = ~np.isnan(earlier).all(axis=0)
    if not judged.any():
        return (np.nan, np.nan, np.nan)
    earlier = earlier[:, judged]
    later = np.where(np.isnan(earlier), np.nan, np.nan_to_num(later[:, judged]))
    choice = np.nanargmax(earlier, axis=0)
    earned = later[choice, np.arange(later.shape[1])]
    return (float(earned.mean()), float(np.nanmax(later, axis=0).mean()), float(np.nanmean(later, axis=0).mean()))


def _shrinkage(earlier: Floats, later: Floats) -> float:
    """1 - slope of the later leads over the mean of all on the earlier ones, within 0..1."""
    known = ~np.isnan(earlier) & ~np.isnan(later)
    before, after = (_leads(values, known) for values in (earlier, later))
    slope = float(ratio((before * after).sum(), (before * before).sum()))
    return 1.0 if np.isnan(slope) else 1 - min(1.0, max(0.0, slope))


def _leads(values: Floats, known: Bools) -> Floats:
    """Results over the mean of the `known` options of the same fold and repeat; 0 where not known."""
    kept = np.where(known, values, 0.0)
    mean = kept.sum(axis=1, keepdims=True) / np.maximum(np.count_nonzero(known, axis=1, keepdims=True), 1)
    return np.where(known, kept - mean, 0.0)


def _mean(values: list[float]) -> float:
    """The mean of what is not NaN; NaN of nothing."""
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else float("nan")


def _estimate(values: Floats, plan: WalkPlan, thin: bool) -> Estimate:
    """The mean over folds and its interval."""
    known = values[~np.isnan(values)]
    if len(known) == 0:
        return Estimate(float("nan"), None, None)
    mean = float(known.mean())
    if thin or len(known) < MIN_FOLDS:
        return Estimate(mean, None, None)
    error = float(known.std(ddof=1)) / len(known) ** 0.5 * plan.inflation(len(known))
    reach = t_quantile(LEVELS[1], len(known) - 1) * error
    return Estimate(mean, mean - reach, mean + reach)


def _bounded(correlation: Estimate) -> Estimate:
    """A correlation's interval without what lies outside -1..1."""
    if correlation.low is None or correlation.high is None:
        return correlation
    return Estimate(correlation.mean, max(-1.0, correlation.low), min(1.0, correlation.high))


def _verdict(name: ChoiceName, options: int, correlation: Estimate, shrinkage: float) -> str:
    """One sentence on what the correlation means for a choice."""
    among = {"models": "models", "cells": "multipliers", "both": "models and multipliers"}[name]
    if options < 3:
        return f"Too few {among} to compare: {options}."
    if correlation.low is None or correlation.high is None:
        return f"Among {among} the evidence is too thin to tell."
    figures = f"rank correlation {correlation.mean:+.2f}, 90 % {correlation.low:+.2f} to {correlation.high:+.2f}"
    if correlation.low > 0:
        why = (
            "; larger multipliers earn more of the same, which is leverage rather than skill" if name == "cells" else ""
        )
        return f"Among {among} past leads lasted ({figures}); trust {1 - shrinkage:.0%} of a lead{why}."
    if correlation.high < 0:
        return f"Among {among} past leads turned round ({figures}); equal weights did better than the past's best."
    return f"Among {among} nothing shows that past leads last ({figures}); prefer equal weights."
