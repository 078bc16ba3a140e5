"""The staking system in force: told from what the newest round states, never by trying a change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


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


@dataclass(frozen=True, slots=True)
class StatedRound:
    """The API's statements on how a round is staked and paid: `v3Staking`, the configurations of its payout scores, and
    the payout factor of the round itself. None: it says nothing."""

    number: int
    v3_staking: bool | None = None
    payouts: tuple[PayoutTerms, ...] = ()
    factor: Decimal | None = None


def newest_round(rounds: Iterable[StatedRound]) -> StatedRound | None:
    """The round that says which system is in force: the highest number that states `v3Staking` or a payout score,
    opened or not (a change would fall on the rounds to come). One only just announced may state neither yet."""
    telling = [stated for stated in rounds if stated.v3_staking is not None or stated.payouts]
    return max(telling, key=lambda stated: stated.number, default=None)


def system_of_round(stated: StatedRound) -> System:
    """The system of one round, by `v3Staking` where that is stated.

    Else by its payout scores: Atomic when all have clip 1 and factor 1, legacy when all have a smaller clip. Anything
    else is undecided; a clip or factor that is left out proves nothing, since Atomic rounds may leave out both.
    """
    if stated.v3_staking is not None:
        return System.ATOMIC if stated.v3_staking else System.LEGACY
    payouts = stated.payouts
    if payouts and all(terms.clip == 1 and terms.factor == 1 for terms in payouts):
        return System.ATOMIC
    if payouts and all(terms.clip is not None and 0 < terms.clip < 1 for terms in payouts):
        return System.LEGACY
    return System.UNDECIDED


def system_in_force(rounds: Iterable[StatedRound]) -> System:
    """The system of the newest of these rounds; undecided without any that says it."""
    newest = newest_round(rounds)
    return System.UNDECIDED if newest is None else system_of_round(newest)
