"""The risk of one model by window: its newest rounds, and all of them, as `export risk` has it."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from numtui.model import Column, Kind, Table, Tournament
from numtui.reports.backtest.query import BacktestQuery
from numtui.reports.backtest.risk import risk_inputs, risk_of
from numtui.store.queries.selection import Models, Rounds, Starts

WINDOWS: tuple[int | None, ...] = (20, 60, 250, None)  # newest rounds; None: all
WINDOW = Column("window", Kind.TEXT, doc="the newest so many rounds that are resolved, or all of them")
LEFT_OUT = frozenset({"model", "tournament", "total_nmr", "burn_together", "burn_with"})


def model_risk(connection: sqlite3.Connection, tournament: Tournament, model: str, starts: Starts) -> Table:
    """A row a window, in the columns of `export risk`; none where the model has no resolved round here, and none for a
    window that is longer than all."""
    query, rounds = BacktestQuery(models=Models(names=(model,))), Rounds(starts=starts)
    loaded = risk_inputs(connection, tournament, query, rounds)
    if loaded is None:
        return Table("risk", (WINDOW,), ())
    tables = [(window, risk_of(loaded, window)) for window in WINDOWS]
    whole = tables[-1][1]
    kept = [place for place, column in enumerate(whole.columns) if column.name not in LEFT_OUT]
    place = whole.column("rounds")
    rows = []
    for window, table in tables:
        for row in table.rows:
            enough = bool(row[place]) and (window is None or row[place] == window)
            if enough:
                rows.append(("all" if window is None else f"newest {window}", *(row[k] for k in kept)))
    columns = (WINDOW, *(whole.columns[k] for k in kept))
    return replace(whole, name="risk", columns=columns, rows=rows)
