"""The payout terms of rounds as arrays: what each round scores and pays, its factor and clip, and the stakes at risk.

A payout factor on the model's performance row goes before that of the round (store/terms).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from numtui.analysis.arrays import Bools, Floats, Ints
from numtui.model import Tournament
from numtui.reports.scores import disambiguated, version_aliases
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
    configs = _configs(connection, tournament, rounds)
    labels = disambiguated({score: (name, version) for _, score, name, version, *_ in configs})
    scores = tuple(sorted(labels, key=lambda score: labels[score]))
    place = {number: at for at, number in enumerate(rounds)}
    column = {score: at for at, score in enumerate(scores)}
    shape = (len(models), len(rounds))
    multipliers = np.zeros((*shape, len(scores)))
    days = np.zeros(len(rounds), dtype=np.int64)
    for number, score, _, _, default, length in configs:
        at = place[number]
        multipliers[:, at, column[score]] = _number(default, 0.0)
        days[at] = max(days[at], length or 0)
    configured = np.isin(np.array(rounds, dtype=np.int64), [number for number, *_ in configs])
    payouts = list(round_payouts(connection, tournament, rounds).values())
    clip = np.array([_number(one.clip) for one in payouts])
    factor = np.tile(np.array([_number(one.factor) for one in payouts]), (len(models), 1))
    atomic = np.array([one.atomic for one in payouts], dtype=np.bool_)
    at_risk = np.full(shape, np.nan)
    paid = {(number, column[score]) for number, score, *_ in configs}
    column |= {other: column[score] for other, score in version_aliases(connection, scores).items()}
    for row, model in enumerate(models):
        _of_model(connection, model, (row, place, column, paid), (multipliers, factor, at_risk))
    names = tuple(labels[score] for score in scores)
    return RoundTerms(tuple(rounds), scores, names, multipliers, clip, factor, days, atomic, at_risk, configured)


_Config = tuple[int, int, str, str, str | None, int | None]


def _configs(connection: sqlite3.Connection, tournament: Tournament, rounds: Sequence[int]) -> list[_Config]:
    wanted = set(rounds)
    sql = """SELECT c.round, c.score, n.name, n.version, c.default_multiplier, c.total_score_days
      FROM score_configs c JOIN score_names n USING (score) WHERE c.tournament = ? AND c.is_payout"""
    return [row for row in connection.execute(sql, (tournament,)) if row[0] in wanted]


def _of_model(
    connection: sqlite3.Connection,
    model: int,
    places: tuple[int, dict[int, int], dict[int, int], set[tuple[int, int]]],
    arrays: tuple[Floats, Floats, Floats],
) -> None:
    """Fill in what stands on one model's own rows: its multipliers, factor and stake at risk."""
    row, place, column, paid = places
    multipliers, factor, at_risk = arrays
    sql = "SELECT round, at_risk, payout_factor FROM positions WHERE model = ?"
    for number, stake, own in connection.execute(sql, (model,)):
        if number in place:
            at_risk[row, place[number]] = _number(stake)
            factor[row, place[number]] = _number(own, factor[row, place[number]])
    sql = "SELECT round, score, multiplier FROM multipliers WHERE model = ?"
    listed = [found for found in connection.execute(sql, (model,)) if found[0] in place and found[1] in column]
    for number, score, _ in listed:
        if (number, column[score]) in paid:  # what such a list leaves out was not chosen
            multipliers[row, place[number]] = 0.0
    for number, score, multiplier in listed:
        multipliers[row, place[number], column[score]] = _number(multiplier)


def _number(value: object, otherwise: float = np.nan) -> float:
    return otherwise if value is None else float(str(value))
