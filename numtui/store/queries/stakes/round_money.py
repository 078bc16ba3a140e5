"""Money of models by round: at risk, pending and settled."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from numtui.money import decimal_of


class RoundMoney(NamedTuple):
    """NMR at risk, pending and settled; None where nothing is known. A burn is negative."""

    at_risk: Decimal | None = None
    pending: Decimal | None = None
    settled: Decimal | None = None

    def plus(self, other: RoundMoney) -> RoundMoney:
        """The sums; unknown counts as nothing unless both are."""
        return RoundMoney(*map(_sum, self, other))


def round_money(connection: sqlite3.Connection, models: Iterable[int]) -> dict[tuple[int, int], RoundMoney]:
    """At risk, pending and settled payout by (model, round), exact; payouts are the sum over the payout scores.

    What has settled is pending no more.
    """
    sums: dict[tuple[int, int], RoundMoney] = {}
    for model in models:
        for number, at_risk in connection.execute("SELECT round, at_risk FROM positions WHERE model = ?", (model,)):
            sums[model, number] = RoundMoney(at_risk=decimal_of(at_risk))
        for number, pending, settled in connection.execute(_PAYOUTS, (model,)):
            known = sums.get((model, number), RoundMoney())
            sums[model, number] = known.plus(RoundMoney(None, decimal_of(pending), decimal_of(settled)))
    return sums


_PAYOUTS = """SELECT round, iif(payout_settled IS NULL, payout_pending, NULL), payout_settled FROM latest
  WHERE model = ? AND (payout_pending IS NOT NULL OR payout_settled IS NOT NULL)"""


def _sum(amount: Decimal | None, other: Decimal | None) -> Decimal | None:
    if amount is None or other is None:
        return other if amount is None else amount
    return amount + other
