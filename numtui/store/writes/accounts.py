"""Writing what belongs to the account: wallet, stakes, submissions, transactions, payouts; and the price of NMR."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from numtui.model import Tournament
from numtui.store.database import transaction
from numtui.store.writes.upsert import mark_changed, upsert

DAY = re.compile(r"20\d\d-[01]\d-[0-3]\d")


OF_THE_ACCOUNT = (
    *("wallet", "stakes", "submissions", "submission_history", "transactions", "payouts"),
    *("claims", "claim_reads"),
)


class WalletRow(NamedTuple):
    """The account itself; `scopes` is a space-separated text."""

    username: str
    id: str | None = None
    wallet_address: str | None = None
    available_nmr: Decimal | None = None
    on_chain: Decimal | None = None
    held_withdrawals: Decimal | None = None
    held_increases: Decimal | None = None
    currency: str | None = None
    scopes: str | None = None
    max_model_slots: int | None = None


class StakeRow(NamedTuple):
    """A model's stake; the `pending_*` are None when no change is pending."""

    model: int
    stake: Decimal | None = None
    settled: Decimal | None = None
    status: str | None = None
    take_profit: bool | None = None
    earliest_release: datetime | None = None
    pending_id: str | None = None
    pending_type: str | None = None
    pending_status: str | None = None
    pending_amount: Decimal | None = None
    pending_due: datetime | None = None
    pending_drain: bool | None = None


_PENDING = tuple(name for name in StakeRow._fields if name.startswith("pending_"))


class SubmissionRow(NamedTuple):
    """The newest submission of an own model."""

    model: int
    id: str | None = None
    round: int | None = None
    status: str | None = None
    time: datetime | None = None
    filename: str | None = None
    selected: bool | None = None
    churn: float | None = None
    turnover: float | None = None


class TransactionRow(NamedTuple):
    """A movement of NMR. `source`: wallet, pending, scheduled or stake; `key` makes it unique within everything."""

    source: str
    key: str
    time: datetime | None = None
    tournament: int | None = None
    model: str | None = None
    model_id: str | None = None
    round: int | None = None
    type: str | None = None
    status: str | None = None
    amount: Decimal | None = None
    value: Decimal | None = None
    due: datetime | None = None
    drain: bool | None = None
    hash: str | None = None
    note: str | None = None


class PayoutRow(NamedTuple):
    """The payout of a model's round, settled or pending."""

    round: int
    model_id: str
    model: str | None
    settled: bool
    payout: Decimal | None = None
    payout_value: Decimal | None = None
    currency: str | None = None
    resolve_date: str | None = None


def put_wallet(connection: sqlite3.Connection, row: WalletRow) -> int:
    """The account; returns how many rows changed. `forget_account` goes before another one's."""
    with transaction(connection):
        return upsert(connection, "wallet", WalletRow._fields, ("username",), [row])


def forget_account(connection: sqlite3.Connection) -> None:
    """Takes out what belongs to the account shown so far: the keys are another's now."""
    with transaction(connection):
        for table in OF_THE_ACCOUNT:
            mark_changed(connection, table, connection.execute(f"DELETE FROM {table}").rowcount)
        mark_changed(connection, "models", connection.execute("UPDATE models SET mine = 0 WHERE mine = 1").rowcount)


def put_stakes(connection: sqlite3.Connection, rows: Iterable[StakeRow]) -> int:
    """Stakes whose pending change is known: None there means that nothing is pending. Returns how many rows changed."""
    with transaction(connection):
        return upsert(connection, "stakes", StakeRow._fields, ("model",), rows, replace=_PENDING)


def put_submissions(connection: sqlite3.Connection, rows: Iterable[SubmissionRow]) -> int:
    """The newest submissions, kept by round too. One for another round replaces the old row whole. Returns how many
    rows changed."""
    rows = list(rows)
    with transaction(connection):
        connection.executemany(
            "DELETE FROM submissions WHERE model = ? AND id <> ?", [(row.model, row.id) for row in rows if row.id]
        )
        columns = ("model", "round", "id", "status", "time", "filename")
        kept = [tuple(getattr(row, name) for name in columns) for row in rows if row.round is not None]
        upsert(connection, "submission_history", columns, ("model", "round"), kept)
        return upsert(connection, "submissions", SubmissionRow._fields, ("model",), rows)


def put_transactions(connection: sqlite3.Connection, rows: Iterable[TransactionRow]) -> int:
    """Movements of NMR, old ones kept; returns how many rows changed."""
    with transaction(connection):
        return upsert(connection, "transactions", TransactionRow._fields, ("key",), rows)


def settle_transactions(
    connection: sqlite3.Connection, source: str, rows: Iterable[TransactionRow], models: Sequence[str] | None = None
) -> int:
    """Movements of an answer that lists them all since its oldest (of these `models`' ids); others that the cache has
    of that time are what broken answers left, and go. Returns how many rows changed."""
    rows = list(rows)
    oldest = min((row.time for row in rows if row.time is not None), default=None)
    with transaction(connection):
        known = connection.execute(
            "SELECT key, model_id FROM transactions WHERE source = ? AND time >= ?", (source, oldest)
        ).fetchall()
        named = {row.key for row in rows}
        gone = [
            (key,) for key, model in known if key not in named and (models is None or model is None or model in models)
        ]
        connection.executemany("DELETE FROM transactions WHERE key = ?", gone)
        mark_changed(connection, "transactions", len(gone))
        return len(gone) + put_transactions(connection, rows)


def replace_transactions(connection: sqlite3.Connection, source: str, rows: Iterable[TransactionRow]) -> int:
    """All movements of a `source` of which the API states the present ones only (pending, scheduled)."""
    rows = list(rows)
    with transaction(connection):
        known = {key for (key,) in connection.execute("SELECT key FROM transactions WHERE source = ?", (source,))}
        gone = known - {row.key for row in rows}
        connection.executemany("DELETE FROM transactions WHERE key = ?", [(key,) for key in gone])
        mark_changed(connection, "transactions", len(gone))
        return len(gone) + put_transactions(connection, rows)


def put_payouts(
    connection: sqlite3.Connection, tournament: Tournament, rows: Iterable[PayoutRow], *, complete: bool = True
) -> int:
    """Payouts of an answer; a pending one that a `complete` one no longer names is gone. How many rows changed."""
    rows = list(rows)
    named = {(row.model_id, row.round) for row in rows}
    with transaction(connection):
        pending = connection.execute(
            "SELECT model_id, round FROM payouts WHERE tournament = ? AND settled = 0", (int(tournament),)
        )
        gone = [(int(tournament), *key) for key in pending if complete and key not in named]
        connection.executemany("DELETE FROM payouts WHERE tournament = ? AND model_id = ? AND round = ?", gone)
        mark_changed(connection, "payouts", len(gone))
        return len(gone) + upsert(
            connection,
            "payouts",
            ("tournament", *PayoutRow._fields),
            ("tournament", "model_id", "round"),
            ((int(tournament), *row) for row in rows),
        )


def put_price(
    connection: sqlite3.Connection, base: str, target: str, price: Decimal, time: str | None, *, now: datetime
) -> int:
    """The price of one `base` in `target`, kept as that of its day and of this hour too; `time` is when the market
    stated it, `now` stands for it where it did not. Returns how many rows changed."""
    day, hour = now.date(), now.replace(minute=0, second=0, microsecond=0)
    with transaction(connection):
        columns, keys = ("base", "target", "price", "time"), ("base", "target")
        history = (*keys, "date")
        of_day = time[:10] if time is not None and DAY.match(time) else day.isoformat()
        row = (base, target, of_day, price, time)
        upsert(connection, "price_history", (*history, "price", "time"), history, [row])
        upsert(connection, "price_hours", (*keys, "hour", "price"), (*keys, "hour"), [(base, target, hour, price)])
        return upsert(connection, "prices", columns, keys, [(base, target, price, time)])
