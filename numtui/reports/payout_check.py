"""Settled payouts of the cache held against the formula, exactly, to a billionth of an NMR."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from numtui.analysis.payout_check import Discrepancy, PaidScore, Position, reconcile
from numtui.model import Tournament
from numtui.store.queries.models import all_models
from numtui.store.queries.payout_scores import payout_scores
from numtui.store.queries.scores.labels import version_aliases
from numtui.store.queries.stakes.settled import (
    ScoreResult,
    positioned_rounds,
    round_totals,
    score_results,
    settled_scores,
)
from numtui.store.queries.terms import own_multipliers, own_terms, round_payouts

SHOWN = 5  # differences that are told one by one

RoundScores = dict[int, ScoreResult]  # by the cache's number of the score


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
    wanted_models = None if models is None else set(models)
    wanted_rounds = None if rounds is None else set(rounds)
    terms = _ExactTerms(connection, tournament)
    positions: list[Position] = []
    unknown = 0
    for model in sorted(all_models(connection, tournament), key=lambda model: model.name.lower()):
        if wanted_models is not None and model.name not in wanted_models:
            continue
        scores = _scores(connection, model.model, terms.aliases)
        totals = round_totals(connection, tournament, model.model)
        multipliers = _own_multipliers(connection, model.model, terms.aliases)
        for row in own_terms(connection, model.model):
            results = scores.get(row.round, {})
            settled = any(result.settled is not None for result in results.values())
            if row.at_risk is None or not settled or (wanted_rounds is not None and row.round not in wanted_rounds):
                continue
            factor, clip = terms.factor(row.round, row.factor), terms.clip(row.round)
            if factor is None or clip is None:
                unknown += 1
                continue
            paid = terms.paid(row.round, multipliers.get(row.round, {}), results)
            total = totals.get(row.round)
            positions.append(Position(model.name, row.round, row.at_risk, factor, clip, paid, total))
    return Check(len(positions), unknown, tuple(reconcile(positions)))


def payout_differences(
    connection: sqlite3.Connection, tournament: Tournament, models: Sequence[str], rounds: Sequence[int]
) -> tuple[str, ...]:
    """Lines on settled payouts that the formula does not give; none when all of them come out."""
    check = check_payouts(connection, tournament, models, rounds)
    lines = [
        f"{difference.model}, round {difference.round}: settled payout {difference.reason}"
        for difference in check.differences[:SHOWN]
    ]
    if lines:
        lines.insert(0, f"{len(check.differences)} of {check.positions} settled payouts differ from the formula")
    if check.unknown:
        lines.append(f"{check.unknown} settled payouts could not be checked: no factor or clip is known")
    return tuple(lines)


def settled_payouts(
    connection: sqlite3.Connection, tournament: Tournament, models: Sequence[str]
) -> dict[str, dict[int, Decimal]]:
    """The payouts (burns are negative) by model and round, NMR, on the stakes really at risk; only what is settled."""
    payouts: dict[str, dict[int, Decimal]] = {name: {} for name in models}
    for row in settled_scores(connection, tournament):
        if row.model in payouts:
            of_model = payouts[row.model]
            of_model[row.round] = of_model.get(row.round, Decimal(0)) + row.payout
    return payouts


def _scores(connection: sqlite3.Connection, model: int, aliases: Mapping[int, int]) -> dict[int, RoundScores]:
    """The newest scores of a model by round; `aliases` are scores that stand for others."""
    scores: dict[int, RoundScores] = {}
    for row in score_results(connection, model):
        scores.setdefault(row.round, {})[aliases.get(row.score, row.score)] = row
    return scores


def _own_multipliers(
    connection: sqlite3.Connection, model: int, aliases: Mapping[int, int]
) -> dict[int, dict[int, Decimal]]:
    """The multipliers that a model lists: round -> score -> multiplier."""
    multipliers: dict[int, dict[int, Decimal]] = {}
    for row in own_multipliers(connection, model):
        multipliers.setdefault(row.round, {})[aliases.get(row.score, row.score)] = row.multiplier
    return multipliers


class _ExactTerms:
    """Exact terms of a tournament's rounds; the factor on the model's own row goes before that of the round."""

    def __init__(self, connection: sqlite3.Connection, tournament: Tournament) -> None:
        self._payouts = round_payouts(connection, tournament, positioned_rounds(connection, tournament))
        self._configs: dict[int, dict[int, tuple[str, Decimal | None]]] = {}
        for row in payout_scores(connection, tournament):
            self._configs.setdefault(row.round, {})[row.score] = (row.name, row.multiplier)
        self.aliases = version_aliases(connection, {score for scores in self._configs.values() for score in scores})

    def factor(self, number: int, stated: Decimal | None) -> Decimal | None:
        """The payout factor of a model's round: the one `stated` on its own row, else the round's."""
        return self._payouts[number].factor if stated is None else stated

    def clip(self, number: int) -> Decimal | None:
        """The clip of a round."""
        return self._payouts[number].clip

    def paid(self, number: int, multipliers: Mapping[int, Decimal], results: RoundScores) -> tuple[PaidScore, ...]:
        """The payout scores of a model's round with the multipliers in force: its own, defaults if it lists none."""
        chose = any(score in multipliers for score in self._configs.get(number, ()))
        configured = self._configs.get(number) or self._preset_scores(number, results)
        scores = dict(configured) | {
            score: (results[score].name, None) for score in multipliers if score in results and score not in configured
        }
        scores |= {
            score: (result.name, None)
            for score, result in results.items()
            if result.settled is not None and score not in scores
        }
        return tuple(
            PaidScore(
                name,
                results[score].value if score in results else None,
                multipliers.get(score, default if default is not None and not chose else Decimal(0)),
                results[score].settled if score in results else None,
            )
            for score, (name, default) in scores.items()
        )

    def _preset_scores(self, number: int, results: RoundScores) -> dict[int, tuple[str, Decimal | None]]:
        """The scores and multipliers announced for a round that the API no longer describes."""
        regime = self._payouts[number].regime
        choices = {choice.score: choice.multipliers for choice in regime.choices} if regime is not None else {}
        return {
            score: (result.name, choices[result.name][0] if len(choices[result.name]) == 1 else None)
            for score, result in results.items()
            if result.name in choices
        }
