"""Rules about models: what each finds in its facts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np

from numtui.alert_rules import (
    AlertRule,
    AtRiskShare,
    BadSubmission,
    BurnProbability,
    ClaimDue,
    Drawdown,
    NoSubmission,
    Payout,
    Percentile,
    RankChange,
    ReleaseFree,
    StakeRule,
    Worst20,
)
from numtui.analysis.alerts.facts import (
    AtRiskFact,
    BurnFact,
    ClaimFact,
    PayoutFact,
    PercentileFact,
    ProposalFact,
    RankFact,
    ReleaseFact,
    ReturnsFact,
    SubmissionFact,
    TournamentFacts,
    Unknown,
)
from numtui.analysis.alerts.findings import Finding
from numtui.analysis.alerts.levels import Standing, above, below, plain
from numtui.analysis.risk import WORST_WINDOW, drawdown_now
from numtui.analysis.submissions import Submission, missing_words
from numtui.money import short_text

DAY = 86_400.0


def no_submission(rule: NoSubmission, fact: SubmissionFact, now: datetime) -> Finding | None:
    """A staked model (any, where the rule names it) without an accepted submission near the close, or after it."""
    subject = str(fact.round)
    if not fact.at_stake and not (rule.models or rule.tags):
        return None
    if fact.submission is None:
        return Finding(fact.model, subject, None, f"what was sent for round {fact.round} is not known")
    staked = f", {short_text(fact.at_stake)} NMR staked" if fact.at_stake else ""
    if fact.submission is Submission.ACCEPTED or fact.closes is None:
        sent = fact.submission is Submission.ACCEPTED
        text = f"round {fact.round} has its submission" if sent else f"when round {fact.round} closes is not known"
        return Finding(fact.model, subject, plain(False) if sent else None, text, None, fact.at_stake, fact.closes)
    minutes = (fact.closes - now).total_seconds() / 60
    missed = minutes <= 0
    text = f"{missing_words(fact.submission, fact.round, closed=missed)}{staked}"
    return Finding(fact.model, subject, plain(minutes <= rule.minutes), text, minutes, fact.at_stake, fact.closes)


def bad_submission(rule: BadSubmission, fact: SubmissionFact, now: datetime) -> Finding | None:
    """A submission that came late, failed, or has waited too long."""
    subject = str(fact.round)
    if fact.submission is None:
        return Finding(fact.model, subject, None, f"what was sent for round {fact.round} is not known")
    waited = None if fact.sent is None else (now - fact.sent).total_seconds() / 60
    past = {
        Submission.LATE: rule.late,
        Submission.FAILED: rule.failed,
        Submission.QUEUED: rule.queued and waited is not None and waited >= rule.minutes,
    }.get(fact.submission, False)
    if not past:
        text = f"the submission for round {fact.round} is {fact.submission}"
    else:
        closed = fact.closes is not None and fact.closes <= now
        waiting = f" for {waited:.0f} min" if fact.submission is Submission.QUEUED and waited is not None else ""
        text = f"{missing_words(fact.submission, fact.round, closed=closed)}{waiting}"
    return Finding(fact.model, subject, plain(past), text, None, fact.at_stake, fact.closes)


def drawdown(rule: Drawdown, fact: ReturnsFact, _now: datetime) -> Finding | None:
    """How far the cumulated return is below its peak."""
    if not fact.returns:
        return Finding(fact.model, "", None, "no settled round of it is here")
    now = drawdown_now(np.array(fact.returns))
    return Finding(fact.model, "", above(now, rule.above), f"{now:.1%} below the peak of its settled return", now)


def worst_20(rule: Worst20, fact: ReturnsFact, _now: datetime) -> Finding | None:
    """The sum of the newest 20 returns."""
    if len(fact.returns) < WORST_WINDOW:
        return Finding(fact.model, "", None, f"fewer than {WORST_WINDOW} settled rounds of it are here")
    total = float(sum(fact.returns[-WORST_WINDOW:]))
    text = f"the newest {WORST_WINDOW} settled rounds sum to {total:+.1%}"
    return Finding(fact.model, "", below(total, rule.below), text, total)


def percentile(rule: Percentile, fact: PercentileFact, _now: datetime) -> Finding | None:
    """The mean of the newest percentiles."""
    if len(fact.percentiles) < rule.rounds:
        text = f"fewer than {rule.rounds} rounds have a percentile of {fact.score}"
        return Finding(fact.model, fact.score, None, text)
    mean = sum(fact.percentiles[: rule.rounds]) / rule.rounds
    text = f"{fact.score} is at percentile {mean * 100:.0f}, the mean of {rule.rounds} rounds"
    return Finding(fact.model, fact.score, below(mean, rule.below), text, mean)


def rank_change(rule: RankChange, fact: RankFact, now: datetime) -> Finding | None:
    """The places lost since the best rank of the days before."""
    first = (now - timedelta(days=rule.days)).date()
    recent = [rank for day, rank in fact.ranks if day >= first]
    if len(recent) < 2:
        return Finding(fact.model, "", None, f"ranks of fewer than two of the last {rule.days:g} days are here")
    lost = recent[-1] - min(recent[:-1])
    text = f"rank {recent[-1]:,}, {max(lost, 0):,} places below its best of {rule.days:g} days"
    return Finding(fact.model, "", above(lost, rule.places, inclusive=True), text, float(lost))


def burn_probability(rule: BurnProbability, fact: BurnFact, _now: datetime) -> Finding | None:
    """The forecast of all unresolved rounds."""
    if fact.probability is None:
        return Finding(fact.model, "", None, "its rounds have no forecast")
    text = f"will burn with a probability of {fact.probability:.0%}"
    return Finding(fact.model, "", above(fact.probability, rule.above), text, fact.probability, fact.payout)


def at_risk_share(rule: AtRiskShare, fact: AtRiskFact, _now: datetime) -> Finding | None:
    """The model's part of what is at risk."""
    text = f"holds {fact.share:.0%} of all that is at risk"
    return Finding(fact.model, "", above(fact.share, rule.above), text, fact.share, fact.at_risk)


def claim_due(rule: ClaimDue, fact: ClaimFact, now: datetime) -> Finding | None:
    """A claim whose deadline is near."""
    subject, amount = str(fact.round), "" if fact.claimable is None else f" of {short_text(fact.claimable)} NMR"
    text = f"a claim{amount} of round {fact.round} is open"
    if fact.deadline is None:
        return Finding(fact.model, subject, None, f"the deadline of the claim of round {fact.round} is not known")
    days = (fact.deadline - now).total_seconds() / DAY
    return Finding(fact.model, subject, plain(days <= rule.days), text, days, fact.claimable, fact.deadline)


def payout(rule: Payout, fact: PayoutFact, now: datetime) -> Finding | None:
    """A payout of the last days outside the levels."""
    if now - fact.resolved > timedelta(days=rule.days):
        return None
    past = (rule.above is not None and fact.payout > rule.above) or (
        rule.below is not None and fact.payout < rule.below
    )
    word = "burned" if fact.payout < 0 else "paid"
    text = f"round {fact.round} {word} {short_text(abs(fact.payout))} NMR"
    return Finding(fact.model, str(fact.round), plain(past), text, float(fact.payout), fact.payout)


def release_free(rule: ReleaseFree, fact: ReleaseFact, now: datetime) -> Finding | None:
    """A release that is due, or nearly."""
    text = f"a release of {short_text(fact.amount)} NMR comes free"
    if fact.due is None:
        return Finding(fact.model, "", None, f"when the release of {short_text(fact.amount)} NMR is due is not known")
    days = (fact.due - now).total_seconds() / DAY
    return Finding(fact.model, "", plain(days <= rule.days), text, days, fact.amount, fact.due)


def stake_rule(_rule: StakeRule, fact: ProposalFact, _now: datetime) -> Finding | None:
    """What the user's stake rules propose."""
    if fact.proposed is None or fact.current is None:
        return Finding(fact.model, "", Standing(False, True), "no stake rule proposes a change")
    change = fact.proposed - fact.current
    text = f"{fact.reason}: {short_text(fact.current)} to {short_text(fact.proposed)} NMR"
    return Finding(fact.model, "", plain(True), text, None, abs(change))


class OfModels(NamedTuple):
    """Where a rule's facts are, and what it finds in one of them."""

    facts: Callable[[TournamentFacts], tuple[Any, ...] | Unknown]
    find: Callable[[Any, Any, datetime], Finding | None]


OF_MODELS: dict[type[AlertRule], OfModels] = {
    NoSubmission: OfModels(lambda facts: facts.submissions, no_submission),
    BadSubmission: OfModels(lambda facts: facts.submissions, bad_submission),
    Drawdown: OfModels(lambda facts: facts.returns, drawdown),
    Worst20: OfModels(lambda facts: facts.returns, worst_20),
    Percentile: OfModels(lambda facts: facts.percentiles, percentile),
    RankChange: OfModels(lambda facts: facts.ranks, rank_change),
    BurnProbability: OfModels(lambda facts: facts.burns, burn_probability),
    AtRiskShare: OfModels(lambda facts: facts.at_risk, at_risk_share),
    ClaimDue: OfModels(lambda facts: facts.claims, claim_due),
    Payout: OfModels(lambda facts: facts.payouts, payout),
    ReleaseFree: OfModels(lambda facts: facts.releases, release_free),
    StakeRule: OfModels(lambda facts: facts.proposals, stake_rule),
}
