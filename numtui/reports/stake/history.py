"""The table of movements of NMR: of stakes, those that wait for their date, and those of the wallet."""

from __future__ import annotations

import sqlite3

from numtui.model import Column, Kind, Row, Table, Tournament
from numtui.store.queries.stakes.account import movements

HISTORY_COLUMNS = (
    Column("time", Kind.TIME, doc="when it happened or was asked for"),
    Column("source", Kind.TEXT, doc="stake, scheduled (waits for its date), wallet or pending"),
    Column("type", Kind.TEXT, doc="increase, decrease, payout, burn, deposit, ... as the API names it"),
    Column("model", Kind.TEXT, doc="the model's name; empty for the wallet's"),
    Column("round", Kind.INT, doc="the round that it belongs to"),
    Column("amount", Kind.NMR, doc="NMR as the API states it"),
    Column("due", Kind.TIME, doc="when a scheduled change takes effect"),
    Column("status", Kind.TEXT, doc="as the API names it"),
    Column("note", Kind.TEXT, doc="as the API states it"),
    Column("tournament", Kind.TEXT, doc="classic, signals or crypto; empty for the wallet's"),
)


def history_table(connection: sqlite3.Connection, tournament: Tournament, model: str | None = None) -> Table:
    """The movements of a tournament (of one model, where `model` is given) and of the wallet, the newest first."""
    rows: list[Row] = [
        (*movement[:-1], movement.tournament and movement.tournament.label)
        for movement in movements(connection, tournament, wallet=model is None)
        if model is None or str(movement.model).lower() == model.lower()
    ]
    return Table("stake_history", HISTORY_COLUMNS, rows)
