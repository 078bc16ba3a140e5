"""The grid that a backtest starts with: around the multipliers that most rounds of the range are paid by."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from numtui.analysis.regimes import PayoutRegime, regime_of_round
from numtui.model import Tournament
from numtui.reports.backtest.inputs import exact_multiplier
from numtui.reports.backtest.query import BacktestQuery
from numtui.store.queries.backtest import paid_multipliers
from numtui.store.queries.rounds import newest_resolved
from numtui.store.queries.scores.labels import score_labels
from numtui.store.queries.selection import Rounds, known_models

STEPS = (Decimal(0), Decimal("0.5"), Decimal(1), Decimal("1.5"), Decimal(2))  # of the multipliers in force


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
