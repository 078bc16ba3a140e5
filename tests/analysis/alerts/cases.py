"""For each kind of rule: facts on which it fires, and facts on which it is well clear of its level again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from numtui.alert_rules import AlertRule, checked_rule
from numtui.analysis.alerts.facts import (
    ApiFact,
    AtRiskFact,
    BurnFact,
    ClaimFact,
    Facts,
    KeyFact,
    PayoutFact,
    PercentileFact,
    PriceFact,
    ProposalFact,
    RankFact,
    ReleaseFact,
    ReturnsFact,
    ScoringFact,
    SubmissionFact,
    TournamentFacts,
)
from numtui.analysis.submissions import Submission
from numtui.model import Tournament

AT = datetime(2026, 11, 24, 13, tzinfo=UTC)
NMR = Decimal(50)


class Case(NamedTuple):
    """A rule, and its facts when it fires and when all is well."""

    rule: AlertRule
    fires: Facts
    well: Facts


def case(table: dict[str, Any], name: str, fires: Any, well: Any) -> Case:
    """A case about one fact of Classic, or of no tournament."""
    facts = Facts(AT, (TournamentFacts(Tournament.CLASSIC),))
    rule = checked_rule(table)
    if name in {"key", "price"}:
        return Case(rule, replace(facts, **{name: fires}), replace(facts, **{name: well}))
    parts = [replace(facts.tournaments[0], **{name: fact}) for fact in (fires, well)]
    return Case(rule, *(replace(facts, tournaments=(part,)) for part in parts))


def submission(word: Submission, *, minutes: float = 30, sent: datetime | None = None) -> SubmissionFact:
    return SubmissionFact("m", True, 1300, AT + timedelta(minutes=minutes), word, sent, NMR)


def priced(*prices: str) -> PriceFact:
    start = AT - timedelta(hours=len(prices) - 1)
    return PriceFact("USD", tuple((start + timedelta(hours=i), Decimal(price)) for i, price in enumerate(prices)))


def ranked(*ranks: int) -> RankFact:
    start = AT.date() - timedelta(days=len(ranks) - 1)
    return RankFact("m", True, tuple((start + timedelta(days=i), rank) for i, rank in enumerate(ranks)))


CASES = {
    "no_submission": case(
        {"rule": "no_submission"}, "submissions", (submission(Submission.NONE),), (submission(Submission.ACCEPTED),)
    ),
    "bad_submission": case(
        {"rule": "bad_submission"},
        "submissions",
        (submission(Submission.QUEUED, sent=AT - timedelta(minutes=20)),),
        (submission(Submission.ACCEPTED),),
    ),
    "drawdown": case(
        {"rule": "drawdown", "above": 0.2},
        "returns",
        (ReturnsFact("m", True, (0.1, -0.3)),),
        (ReturnsFact("m", True, (0.1, -0.1)),),
    ),
    "worst_20": case(
        {"rule": "worst_20", "below": -0.2},
        "returns",
        (ReturnsFact("m", True, (-0.02,) * 20),),
        (ReturnsFact("m", True, (-0.02,) + (0.0,) * 20),),
    ),
    "percentile": case(
        {"rule": "percentile", "below": 0.3, "rounds": 2},
        "percentiles",
        (PercentileFact("m", True, "mmc60", (0.1, 0.4, 0.9)),),
        (PercentileFact("m", True, "mmc60", (0.3, 0.4, 0.1)),),
    ),
    "rank_change": case(
        {"rule": "rank_change", "places": 100, "days": 3},
        "ranks",
        (ranked(1, 500, 300, 400, 401),),
        (ranked(400, 401),),
    ),
    "burn_probability": case(
        {"rule": "burn_probability", "above": 0.7},
        "burns",
        (BurnFact("m", True, 0.8, Decimal(-3)),),
        (BurnFact("m", True, 0.5, Decimal(1)),),
    ),
    "at_risk_share": case(
        {"rule": "at_risk_share", "above": 0.4},
        "at_risk",
        (AtRiskFact("m", True, NMR, 0.5),),
        (AtRiskFact("m", True, NMR, 0.3),),
    ),
    "claim_due": case(
        {"rule": "claim_due", "days": 3},
        "claims",
        (ClaimFact("m", True, 1200, NMR, AT + timedelta(days=2)),),
        (ClaimFact("m", True, 1200, NMR, AT + timedelta(days=5)),),
    ),
    "scores_late": case(
        {"rule": "scores_late", "hours": 3},
        "scoring",
        ScoringFact(date(2026, 11, 24), AT - timedelta(hours=4), False),
        ScoringFact(date(2026, 11, 24), AT - timedelta(hours=4), True),
    ),
    "payout": case(
        {"rule": "payout", "below": "-2"},
        "payouts",
        (PayoutFact("m", True, 1200, AT - timedelta(days=1), Decimal("-2.5")),),
        (PayoutFact("m", True, 1200, AT - timedelta(days=1), Decimal("-1.5")),),
    ),
    "price_move": case({"rule": "price_move"}, "price", priced("20", "17.9"), priced("20", "19.9")),
    "api_failing": case(
        {"rule": "api_failing"}, "api", ApiFact(AT - timedelta(hours=1), "no answer"), ApiFact(None, "")
    ),
    "key_refused": case({"rule": "key_refused"}, "key", KeyFact("key refused"), KeyFact(None)),
    "stake_rule": case(
        {"rule": "stake_rule"},
        "proposals",
        (ProposalFact("m", True, Decimal(10), Decimal(8), "take profit"),),
        (ProposalFact("m", True, None, None, ""),),
    ),
    "release_free": case(
        {"rule": "release_free"},
        "releases",
        (ReleaseFact("m", True, NMR, AT + timedelta(hours=5)),),
        (ReleaseFact("m", True, NMR, AT + timedelta(days=5)),),
    ),
}
