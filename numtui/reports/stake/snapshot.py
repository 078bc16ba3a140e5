"""The snapshot of an account that a plan starts from, and the differences between two of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from numtui.analysis.stakes import RELEASES, signed_change
from numtui.analysis.staking_system import System
from numtui.model import Tournament, time_text
from numtui.money import decimal_text

OWN_CHANGES = RELEASES | {"increase", "stake", "deposit"}  # types of movements that an owner makes


@dataclass(frozen=True, slots=True)
class Pending:
    """A change under way. `type` increase or decrease, as the API spells it; `amount` is never negative."""

    type: str
    amount: Decimal
    due: datetime | None = None
    drain: bool = False
    id: str | None = None

    @property
    def signed(self) -> Decimal:
        """The amount; a release is negative."""
        return signed_change(self.type, self.amount)

    def __str__(self) -> str:
        """In words, for messages."""
        due = f", due {time_text(self.due)}" if self.due else ""
        return f"{self.type} of {decimal_text(self.amount)} NMR{due}"


@dataclass(frozen=True, slots=True)
class ModelState:
    """One model's stake. `per_round`: what it stakes on each round (Atomic); None for what was not read.

    `at_risk` is summed over the unresolved rounds, `worst_case` is the sum of at risk x clip over them.
    """

    name: str
    id: str
    stake: Decimal
    pending: Pending | None = None
    earliest_release: datetime | None = None
    at_risk: Decimal | None = None
    worst_case: Decimal | None = None
    per_round: Decimal | None = None


@dataclass(frozen=True, slots=True)
class OpenRound:
    """The round that takes stakes now."""

    number: int
    close_staking: datetime | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One tournament of one account at one time.

    `available`: NMR free to stake; `wallet`: on the chain; None where not known. `newest_round` is the newest one
    known; `last_resolve` is when the newest unresolved round resolves; `unresolved` counts them; `clip` is the newest
    round's.
    """

    account: str
    tournament: Tournament
    system: System
    models: tuple[ModelState, ...]
    available: Decimal | None
    taken_at: datetime
    wallet: Decimal | None = None
    open_round: OpenRound | None = None
    newest_round: int | None = None
    last_resolve: datetime | None = None
    unresolved: int | None = None
    clip: Decimal | None = None

    def model(self, name: str) -> ModelState | None:
        """The state of the model of that name, in whatever case it is written; None when the account has none."""
        exact = next((model for model in self.models if model.name == name), None)
        return exact or next((model for model in self.models if model.name.lower() == name.lower()), None)


def with_exposure(live: Snapshot, cached: Snapshot) -> Snapshot:
    """The live snapshot with at-risk amounts, worst cases and the count of unresolved rounds taken from the cache."""
    known = {model.id: model for model in cached.models}
    models = [
        replace(model, at_risk=counterpart.at_risk, worst_case=counterpart.worst_case, per_round=counterpart.per_round)
        if (counterpart := known.get(model.id))
        else model
        for model in live.models
    ]
    return replace(live, models=tuple(models), unresolved=cached.unresolved)


def model_differences(before: ModelState, now: ModelState | None) -> list[str]:
    """The differences of a model, one line each: identity, stake, pending change."""
    if now is None or now.id != before.id:
        return [f"{before.name} is no longer the same model of yours"]
    lines = []
    if now.stake != before.stake:
        lines.append(f"{before.name} has {decimal_text(now.stake)} NMR staked, not {decimal_text(before.stake)}")
    if not same_pending(now.pending, before.pending):
        lines.append(f"{before.name} has pending: {now.pending or 'nothing'}, not: {before.pending or 'nothing'}")
    return lines


def same_pending(pending: Pending | None, other: Pending | None) -> bool:
    """Whether two pending changes are the same; the ids are compared only where both have one."""
    if pending is None or other is None:
        return pending is other
    if pending.id is not None and other.id is not None and pending.id != other.id:
        return False
    return (pending.signed, pending.due, pending.drain) == (other.signed, other.due, other.drain)


def differences(before: Snapshot, now: Snapshot, models: tuple[str, ...]) -> tuple[str, ...]:
    """The differences of `now` from `before`: account, system, open round, available NMR and models, a line each."""
    lines = []
    if (now.account, now.tournament) != (before.account, before.tournament):
        lines.append(f"the keys belong to {now.account}, not to {before.account}")
    if now.system is not before.system:
        lines.append(f"the staking system is {now.system}, not {before.system}")
    if round_number(now) != round_number(before):
        lines.append(f"the open round is {round_number(now) or 'none'}, not {round_number(before) or 'none'}")
    if now.available != before.available:
        lines.append(f"available are {amount_text(now.available)} NMR, not {amount_text(before.available)}")
    for name in models:
        state = before.model(name)
        if state is not None:
            lines.extend(model_differences(state, now.model(name)))
    return tuple(lines)


def round_number(snapshot: Snapshot) -> int | None:
    """The open round's number; None between rounds."""
    return None if snapshot.open_round is None else snapshot.open_round.number


def amount_text(amount: Decimal | None) -> str:
    """The text of an amount that may be unknown."""
    return "an unknown amount of" if amount is None else decimal_text(amount)
