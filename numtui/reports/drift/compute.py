"""The drift of one state of the cache: paths, profiles and forecasts, computed once for all screens and exports."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Lock

import numpy as np

from numtui.analysis.arrays import Bools, Floats, Ints
from numtui.analysis.drift.draws import Interval
from numtui.analysis.drift.forecast import OpenRounds, RoundGroup, forecast, forecastable
from numtui.analysis.drift.profile import DriftHistory, DriftProfile, learn_profile
from numtui.analysis.drift.projection import at_day, last_day, project, weighted_scores
from numtui.analysis.drift.revisions import Revisions, learn_revisions
from numtui.model import Tournament
from numtui.reports.drift.inputs import DriftInputs, RoundKind, load_inputs
from numtui.store.queries.drift import cache_state

SEED = 0


@dataclass(frozen=True, slots=True)
class ForecastGroup:
    """The `models` [M] that have one factor and one set of multipliers in a round (its position on the round axis)."""

    round: int
    factor: float
    models: Bools


@dataclass(frozen=True, slots=True)
class LearntKind:
    """A kind of rounds under one set of multipliers: its history, what that teaches, and the groups to be forecast.

    `profile` and `revisions` are None where the history is too short.
    """

    kind: RoundKind
    multipliers: tuple[float, ...]
    history: DriftHistory
    profile: DriftProfile | None
    revisions: Revisions | None
    groups: tuple[ForecastGroup, ...]

    @property
    def rounds(self) -> Ints:
        """The position of each group's round on the round axis."""
        return np.array([group.round for group in self.groups], dtype=np.int64)


@dataclass(frozen=True)
class Drift:
    """The drift of a tournament's rounds, M models by R rounds of `inputs`.

    `raw` [M, R, D] Σ multiplier x score, `value` [M, R, D] the return on stake after factor and clip, `day` [M, R] the
    newest scoring day (0: none), `scored_on` [R, D] ordinals (0: not scored yet), `returns` [M, R] the forecasts (NaN
    where there is none). Over the counted models: `portfolio`, `weeks` [B] and `by_model` [counted] in NMR, B weeks of
    resolution as in `week_of` [R] (-1: resolved) that begin on `week_starts`; `by_week_end` [B] from now to the end of
    each.
    """

    inputs: DriftInputs
    raw: Floats
    value: Floats
    day: Ints
    scored_on: Ints
    learnt: tuple[LearntKind, ...]
    returns: Interval
    portfolio: Interval
    weeks: Interval
    by_week_end: Interval
    by_model: Interval
    week_of: Ints
    week_starts: tuple[int, ...]

    @property
    def open_rounds(self) -> list[int]:
        """The positions of the unresolved rounds, the next to resolve first."""
        return [int(r) for r in np.flatnonzero(self.inputs.rounds.open)]

    @cached_property
    def by_round(self) -> Interval:
        """The return of each round [R] over the counted models, by stake (equally where nothing is staked)."""
        counted = np.flatnonzero(self.inputs.models.counted)
        return _round_returns(self.inputs, self.learnt, (self.raw, self.day), counted)

    def payout_of(self, m: int) -> Interval:
        """The payout in NMR of one model (its position) over its unresolved rounds, of a counted one as in `by_model`;
        single figures, NaN without a forecast."""
        counted = np.flatnonzero(self.inputs.models.counted).tolist()
        if m in counted:
            return self.by_model.pick(counted.index(m))
        paths, returns = (self.raw, self.day), Interval.unknown(self.day.shape)
        return _forecast(self.inputs, self.learnt, paths, np.array([m]), self.week_of, returns=returns)[0]


_lock = Lock()
_computed: dict[tuple[str, Tournament], tuple[tuple[object, ...], Drift]] = {}


def drift_of(connection: sqlite3.Connection, tournament: Tournament) -> Drift:
    """The drift of the cache as it is now; the last one again while no table that it reads has changed."""
    path, state = cache_state(connection)
    with _lock:
        cached = _computed.get((path, tournament))
        if cached is None or cached[0] != state or not path:
            cached = state, compute(load_inputs(connection, tournament))
            _computed[path, tournament] = cached
    return cached[1]


def compute(inputs: DriftInputs) -> Drift:
    """Paths, what history teaches, and the forecasts. The slow part of everything: about a second at 100 models."""
    models, rounds = len(inputs.models.keys), len(inputs.rounds.numbers)
    longest = max((kind.days for kind in inputs.kinds), default=1)
    raw = np.full((models, rounds, longest), np.nan)
    scored_on = np.zeros((rounds, longest), dtype=np.int64)
    for kind in inputs.kinds:
        columns = np.array(kind.columns)
        for h, r in zip(kind.history_rounds, kind.rounds, strict=True):
            multipliers = inputs.terms.multipliers[:, r, columns][:, None, :]
            raw[:, r, : kind.days] = weighted_scores(kind.scores[:, h].swapaxes(1, 2), multipliers)
            known = ~np.isnan(raw[:, r, : kind.days]).all(axis=0)
            scored_on[r, : kind.days] = np.where(known, kind.scored_on[h], 0)
    value = project(raw, inputs.factor[:, :, None], inputs.terms.clip[:, None])
    day = last_day(raw) if models and rounds else np.zeros((models, rounds), dtype=np.int64)
    unresolved = [kind for kind in inputs.kinds if inputs.rounds.open[kind.rounds].any()]
    learnt = tuple(item for kind in unresolved for item in _learn(inputs, kind))
    week_of, starts = _weeks(inputs)
    returns = Interval.unknown((models, rounds))
    counted = inputs.models.counted
    sums = _forecast(inputs, learnt, (raw, day), np.flatnonzero(counted), week_of, returns=returns)
    _forecast(inputs, learnt, (raw, day), np.flatnonzero(~counted), week_of, returns=returns)
    return Drift(inputs, raw, value, day, scored_on, learnt, returns, *sums, week_of, starts)


def _weeks(inputs: DriftInputs) -> tuple[Ints, tuple[int, ...]]:
    """The week of resolution of each unresolved round, numbered from the first, and the ordinals of their Mondays."""
    rounds = inputs.rounds
    mondays = np.where(rounds.resolve_on > 0, rounds.resolve_on - (rounds.resolve_on - 1) % 7, 0)
    starts = np.unique(mondays[rounds.open])
    return np.where(rounds.open, np.searchsorted(starts, mondays), -1), tuple(int(start) for start in starts)


def _learn(inputs: DriftInputs, kind: RoundKind) -> list[LearntKind]:
    """The kind's history under each set of multipliers that its unresolved rounds have, and what it teaches."""
    by_multipliers: dict[tuple[float, ...], list[ForecastGroup]] = {}
    for r in kind.rounds[inputs.rounds.open[kind.rounds]].tolist():
        terms = np.column_stack([inputs.terms.multipliers[:, r, list(kind.columns)], inputs.factor[:, r]])
        for row in np.unique(terms, axis=0):
            same = (np.isclose(terms, row, rtol=0, atol=0, equal_nan=True)).all(axis=1)
            group = ForecastGroup(r, float(row[-1]), same)
            by_multipliers.setdefault(tuple(row[:-1].tolist()), []).append(group)
    learnt: list[LearntKind] = []
    for multipliers, groups in by_multipliers.items():
        if not any(multipliers):
            continue
        raw = np.einsum("mhkd,k->mhd", kind.scores, np.array(multipliers))
        scored_on = np.where(np.isnan(raw).all(axis=0), 0, kind.scored_on)
        history = DriftHistory(raw, scored_on)
        profile = learn_profile(history) if history.raw.size and (scored_on > 0).any() else None
        revisions = None if profile is None else learn_revisions(history, profile)
        learnt.append(LearntKind(kind, multipliers, history, profile, revisions, tuple(groups)))
    return learnt


def _forecast(
    inputs: DriftInputs,
    learnt: Sequence[LearntKind],
    paths: tuple[Floats, Ints],
    models: Ints,
    week_of: Ints,
    *,
    returns: Interval,
) -> tuple[Interval, Interval, Interval, Interval]:
    """Forecast `models` (positions); writes their part of `returns` in place, gives portfolio, weeks, their sums up to
    the end of each, and models."""
    count = max(int(week_of.max(initial=-1)) + 1, 1)
    if not learnt or not models.size:
        weeks = Interval.unknown((count,))
        return Interval.unknown(()), weeks, weeks, Interval.unknown((models.size,))
    groups = [_round_group(inputs, item, paths, models) for item in learnt]
    result = forecast(groups, [week_of[item.rounds] for item in learnt], seed=SEED)
    for item, forecasts in zip(learnt, result.returns, strict=True):
        for place, group in enumerate(item.groups):
            members = group.models[models]
            for target, source in zip(returns.columns(), forecasts.columns(), strict=True):
                target[models[members], group.round] = source[members, place]
    return result.portfolio, _sized(result.buckets, count), _sized(result.cumulated, count), result.models


def _round_returns(
    inputs: DriftInputs, learnt: Sequence[LearntKind], paths: tuple[Floats, Ints], models: Ints
) -> Interval:
    """The return of each round [R] over `models` (positions), drawn like the other sums; NaN without a forecast."""
    size = len(inputs.rounds.numbers)
    if not learnt or not models.size:
        return Interval.unknown((size,))
    groups = [_weighted(_round_group(inputs, item, paths, models)) for item in learnt]
    return _sized(forecast(groups, [item.rounds for item in learnt], seed=SEED).buckets, size)


def _weighted(group: RoundGroup) -> RoundGroup:
    """The group with shares of each round's stake in place of NMR; equal ones where nothing is staked."""
    rounds = group.rounds
    possible = forecastable(group)
    stake = np.where(possible, rounds.at_risk, 0.0)
    stake = np.where(stake.sum(axis=0) > 0, stake, possible.astype(np.float64))
    total = stake.sum(axis=0)
    return replace(group, rounds=replace(rounds, at_risk=stake / np.where(total > 0, total, 1.0)))


def _round_group(inputs: DriftInputs, item: LearntKind, paths: tuple[Floats, Ints], models: Ints) -> RoundGroup:
    """What a forecast needs of the rounds of `item` for `models` (positions)."""
    raw, day = paths
    cells = np.ix_(models, item.rounds)
    members = np.array([group.models for group in item.groups], dtype=np.bool_).T[models]
    days = np.where(members, day[cells], 0)
    stake = np.where(members, np.nan_to_num(inputs.terms.at_risk[cells]), 0.0)
    values = at_day(raw[cells][:, :, : item.kind.days], days)
    factor = np.array([group.factor for group in item.groups])
    rounds = OpenRounds(values, days, factor, inputs.terms.clip[item.rounds], stake)
    if item.profile is None or item.revisions is None:
        return RoundGroup(rounds, None, None)
    profile = replace(
        item.profile,
        intercept=item.profile.intercept[models],
        mean=item.profile.mean[models],
        model_weight=item.profile.model_weight[models],
        rounds_of_model=item.profile.rounds_of_model[models],
    )
    return RoundGroup(rounds, profile, replace(item.revisions, table=item.revisions.table[:, models]))


def _sized(interval: Interval, count: int) -> Interval:
    """Buckets 0..count-1, NaN for those at the end that nothing falls into."""
    full = Interval.unknown((count,))
    for target, column in zip(full.columns(), interval.columns(), strict=True):
        target[: column.size] = column
    return full
