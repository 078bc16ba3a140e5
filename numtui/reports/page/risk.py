"""The risk of one model by window: its newest rounds, and all of them, as `export risk` has it."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from numtui.analysis.arrays import Floats
from numtui.model import Column, Kind, Table, Tournament
from numtui.reports.backtest.query import BacktestQuery
from numtui.reports.backtest.risk import risk_inputs, risk_of
from numtui.store.queries.selection import Models, Rounds, Starts, Window

WINDOWS = (20, 60, 250)  # newest rounds
WINDOW = Column("window", Kind.TEXT, doc="the newest so many rounds that are resolved, all, or those from a note on")
LEFT_OUT = frozenset({"model", "tournament", "total_nmr", "burn_together", "burn_with"})


class RiskSeries(NamedTuple):
    """The returns on stake [n] of a model in resolved `rounds` [n], ascending; `open_rounds` are unresolved at once."""

    rounds: tuple[int, ...]
    returns: Floats
    open_rounds: int


def model_risk(
    connection: sqlite3.Connection, tournament: Tournament, model: str, starts: Starts, noted: Starts = ()
) -> tuple[Table, RiskSeries | None]:
    """A row a window, in the columns of `export risk`, and the returns that they are of; no row and None where the
    model has no resolved round here, and no row for a window that is longer than all. `noted`: the rounds from which
    notes count, of this model or of all."""
    query, rounds = BacktestQuery(models=Models(names=(model,))), Rounds(starts=starts)
    loaded = risk_inputs(connection, tournament, query, rounds)
    if loaded is None:
        return Table("risk", (WINDOW,), ()), None
    windows: list[tuple[str, Window]] = [(f"newest {number}", number) for number in WINDOWS]
    windows.append(("all", None))
    windows += [(f"note: {first} on", ((name, first),)) for name, first in noted if name.casefold() == model.casefold()]
    whole = risk_of(loaded, None)
    kept = [place for place, column in enumerate(whole.columns) if column.name not in LEFT_OUT]
    place = whole.column("rounds")
    rows = []
    for label, window in windows:
        for row in risk_of(loaded, window).rows:
            enough = row[place] == window if isinstance(window, int) else bool(row[place])
            if enough:
                rows.append((label, *(row[k] for k in kept)))
    columns = (WINDOW, *(whole.columns[k] for k in kept))
    known = np.logical_not(np.isnan(loaded.returns[0]))
    numbers = tuple(np.array(loaded.inputs.rounds.numbers)[known].tolist())
    series = RiskSeries(numbers, loaded.returns[0][known], loaded.inputs.open_rounds)
    return replace(whole, name="risk", columns=columns, rows=rows), series
