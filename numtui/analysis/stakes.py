"""The rules of stakes: their settled amount, the sign of a change and when it takes effect."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

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
