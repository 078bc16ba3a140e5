"""The rules of stakes: their settled amount, the sign of a change, when it takes effect and what it misses."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from numtui.money import MONEY

RELEASES = frozenset({"decrease", "release", "drain"})  # as the API spells the type of a change


def settled_stake(
    settled: Decimal | None, stated: Decimal | None, pending_payout: Decimal | None = None
) -> Decimal | None:
    """The NMR staked without unsettled earnings; None where the API states no stake.

    `settled` is latestValueSettled. Where that is missing, `stated` is another value that may hold the pending payouts
    of the unresolved rounds: they are taken out.
    """
    if settled is not None or stated is None:
        return settled
    return stated - (pending_payout or Decimal(0))


def signed_change(kind: str, amount: Decimal) -> Decimal:
    """A change of a stake in NMR; a release is negative."""
    return -abs(amount) if kind.lower() in RELEASES else abs(amount)


def change_due(due: datetime | None, change: Decimal, newest_resolve: datetime | None) -> datetime | None:
    """The time when a change takes effect, as the API states it; a release without one leaves with the newest round."""
    return due or (newest_resolve if change < 0 else None)


def missed_earnings(amount: Decimal, mean: float, rounds: int) -> Decimal:
    """What NMR that is out of so many rounds would have brought at a mean return of a round; below 0: a loss spared."""
    return MONEY.multiply(amount, Decimal(repr(mean)) * rounds)
