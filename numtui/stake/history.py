"""The movements of NMR that the cache has: of the stakes, those that wait for their date, and the wallet's."""

from __future__ import annotations

import sqlite3

from numtui.model import Column, Kind, Row, Table, Tournament, time_of
from numtui.money import decimal_of

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
    sql = """SELECT t.time, t.source, t.type, coalesce(m.name, t.model), t.round, t.amount, t.due, t.status, t.note,
        t.tournament
      FROM transactions t LEFT JOIN models m ON m.id = t.model_id AND m.tournament = t.tournament
      WHERE t.tournament = ? OR (t.tournament IS NULL AND ? IS NULL) ORDER BY t.time DESC, t.key"""
    rows: list[Row] = []
    for time, source, kind, name, number, amount, due, status, note, of in connection.execute(sql, (tournament, model)):
        if model is not None and str(name).lower() != model.lower():
            continue
        label = None if of is None else Tournament(of).label
        rows.append((time_of(time), source, kind, name, number, decimal_of(amount), time_of(due), status, note, label))
    return Table("stake_history", HISTORY_COLUMNS, rows)
