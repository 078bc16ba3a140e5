"""The payout terms of rounds as arrays: what each round scores and pays, its factor and clip, and the stakes at risk.

A payout factor on the model's performance row goes before that of the round (store/queries/terms).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from numtui.analysis.arrays import Bools, Floats, Ints
from numtui.calendar import ROUNDS_AT_ONCE
from numtui.model import Tournament
from numtui.store.queries.payout_scores import payout_scores
from numtui.store.queries.scores.labels import disambiguated, version_aliases
from numtui.store.queries.terms import own_multipliers, own_terms, round_payouts


@dataclass(frozen=True, slots=True)
class RoundTerms:
    """The terms of R rounds for M models over K scores (the union of what the rounds pay).

    `rounds` [R]; `scores` the cache's numbers and `labels` the names of the K scores; `multipliers` [M, R, K], the
    model's own where it chose, 0 for a score that the round does not pay; `clip` [R] and `factor` [M, R], NaN where
    unknown; `days` [R], 0 where unknown; `atomic` [R] (staking v3); `at_risk` [M, R] NMR, NaN where unknown;
    `configured` [R]: the API states what the round pays; where it does not, clip and factor are its regime's.
    """

    rounds: tuple[int, ...]
    scores: tuple[int, ...]
    labels: tuple[str, ...]
    multipliers: Floats
    clip: Floats
    factor: Floats
    days: Ints
    atomic: Bools
    at_risk: Floats
    configured: Bools


def round_terms(
    connection: sqlite3.Connection, tournament: Tournament, models: Sequence[int], rounds: Sequence[int]
) -> RoundTerms:
    """The terms of `rounds` for `models` (the cache's numbers). Rounds without configuration keep zeros."""
    wanted = set(rounds)
    configs = [row for row in payout_scores(connection, tournament) if row.round in wanted]
    labels = disambiguated({row.score: (row.name, row.version) for row in configs})
    scores = tuple(sorted(labels, key=lambda score: labels[score]))
    place = {number: index for index, number in enumerate(rounds)}
    column = {score: index for index, score in enumerate(scores)}
    shape = (len(models), len(rounds))
    multipliers = np.zeros((*shape, len(scores)))
    days = np.zeros(len(rounds), dtype=np.int64)
    for row in configs:
        index = place[row.round]
        multipliers[:, index, column[row.score]] = _number(row.multiplier, 0.0)
        days[index] = max(days[index], row.days or 0)
    configured = np.isin(np.array(rounds, dtype=np.int64), [row.round for row in configs])
    payouts = list(round_payouts(connection, tournament, rounds).values())
    clip = np.array([_number(payout.clip) for payout in payouts])
    factor = np.tile(np.array([_number(payout.factor) for payout in payouts]), (len(models), 1))
    atomic = np.array([payout.atomic for payout in payouts], dtype=np.bool_)
    at_risk = np.full(shape, np.nan)
    paid = {(row.round, column[row.score]) for row in configs}
    column |= {other: column[score] for other, score in version_aliases(connection, scores).items()}
    for index, model in enumerate(models if rounds else ()):
        _of_model(connection, model, (place, column, paid), (multipliers[index], factor[index], at_risk[index]))
    names = tuple(labels[score] for score in scores)
    return RoundTerms(tuple(rounds), scores, names, multipliers, clip, factor, days, atomic, at_risk, configured)


def stake_shares(connection: sqlite3.Connection, tournament: Tournament, rounds: Sequence[int]) -> Floats:
    """[R] the part of a model's stake that stands behind each round: a legacy stake backs every round with all of it,
    an Atomic one is spread over the rounds that are unresolved at once. So returns of both can be summed."""
    payouts = round_payouts(connection, tournament, rounds)
    part = 1.0 / ROUNDS_AT_ONCE[tournament]
    return np.array([part if payouts[number].atomic else 1.0 for number in rounds])


def _of_model(
    connection: sqlite3.Connection,
    model: int,
    places: tuple[dict[int, int], dict[int, int], set[tuple[int, int]]],
    arrays: tuple[Floats, Floats, Floats],
) -> None:
    """Fill in what stands on one model's own rows: its multipliers [R, K], factor [R] and stake at risk [R]."""
    place, column, paid = places
    multipliers, factor, at_risk = arrays
    ends = (min(place), max(place))
    for row in own_terms(connection, model, *ends):
        if row.round in place:
            at_risk[place[row.round]] = _number(row.at_risk)
            factor[place[row.round]] = _number(row.factor, factor[place[row.round]])
    listed = [row for row in own_multipliers(connection, model, *ends) if row.round in place and row.score in column]
    for choice in listed:
        if (choice.round, column[choice.score]) in paid:  # what such a list leaves out was not chosen
            multipliers[place[choice.round]] = 0.0
    for choice in listed:
        multipliers[place[choice.round], column[choice.score]] = float(choice.multiplier)


def _number(value: Decimal | None, otherwise: float = np.nan) -> float:
    return otherwise if value is None else float(value)
