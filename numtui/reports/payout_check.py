"""Settled payouts of the cache held against the formula, exactly, to a billionth of an NMR."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from numtui.analysis.payout_check import Discrepancy, PaidScore, SettledPosition, reconcile
from numtui.model import Tournament
from numtui.store.queries.models import all_models
from numtui.store.queries.payouts import settled_payouts, settled_totals
from numtui.store.queries.positions import multipliers, position_rounds, positions
from numtui.store.queries.score_configs import payout_configs
from numtui.store.queries.score_labels import version_aliases
from numtui.store.queries.scores import SettledScore, settled_scores
from numtui.store.queries.terms import round_payouts

SHOWN = 5  # differences that are told one by one

Key = tuple[int, int]  # a round, and the cache's number of a score


@dataclass(frozen=True, slots=True)
class Check:
    """`positions` settled ones compared, `unknown` others of which factor or clip is not known, and what differs."""

    positions: int
    unknown: int
    differences: tuple[Discrepancy, ...]


def check_payouts(
    connection: sqlite3.Connection,
    tournament: Tournament,
    models: Sequence[str] | None = None,
    rounds: Sequence[int] | None = None,
) -> Check:
    """Every position of the cache that has a settled payout (of these models and rounds only, where given)."""
    numbers = {
        row.name: row.model for row in all_models(connection, tournament) if models is None or row.name in set(models)
    }
    wanted = None if rounds is None else set(rounds)
    terms = _Terms(connection, tournament)
    settled: list[SettledPosition] = []
    unknown = 0
    for name, model in numbers.items():
        scores = terms.scores(model)
        totals = settled_totals(connection, tournament, model)
        for number, at_risk, own_factor in positions(connection, model):
            if at_risk is None or (wanted is not None and number not in wanted):
                continue
            if all(score.settled is None for score in scores.get(number, {}).values()):
                continue
            factor, clip = terms.factor(number, own_factor), terms.clip(number)
            if factor is None or clip is None:
                unknown += 1
                continue
            paid = terms.paid(number, model, scores[number])
            settled.append(SettledPosition(name, number, at_risk, factor, clip, paid, totals.get(number)))
    return Check(len(settled), unknown, tuple(reconcile(settled)))


def payout_differences(
    connection: sqlite3.Connection, tournament: Tournament, models: Sequence[str], rounds: Sequence[int]
) -> tuple[str, ...]:
    """Lines on settled payouts that the formula does not give; none when all of them come out."""
    check = check_payouts(connection, tournament, models, rounds)
    lines = [f"{row.model}, round {row.round}: settled payout {row.reason}" for row in check.differences[:SHOWN]]
    if lines:
        lines.insert(0, f"{len(check.differences)} of {check.positions} settled payouts differ from the formula")
    if check.unknown:
        lines.append(f"{check.unknown} settled payouts could not be checked: no factor or clip is known")
    return tuple(lines)


def settled_by_model(
    connection: sqlite3.Connection, tournament: Tournament, models: Sequence[str]
) -> dict[str, dict[int, Decimal]]:
    """What was really paid or burned, model -> round -> NMR, on the stakes really at risk; only what is settled."""
    sums: dict[str, dict[int, Decimal]] = {name: {} for name in models}
    for model, number, payout in settled_payouts(connection, tournament):
        if model in sums:
            sums[model][number] = sums[model].get(number, Decimal(0)) + payout
    return sums


class _Configured(NamedTuple):
    """A payout score of a round: its displayName, and the multiplier of whoever chose none."""

    name: str
    default: Decimal | None


class _Terms:
    """Exact terms of a tournament's rounds; the factor on the model's own row goes before that of the round."""

    def __init__(self, connection: sqlite3.Connection, tournament: Tournament) -> None:
        self.connection = connection
        self._payouts = round_payouts(connection, tournament, position_rounds(connection, tournament))
        self._configs: dict[int, dict[int, _Configured]] = {}
        for config in payout_configs(connection, tournament):
            scores = self._configs.setdefault(config.round, {})
            scores[config.score] = _Configured(config.name, config.default_multiplier)
        self._aliases = version_aliases(connection, {score for scores in self._configs.values() for score in scores})
        self._multipliers: dict[int, dict[Key, Decimal]] = {}

    def factor(self, number: int, own: Decimal | None) -> Decimal | None:
        """The payout factor of a model's round."""
        return self._payouts[number].factor if own is None else own

    def clip(self, number: int) -> Decimal | None:
        """The clip of a round."""
        return self._payouts[number].clip

    def scores(self, model: int) -> dict[int, dict[int, SettledScore]]:
        """The newest scores of a model: round -> score -> row, whichever version of a score the row is called by."""
        return {
            number: {self._aliases.get(score, score): row for score, row in rows.items()}
            for number, rows in settled_scores(self.connection, model).items()
        }

    def paid(self, number: int, model: int, rows: Mapping[int, SettledScore]) -> tuple[PaidScore, ...]:
        """The payout scores of a model's round with the multipliers in force: its own, defaults if it lists none."""
        if model not in self._multipliers:
            listed = multipliers(self.connection, model)
            self._multipliers = {
                model: {(row.round, self._aliases.get(row.score, row.score)): row.multiplier for row in listed}
            }
        own = self._multipliers[model]
        chose = any((number, score) in own for score in self._configs.get(number, ()))
        configured = self._configs.get(number) or self._preset_scores(number, rows)
        scores = configured | {
            score: _Configured(rows[score].name, None)
            for other, score in own
            if other == number and score in rows and score not in configured
        }
        scores |= {
            score: _Configured(row.name, None)
            for score, row in rows.items()
            if row.settled is not None and score not in scores
        }
        return tuple(
            PaidScore(
                name,
                rows[score].value if score in rows else None,
                own.get((number, score), default if default is not None and not chose else Decimal(0)),
                rows[score].settled if score in rows else None,
            )
            for score, (name, default) in scores.items()
        )

    def _preset_scores(self, number: int, rows: Mapping[int, SettledScore]) -> dict[int, _Configured]:
        """What was announced of a round that the API no longer describes."""
        preset = self._payouts[number].regime
        choices = {choice.score: choice.multipliers for choice in preset.choices} if preset is not None else {}
        return {
            score: _Configured(row.name, choices[row.name][0] if len(choices[row.name]) == 1 else None)
            for score, row in rows.items()
            if row.name in choices
        }
