"""The account and its wallet, and what an NMR costs."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from typing import NamedTuple

from numtui.model import decimal_of


class Wallet(NamedTuple):
    """The account's wallet; amounts in NMR, None where unknown. `fiat` is the price of one NMR in `currency`."""

    username: str
    available: Decimal | None
    on_chain: Decimal | None
    held_withdrawals: Decimal | None
    held_increases: Decimal | None
    currency: str
    fiat: Decimal | None


def wallet(connection: sqlite3.Connection, currency: str) -> Wallet | None:
    """The account's wallet, None before an account was read."""
    sql = "SELECT username, available_nmr, on_chain, held_withdrawals, held_increases FROM wallet"
    row = connection.execute(sql).fetchone()
    if row is None:
        return None
    username, *amounts = row
    available, on_chain, withdrawals, increases = map(decimal_of, amounts)
    return Wallet(username, available, on_chain, withdrawals, increases, currency, price(connection, currency))


def account_name(connection: sqlite3.Connection) -> str | None:
    """The name of the account whose keys were used; None without keys."""
    row = connection.execute("SELECT username FROM wallet").fetchone()
    return None if row is None or not row[0] else str(row[0])


def price(connection: sqlite3.Connection, currency: str) -> Decimal | None:
    """What one NMR costs in `currency`; None where the cache has no price."""
    sql = "SELECT price FROM prices WHERE upper(base) = 'NMR' AND upper(target) = ?"
    row = connection.execute(sql, (currency.upper(),)).fetchone()
    return None if row is None else decimal_of(row[0])
