"""What the account has staked, holds and is owed: read-only views of the cache."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from numtui.model import Column, Kind, Row, Table, Tournament, time_of
from numtui.reports.models import unresolved
from numtui.reports.selection import Models, known_models
from numtui.reports.standing import Money, money
from numtui.store.terms import staking_system

STAKE_COLUMNS = (
    Column("model", Kind.TEXT, doc="the model's name"),
    Column("system", Kind.TEXT, doc="atomic, legacy or undecided: which staking system is in force"),
    Column("stake", Kind.NMR, doc="NMR staked"),
    Column("at_risk", Kind.NMR, "at risk", "NMR at risk, summed over the unresolved rounds"),
    Column("pending", Kind.NMR, "change", "pending change of the stake; a release is negative"),
    Column("due", Kind.TIME, "due", "when the pending change takes effect; empty where the API does not say"),
    Column("pending_payout", Kind.NMR, "pending", "pending payout of the unresolved rounds; a burn is negative"),
    Column("take_profit", Kind.BOOL, "profit", "whether payouts are taken out instead of compounded"),
    Column("status", Kind.TEXT, doc="the stake's status"),
    Column("tournament", Kind.TEXT, doc="classic, signals or crypto"),
)
PAYOUT_COLUMNS = (
    Column("round", Kind.INT, doc="the round's number"),
    Column("model", Kind.TEXT, doc="the model's name"),
    Column("payout", Kind.NMR, doc="NMR; a burn is negative"),
    Column("settled", Kind.BOOL, doc="true: settled; false: pending"),
    Column("resolve_date", Kind.TEXT, "resolves", "day of the resolution"),
    Column("payout_value", Kind.FIAT, "value", "the API's value of the payout"),
    Column("currency", Kind.TEXT, doc="currency of the value"),
    Column("tournament", Kind.TEXT, doc="classic, signals or crypto"),
)
DECREASES = {"decrease", "release", "drain"}


@dataclass(frozen=True, slots=True)
class Wallet:
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
    found = connection.execute(sql).fetchone()
    if found is None:
        return None
    username, *amounts = found
    available, on_chain, withdrawals, increases = map(_decimal, amounts)
    fiat = price(connection, currency)
    return Wallet(username, available, on_chain, withdrawals, increases, currency, fiat)


def price(connection: sqlite3.Connection, currency: str) -> Decimal | None:
    """What one NMR costs in `currency`; None where the cache has no price."""
    sql = "SELECT price FROM prices WHERE upper(base) = 'NMR' AND upper(target) = ?"
    found = connection.execute(sql, (currency.upper(),)).fetchone()
    return None if found is None else _decimal(found[0])


def stakes(connection: sqlite3.Connection, tournament: Tournament, chosen: Models) -> Table:
    """The stakes of the chosen own models."""
    keys = known_models(connection, tournament, chosen)
    waiting = set(unresolved(connection, tournament))
    sums: defaultdict[int, Money] = defaultdict(Money)
    for (key, number), amounts in money(connection, keys.values()).items():
        if number in waiting:
            sums[key] = sums[key].plus(amounts)
    system = str(staking_system(connection, tournament))
    sql = "SELECT stake, pending_type, pending_amount, pending_due, take_profit, status FROM stakes WHERE model = ?"
    rows: list[Row] = []
    for name, key in keys.items():
        found = connection.execute(sql, (key,)).fetchone()
        if found is None:
            continue
        stake, kind, amount, due, profit, state = found
        rows.append(
            (
                name,
                system,
                _decimal(stake),
                sums[key].at_risk,
                _signed(kind, amount),
                time_of(due),
                sums[key].pending,
                None if profit is None else bool(profit),
                state,
                tournament.label,
            )
        )
    return Table("stakes", STAKE_COLUMNS, rows)


def payouts(connection: sqlite3.Connection, tournament: Tournament, names: tuple[str, ...] = ()) -> Table:
    """Pending and settled payouts of the account's models, the newest round first."""
    sql = """SELECT round, coalesce(p.model, m.name), payout, settled, resolve_date, payout_value, currency
      FROM payouts p LEFT JOIN models m ON m.id = p.model_id AND m.tournament = p.tournament
      WHERE p.tournament = ? ORDER BY round DESC, 2"""
    rows: list[Row] = [
        (number, model, _decimal(payout), bool(settled), date, _decimal(value), currency, tournament.label)
        for number, model, payout, settled, date, value, currency in connection.execute(sql, (tournament,))
        if not names or model in names
    ]
    return Table("payouts", PAYOUT_COLUMNS, rows)


def days_to(at: datetime | None, now: datetime) -> float | None:
    """Days from `now` until `at`, negative when it is over; None when it is unknown."""
    return None if at is None else (at - now).total_seconds() / 86_400


def _signed(kind: str | None, amount: str | None) -> Decimal | None:
    value = _decimal(amount)
    if value is None or kind is None:
        return None
    return -abs(value) if kind.lower() in DECREASES else abs(value)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
