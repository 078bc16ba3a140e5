"""Payouts of the account's models, as its own page states them."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from typing import NamedTuple

from numtui.model import Tournament
from numtui.money import decimal_of


class AccountPayout(NamedTuple):
    """A payout as the account's page states it: NMR and its value in `currency`; the model by name, or by its id."""

    round: int
    model: str
    payout: Decimal | None
    settled: bool
    resolve_date: str | None
    payout_value: Decimal | None
    currency: str | None
    tournament: str


def account_payouts(connection: sqlite3.Connection, tournament: Tournament) -> list[AccountPayout]:
    """Pending and settled payouts of the account's models, the newest round first."""
    sql = """SELECT round, coalesce(m.name, p.model), payout, settled, resolve_date, payout_value, currency
      FROM payouts p LEFT JOIN models m ON m.id = p.model_id AND m.tournament = p.tournament
      WHERE p.tournament = ? ORDER BY round DESC, 2"""
    return [
        AccountPayout(
            number, model, decimal_of(payout), bool(settled), date, decimal_of(value), currency, tournament.label
        )
        for number, model, payout, settled, date, value, currency in connection.execute(sql, (tournament,))
    ]


class ModelPayout(NamedTuple):
    """What a round settled for an own model by the model's own performance in it: the sum over its payout scores."""

    round: int
    model: str
    payout: Decimal
    resolve_time: str | None


def settled_model_payouts(connection: sqlite3.Connection, tournament: Tournament) -> list[ModelPayout]:
    """The settled rounds of own models in which something was at risk, or settled, the newest first."""
    sql = """SELECT l.round, m.name, dsum(l.payout_settled) AS payout, r.resolve_time
      FROM latest l JOIN models m USING (model) LEFT JOIN rounds r ON r.tournament = m.tournament AND r.round = l.round
        LEFT JOIN positions p ON p.model = l.model AND p.round = l.round
      WHERE m.tournament = ? AND m.mine = 1 AND l.payout_settled IS NOT NULL
      GROUP BY l.model, l.round
      HAVING CAST(payout AS REAL) <> 0 OR CAST(max(p.at_risk) AS REAL) > 0 ORDER BY l.round DESC, m.name"""
    return [
        ModelPayout(number, model, Decimal(payout), time)
        for number, model, payout, time in connection.execute(sql, (tournament,))
    ]
