"""Forecasts of unresolved rounds, of models' totals and of the portfolio, from joint draws of forecast revisions.

A draw takes, for the days still to come, blocks of consecutive history days (the same for every round, model and group
of rounds), and adds what is not known about the profile itself: its drift (block bootstrap of the mean revision, by
random weights) and its slopes. All of it is widened by Student's t for the few blocks behind it. Returns are drawn
unclipped; factor and clip come afterwards, so that a clipped round has a one-sided interval.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from numtui.analysis.arrays import Bools, Floats, Ints
from numtui.analysis.drift.draws import (
    DRAWS,
    MIN_BLOCKS,
    Columns,
    Interval,
    block_length,
    doubt,
    draw_shocks,
    future,
    interval,
)
from numtui.analysis.drift.profile import DriftProfile
from numtui.analysis.drift.revisions import Revisions


@dataclass(frozen=True)
class OpenRounds:
    """A unresolved rounds of M models that share one profile.

    `raw` [M, A] the newest value before factor and clip (anything at day 0), `day` [M, A] its day (0: no score yet),
    `factor` [A], `clip` [A], `at_risk` [M, A] NMR (0 or NaN: nothing at risk).
    """

    raw: Floats
    day: Ints
    factor: Floats
    clip: Floats
    at_risk: Floats


@dataclass(frozen=True)
class RoundGroup:
    """Open rounds with the profile and the revisions learnt under their multipliers; None where there is no history.

    All groups of one forecast share the model axis.
    """

    rounds: OpenRounds
    profile: DriftProfile | None
    revisions: Revisions | None


@dataclass(frozen=True)
class Forecast:
    """The forecast of open rounds, of models and of the portfolio.

    `returns`: one Interval [M, A] per group, returns on stake. `models` [M], `portfolio` [] and `buckets` [B]: NMR over
    everything that has a forecast, NaN where nothing has; `cumulated` [B]: over each bucket and those before it.
    `left_out`: NMR at risk on rounds without one.
    """

    returns: tuple[Interval, ...]
    models: Interval
    portfolio: Interval
    buckets: Interval
    cumulated: Interval
    left_out: float


def forecast(
    groups: Sequence[RoundGroup],
    buckets: Sequence[Ints] | None = None,
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> Forecast:
    """Forecast all groups jointly; `buckets` gives each group's rounds [A] a number 0..B-1 (say, the resolution week).

    Groups are drawn on the history days that all of them have; where those are too few, each on its own days
    (and so independently). Raises ValueError without a group or when model axes differ.
    """
    if len({g.rounds.raw.shape[0] for g in groups}) != 1:
        raise ValueError("a forecast needs at least one group, and all with the same models")
    models = groups[0].rounds.raw.shape[0]
    marks = buckets if buckets is not None else [np.zeros(g.rounds.raw.shape[1], dtype=np.int64) for g in groups]
    count = 1 + max(int(mark.max(initial=0)) for mark in marks)
    sums, covered = np.zeros((draws, models + count)), np.zeros(models + count, dtype=np.bool_)
    returns: list[Interval] = []
    left_out = 0.0
    common, longest = _common_days(groups), _longest(groups)
    for index, (group, mark) in enumerate(zip(groups, marks, strict=True)):
        money = np.nan_to_num(group.rounds.at_risk)
        stream = np.random.default_rng([seed] if common is not None else [seed, index])
        m, a, sample = _draw_group(group, common, longest, draws, stream)
        returns.append(_spread_over(money.shape, m, a, interval(sample)))
        weight = np.zeros((m.size, models + count))
        weight[np.arange(m.size), m] = money[m, a]
        weight[np.arange(m.size), models + mark[a]] = money[m, a]
        covered[m] = covered[models + mark[a]] = True
        sums += sample @ weight
        left_out += float(money.sum() - money[m, a].sum())
    totals = interval(np.concatenate([sums, sums[:, :models].sum(axis=1, keepdims=True)], axis=1))
    totals = _where(np.append(covered, covered.any()), totals)
    return Forecast(
        returns=tuple(returns),
        models=totals.pick(slice(0, models)),
        portfolio=totals.pick(-1),
        buckets=totals.pick(slice(models, -1)),
        cumulated=_where(np.maximum.accumulate(covered[models:]), interval(sums[:, models:].cumsum(axis=1))),
        left_out=left_out,
    )


def _where(known: Bools, figures: Interval) -> Interval:
    """The figures, NaN where nothing is known."""
    return Interval(*(np.where(known, column, np.nan) for column in figures.columns()))


def forecastable(group: RoundGroup) -> Bools:
    """[M, A] where a forecast is possible: a profile, a known factor, and a score (or none due yet)."""
    rounds = group.rounds
    known: Bools = (rounds.day == 0) | ~np.isnan(rounds.raw)
    if group.profile is None or group.revisions is None:
        return np.zeros_like(known)
    entered = (rounds.day > 0) | (np.nan_to_num(rounds.at_risk) > 0)
    return known & entered & ~np.isnan(rounds.factor) & (rounds.day <= group.profile.days)


def _longest(groups: Sequence[RoundGroup]) -> int:
    return max((g.profile.days for g in groups if g.profile is not None), default=1)


def _common_days(groups: Sequence[RoundGroup]) -> Ints | None:
    known = [g.revisions.ordinal for g in groups if g.revisions is not None]
    if not known:
        return None
    common: Ints = reduce(np.intersect1d, known)
    return common if common.size >= MIN_BLOCKS * block_length(_longest(groups)) else None


def _draw_group(
    group: RoundGroup, common: Ints | None, longest: int, draws: int, rng: np.random.Generator
) -> tuple[Ints, Ints, Floats]:
    """Models [C] and rounds [C] that have a forecast, and their final returns [draws, C]; C may be 0."""
    nothing = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros((draws, 0))
    if group.profile is None or group.revisions is None:
        return nothing
    length = block_length(longest if common is not None else group.profile.days)
    revisions = group.revisions if common is None else group.revisions.on(common)
    m, a = np.nonzero(forecastable(group))
    if not m.size or revisions.ordinal.size < MIN_BLOCKS * length:
        return nothing
    day = group.rounds.day[m, a]
    order = np.argsort(day, kind="stable")
    m, a, day = m[order], a[order], day[order]
    horizon = longest if common is not None else group.profile.days
    shocks = draw_shocks(revisions.ordinal.size, length, horizon, draws, rng)
    columns = Columns(m, day, np.where(day > 0, group.rounds.raw[m, a], 0.0))
    noise = future(revisions.table, shocks, columns)
    noise += doubt(group.profile, revisions.table, shocks, columns)
    noise *= shocks.scale[:, None]
    noise -= noise.mean(axis=0)
    noise += group.profile.intercept[m, day] + group.profile.slope[day] * columns.value
    noise *= group.rounds.factor[a]
    clip = group.rounds.clip[a]
    return m, a, np.clip(noise, -clip, clip, out=noise)


def _spread_over(shape: tuple[int, ...], m: Ints, a: Ints, values: Interval) -> Interval:
    full = Interval.unknown(shape)
    for target, column in zip(full.columns(), values.columns(), strict=True):
        target[m, a] = column
    return full
