"""The drift of one state of the cache: paths, profiles and forecasts, computed once for all screens and exports."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from numtui.analysis.arrays import Bools, Floats, Ints
from numtui.analysis.drift.draws import Interval
from numtui.analysis.drift.forecast import OpenRounds, RoundGroup, forecast, forecastable
from numtui.analysis.drift.profile import DriftHistory, DriftProfile, learn_profile
from numtui.analysis.drift.projection import at_day, last_day, project, weighted_scores
from numtui.analysis.drift.revisions import Revisions, learn_revisions
from numtui.model import Tournament
from numtui.reports.drift.inputs import Kind, Scope, read_scope
from numtui.store.queries.drift import cache_state

SEED = 0
NO_INTERVAL = 6  # columns of an Interval


@dataclass(frozen=True, slots=True)
class Column:
    """A round under certain multipliers and a certain factor: all models of a column share its terms."""

    at: int
    factor: float
    models: Bools


@dataclass(frozen=True, slots=True)
class Learnt:
    """What one kind of rounds under one set of multipliers teaches, and the columns that it forecasts.

    `profile` and `revisions` are None where the history is too short.
    """

    kind: Kind
    multipliers: tuple[float, ...]
    history: DriftHistory
    profile: DriftProfile | None
    revisions: Revisions | None
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Drift:
    """The drift of a tournament's rounds, M models by R rounds of `scope`.

    `raw` [M, R, D] Σ multiplier x score, `value` [M, R, D] the return on stake after factor and clip, `day` [M, R] the
    newest scoring day (0: none), `scored_on` [R, D] ordinals (0: not scored yet), `returns` [M, R] the forecasts (NaN
    where there is none). Over the counted models: `portfolio`, `weeks` [B] and `by_model` [counted] in NMR, B weeks of
    resolution as in `week_of` [R] (-1: resolved) that begin on `week_starts`.
    """

    scope: Scope
    raw: Floats
    value: Floats
    day: Ints
    scored_on: Ints
    learnt: tuple[Learnt, ...]
    returns: Interval
    portfolio: Interval
    weeks: Interval
    by_model: Interval
    week_of: Ints
    week_starts: tuple[int, ...]

    @cached_property
    def by_round(self) -> Interval:
        """The return of each round [R] over the counted models, by stake (equally where nothing is staked)."""
        return _rounds_of(self.scope, self.learnt, (self.raw, self.day), np.flatnonzero(self.scope.models.counted))


_lock = Lock()
_known: dict[tuple[str, Tournament], tuple[tuple[object, ...], Drift]] = {}


def drift_of(connection: sqlite3.Connection, tournament: Tournament) -> Drift:
    """The drift of the cache as it is now; the last one again while no table that it reads has changed."""
    path, state = cache_state(connection)
    with _lock:
        known = _known.get((path, tournament))
        if known is None or known[0] != state or not path:
            known = state, compute(read_scope(connection, tournament))
            _known[path, tournament] = known
    return known[1]


def compute(scope: Scope) -> Drift:
    """Paths, what history teaches, and the forecasts. The slow part of everything: about a second at 100 models."""
    models, rounds = len(scope.models.keys), len(scope.rounds.numbers)
    longest = max((kind.days for kind in scope.kinds), default=1)
    raw = np.full((models, rounds, longest), np.nan)
    scored_on = np.zeros((rounds, longest), dtype=np.int64)
    for kind in scope.kinds:
        columns = np.array(kind.columns)
        for place, at in zip(kind.place, kind.at, strict=True):
            own = scope.terms.multipliers[:, at, columns][:, None, :]
            raw[:, at, : kind.days] = weighted_scores(kind.scores[:, place].swapaxes(1, 2), own)
            known = ~np.isnan(raw[:, at, : kind.days]).all(axis=0)
            scored_on[at, : kind.days] = np.where(known, kind.scored_on[place], 0)
    value = project(raw, scope.factor[:, :, None], scope.terms.clip[:, None])
    day = last_day(raw) if models and rounds else np.zeros((models, rounds), dtype=np.int64)
    learnt = tuple(part for kind in scope.kinds if scope.rounds.open[kind.at].any() for part in _learn(scope, kind))
    week_of, starts = _weeks(scope)
    returns = _empty((models, rounds))
    counted = scope.models.counted
    whole = _forecast(scope, learnt, (raw, day), np.flatnonzero(counted), week_of, returns=returns)
    _forecast(scope, learnt, (raw, day), np.flatnonzero(~counted), week_of, returns=returns)
    portfolio, weeks, by_model = whole
    return Drift(scope, raw, value, day, scored_on, learnt, returns, portfolio, weeks, by_model, week_of, starts)


def _weeks(scope: Scope) -> tuple[Ints, tuple[int, ...]]:
    """The week of resolution of each unresolved round, numbered from the first, and the ordinals of their Mondays."""
    rounds = scope.rounds
    mondays = np.where(rounds.resolve_on > 0, rounds.resolve_on - (rounds.resolve_on - 1) % 7, 0)
    starts = np.unique(mondays[rounds.open])
    return np.where(rounds.open, np.searchsorted(starts, mondays), -1), tuple(int(start) for start in starts)


def _learn(scope: Scope, kind: Kind) -> list[Learnt]:
    """The kind's history under each set of multipliers that its unresolved rounds have, and what it teaches."""
    groups: dict[tuple[float, ...], list[Column]] = {}
    for at in kind.at[scope.rounds.open[kind.at]].tolist():
        terms = scope.terms.multipliers[:, at, list(kind.columns)]
        whole = np.column_stack([terms, scope.factor[:, at]])
        for row in np.unique(whole, axis=0):
            same = (np.isclose(whole, row, rtol=0, atol=0, equal_nan=True)).all(axis=1)
            groups.setdefault(tuple(row[:-1].tolist()), []).append(Column(at, float(row[-1]), same))
    learnt: list[Learnt] = []
    for multipliers, columns in groups.items():
        if not any(multipliers):
            continue
        raw = np.einsum("mhkd,k->mhd", kind.scores, np.array(multipliers))
        scored_on = np.where(np.isnan(raw).all(axis=0), 0, kind.scored_on)
        history = DriftHistory(raw, scored_on)
        profile = learn_profile(history) if history.raw.size and (scored_on > 0).any() else None
        revisions = None if profile is None else learn_revisions(history, profile)
        learnt.append(Learnt(kind, multipliers, history, profile, revisions, tuple(columns)))
    return learnt


def _forecast(
    scope: Scope,
    learnt: Sequence[Learnt],
    paths: tuple[Floats, Ints],
    rows: Ints,
    week_of: Ints,
    *,
    returns: Interval,
) -> tuple[Interval, Interval, Interval]:
    """Forecast the models `rows`; writes their part of `returns` in place, gives portfolio, weeks and models."""
    count = max(int(week_of.max(initial=-1)) + 1, 1)
    groups = [_group(scope, part, paths, rows) for part in learnt]
    if not groups or not rows.size:
        return _empty(()), _empty((count,)), _empty((rows.size,))
    weeks = [np.array([week_of[column.at] for column in part.columns], dtype=np.int64) for part in learnt]
    made = forecast(groups, weeks, seed=SEED)
    for part, found in zip(learnt, made.returns, strict=True):
        for place, column in enumerate(part.columns):
            own = column.models[rows]
            for target, source in zip(returns.columns(), found.columns(), strict=True):
                target[rows[own], column.at] = source[own, place]
    return made.portfolio, _sized(made.buckets, count), made.models


def _rounds_of(scope: Scope, learnt: Sequence[Learnt], paths: tuple[Floats, Ints], rows: Ints) -> Interval:
    """The return of each round [R] over the models `rows`, drawn like the other sums; NaN without a forecast."""
    groups = [_weighted(_group(scope, part, paths, rows)) for part in learnt]
    size = len(scope.rounds.numbers)
    if not groups or not rows.size:
        return _empty((size,))
    rounds = [np.array([column.at for column in part.columns], dtype=np.int64) for part in learnt]
    return _sized(forecast(groups, rounds, seed=SEED).buckets, size)


def _weighted(group: RoundGroup) -> RoundGroup:
    """The group with shares of each round's stake in place of NMR; equal ones where nothing is staked."""
    rounds = group.rounds
    can = forecastable(group)
    stake = np.where(can, rounds.at_risk, 0.0)
    stake = np.where(stake.sum(axis=0) > 0, stake, can.astype(np.float64))
    total = stake.sum(axis=0)
    return replace(group, rounds=replace(rounds, at_risk=stake / np.where(total > 0, total, 1.0)))


def _group(scope: Scope, part: Learnt, paths: tuple[Floats, Ints], rows: Ints) -> RoundGroup:
    raw, day = paths
    at = np.array([column.at for column in part.columns], dtype=np.int64)
    own = np.array([column.models for column in part.columns], dtype=np.bool_).T[rows]
    days = np.where(own, day[np.ix_(rows, at)], 0)
    stake = np.where(own, np.nan_to_num(scope.terms.at_risk[np.ix_(rows, at)]), 0.0)
    values = at_day(raw[np.ix_(rows, at)][:, :, : part.kind.days], days)
    factor = np.array([column.factor for column in part.columns])
    rounds = OpenRounds(values, days, factor, scope.terms.clip[at], stake)
    if part.profile is None or part.revisions is None:
        return RoundGroup(rounds, None, None)
    profile = replace(
        part.profile,
        intercept=part.profile.intercept[rows],
        mean=part.profile.mean[rows],
        model_weight=part.profile.model_weight[rows],
        rounds_of_model=part.profile.rounds_of_model[rows],
    )
    return RoundGroup(rounds, profile, replace(part.revisions, table=part.revisions.table[:, rows]))


def _empty(shape: tuple[int, ...]) -> Interval:
    return Interval(*(np.full(shape, np.nan) for _ in range(NO_INTERVAL)))


def _sized(found: Interval, count: int) -> Interval:
    """Buckets 0..count-1, NaN for those at the end that nothing falls into."""
    full: list[NDArray[np.float64]] = []
    for column in found.columns():
        sized = np.full(count, np.nan)
        sized[: column.size] = column
        full.append(sized)
    return Interval(*full)
