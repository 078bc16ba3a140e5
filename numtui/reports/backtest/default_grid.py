"""The grid that a backtest starts with: around the multipliers that most rounds of the range are paid by."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from numtui.analysis.regimes import PayoutRegime, regime_of_round
from numtui.model import Tournament
from numtui.reports.backtest.inputs import exact_multiplier
from numtui.store.queries.score_labels import score_labels
from numtui.store.queries.selection import Models, Rounds, known_models

STEPS = (Decimal(0), Decimal("0.5"), Decimal(1), Decimal("1.5"), Decimal(2))  # of the multipliers in force


def usual_grid(
    connection: sqlite3.Connection, tournament: Tournament, chosen: Models, span: Rounds, *, unresolved: bool
) -> tuple[str, ...]:
    """None, half, all, one and a half and twice the multipliers of the scores by which most rounds of the range pay, as
    the newest of them pays; of scores that the models have. Empty where nothing tells."""
    labels = score_labels(connection, tournament, list(known_models(connection, tournament, chosen).values()), span)
    paid: dict[int, dict[int, Decimal]] = {}
    sql = """SELECT c.round, c.score, c.default_multiplier FROM score_configs c JOIN rounds r USING (tournament, round)
      WHERE tournament = ? AND c.is_payout AND c.default_multiplier IS NOT NULL AND (r.resolved = 1 OR ?)
      AND round BETWEEN ? AND ?"""
    ends = (span.first or 0, span.last if span.last is not None else 1 << 60)
    for number, score, multiplier in connection.execute(sql, (tournament, unresolved, *ends)):
        if Decimal(multiplier):
            paid.setdefault(number, {})[score] = Decimal(multiplier)
    regimes = {number: frozenset(scores) for number, scores in paid.items() if scores.keys() <= labels.keys()}
    if regimes:
        count = Counter(regimes.values())
        newest = max(regimes, key=lambda number: (count[regimes[number]], number))
        return _axes((labels[score], _steps(multiplier)) for score, multiplier in paid[newest].items())
    preset = regime_of_round(tournament, span.last if span.last is not None else _newest(connection, tournament))
    return _preset_axes(preset, set(labels.values())) if preset is not None else ()


def _preset_axes(preset: PayoutRegime, labels: set[str]) -> tuple[str, ...]:
    if not set(preset.scores) <= labels:
        return ()
    return _axes(
        (choice.score, choice.multipliers if len(choice.multipliers) > 1 else _steps(choice.multipliers[0]))
        for choice in preset.choices
    )


def _newest(connection: sqlite3.Connection, tournament: Tournament) -> int:
    sql = "SELECT max(round) FROM rounds WHERE tournament = ? AND resolved = 1"
    return int(connection.execute(sql, (tournament,)).fetchone()[0] or 0)


def _steps(multiplier: Decimal) -> tuple[Decimal, ...]:
    return tuple(multiplier * step for step in STEPS)


def _axes(scores: Iterable[tuple[str, tuple[Decimal, ...]]]) -> tuple[str, ...]:
    """The axes as text, correlations first."""
    return tuple(
        f"{label}={','.join(f'{exact_multiplier(value):f}' for value in values)}"
        for label, values in sorted(scores, key=lambda axis: ("corr" not in axis[0], axis[0]))
    )
