"""The book of stakes that rules work on, and their proposals. All money is NMR as Decimal.

A proposal is floored to 18 places; one below the minimum stake becomes 0; one that changes less than the minimum is not
made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from numtui.errors import USAGE, NumtuiError
from numtui.money import MINIMUM, MONEY, SHORT, ZERO, floor_wei


class RuleError(NumtuiError, ValueError):
    """A rule that cannot be used; its text is one line that says which and what to do."""

    exit_code = USAGE


def four_places(share: Decimal) -> Decimal:
    """A share of any size rounded to 4 places."""
    return share.quantize(SHORT, context=MONEY)


def per_cent(share: Decimal) -> str:
    """A share in words: 0.25 is `25 %`."""
    return f"{(share * 100).normalize():f} %"


@dataclass(frozen=True, slots=True)
class Holding:
    """One model's stake.

    `base`: what the user's last change set the stake to (what gains and losses are measured from); `peak`: the
    highest stake since then; None where the history is not known. `worst_case`: the sum of at risk x clip over the
    unresolved rounds.
    """

    model: str
    stake: Decimal
    base: Decimal | None = None
    peak: Decimal | None = None
    worst_case: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Book:
    """The stakes that a rule sees together, and the NMR that is free to stake."""

    holdings: tuple[Holding, ...]
    available: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        """The sum of the stakes."""
        return sum((holding.stake for holding in self.holdings), ZERO)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a rule would set a model's stake to, and why in one line."""

    model: str
    current: Decimal
    proposed: Decimal
    reason: str


class Rule(Protocol):
    """A rule: it turns a book into proposals."""

    def propose(self, book: Book) -> list[Proposal]:
        """The proposals in the book's order; empty when all may stay as it is."""
        ...


def proposal(holding: Holding, stake: Decimal, reason: str) -> Proposal | None:
    """A proposal to set `holding` to `stake`; None when that changes less than the minimum."""
    proposed = floor_wei(stake)
    if proposed < MINIMUM:
        proposed = ZERO
    if abs(proposed - holding.stake) < MINIMUM and not (proposed == ZERO < holding.stake):
        return None
    return Proposal(holding.model, holding.stake, proposed, reason)


def made(candidates: Sequence[Proposal | None]) -> list[Proposal]:
    """The proposals that were made."""
    return [candidate for candidate in candidates if candidate is not None]
