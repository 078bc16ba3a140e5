"""What the account has staked, holds and is owed: read-only views of the cache."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from numtui.analysis.submissions import SUBMISSION_COLUMNS, is_submitted
from numtui.model import Column, Kind, Row, Table, Tournament
from numtui.money import decimal_of
from numtui.staking_system import System
from numtui.store.queries.selection import Models, known_models
from numtui.store.queries.stakes import stake_figures
from numtui.store.queries.submissions import submission_round, submissions
from numtui.store.queries.terms import staking_system

STAKE = Column("stake", Kind.NMR, doc="NMR staked, without unsettled earnings; Atomic: per round x rounds at once")
AT_RISK = Column("at_risk", Kind.NMR, "at risk", "NMR at risk, summed over the unresolved rounds")
PENDING_DOC = "pending payout of the unresolved rounds, not in the stake; a burn is negative"
STAKE_COLUMNS = (
    Column("model", Kind.TEXT, doc="the model's name"),
    Column("system", Kind.TEXT, doc="atomic, legacy or undecided: which staking system is in force"),
    STAKE,
    AT_RISK,
    Column("pending", Kind.NMR, "change", "pending change of the stake; a release is negative"),
    Column("due", Kind.TIME, "due", "when that change takes effect; a release else as the newest round resolves"),
    Column("pending_payout", Kind.NMR, "pending", PENDING_DOC),
    Column("per_round", Kind.NMR, "per round", "Atomic: NMR on the newest round"),
    *SUBMISSION_COLUMNS,
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
    available, on_chain, withdrawals, increases = map(decimal_of, amounts)
    fiat = price(connection, currency)
    return Wallet(username, available, on_chain, withdrawals, increases, currency, fiat)


def price(connection: sqlite3.Connection, currency: str) -> Decimal | None:
    """What one NMR costs in `currency`; None where the cache has no price."""
    sql = "SELECT price FROM prices WHERE upper(base) = 'NMR' AND upper(target) = ?"
    found = connection.execute(sql, (currency.upper(),)).fetchone()
    return None if found is None else decimal_of(found[0])


def stakes(connection: sqlite3.Connection, tournament: Tournament, now: datetime, chosen: Models) -> Table:
    """The stakes of the chosen own models, legacy or Atomic."""
    own = {
        key for (key,) in connection.execute("SELECT model FROM models WHERE tournament = ? AND mine", (tournament,))
    }
    keys = {name: key for name, key in known_models(connection, tournament, chosen).items() if key in own}
    system = staking_system(connection, tournament)
    figures = stake_figures(connection, tournament, system, keys.values(), now)
    sent = submissions(connection, tournament, submission_round(connection, tournament, now), keys.values())
    rows: list[Row] = [
        (
            name,
            str(system),
            figures[key].stake,
            figures[key].at_risk,
            figures[key].pending,
            figures[key].due,
            figures[key].pending_payout,
            figures[key].per_round if system is System.ATOMIC else None,
            is_submitted(sent[key]),
            sent[key] and str(sent[key]),
            figures[key].take_profit,
            figures[key].status,
            tournament.label,
        )
        for name, key in keys.items()
    ]
    return Table("stakes", STAKE_COLUMNS, rows)


def payouts(connection: sqlite3.Connection, tournament: Tournament, names: tuple[str, ...] = ()) -> Table:
    """Pending and settled payouts of the account's models, the newest round first."""
    wanted = {name.lower() for name in names}
    sql = """SELECT round, coalesce(m.name, p.model), payout, settled, resolve_date, payout_value, currency
      FROM payouts p LEFT JOIN models m ON m.id = p.model_id AND m.tournament = p.tournament
      WHERE p.tournament = ? ORDER BY round DESC, 2"""
    rows: list[Row] = [
        (number, model, decimal_of(payout), bool(settled), date, decimal_of(value), currency, tournament.label)
        for number, model, payout, settled, date, value, currency in connection.execute(sql, (tournament,))
        if not names or str(model).lower() in wanted
    ]
    return Table("payouts", PAYOUT_COLUMNS, rows)


def days_to(at: datetime | None, now: datetime) -> float | None:
    """Days from `now` until `at`, negative when it is over; None when it is unknown."""
    return None if at is None else (at - now).total_seconds() / 86_400
