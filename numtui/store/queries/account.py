"""The account whose keys are used: its wallet, and the price of NMR."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from typing import NamedTuple


class Wallet(NamedTuple):
    """The account and its NMR, None where unknown; `scopes` is what the key may do, None where it was not told."""

    username: str
    available: Decimal | None
    on_chain: Decimal | None
    held_withdrawals: Decimal | None
    held_increases: Decimal | None
    scopes: frozenset[str] | None


def wallet(connection: sqlite3.Connection) -> Wallet | None:
    """The account as it was last read; None without keys."""
    sql = "SELECT username, available_nmr, on_chain, held_withdrawals, held_increases, scopes FROM wallet"
    row = connection.execute(sql).fetchone()
    if row is None:
        return None
    username, *amounts, scopes = row
    available, on_chain, withdrawals, increases = (None if text is None else Decimal(text) for text in amounts)
    known = None if scopes is None else frozenset(scopes.split())
    return Wallet(username, available, on_chain, withdrawals, increases, known)


def account_name(connection: sqlite3.Connection) -> str | None:
    """The name of the account whose keys were used; None without keys."""
    account = wallet(connection)
    return account.username if account is not None and account.username else None


def nmr_price(connection: sqlite3.Connection, currency: str) -> Decimal | None:
    """The price of one NMR in a currency (USD, EUR ..., in whatever case); None where it is unknown."""
    sql = "SELECT price FROM prices WHERE upper(base) = 'NMR' AND upper(target) = ?"
    row = connection.execute(sql, (currency.upper(),)).fetchone()
    return None if row is None or row[0] is None else Decimal(row[0])
