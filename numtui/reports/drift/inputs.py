"""What the drift of unresolved rounds is computed from, read from the cache: models, rounds, terms, scores by day."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from numtui.analysis.arrays import Bools, Floats, Ints
from numtui.analysis.drift.projection import known_factors
from numtui.model import Tournament
from numtui.reports.drift.scoring_days import ordinal_of, round_days
from numtui.reports.terms import RoundTerms, round_terms
from numtui.store.queries.drift import drift_models, drift_rounds, resolved_rounds_with, stakes_at_risk
from numtui.store.queries.scores.arrays import score_paths
from numtui.store.queries.terms import round_payouts

FIELD = 200  # models that the profile is learnt from at most: own ones first, then watched ones, then any
AXIS = 200  # rounds that are followed at most, resolved ones among them; the newest
HISTORY = 300  # resolved rounds that it is learnt from at most, the newest


@dataclass(frozen=True, slots=True)
class ModelAxis:
    """M models of the cache: names, the cache's numbers, and whether a model's money counts in the sums."""

    names: tuple[str, ...]
    keys: tuple[int, ...]
    mine: tuple[bool, ...]
    watched: tuple[bool, ...]

    @property
    def counted(self) -> Bools:
        """[M] whose money the sums are about: the account's own models, without any the watched, else all."""
        for chosen in (self.mine, self.watched):
            if any(chosen):
                return np.array(chosen, dtype=np.bool_)
        return np.ones(len(self.names), dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class RoundAxis:
    """R rounds, ascending: numbers; `open` [R] unresolved; day ordinals `closed_on` and `resolve_on` [R] (0 unknown);
    `targets` names; `resolve_times` as texts."""

    numbers: tuple[int, ...]
    open: Bools
    closed_on: Ints
    resolve_on: Ints
    targets: tuple[str | None, ...]
    resolve_times: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """Rounds that pay the same scores over the same days.

    `columns` are positions in the terms' scores, `days` D; `at` positions of the rounds in the round axis; `learnt` the
    numbers of the rounds of its history and `scores` their values [M, H, K, D], `scored_on` [H, D] ordinals; the rounds
    of the axis are among them (`place` of each `at`).
    """

    columns: tuple[int, ...]
    days: int
    at: Ints
    place: Ints
    scores: Floats
    scored_on: Ints


@dataclass(frozen=True, slots=True)
class Scope:
    """Everything of one state of the cache that forecasts need. `at_risk` is exact, by (model, round) position."""

    tournament: Tournament
    models: ModelAxis
    rounds: RoundAxis
    terms: RoundTerms
    factor: Floats
    factor_estimated: Bools
    kinds: tuple[Kind, ...]
    at_risk: dict[tuple[int, int], Decimal]


def read_scope(connection: sqlite3.Connection, tournament: Tournament) -> Scope:
    """The unresolved rounds, those that resolved while the oldest of them was open, and the history behind them."""
    models = _models(connection, tournament)
    rounds = _rounds(connection, tournament)
    terms = round_terms(connection, tournament, models.keys, rounds.numbers)
    factor, estimated = _factors(connection, tournament, terms)
    kinds = _kinds(connection, tournament, models, rounds, terms)
    return Scope(tournament, models, rounds, terms, factor, estimated, kinds, _at_risk(connection, models, rounds))


def _models(connection: sqlite3.Connection, tournament: Tournament) -> ModelAxis:
    rows = drift_models(connection, tournament, FIELD)
    return ModelAxis(
        names=tuple(row.name for row in rows),
        keys=tuple(row.model for row in rows),
        mine=tuple(row.mine for row in rows),
        watched=tuple(row.watched for row in rows),
    )


def _rounds(connection: sqlite3.Connection, tournament: Tournament) -> RoundAxis:
    rows = drift_rounds(connection, tournament, AXIS)
    return RoundAxis(
        numbers=tuple(row.round for row in rows),
        open=np.array([not row.resolved for row in rows], dtype=np.bool_),
        closed_on=np.array([ordinal_of(row.close_time) for row in rows], dtype=np.int64),
        resolve_on=np.array([ordinal_of(row.resolve_time) for row in rows], dtype=np.int64),
        targets=tuple(row.target for row in rows),
        resolve_times=tuple(row.resolve_time for row in rows),
    )


def _factors(connection: sqlite3.Connection, tournament: Tournament, terms: RoundTerms) -> tuple[Floats, Bools]:
    """Payout factors [M, R], unknown ones as the newest known one of the same staking system, and where that was so."""
    first = min(terms.rounds, default=0)
    earlier = [one for number, one in sorted(round_payouts(connection, tournament).items()) if number < first]
    own = terms.factor
    known = ~np.isnan(own)
    newest = [float(own[known[:, at], at][0]) if known[:, at].any() else np.nan for at in range(len(terms.rounds))]
    stated = np.array([*(np.nan if one.factor is None else float(one.factor) for one in earlier), *newest])
    atomic = np.array([*(one.atomic for one in earlier), *terms.atomic], dtype=np.bool_)
    filled = known_factors(stated, atomic.astype(np.int64), atomic)
    factor = np.where(known, own, filled.factor[len(earlier) :])
    return factor, ~known & ~np.isnan(factor)


def _kinds(
    connection: sqlite3.Connection, tournament: Tournament, models: ModelAxis, rounds: RoundAxis, terms: RoundTerms
) -> tuple[Kind, ...]:
    paying = (terms.multipliers != 0).any(axis=0)
    by_kind: dict[tuple[tuple[int, ...], int], list[int]] = {}
    for one, days in enumerate(terms.days):
        columns = tuple(int(k) for k in np.flatnonzero(paying[one]))
        if columns and days > 0:
            by_kind.setdefault((columns, int(days)), []).append(one)
    kinds: list[Kind] = []
    for (columns, days), places in by_kind.items():
        at = np.array(places, dtype=np.int64)
        scores = [terms.scores[k] for k in columns]
        own = {rounds.numbers[one] for one in places}
        learnt = resolved_rounds_with(connection, tournament, scores, days, HISTORY) if rounds.open[at].any() else []
        numbers = sorted(own | set(learnt))
        place = np.searchsorted(numbers, [rounds.numbers[one] for one in places])
        kinds.append(
            Kind(
                columns=columns,
                days=days,
                at=at,
                place=place.astype(np.int64),
                scores=score_paths(connection, models.keys, numbers, scores, days),
                scored_on=round_days(connection, tournament, numbers, days),
            )
        )
    return tuple(kinds)


def _at_risk(connection: sqlite3.Connection, models: ModelAxis, rounds: RoundAxis) -> dict[tuple[int, int], Decimal]:
    place = {number: index for index, number in enumerate(rounds.numbers)}
    oldest = min(place, default=0)
    return {
        (m, place[number]): amount
        for m, key in enumerate(models.keys)
        for number, amount in stakes_at_risk(connection, key, oldest).items()
        if number in place
    }
