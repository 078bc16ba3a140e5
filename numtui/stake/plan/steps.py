"""The records of a plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from numtui.money import ZERO
from numtui.reports.stake.snapshot import Snapshot


class Action(StrEnum):
    """The action of a step on a model's stake."""

    RELEASE = "release"  # a part of it
    DRAIN = "drain"  # all of it
    INCREASE = "increase"
    CANCEL = "cancel"  # takes back a pending release
    INSTRUCT = "instruct"  # Atomic: for the owner's wallet; never sent from here


class State(StrEnum):
    """Whether a step can be made."""

    NOW = "now"
    LATER = "later"  # the NMR for it is released by `not_before`
    BLOCKED = "blocked"  # `reason` says by what
    WALLET = "wallet"  # in the dashboard, with the owner's wallet


@dataclass(frozen=True, slots=True)
class Step:
    """One change of one model's stake, `before` to `after` by `amount` NMR.

    `due`: when a release leaves; until then it earns nothing in new rounds and `burnable` NMR of it can still burn.
    `effective_round`: the first round that an increase counts in, where it is known. Atomic: `per_round` NMR on each
    of `rounds` rounds, `remainder` is what the target cannot be divided by.
    """

    number: int
    action: Action
    model: str
    model_id: str
    before: Decimal
    after: Decimal
    amount: Decimal
    state: State
    reason: str = ""
    not_before: datetime | None = None
    effective_round: int | None = None
    due: datetime | None = None
    burnable: Decimal | None = None
    per_round: Decimal | None = None
    rounds: int | None = None
    remainder: Decimal | None = None

    @property
    def executable(self) -> bool:
        """Whether the step may be sent now."""
        return self.state is State.NOW and self.action is not Action.INSTRUCT


@dataclass(frozen=True, slots=True)
class StakePlan:
    """The way from a snapshot's stakes to targets. `notes` say what was left alone, and why.

    `entry`: the last row of the journal when the plan was made; a plan made after another change is another order.
    """

    snapshot: Snapshot
    targets: dict[str, Decimal]
    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()
    entry: int = 0

    @property
    def executable(self) -> tuple[Step, ...]:
        """The steps that may be sent now, in their order."""
        return tuple(step for step in self.steps if step.executable)

    @property
    def spent(self) -> Decimal:
        """NMR that the executable increases take from what is available."""
        return sum((step.amount for step in self.executable if step.action is Action.INCREASE), ZERO)
