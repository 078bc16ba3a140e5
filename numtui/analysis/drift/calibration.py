"""The self-check of drift forecasts: made again at past days from what was known then, against what came.

Nothing of it uses hindsight: at each past day the profile is learnt from the rounds that had resolved by then. The
record of one history is weak evidence all the same, since its rounds overlap: `blocks` says how many independent
rounds it holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from numtui.analysis.arrays import Bools, Floats, Ints
from numtui.analysis.drift.draws import Interval
from numtui.analysis.drift.forecast import OpenRounds, RoundGroup, forecast
from numtui.analysis.drift.profile import DriftHistory, learn_profile, overlap_blocks, round_spacing
from numtui.analysis.drift.projection import at_day, last_day
from numtui.analysis.drift.revisions import learn_revisions

TENTHS = 10


@dataclass(frozen=True)
class Outcomes:
    """F single forecasts of rounds with what came: all arrays [F], returns before the factor.

    `as_of` ordinal of the forecast, `model` and `round` are indices into the history, `day` the age then, `today`
    the value then, `low` and `high` the 5 % and 95 % quantiles of earlier finals ("nothing but history").
    """

    as_of: Ints
    model: Ints
    round: Ints
    day: Ints
    today: Floats
    outcome: Floats
    forecast: Interval
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Record:
    """How forecasts did, one entry per class (a day, or a tenth of life): NaN where `count` is 0.

    `held_90`, `held_50`: share of outcomes inside; `error`, `error_today`, `error_zero`: mean absolute errors of the
    forecast, of "today's score is the final" and of "zero"; `score`, `score_history`: mean interval score of the 90 %
    interval and of the unconditional quantiles (Gneiting & Raftery 2007; lower is better).
    """

    count: Ints
    held_90: Floats
    held_50: Floats
    error: Floats
    error_today: Floats
    error_zero: Floats
    score: Floats
    score_history: Floats


@dataclass(frozen=True)
class SelfCheck:
    """The record by day (index 0..D) and by tenth of life (index 0..9), and how often totals' intervals held.

    `model_totals` and `portfolio_total`: (forecasts, held at 90 %, held at 50 %) of sums at equal stakes over all
    rounds open on a past day. `blocks`: independent rounds among those checked; `outcomes`: the single forecasts.
    """

    by_day: Record
    by_tenth: Record
    model_totals: tuple[int, float, float]
    portfolio_total: tuple[int, float, float]
    blocks: float
    outcomes: Outcomes


def interval_score(low: Floats, high: Floats, outcome: Floats, level: float = 0.9) -> Floats:
    """The interval score, width + 2 / (1 - level) x how far the outcome fell outside.

    Gneiting & Raftery 2007, equation 43.
    """
    outside = np.maximum(low - outcome, 0) + np.maximum(outcome - high, 0)
    score: Floats = high - low + 2 / (1 - level) * outside
    return score


def check_days(history: DriftHistory, count: int) -> list[int]:
    """Up to `count` past days, evenly apart, on which forecasts can be made whose outcomes are known now."""
    final = np.sort(history.scored_on[~np.isnan(history.raw[:, :, -1]).all(axis=0), -1])
    final = final[final > 0]
    first = max(10, history.raw.shape[2] // 2)
    usable = np.unique(final[first:-1])
    if not usable.size or count < 1:
        return []
    return [int(day) for day in np.unique(usable[np.linspace(0, usable.size - 1, count + 1).astype(int)[:-1]])]


def self_check(
    history: DriftHistory, as_of: Sequence[int], *, clip: float = np.inf, draws: int = 400, seed: int = 0
) -> SelfCheck | None:
    """Forecast on each past day of `as_of` (ordinals) what was open then and compare with what came.

    Only rounds that have a final by now count. Returns None when no day could be forecast.
    """
    singles: list[Outcomes] = []
    totals: list[tuple[Bools, Bools, Bools, Bools]] = []
    for n, day in enumerate(as_of):
        checked = _check_day(history, int(day), clip=clip, draws=draws, seed=seed + n)
        if checked is not None:
            singles.append(checked[0])
            totals.append(checked[1])
    if not singles:
        return None
    joined = _joined(singles)
    days = history.raw.shape[2]
    tenth = np.minimum((joined.day * TENTHS) // days, TENTHS - 1)
    length = days / round_spacing(history.scored_on)
    held = [np.concatenate([t[i] for t in totals]) for i in range(4)]
    return SelfCheck(
        by_day=record(joined, joined.day, days + 1),
        by_tenth=record(joined, tenth, TENTHS),
        model_totals=(held[0].size, float(held[0].mean()), float(held[1].mean())),
        portfolio_total=(held[2].size, float(held[2].mean()), float(held[3].mean())),
        blocks=overlap_blocks(float(np.unique(joined.round).size), length),
        outcomes=joined,
    )


def record(outcomes: Outcomes, label: Ints, classes: int) -> Record:
    """The Record of `outcomes` by `label` [F], an integer 0..classes-1."""
    f, came = outcomes.forecast, outcomes.outcome
    count = np.bincount(label, minlength=classes)

    def mean(values: Floats | Bools) -> Floats:
        sums = np.bincount(label, weights=values.astype(np.float64), minlength=classes)
        return np.where(count > 0, sums / np.maximum(count, 1), np.nan)

    return Record(
        count=count.astype(np.int64),
        held_90=mean(_held(f.p05, f.p95, came)),
        held_50=mean(_held(f.p25, f.p75, came)),
        error=mean(np.abs(f.expected - came)),
        error_today=mean(np.abs(outcomes.today - came)),
        error_zero=mean(np.abs(came)),
        score=mean(interval_score(f.p05, f.p95, came)),
        score_history=mean(interval_score(outcomes.low, outcomes.high, came)),
    )


def _held(low: Floats, high: Floats, outcome: Floats) -> Bools:
    slack = 1e-12  # an interval of no width holds its outcome
    held: Bools = (outcome >= low - slack) & (outcome <= high + slack)
    return held


def _check_day(
    history: DriftHistory, day: int, *, clip: float, draws: int, seed: int
) -> tuple[Outcomes, tuple[Bools, Bools, Bools, Bools]] | None:
    begun = np.flatnonzero(((history.scored_on > 0) & (history.scored_on <= day)).any(axis=1))
    then = history.until(day)
    profile = learn_profile(then)
    final = np.clip(history.raw[:, begun, -1], -clip, clip)
    age = last_day(then.raw)
    stake = (~np.isnan(final) & (age > 0) & (age < history.raw.shape[2])).astype(np.float64)
    checked = stake.any(axis=0)
    if profile is None or not checked.any():
        return None
    age, final, stake, begun = age[:, checked], final[:, checked], stake[:, checked], begun[checked]
    value = at_day(then.raw[:, checked], age)
    ones = np.ones(begun.size)
    group = RoundGroup(OpenRounds(value, age, ones, clip * ones, stake), profile, learn_revisions(then, profile))
    made = forecast([group], draws=draws, seed=seed)
    m, a = np.nonzero((stake > 0) & ~np.isnan(made.returns[0].expected))
    if not m.size:
        return None
    low, high = _history_quantiles(then.raw[:, :, -1])
    singles = Outcomes(
        as_of=np.full(m.size, day, dtype=np.int64),
        model=m,
        round=begun[a],
        day=age[m, a],
        today=np.clip(value, -clip, clip)[m, a],
        outcome=final[m, a],
        forecast=made.returns[0].pick((m, a)),
        low=np.clip(low, -clip, clip)[m],
        high=np.clip(high, -clip, clip)[m],
    )
    came = np.where(stake > 0, final, 0.0).sum(axis=1)
    entered, models, whole = stake.any(axis=1), made.models, made.portfolio
    held = (
        _held(models.p05, models.p95, came)[entered],
        _held(models.p25, models.p75, came)[entered],
        np.atleast_1d(_held(whole.p05, whole.p95, came.sum())),
        np.atleast_1d(_held(whole.p25, whole.p75, came.sum())),
    )
    return singles, held


def _history_quantiles(finals: Floats) -> tuple[Floats, Floats]:
    """The 5 % and 95 % quantiles [M] of each model's finals [M, R]; of all finals where it has none."""
    known = ~np.isnan(finals).all(axis=1)
    quantiles = np.tile(np.nanquantile(finals, (0.05, 0.95))[:, None], finals.shape[0])
    quantiles[:, known] = np.nanquantile(finals[known], (0.05, 0.95), axis=1)
    return quantiles[0], quantiles[1]


def _joined(parts: Sequence[Outcomes]) -> Outcomes:
    return Outcomes(
        as_of=np.concatenate([p.as_of for p in parts]),
        model=np.concatenate([p.model for p in parts]),
        round=np.concatenate([p.round for p in parts]),
        day=np.concatenate([p.day for p in parts]),
        today=np.concatenate([p.today for p in parts]),
        outcome=np.concatenate([p.outcome for p in parts]),
        forecast=Interval(*map(np.concatenate, zip(*(p.forecast.columns() for p in parts), strict=True))),
        low=np.concatenate([p.low for p in parts]),
        high=np.concatenate([p.high for p in parts]),
    )
