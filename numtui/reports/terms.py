"""The payout terms of rounds as arrays: what each round scores and pays, its factor and clip, and the stakes at risk.

A payout factor on the model's performance row goes before that of the round (store/queries/terms).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from numtui.analysis.arrays import Bools, Floats, Ints
from numtui.model import Tournament
from numtui.store.queries.positions import multipliers as model_multipliers
from numtui.store.queries.positions import positions
from numtui.store.queries.score_configs import payout_configs
from numtui.store.queries.score_labels import disambiguated, version_aliases
from numtui.store.queries.terms import round_payouts


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
    configs = [config for config in payout_configs(connection, tournament) if config.round in wanted]
    labels = disambiguated({config.score: (config.name, config.version) for config in configs})
    scores = tuple(sorted(labels, key=lambda score: labels[score]))
    round_index = {number: index for index, number in enumerate(rounds)}
    score_index = {score: index for index, score in enumerate(scores)}
    shape = (len(models), len(rounds))
    multipliers = np.zeros((*shape, len(scores)))
    days = np.zeros(len(rounds), dtype=np.int64)
    for config in configs:
        index = round_index[config.round]
        multipliers[:, index, score_index[config.score]] = _number(config.default_multiplier, 0.0)
        days[index] = max(days[index], config.total_score_days or 0)
    configured = np.isin(np.array(rounds, dtype=np.int64), [config.round for config in configs])
    payouts = list(round_payouts(connection, tournament, rounds).values())
    clip = np.array([_number(payout.clip) for payout in payouts])
    factor = np.tile(np.array([_number(payout.factor) for payout in payouts]), (len(models), 1))
    atomic = np.array([payout.atomic for payout in payouts], dtype=np.bool_)
    at_risk = np.full(shape, np.nan)
    paid = {(config.round, score_index[config.score]) for config in configs}
    score_index |= {other: score_index[score] for other, score in version_aliases(connection, scores).items()}
    axes = _Axes(round_index, score_index, paid)
    for row, model in enumerate(models):
        _fill_model(connection, model, axes, multipliers[row], factor=factor[row], at_risk=at_risk[row])
    names = tuple(labels[score] for score in scores)
    return RoundTerms(tuple(rounds), scores, names, multipliers, clip, factor, days, atomic, at_risk, configured)


class _Axes(NamedTuple):
    """Where rounds and scores stand in the arrays, and which (round, index of a score) are paid."""

    rounds: dict[int, int]
    scores: dict[int, int]
    paid: set[tuple[int, int]]


def _fill_model(
    connection: sqlite3.Connection, model: int, axes: _Axes, multipliers: Floats, *, factor: Floats, at_risk: Floats
) -> None:
    """Fill in what stands on one model's own rows: its multipliers [R, K], factor [R] and stake at risk [R]."""
    for position in positions(connection, model):
        index = axes.rounds.get(position.round)
        if index is not None:
            at_risk[index] = _number(position.at_risk)
            factor[index] = _number(position.payout_factor, factor[index])
    listed = [
        (row.round, axes.scores[row.score], row.multiplier)
        for row in model_multipliers(connection, model)
        if row.round in axes.rounds and row.score in axes.scores
    ]
    for number, score, _ in listed:
        if (number, score) in axes.paid:  # what such a list leaves out was not chosen
            multipliers[axes.rounds[number]] = 0.0
    for number, score, multiplier in listed:
        multipliers[axes.rounds[number], score] = float(multiplier)


def _number(value: Decimal | None, otherwise: float = np.nan) -> float:
    return otherwise if value is None else float(value)
