"""What needs the user now: each with its money and its deadline, the most urgent first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from numtui.analysis.staking_system import System
from numtui.analysis.submissions import Submission, missing_words
from numtui.format import counted
from numtui.model import Column, Kind, Table, Tournament
from numtui.money import ZERO

if TYPE_CHECKING:  # the first frame needs what a need is, not what it is made of
    from numtui.reports.stake.claims import Claims
    from numtui.reports.stake.status import AccountStatus, TournamentStatus
    from numtui.store.queries.rounds import RoundTimes

RELEASE_NOTICE = timedelta(days=7)  # a release is said so long before it is free
FAR = datetime.max.replace(tzinfo=UTC)
KEY_REFUSED = "key refused"  # how the line of a poll begins whose key the API does not take
CLAIMS_SCOPE = "web3_staking"


class NeedKind(StrEnum):
    """What a need is about, in the order of urgency."""

    KEY = "key"
    CHANGE = "change"
    SUBMISSION = "submission"
    CLAIM = "claim"
    ALERT = "alert"
    RULE = "rule"
    RELEASE = "release"


ORDER = tuple(NeedKind)
NAMED = 3  # models in a line


class Need(NamedTuple):
    """A need; None where it has no such thing. `amount` is NMR, `rule` and `alert` those of an alert, the first of
    several; `models` all that it is about, where these are more than one; `key` tells needs apart."""

    kind: NeedKind
    text: str
    tournament: str | None = None
    model: str | None = None
    round: int | None = None
    amount: Decimal | None = None
    deadline: datetime | None = None
    rule: str | None = None
    alert: int | None = None
    models: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The need told apart from all others, also over time."""
        parts = (self.kind, self.rule, self.tournament, self.model, self.round)
        return " ".join(str(part) for part in parts if part is not None)

    @property
    def about(self) -> tuple[str, ...]:
        """The models that it is about."""
        return self.models or (() if self.model is None else (self.model,))

    @property
    def row(self) -> str | None:
        """The row of the table where it is done: an alert's number, a model; None where it is about no one row."""
        return self.model if self.alert is None else str(self.alert)


NEED_COLUMNS = (
    Column("need", Kind.TEXT, doc="key, change, submission, claim, alert, rule or release"),
    Column("text", Kind.TEXT, "what", "what is to be done, or what happens by itself"),
    Column("tournament", Kind.TEXT, doc="classic, signals or crypto"),
    Column("model", Kind.TEXT, doc="the model that it is about"),
    Column("round", Kind.INT, doc="the round that it is about"),
    Column("amount", Kind.NMR, "NMR", "NMR that it is about"),
    Column("deadline", Kind.TIME, "until", "until when"),
    Column("key", Kind.KEY, doc="tells rows apart"),
)


class TournamentFacts(NamedTuple):
    """What is known of a tournament beside its stakes: its claims, the round that submissions are for, and the line of
    the last poll where that failed."""

    claims: Claims
    target: RoundTimes | None
    failure: str | None


def needs(
    status: AccountStatus, facts: Mapping[Tournament, TournamentFacts], now: datetime, others: Iterable[Need] = ()
) -> list[Need]:
    """The needs of an account, by urgency of their kind, then by deadline, then the largest amount first. `others`:
    alerts and rules."""
    found = [*_keys(status, facts), *others]
    for tournament in status.tournaments:
        known = facts[tournament.tournament]
        found += _changes(tournament)
        found += _submissions(tournament, known.target, now)
        found += _claims(tournament, known.claims)
        found += _releases(tournament, now)
    return sorted(
        found, key=lambda need: (_place(need), need.deadline or FAR, -(need.amount or ZERO), need.tournament or "")
    )


def _place(need: Need) -> tuple[int, bool]:
    """The place of a need in the order of urgency: a submission that can no longer be made goes after claims."""
    missed = need.kind is NeedKind.SUBMISSION and need.deadline is None
    return ORDER.index(NeedKind.CLAIM if missed else need.kind), missed


def few_names(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}"


def needs_table(rows: Iterable[Need]) -> Table:
    """The needs as a table."""
    cells = [
        (str(need.kind), need.text, need.tournament, need.model, need.round, need.amount, need.deadline, need.key)
        for need in rows
    ]
    return Table("needs", NEED_COLUMNS, cells)


def _keys(status: AccountStatus, facts: Mapping[Tournament, TournamentFacts]) -> list[Need]:
    """A key that the API refuses, and a scope without which claims stay unseen."""
    refused = next((item.failure for item in facts.values() if (item.failure or "").startswith(KEY_REFUSED)), None)
    if refused is not None:
        return [Need(NeedKind.KEY, refused)]
    lacking = {scope for scope, _ in status.missing_scopes}
    atomic = [
        item for item in status.tournaments if item.system is System.ATOMIC and any(m.staked for m in item.models)
    ]
    if CLAIMS_SCOPE in lacking and atomic:
        return [Need(NeedKind.KEY, f"the key lacks the scope {CLAIMS_SCOPE}: claims cannot be seen")]
    return []


def _changes(status: TournamentStatus) -> list[Need]:
    """Changes of a stake whose outcome is unknown."""
    label = status.tournament.label
    return [
        Need(
            NeedKind.CHANGE, "a stake change has an unknown outcome: reconcile it", label, model.state.name,
            amount=model.figures.stake,
        )
        for model in status.models
        if model.locked
    ]  # fmt: skip


def _submissions(status: TournamentStatus, target: RoundTimes | None, now: datetime) -> list[Need]:
    """Staked models without an accepted submission for the round that takes them, or that has just closed."""
    if target is None:
        return []
    closes = target.closes if target.closes is not None and target.closes > now else None
    late = [model for model in status.models if model.staked and model.submitted is False]
    return [
        Need(
            NeedKind.SUBMISSION,
            missing_words(model.submission or Submission.NONE, target.round, closed=closes is None),
            status.tournament.label,
            model.state.name,
            target.round,
            model.figures.on_a_round(status.system),
            closes,
        )
        for model in late
    ]


def _claims(status: TournamentStatus, claims: Claims) -> list[Need]:
    """One line for all claims of a tournament, with the first deadline."""
    if not claims.rows:
        return []
    first = claims.rows[0]
    due = sum(row.deadline == first.deadline for row in claims.rows)
    until = " by then" if due == len(claims.rows) else f", {due} by then"
    return [
        Need(
            NeedKind.CLAIM,
            f"{counted(len(claims.rows), 'claim')}{until}, else finalised for you",
            status.tournament.label,
            amount=sum((row.claimable or ZERO for row in claims.rows), ZERO),
            deadline=first.deadline,
        )
    ]


def _releases(status: TournamentStatus, now: datetime) -> list[Need]:
    """Releases that come free soon."""
    return [
        Need(
            NeedKind.RELEASE,
            "a release comes free",
            status.tournament.label,
            model.state.name,
            amount=abs(model.figures.pending),
            deadline=model.figures.due,
        )
        for model in status.models
        if model.figures.pending is not None
        and model.figures.pending < 0
        and model.figures.due is not None
        and now <= model.figures.due <= now + RELEASE_NOTICE
    ]
