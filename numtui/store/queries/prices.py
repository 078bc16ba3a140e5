"""Prices of NMR by day, as the polls saw them."""

from __future__ import annotations

import sqlite3
from datetime import date
from decimal import Decimal


def daily_prices(connection: sqlite3.Connection, currency: str) -> dict[date, Decimal]:
    """The newest price of one NMR of each day (UTC) that is known, the oldest day first."""
    sql = "SELECT date, price FROM price_history WHERE upper(base) = 'NMR' AND upper(target) = ? ORDER BY date"
    rows = connection.execute(sql, (currency.upper(),))
    return {date.fromisoformat(day): Decimal(price) for day, price in rows}
