"""The facts that alerts are about: what the cache knows of each subject, before any rule looks at it.

`own`: the account's own model, else a watched one. NMR are Decimals; returns on stake and percentiles are floats.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from numtui.analysis.submissions import Submission
from numtui.model import Tournament


class Unknown(NamedTuple):
    """There is no data for a kind of fact; `reason` says why and what would bring it."""

    reason: str


class SubmissionFact(NamedTuple):
    """A model's submission for the newest round; `at_stake` is NMR (None: unknown), `sent` when it was sent."""

    model: str
    own: bool
    round: int
    closes: datetime | None
    submission: Submission | None
    sent: datetime | None
    at_stake: Decimal | None


class ReturnsFact(NamedTuple):
    """A model's returns on its whole stake in its settled rounds, the oldest first."""

    model: str
    own: bool
    returns: tuple[float, ...]


class PercentileFact(NamedTuple):
    """The newest percentiles (0..1) of a model's payout score, a value a round, the newest round first."""

    model: str
    own: bool
    score: str
    percentiles: tuple[float, ...]


class RankFact(NamedTuple):
    """A model's ranks by day, the oldest first."""

    model: str
    own: bool
    ranks: tuple[tuple[date, int], ...]


class BurnFact(NamedTuple):
    """The forecast of all of a model's unresolved rounds; None where there is none. `payout` in NMR."""

    model: str
    own: bool
    probability: float | None
    payout: Decimal | None


class AtRiskFact(NamedTuple):
    """NMR at risk of one of the account's models, and its part of the account's sum in the tournament."""

    model: str
    own: bool
    at_risk: Decimal
    share: float


class ClaimFact(NamedTuple):
    """A resolved Atomic position that can be claimed; `deadline` None where the resolution is not known."""

    model: str
    own: bool
    round: int
    claimable: Decimal | None
    deadline: datetime | None


class PayoutFact(NamedTuple):
    """What a resolved round paid a model in NMR, a burn negative."""

    model: str
    own: bool
    round: int
    resolved: datetime
    payout: Decimal


class ReleaseFact(NamedTuple):
    """A release of stake under way, in NMR, and when it is due."""

    model: str
    own: bool
    amount: Decimal
    due: datetime | None


class ProposalFact(NamedTuple):
    """What a stake rule proposes for a model, in NMR; None: nothing for now."""

    model: str
    own: bool
    current: Decimal | None
    proposed: Decimal | None
    reason: str


class ScoringFact(NamedTuple):
    """The scoring run of a day: when its scores usually are out, and whether they are."""

    day: date
    usual: datetime
    scored: bool


class ApiFact(NamedTuple):
    """Since when every poll has failed (None: the last one did not), and what the last one said."""

    failing_since: datetime | None
    message: str


class KeyFact(NamedTuple):
    """What the API said when it refused the key, or which scope is missing; None: it takes the key."""

    refusal: str | None


class PriceFact(NamedTuple):
    """Prices of one NMR in `currency`, the oldest first."""

    currency: str
    prices: tuple[tuple[datetime, Decimal], ...]


NOT_ASKED = Unknown("not looked at")


@dataclass(frozen=True, slots=True)
class TournamentFacts:
    """The facts of one tournament by kind of rule; Unknown where there is no data. `tags`: of the notes on
    a model, by its name in lower case."""

    tournament: Tournament
    submissions: tuple[SubmissionFact, ...] | Unknown = NOT_ASKED
    returns: tuple[ReturnsFact, ...] | Unknown = NOT_ASKED
    percentiles: tuple[PercentileFact, ...] | Unknown = NOT_ASKED
    ranks: tuple[RankFact, ...] | Unknown = NOT_ASKED
    burns: tuple[BurnFact, ...] | Unknown = NOT_ASKED
    at_risk: tuple[AtRiskFact, ...] | Unknown = NOT_ASKED
    claims: tuple[ClaimFact, ...] | Unknown = NOT_ASKED
    payouts: tuple[PayoutFact, ...] | Unknown = NOT_ASKED
    releases: tuple[ReleaseFact, ...] | Unknown = NOT_ASKED
    proposals: tuple[ProposalFact, ...] | Unknown = NOT_ASKED
    scoring: ScoringFact | Unknown = NOT_ASKED
    api: ApiFact | Unknown = NOT_ASKED
    tags: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Facts:
    """All facts at the time `now`: those of tournaments, and those that are about none."""

    now: datetime
    tournaments: tuple[TournamentFacts, ...]
    key: KeyFact | Unknown = NOT_ASKED
    price: PriceFact | Unknown = NOT_ASKED
