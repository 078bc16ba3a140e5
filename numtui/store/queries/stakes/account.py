"""The account whose keys are used: its wallet, its movements of NMR, and the price of NMR."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from numtui.model import Tournament, time_of
from numtui.money import decimal_of


class Wallet(NamedTuple):
    """The account and its NMR, None where unknown; `scopes` is what the key may do, None where it was not told."""

    username: str
    available: Decimal | None
    on_chain: Decimal | None
    held_withdrawals: Decimal | None
    held_increases: Decimal | None
    scopes: frozenset[str] | None
    address: str | None = None


def wallet(connection: sqlite3.Connection) -> Wallet | None:
    """The account as it was last read; None without keys."""
    sql = (
        "SELECT username, available_nmr, on_chain, held_withdrawals, held_increases, scopes, wallet_address FROM wallet"
    )
    row = connection.execute(sql).fetchone()
    if row is None:
        return None
    username, *amounts, scopes, address = row
    available, on_chain, withdrawals, increases = (None if text is None else Decimal(text) for text in amounts)
    known = None if scopes is None else frozenset(scopes.split())
    return Wallet(username, available, on_chain, withdrawals, increases, known, address)


def account_name(connection: sqlite3.Connection) -> str | None:
    """The name of the account whose keys were used; None without keys."""
    account = wallet(connection)
    return account.username if account is not None and account.username else None


def nmr_price(connection: sqlite3.Connection, currency: str) -> Decimal | None:
    """The price of one NMR in a currency (USD, EUR ..., in whatever case); None where it is unknown."""
    sql = "SELECT price FROM prices WHERE upper(base) = 'NMR' AND upper(target) = ?"
    row = connection.execute(sql, (currency.upper(),)).fetchone()
    return None if row is None or row[0] is None else Decimal(row[0])


class Movement(NamedTuple):
    """A movement of NMR, or one that waits for its date; None where the API states nothing.

    `source`: stake, scheduled, wallet or pending; `type`, `status` and `note` are in the API's words. `tournament` is
    None for the wallet's.
    """

    time: datetime | None
    source: str
    type: str | None
    model: str | None
    round: int | None
    amount: Decimal | None
    due: datetime | None
    status: str | None
    note: str | None
    tournament: Tournament | None


def movements(connection: sqlite3.Connection, tournament: Tournament, *, wallet: bool) -> list[Movement]:
    """The movements of the stakes of a tournament and, where `wallet`, those of the wallet; the newest first."""
    sql = """SELECT t.time, t.source, t.type, coalesce(m.name, t.model), t.round, t.amount, t.due, t.status, t.note,
        t.tournament
      FROM transactions t LEFT JOIN models m ON m.id = t.model_id AND m.tournament = t.tournament
      WHERE t.tournament = ? OR (t.tournament IS NULL AND ?) ORDER BY t.time DESC, t.key"""
    return [
        Movement(
            time=time_of(time),
            source=source,
            type=kind,
            model=model,
            round=number,
            amount=decimal_of(amount),
            due=time_of(due),
            status=status,
            note=note,
            tournament=None if of is None else Tournament(of),
        )
        for time, source, kind, model, number, amount, due, status, note, of in connection.execute(
            sql, (tournament, wallet)
        )
    ]
