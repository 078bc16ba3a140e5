"""Which staking system is in force: told from the newest round's payout terms, never by trying a change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from numtui.model import Tournament

ROUNDS_AT_ONCE = {Tournament.CLASSIC: 64, Tournament.SIGNALS: 64, Tournament.CRYPTO: 24}  # domain.md "Staking", Atomic


class System(StrEnum):
    """The staking system of a tournament. UNDECIDED: nothing may be changed."""

    LEGACY = "legacy"
    ATOMIC = "atomic"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class PayoutTerms:
    """Clip and payout factor of one payout score of a round; None where the API says nothing."""

    clip: Decimal | None
    factor: Decimal | None


def system_in_force(newest: Sequence[PayoutTerms]) -> System:
    """The system by the payout scores of the newest round (domain.md "Staking").

    Atomic when all have clip 1 and factor 1, legacy when all have a smaller clip, undecided for anything else.
    """
    if newest and all(terms.clip == 1 and terms.factor == 1 for terms in newest):
        return System.ATOMIC
    if newest and all(terms.clip is not None and 0 < terms.clip < 1 for terms in newest):
        return System.LEGACY
    return System.UNDECIDED
