"""The terms that rounds were really paid by, also where the API no longer describes them; the grid around them."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from numtui.analysis.arrays import Bools
from numtui.analysis.backtest.grid import exact_multiplier
from numtui.analysis.regimes import Choice, PayoutRegime, regime_of_round
from numtui.model import Tournament
from numtui.reports.backtest.query import BacktestQuery
from numtui.reports.terms import RoundTerms, round_terms
from numtui.store.queries.backtest import paid_multipliers
from numtui.store.queries.rounds import newest_resolved
from numtui.store.queries.scores.labels import disambiguated, score_labels
from numtui.store.queries.scores.values import score_names
from numtui.store.queries.selection import Rounds, known_models
from numtui.store.queries.terms import own_multipliers, round_payouts

STEPS = (Decimal(0), Decimal("0.5"), Decimal(1), Decimal("1.5"), Decimal(2))  # of the multipliers in force


@dataclass(frozen=True, slots=True)
class ActualTerms:
    """`terms` with presets filled in; `filled` [R]: rounds whose scores, multipliers and clip a preset gave; `unknown`
    [M, R]: rounds whose multipliers nothing tells."""

    terms: RoundTerms
    filled: Bools
    unknown: Bools


def actual_terms(
    connection: sqlite3.Connection,
    tournament: Tournament,
    models: Sequence[int],
    rounds: Sequence[int],
    labels: Mapping[int, str],
) -> ActualTerms:
    """The terms of `rounds`; where there is no configuration, those announced for the round's number and system.

    `labels` are the scores that there are (the cache's numbers -> names): a preset's score is looked for among them. A
    preset with a choice of multipliers says nothing of what a model chose; then its own multipliers must be known.
    """
    terms = round_terms(connection, tournament, models, rounds)
    bare = np.flatnonzero(~terms.configured).tolist()
    regimes = {number: payout.regime for number, payout in round_payouts(connection, tournament, rounds).items()}
    listed = _own_multipliers(connection, models, rounds) if bare else {}
    labels = _labels(connection, {*labels, *terms.scores})
    terms = _with_scores(terms, _regime_scores([regimes[rounds[index]] for index in bare], labels), labels)
    filled = np.zeros(len(rounds), dtype=np.bool_)
    unknown = np.zeros(terms.multipliers.shape[:2], dtype=np.bool_)
    multipliers = terms.multipliers.copy()
    for index in bare:
        regime = regimes[rounds[index]]
        if regime is None:
            unknown[:, index] = True
            continue
        filled[index] = True
        for choice in regime.choices:
            column = _column(terms, choice)
            for row, model in enumerate(models):
                known = listed.get((model, rounds[index], terms.scores[column])) if column is not None else None
                value = known if known is not None else _fixed(choice)
                if column is None or value is None:
                    unknown[row, index] = True
                else:
                    multipliers[row, index, column] = value
    return ActualTerms(replace(terms, multipliers=multipliers), filled, unknown)


def _labels(connection: sqlite3.Connection, scores: Collection[int]) -> dict[int, str]:
    """The names of these scores, with their version where two have one name."""
    known = score_names(connection)
    return disambiguated({row.score: (row.name, row.version) for row in known if row.score in scores})


def _fixed(choice: Choice) -> float | None:
    return float(choice.multipliers[0]) if len(choice.multipliers) == 1 else None


def _column(terms: RoundTerms, choice: Choice) -> int | None:
    """The position of a regime's score among the terms' scores; None where it is not, or in two versions."""
    places = [index for index, label in enumerate(terms.labels) if label.partition("@")[0] == choice.score]
    return places[0] if len(places) == 1 else None


def _regime_scores(regimes: Iterable[PayoutRegime | None], labels: Mapping[int, str]) -> dict[int, str]:
    """The scores that these regimes pay, as far as there are any such: number -> name."""
    names = {score for regime in set(regimes) if regime is not None for score in regime.scores}
    return {score: label for score, label in labels.items() if label.partition("@")[0] in names}


def _with_scores(terms: RoundTerms, more: Mapping[int, str], labels: Mapping[int, str]) -> RoundTerms:
    """The same terms with columns of zeros for further scores; all labelled as beside the scores of the range."""
    new = [score for score in more if score not in terms.scores]
    scores = (*terms.scores, *new)
    return replace(
        terms,
        scores=scores,
        labels=tuple(labels[score] for score in scores),
        multipliers=np.pad(terms.multipliers, ((0, 0), (0, 0), (0, len(new)))),
    )


def _own_multipliers(
    connection: sqlite3.Connection, models: Sequence[int], rounds: Sequence[int]
) -> dict[tuple[int, int, int], float]:
    """The multipliers that models list: (model, round, score) -> multiplier."""
    wanted = set(rounds)
    return {
        (model, row.round, row.score): float(row.multiplier)
        for model in models
        for row in own_multipliers(connection, model, min(wanted), max(wanted))
        if row.round in wanted
    }


def default_grid(
    connection: sqlite3.Connection, tournament: Tournament, query: BacktestQuery, rounds: Rounds
) -> tuple[str, ...]:
    """None, half, all, one and a half and twice the multipliers of the scores by which most rounds of the range pay, as
    the newest of them pays; of scores that the models have. Empty where nothing tells."""
    models = known_models(connection, tournament, query.models)
    labels = score_labels(connection, tournament, list(models.values()), rounds)
    paid: dict[int, dict[int, Decimal]] = {}
    first = rounds.first or 0
    for row in paid_multipliers(connection, tournament, first, rounds.last, unresolved=query.unresolved):
        if row.multiplier:
            paid.setdefault(row.round, {})[row.score] = row.multiplier
    regimes = {number: frozenset(scores) for number, scores in paid.items() if scores.keys() <= labels.keys()}
    if regimes:
        count = Counter(regimes.values())
        newest = max(regimes, key=lambda number: (count[regimes[number]], number))
        return _axes((labels[score], _steps(multiplier)) for score, multiplier in paid[newest].items())
    last = rounds.last if rounds.last is not None else newest_resolved(connection, tournament) or 0
    regime = regime_of_round(tournament, last)
    return _regime_axes(regime, set(labels.values())) if regime is not None else ()


def _regime_axes(regime: PayoutRegime, labels: set[str]) -> tuple[str, ...]:
    if not set(regime.scores) <= labels:
        return ()
    return _axes(
        (choice.score, choice.multipliers if len(choice.multipliers) > 1 else _steps(choice.multipliers[0]))
        for choice in regime.choices
    )


def _steps(multiplier: Decimal) -> tuple[Decimal, ...]:
    return tuple(multiplier * step for step in STEPS)


def _axes(scores: Iterable[tuple[str, tuple[Decimal, ...]]]) -> tuple[str, ...]:
    """The axes as text, correlations first."""
    return tuple(
        f"{label}={','.join(f'{exact_multiplier(value):f}' for value in values)}"
        for label, values in sorted(scores, key=lambda axis: ("corr" not in axis[0], axis[0]))
    )
