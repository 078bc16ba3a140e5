"""What the drift of unresolved rounds is computed from, read from the cache: models, rounds, terms, scores by day."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from numtui.analysis.arrays import Bools, Floats, Ints
from numtui.analysis.drift.projection import known_factors
from numtui.analysis.drift.scoring_dates import filled_dates, ordinal_of
from numtui.model import Tournament
from numtui.reports.terms import RoundTerms, round_terms
from numtui.store.queries.drift import drift_models, drift_rounds, resolved_rounds_with, stakes_at_risk
from numtui.store.queries.scores.arrays import score_paths
from numtui.store.queries.scores.missing_days import rounds_without_days
from numtui.store.queries.scores.scoring_days import latest_score_dates, score_dates, scoring_starts
from numtui.store.queries.selection import Rounds
from numtui.store.queries.terms import round_payouts

MOST_MODELS = 200  # that the profile is learnt from: own ones first, then watched ones, then any
MOST_ROUNDS = 200  # that are followed, resolved ones among them; the newest
MOST_HISTORY = 300  # resolved rounds that the profile is learnt from, the newest
LONGEST = 60  # scoring days of a round


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
        for marks in (self.mine, self.watched):
            if any(marks):
                return np.array(marks, dtype=np.bool_)
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

    def position(self, number: int) -> int | None:
        """The position of round `number` on the axis; None where it is not there."""
        return self.numbers.index(number) if number in self.numbers else None


@dataclass(frozen=True, slots=True)
class RoundKind:
    """Rounds that pay the same scores over the same days, with the history of such rounds.

    `columns` are positions in the terms' scores, `days` D; `rounds` positions on the round axis. `scores` [M, H, K, D]
    are the values of the H rounds of the history, the rounds of the axis among them (`history_rounds`: the position of
    each of `rounds`), and `scored_on` [H, D] the ordinals of their scoring days.
    """

    columns: tuple[int, ...]
    days: int
    rounds: Ints
    history_rounds: Ints
    scores: Floats
    scored_on: Ints


@dataclass(frozen=True, slots=True)
class DriftInputs:
    """All that forecasts need of one state of the cache.

    `factor` [M, R] and where it was estimated; `at_risk` is exact, by (model, round) position; `without_days`: such
    positions of which newest scores are here and the days are still to come.
    """

    tournament: Tournament
    models: ModelAxis
    rounds: RoundAxis
    terms: RoundTerms
    factor: Floats
    factor_estimated: Bools
    kinds: tuple[RoundKind, ...]
    at_risk: dict[tuple[int, int], Decimal]
    without_days: frozenset[tuple[int, int]] = frozenset()

    def has_days(self, pairs: Iterable[tuple[int, int]]) -> bool:
        """Whether the days of all of these (model, round) positions are here, so that sums over them are whole."""
        return self.without_days.isdisjoint(pairs)


def load_inputs(connection: sqlite3.Connection, tournament: Tournament) -> DriftInputs:
    """The unresolved rounds, those that resolved while the oldest of them was open, and the history behind them."""
    models = _models(connection, tournament)
    rounds = _rounds(connection, tournament)
    terms = round_terms(connection, tournament, models.keys, rounds.numbers)
    factor, estimated = _factors(connection, tournament, terms)
    kinds = _kinds(connection, tournament, models, rounds, terms)
    at_risk = _at_risk(connection, models, rounds)
    lacking = _without_days(connection, tournament, models, rounds)
    return DriftInputs(tournament, models, rounds, terms, factor, estimated, kinds, at_risk, lacking)


def round_dates(
    connection: sqlite3.Connection, tournament: Tournament, rounds: Sequence[int], days: int = LONGEST
) -> Ints:
    """The ordinals [R, D] of the scoring days 1..`days` of `rounds`; 0 where unknown.

    Days to come are counted like those past: a score says whether a day was scored.
    """
    if not rounds:
        return np.zeros((0, days), dtype=np.int64)
    known: dict[int, dict[int, int]] = {number: {} for number in rounds}
    between = (connection, tournament, min(rounds), max(rounds))
    for row in (*score_dates(*between), *latest_score_dates(*between)):
        if row.round in known:
            known[row.round].setdefault(row.day, ordinal_of(row.date))
    for row in scoring_starts(*between):
        if row.round in known and not known[row.round]:
            known[row.round][row.day] = ordinal_of(row.date)
    return np.stack([filled_dates(known[number], days) for number in rounds])


def _models(connection: sqlite3.Connection, tournament: Tournament) -> ModelAxis:
    rows = drift_models(connection, tournament, MOST_MODELS)
    return ModelAxis(
        names=tuple(row.name for row in rows),
        keys=tuple(row.model for row in rows),
        mine=tuple(row.mine for row in rows),
        watched=tuple(row.watched for row in rows),
    )


def _rounds(connection: sqlite3.Connection, tournament: Tournament) -> RoundAxis:
    rows = drift_rounds(connection, tournament, MOST_ROUNDS)
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
    earlier = [payout for number, payout in sorted(round_payouts(connection, tournament).items()) if number < first]
    known = ~np.isnan(terms.factor)
    newest = [float(terms.factor[known[:, r], r][0]) if known[:, r].any() else np.nan for r in range(len(terms.rounds))]
    stated = np.array([*(np.nan if payout.factor is None else float(payout.factor) for payout in earlier), *newest])
    atomic = np.array([*(payout.atomic for payout in earlier), *terms.atomic], dtype=np.bool_)
    filled = known_factors(stated, atomic.astype(np.int64), atomic)
    factor = np.where(known, terms.factor, filled.factor[len(earlier) :])
    return factor, ~known & ~np.isnan(factor)


def _kinds(
    connection: sqlite3.Connection, tournament: Tournament, models: ModelAxis, rounds: RoundAxis, terms: RoundTerms
) -> tuple[RoundKind, ...]:
    paying = (terms.multipliers != 0).any(axis=0)
    by_kind: dict[tuple[tuple[int, ...], int], list[int]] = {}
    for r, days in enumerate(terms.days):
        columns = tuple(int(k) for k in np.flatnonzero(paying[r]))
        if columns and days > 0:
            by_kind.setdefault((columns, int(days)), []).append(r)
    kinds: list[RoundKind] = []
    for (columns, days), positions in by_kind.items():
        scores = [terms.scores[k] for k in columns]
        followed = [rounds.numbers[r] for r in positions]
        unresolved = rounds.open[positions].any()
        learnt = resolved_rounds_with(connection, tournament, scores, days, MOST_HISTORY) if unresolved else []
        history = sorted({*followed, *learnt})
        kinds.append(
            RoundKind(
                columns=columns,
                days=days,
                rounds=np.array(positions, dtype=np.int64),
                history_rounds=np.searchsorted(history, followed).astype(np.int64),
                scores=score_paths(connection, models.keys, history, scores, days),
                scored_on=round_dates(connection, tournament, history, days),
            )
        )
    return tuple(kinds)


def _without_days(
    connection: sqlite3.Connection, tournament: Tournament, models: ModelAxis, rounds: RoundAxis
) -> frozenset[tuple[int, int]]:
    unresolved = Rounds(first=min(rounds.numbers, default=0), resolved=False)
    position = {key: m for m, key in enumerate(models.keys)}
    pairs = rounds_without_days(connection, tournament, models.keys, unresolved)
    places = [(position[key], rounds.position(number)) for key, number in pairs]
    return frozenset((m, r) for m, r in places if r is not None)


def _at_risk(connection: sqlite3.Connection, models: ModelAxis, rounds: RoundAxis) -> dict[tuple[int, int], Decimal]:
    position = {number: r for r, number in enumerate(rounds.numbers)}
    oldest = min(position, default=0)
    return {
        (m, position[number]): amount
        for m, key in enumerate(models.keys)
        for number, amount in stakes_at_risk(connection, key, oldest).items()
        if number in position
    }
