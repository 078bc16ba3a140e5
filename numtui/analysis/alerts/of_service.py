"""Rules about no model: whether scores come, the API answers, the key is taken, and what the price of NMR does."""

from __future__ import annotations

from datetime import datetime, timedelta

from numtui.alert_rules import ApiFailing, PriceMove, ScoresLate
from numtui.analysis.alerts.facts import ApiFact, KeyFact, PriceFact, ScoringFact, Unknown
from numtui.analysis.alerts.findings import Finding
from numtui.analysis.alerts.levels import above, plain

Found = tuple[Finding, ...] | Unknown


def scores_late(rule: ScoresLate, fact: ScoringFact | Unknown, now: datetime) -> Found:
    """Whether the scores of the newest scoring day are out; those of a day before are told until they come."""
    if isinstance(fact, Unknown):
        return fact
    late = (now - fact.usual).total_seconds() / 3600
    past = not fact.scored and late > rule.hours
    text = f"the scores of {fact.day} are {late:.1f} h late" if past else f"the scores of {fact.day} are not late"
    return (Finding(None, fact.day.isoformat(), plain(past), text, late if past else 0.0),)


def api_failing(rule: ApiFailing, fact: ApiFact | Unknown, now: datetime) -> Found:
    """Since when nothing but failures came."""
    if isinstance(fact, Unknown):
        return fact
    if fact.failing_since is None:
        return (Finding(None, "", plain(False), "the last poll was answered", 0.0),)
    minutes = (now - fact.failing_since).total_seconds() / 60
    text = f"every poll has failed for {minutes:.0f} min: {fact.message}"
    return (Finding(None, "", above(minutes, rule.minutes, inclusive=True), text, minutes),)


def key_refused(fact: KeyFact | Unknown) -> Found:
    """Whether the API takes the key."""
    if isinstance(fact, Unknown):
        return fact
    return (Finding(None, "", plain(fact.refusal is not None), fact.refusal or "the API takes the key"),)


def price_move(rule: PriceMove, fact: PriceFact | Unknown, now: datetime) -> Found:
    """The newest price against the lowest and the highest of the last hours, whichever is further away."""
    if isinstance(fact, Unknown):
        return fact
    since = now - timedelta(hours=rule.hours)
    recent = [price for time, price in fact.prices if time >= since]
    if len(recent) < 2:
        return Unknown(f"fewer than two prices of the last {rule.hours:g} h are here yet")
    newest, low, high = recent[-1], min(recent), max(recent)
    rise, fall = float(newest / low - 1) * 100, float(newest / high - 1) * 100
    move, start = (rise, low) if rise >= -fall else (fall, high)
    text = f"NMR {move:+.1f} % within {rule.hours:g} h: {start:.2f} to {newest:.2f} {fact.currency}"
    return (Finding(None, "", above(abs(move), rule.percent, inclusive=True), text, move),)
