"""The table of payouts: what rounds paid or burnt, settled and pending, and what that was worth."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from numtui.model import Column, Kind, Table, Tournament
from numtui.money import EXACT
from numtui.store.queries.prices import daily_prices
from numtui.store.queries.stakes.account import nmr_price
from numtui.store.queries.stakes.payouts import account_payouts, settled_model_payouts

ACCOUNT, PERFORMANCE = "account", "performance"  # sources
PAYOUT_COLUMNS = (
    Column("round", Kind.INT, doc="the round's number"),
    Column("model", Kind.TEXT, doc="the model's name"),
    Column("payout", Kind.NMR, doc="NMR; a burn is negative"),
    Column("settled", Kind.BOOL, doc="true: settled; false: pending"),
    Column("date", Kind.TEXT, doc="day (UTC) of the resolution, 2026-11-21"),
    Column("price", Kind.FIAT, doc="price of one NMR: of that day for what is settled, the newest for what is pending"),
    Column("fiat", Kind.FIAT, doc="payout x price, to 18 places; empty where the day's price is not known"),
    Column("fiat_currency", Kind.TEXT, "currency", "currency of price and fiat: the setting fiat"),
    Column("source", Kind.TEXT, doc="account: the account's page; performance: the model's own figures of the round"),
    Column("resolve_date", Kind.TEXT, "resolves", "the resolution as the API states it"),
    Column("payout_value", Kind.FIAT, "value", "the API's value of the payout"),
    Column("currency", Kind.TEXT, doc="currency of the value"),
    Column("tournament", Kind.TEXT, doc="classic, signals or crypto"),
)


class PayoutRecord(NamedTuple):
    """A payout as tables show it; None where unknown."""

    round: int
    model: str
    payout: Decimal | None
    settled: bool
    date: str | None
    price: Decimal | None
    fiat: Decimal | None
    fiat_currency: str
    source: str
    resolve_date: str | None
    payout_value: Decimal | None
    currency: str | None
    tournament: str


def payouts(
    connection: sqlite3.Connection, tournament: Tournament, names: tuple[str, ...] = (), currency: str = "USD"
) -> Table:
    """Pending and settled payouts of the account's models, the newest round first; prices in `currency`.

    What the account's page names goes before the models' own figures, which reach farther back.
    """
    wanted = {name.lower() for name in names}
    records = [
        record
        for record in payout_records(connection, tournament, currency)
        if not names or record.model.lower() in wanted
    ]
    unpriced = sum(record.settled and record.price is None for record in records)
    settled = sum(record.settled for record in records)
    said = (
        f"{unpriced} of {settled} settled payouts have no price of their day in {currency}: "
        "prices are kept from the first poll on",
    )
    return Table("payouts", PAYOUT_COLUMNS, records, said if unpriced else ())


def payout_records(connection: sqlite3.Connection, tournament: Tournament, currency: str) -> list[PayoutRecord]:
    """All payouts, the newest round first, then by model."""
    prices, newest = daily_prices(connection, currency), nmr_price(connection, currency)
    stated = {(row.round, row.model): row for row in _of_account(connection, tournament, currency, prices, newest)}
    records = dict(stated)
    for row in settled_model_payouts(connection, tournament):
        known = stated.get((row.round, row.model))
        if known is None or not known.settled or known.payout is None:
            day = _day(row.resolve_time)
            price = None if day is None else prices.get(day)
            records[row.round, row.model] = PayoutRecord(
                round=row.round,
                model=row.model,
                payout=row.payout,
                settled=True,
                date=None if day is None else day.isoformat(),
                price=price,
                fiat=_worth(row.payout, price),
                fiat_currency=currency,
                source=PERFORMANCE,
                resolve_date=row.resolve_time,
                payout_value=None,
                currency=None,
                tournament=tournament.label,
            )
    return sorted(records.values(), key=lambda record: (-record.round, record.model))


def _of_account(
    connection: sqlite3.Connection,
    tournament: Tournament,
    currency: str,
    prices: Mapping[date, Decimal],
    newest: Decimal | None,
) -> Iterator[PayoutRecord]:
    for row in account_payouts(connection, tournament):
        day = _day(row.resolve_date)
        price = newest if not row.settled else None if day is None else prices.get(day)
        yield PayoutRecord(
            round=row.round,
            model=row.model,
            payout=row.payout,
            settled=row.settled,
            date=None if day is None else day.isoformat(),
            price=price,
            fiat=_worth(row.payout, price),
            fiat_currency=currency,
            source=ACCOUNT,
            resolve_date=row.resolve_date,
            payout_value=row.payout_value,
            currency=row.currency,
            tournament=row.tournament,
        )


def _day(time: str | None) -> date | None:
    try:
        return None if time is None else date.fromisoformat(time[:10])
    except ValueError:
        return None


def _worth(payout: Decimal | None, price: Decimal | None) -> Decimal | None:
    return None if payout is None or price is None else EXACT.multiply(payout, price)
