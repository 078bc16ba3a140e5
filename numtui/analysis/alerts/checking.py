"""Every rule held against the facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from numtui.alert_rules import AlertRule, ApiFailing, KeyRefused, PriceMove, ScoresLate, identities
from numtui.analysis.alerts.facts import Facts, TournamentFacts, Unknown
from numtui.analysis.alerts.findings import Check, Finding
from numtui.analysis.alerts.of_models import OF_MODELS
from numtui.analysis.alerts.of_service import api_failing, key_refused, price_move, scores_late
from numtui.model import Tournament


def check_rules(rules: Sequence[AlertRule], facts: Facts) -> list[Check]:
    """What every rule finds: a check for each rule and tournament that it is about."""
    return [check for name, rule in identities(rules).items() for check in _checks(name, rule, facts)]


def _checks(name: str, rule: AlertRule, facts: Facts) -> list[Check]:
    match rule:
        case KeyRefused():
            return [_check(name, rule, None, key_refused(facts.key))]
        case PriceMove():
            return [_check(name, rule, None, price_move(rule, facts.price, facts.now))]
    return [
        _check(name, rule, part.tournament, _in_tournament(rule, part, facts.now))
        for part in facts.tournaments
        if rule.tournament in {None, part.tournament.label}
    ]


def _in_tournament(rule: AlertRule, facts: TournamentFacts, now: datetime) -> tuple[Finding, ...] | Unknown:
    match rule:
        case ScoresLate():
            return scores_late(rule, facts.scoring, now)
        case ApiFailing():
            return api_failing(rule, facts.api, now)
    kind = OF_MODELS[type(rule)]
    known = kind.facts(facts)
    if isinstance(known, Unknown):
        return known
    find: Callable[[Any, Any, datetime], Finding | None] = kind.find
    findings = (find(rule, fact, now) for fact in known if concerns(rule, fact.model, fact.own, facts.tags))
    return tuple(finding for finding in findings if finding is not None)


def concerns(rule: AlertRule, model: str, own: bool, tags: Mapping[str, frozenset[str]]) -> bool:
    """Whether a rule is about a model: one that it names or whose tag it names, else each of the account's own."""
    if not rule.models and not rule.tags:
        return own
    named = {name.lower() for name in rule.models}
    wanted = {tag.removeprefix("#").lower() for tag in rule.tags}
    return model.lower() in named or bool(wanted & tags.get(model.casefold(), frozenset()))


def _check(name: str, rule: AlertRule, tournament: Tournament | None, found: tuple[Finding, ...] | Unknown) -> Check:
    if isinstance(found, Unknown):
        return Check(name, rule.kind, tournament, (), found.reason)
    return Check(name, rule.kind, tournament, found)
