"""The table of payouts: what rounds paid or burnt, settled and pending."""

from __future__ import annotations

import sqlite3

from numtui.model import Column, Kind, Table, Tournament
from numtui.store.queries.stakes.payouts import account_payouts

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


def payouts(connection: sqlite3.Connection, tournament: Tournament, names: tuple[str, ...] = ()) -> Table:
    """Pending and settled payouts of the account's models, the newest round first."""
    wanted = {name.lower() for name in names}
    rows = [payout for payout in account_payouts(connection, tournament) if not names or payout.model.lower() in wanted]
    return Table("payouts", PAYOUT_COLUMNS, rows)
