"""The facts that the rules in force ask for, from the cache: a reader a kind. Figures come from the reports and queries
that show them elsewhere."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from numtui import alert_rules as rules
from numtui.alert_rules import AlertRule
from numtui.analysis.alerts.facts import (
    NOT_ASKED,
    Facts,
    ProposalFact,
    TournamentFacts,
    Unknown,
)
from numtui.config import Settings
from numtui.model import Tournament
from numtui.reports.alerts import model_facts, service_facts
from numtui.reports.notes.notes import tags_by_model
from numtui.store.notes.notes import Notes

Proposals = Callable[[sqlite3.Connection, Tournament, datetime], tuple[ProposalFact, ...] | Unknown]


@dataclass(frozen=True, slots=True)
class Sources:
    """What facts come from beside the cache: the proposals of the user's stake rules; None: they cannot be had."""

    proposals: Proposals | None = None


def collect_facts(
    connection: sqlite3.Connection,
    settings: Settings,
    in_force: Sequence[AlertRule],
    now: datetime,
    sources: Sources,
) -> Facts:
    """The facts of the kinds that the rules ask for, at one moment; a kind without data is Unknown, with the reason."""
    kinds = {type(rule) for rule in in_force}
    tournaments = [
        tournament for tournament in Tournament if any(rule.tournament in {None, tournament.label} for rule in in_force)
    ]
    tags: Mapping[Tournament, Mapping[str, frozenset[str]]] = {}
    if any(rule.tags for rule in in_force):
        notes = Notes(settings.state_dir, settings.db).contents()
        tags = {tournament: tags_by_model(notes, tournament) for tournament in tournaments}
    return Facts(
        now=now,
        tournaments=tuple(
            _tournament(connection, item, _asked(in_force, item), now, sources=sources, tags=tags.get(item, {}))
            for item in tournaments
        ),
        key=service_facts.key_fact(connection) if rules.KeyRefused in kinds else NOT_ASKED,
        price=service_facts.price_fact(connection, settings.fiat, now) if rules.PriceMove in kinds else NOT_ASKED,
    )


def _asked(in_force: Sequence[AlertRule], tournament: Tournament) -> set[type[AlertRule]]:
    return {type(rule) for rule in in_force if rule.tournament in {None, tournament.label}}


# Rule -> the fact of TournamentFacts that it is held against, and its reader.
READERS: dict[type[AlertRule], tuple[str, Callable[[sqlite3.Connection, Tournament, datetime], Any]]] = {
    rules.NoSubmission: ("submissions", model_facts.submission_facts),
    rules.BadSubmission: ("submissions", model_facts.submission_facts),
    rules.Drawdown: ("returns", model_facts.return_facts),
    rules.Worst20: ("returns", model_facts.return_facts),
    rules.Percentile: ("percentiles", model_facts.percentile_facts),
    rules.RankChange: ("ranks", model_facts.rank_facts),
    rules.BurnProbability: ("burns", model_facts.burn_facts),
    rules.AtRiskShare: ("at_risk", model_facts.at_risk_facts),
    rules.ClaimDue: ("claims", model_facts.claim_facts),
    rules.Payout: ("payouts", model_facts.payout_facts),
    rules.ReleaseFree: ("releases", model_facts.release_facts),
    rules.ScoresLate: ("scoring", service_facts.scoring_fact),
    rules.ApiFailing: ("api", service_facts.api_fact),
}


def _tournament(
    connection: sqlite3.Connection,
    tournament: Tournament,
    kinds: Collection[type[AlertRule]],
    now: datetime,
    *,
    sources: Sources,
    tags: Mapping[str, frozenset[str]],
) -> TournamentFacts:
    read: dict[str, Any] = {}
    for kind in kinds:
        if kind in READERS:
            name, reader = READERS[kind]
            if name not in read:
                read[name] = reader(connection, tournament, now)
    if rules.StakeRule in kinds:
        known = sources.proposals
        read["proposals"] = known(connection, tournament, now) if known else Unknown("stake rules are not read here")
    return TournamentFacts(tournament, tags=tags, **read)
