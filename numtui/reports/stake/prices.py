"""The price of NMR by day, and what it did to the value of the stakes."""

from __future__ import annotations

import sqlite3
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from numtui.analysis.prices import WINDOW, ValueChange, drawdown, price_near, value_change, volatility
from numtui.model import Column, Kind, Table, Tournament
from numtui.money import ZERO
from numtui.reports.stake.payouts import PayoutRecord, payout_records
from numtui.store.queries.models import own_models
from numtui.store.queries.prices import daily_prices
from numtui.store.queries.stakes.account import nmr_price
from numtui.store.queries.stakes.figures import stake_figures
from numtui.store.queries.terms import staking_system

PRICE_COLUMNS = (
    Column("date", Kind.TEXT, doc="the day, UTC"),
    Column("currency", Kind.TEXT, doc="currency of the price: the setting fiat"),
    Column("price", Kind.FIAT, doc="the newest price of one NMR of that day that a poll saw"),
    Column("change", Kind.FRACTION, doc="change since the day before; empty where that one is not known"),
    Column(
        "volatility_30d",
        Kind.FLOAT,
        "volatility",
        "standard deviation of the daily log changes of 30 days, annualised by sqrt(365); empty below 10 of them",
    ),
    Column("drawdown", Kind.FLOAT, doc="how far below the highest price known until then, 0..1"),
)
FACT_COLUMNS = (
    Column("volatility_30d", Kind.PERCENTILE, "30-day volatility, % a year"),
    Column("drawdown", Kind.PERCENTILE, "below its highest, %"),
    Column("settled_30d", Kind.FIAT, "in 30 days: by payouts"),
    Column("price_30d", Kind.FIAT, "by the price of NMR"),
)


class PriceRow(NamedTuple):
    """The price of a day as tables show it; None where unknown."""

    date: str
    currency: str
    price: Decimal
    change: float | None
    volatility_30d: float | None
    drawdown: float | None


def prices_table(connection: sqlite3.Connection, currency: str) -> Table:
    """The price of one NMR by day, the newest first."""
    prices = daily_prices(connection, currency)
    rows = [
        PriceRow(
            day.isoformat(),
            currency,
            price,
            None if (before := prices.get(day - timedelta(1))) is None else float(price / before - 1),
            volatility(prices, day),
            drawdown(prices, day),
        )
        for day, price in reversed(prices.items())
    ]
    return Table("prices", PRICE_COLUMNS, rows)


def price_facts(connection: sqlite3.Connection, currency: str, now: datetime, tournament: Tournament) -> Table | None:
    """The price, its swing, and what 30 days did to the value of the stakes, in one row; None without a price."""
    newest = nmr_price(connection, currency)
    if newest is None:
        return None
    prices, today = daily_prices(connection, currency), now.date()
    change = stake_change(connection, tournament, currency, now)
    row = (
        newest,
        volatility(prices, today),
        drawdown(prices, today),
        None if change is None else change.settled,
        None if change is None else change.price,
    )
    return Table("price", (Column("price", Kind.FIAT, f"1 NMR in {currency}"), *FACT_COLUMNS), [row])


def stake_change(
    connection: sqlite3.Connection, tournament: Tournament, currency: str, now: datetime
) -> ValueChange | None:
    """What 30 days did to the value of the stakes of a tournament: settled payouts at the price of their day, and the
    price of the token. None where the price of then, of a payout's day, or of now is not known, or the stake."""
    prices, newest = daily_prices(connection, currency), nmr_price(connection, currency)
    since = now.date() - timedelta(WINDOW)
    before = price_near(prices, since)
    if newest is None or before is None:
        return None
    recent = [record for record in payout_records(connection, tournament, currency) if _within(record, since)]
    if any(record.payout is not None and record.price is None for record in recent):
        return None
    stake = _staked(connection, tournament, now)
    settled = [(record.payout, record.price) for record in recent if record.payout is not None and record.price]
    return None if stake is None else value_change(stake, settled, before, newest)


def _within(record: PayoutRecord, since: date) -> bool:
    return record.settled and record.date is not None and date.fromisoformat(record.date) > since


def _staked(connection: sqlite3.Connection, tournament: Tournament, now: datetime) -> Decimal | None:
    """What is staked by all own models; None where it is not known of any."""
    models = [model.model for model in own_models(connection, tournament)]
    system = staking_system(connection, tournament)
    stakes = [row.stake for row in stake_figures(connection, tournament, system, models, now).values()]
    known = [stake for stake in stakes if stake is not None]
    return sum(known, ZERO) if known else None
