"""What models were paid or burned."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from typing import NamedTuple

from numtui.model import Tournament, decimal_of


class AccountPayout(NamedTuple):
    """A payout as the account's page states it: NMR and its value in `currency`; the model by name, or by its id."""

    round: int
    model: str
    payout: Decimal | None
    settled: bool
    resolve_date: str | None
    payout_value: Decimal | None
    currency: str | None


class SettledPayout(NamedTuple):
    """What one score of a model has settled in a round, NMR."""

    model: str
    round: int
    payout: Decimal


def account_payouts(connection: sqlite3.Connection, tournament: Tournament) -> list[AccountPayout]:
    """Pending and settled payouts of the account's models, the newest round first."""
    sql = """SELECT round, coalesce(m.name, p.model), payout, settled, resolve_date, payout_value, currency
      FROM payouts p LEFT JOIN models m ON m.id = p.model_id AND m.tournament = p.tournament
      WHERE p.tournament = ? ORDER BY round DESC, 2"""
    return [
        AccountPayout(number, model, decimal_of(payout), bool(settled), date, decimal_of(value), currency)
        for number, model, payout, settled, date, value, currency in connection.execute(sql, (tournament,))
    ]


def settled_payouts(connection: sqlite3.Connection, tournament: Tournament) -> list[SettledPayout]:
    """What every score of every model has settled."""
    sql = """SELECT m.name, l.round, l.payout_settled FROM latest l JOIN models m USING (model)
      WHERE m.tournament = ? AND l.payout_settled IS NOT NULL"""
    rows = connection.execute(sql, (tournament,))
    return [SettledPayout(model, number, Decimal(payout)) for model, number, payout in rows]


def settled_totals(connection: sqlite3.Connection, tournament: Tournament, model: int) -> dict[int, Decimal]:
    """Settled payouts of whole rounds as the account's page states them (own models only)."""
    sql = """SELECT p.round, p.payout FROM payouts p JOIN models m ON m.id = p.model_id AND m.tournament = p.tournament
      WHERE p.tournament = ? AND m.model = ? AND p.settled = 1 AND p.payout IS NOT NULL"""
    return {number: Decimal(payout) for number, payout in connection.execute(sql, (tournament, model))}
