"""Stake: what is staked, held and owed; nothing can be changed here."""

from __future__ import annotations

import sqlite3
from dataclasses import fields
from typing import ClassVar

from numtui.model import Column, Kind, Table
from numtui.reports.rows import TableRows
from numtui.reports.selection import Models
from numtui.reports.stake import payouts, stakes, staking_system, wallet
from numtui.tui.data import Ask
from numtui.tui.screens.base import ReportScreen
from numtui.tui.screens.view import Loaded, View
from numtui.tui.widgets.columns import Layout

TABLES = frozenset(
    {"stakes", "wallet", "prices", "positions", "latest", "models", "rounds", "payouts", "score_configs"}
)
STAKES = Layout(
    fixed=("model",),
    first=("stake", "at_risk", "pending_payout", "pending", "due", "status"),
    hidden=("tournament", "system"),
    results=("pending_payout", "pending"),
)
PAYOUTS = Layout(
    fixed=("round", "model"),
    first=("payout", "settled", "resolve_date", "payout_value"),
    hidden=("tournament", "entry"),
    results=("payout", "payout_value"),
)
NO_ACCOUNT = (
    "No account is known here: set NUMERAI_PUBLIC_ID and NUMERAI_SECRET_KEY and start numtui again.\n\n"
    "Wallet, stakes and payouts come with a key that may read the user's information."
)


def wallet_facts(connection: sqlite3.Connection, ask: Ask) -> Table | None:
    """The wallet, the price and the staking system in one row."""
    found = wallet(connection, ask.settings.fiat)
    if found is None:
        return None
    columns = (
        Column("username", Kind.TEXT, "account"),
        Column("available", Kind.NMR, "available NMR"),
        Column("on_chain", Kind.NMR, "on chain NMR"),
        Column("held_increases", Kind.NMR, "held for increases NMR"),
        Column("held_withdrawals", Kind.NMR, "held for withdrawals NMR"),
        Column("price", Kind.FIAT, f"1 NMR in {found.currency}"),
        Column("system", Kind.TEXT, "staking"),
    )
    values = {entry.name: getattr(found, entry.name) for entry in fields(found)}
    row = (
        *(values[column.name] for column in columns[:5]),
        found.fiat,
        str(staking_system(connection, ask.tournament)),
    )
    return Table("wallet", columns, [row])


def current_stakes(connection: sqlite3.Connection, ask: Ask) -> Loaded:
    """The stakes of own models."""
    table = stakes(connection, ask.tournament, Models(mine=True))
    return Loaded(TableRows(table, "model"), wallet_facts(connection, ask))


def all_payouts(connection: sqlite3.Connection, ask: Ask) -> Loaded:
    """Pending and settled payouts."""
    table = payouts(connection, ask.tournament)
    number, model = table.column("round"), table.column("model")
    keyed = Table(
        table.name,
        (*table.columns, Column("entry", Kind.TEXT, doc="what a row is known by")),
        [(*row, f"{row[model]} {row[number]}") for row in table.rows],
    )
    return Loaded(TableRows(keyed, "entry"), wallet_facts(connection, ask))


class StakeScreen(ReportScreen):
    """Wallet, stakes, at risk, pending changes; pending and settled payouts."""

    title_text = "Stake"
    views: ClassVar[tuple[View, ...]] = (
        View("stakes", STAKES, current_stakes, TABLES, NO_ACCOUNT, models=True),
        View("payouts", PAYOUTS, all_payouts, TABLES, "The API names no pending or settled payout of this account."),
    )
