"""Prices of NMR by day and by hour, as the polls saw them."""

from __future__ import annotations

import sqlite3
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from numtui.model import time_of


def daily_prices(connection: sqlite3.Connection, currency: str) -> dict[date, Decimal]:
    """The newest price of one NMR of each day (UTC) that is known, the oldest day first."""
    sql = "SELECT date, price FROM price_history WHERE upper(base) = 'NMR' AND upper(target) = ? ORDER BY date"
    rows = connection.execute(sql, (currency.upper(),))
    return {date.fromisoformat(day): Decimal(price) for day, price in rows}


class HourPrice(NamedTuple):
    """The newest price of one NMR in an hour."""

    hour: datetime
    price: Decimal


def hourly_prices(connection: sqlite3.Connection, currency: str, since: datetime) -> list[HourPrice]:
    """The prices of one NMR in a currency by the hour in which they came, the oldest first."""
    sql = """SELECT hour, price FROM price_hours
      WHERE base = 'NMR' AND upper(target) = ? AND hour >= ? ORDER BY hour"""
    rows = connection.execute(sql, (currency.upper(), since))
    return [HourPrice(time, Decimal(price)) for hour, price in rows if (time := time_of(hour)) is not None]
