"""The Models screen's columns of risk and of the field, beside those of the table of models."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from numtui.analysis.arrays import known_means, number
from numtui.model import Column, Kind, Row, Table, Tournament
from numtui.reports.backtest.query import BacktestQuery
from numtui.reports.backtest.risk import newest, risk_inputs, risk_of
from numtui.reports.field.percentiles import field_places
from numtui.store.queries.selection import Rounds, Starts, Window

SHOWN = (
    *("mean", "sharpe", "max_drawdown", "cvar_5", "worst_20", "burn_rate", "longest_burn", "earn_burn"),
    *("sharpe_p05", "sharpe_p95", "drawdown_rounds", "recovery_rounds", "effective_rounds", "std", "sortino"),
    *("downside_beta", "burn_together", "burn_with"),
)
RETURNS = Column("returns", Kind.SPARK, "newest returns", "returns on stake of its newest rounds that are resolved")
COUNTED = Column("risk_rounds", Kind.INT, "of rounds", "rounds that the risk figures are of")
PERCENTILE = Column(
    "field_percentile", Kind.PERCENTILE, "percentile", "mean share of the others that it lies above, where here"
)
DRAWN = 60  # newest returns


def with_percentiles(connection: sqlite3.Connection, tournament: Tournament, table: Table) -> Table:
    """The models with their mean percentile in the rounds whose field is here; as they are where there is none."""
    names = _names(table)
    places = field_places(connection, tournament, names, Rounds())
    means = known_means(places.percentile, 1)
    if np.isnan(means).all():
        return table
    return _joined(table, (PERCENTILE,), {name: (number(mean),) for name, mean in zip(names, means, strict=True)})


def with_risk(
    connection: sqlite3.Connection, tournament: Tournament, table: Table, starts: Starts, window: Window
) -> Table:
    """The models with the risk of a window of rounds under each round's own terms, as `export risk` has it, and with
    their newest returns; as they are where no round of theirs is resolved here."""
    loaded = risk_inputs(connection, tournament, BacktestQuery(), Rounds(starts=starts))
    if loaded is None:
        return table
    risks = risk_of(loaded, window)
    places = [risks.column(name) for name in ("rounds", *SHOWN)]
    columns = (COUNTED, *(risks.columns[place] for place in places[1:]), RETURNS)
    drawn = [tuple(series[np.logical_not(np.isnan(series))].tolist()) for series in newest(loaded.returns, DRAWN)]
    rows = {
        str(row[0]): (*(row[place] for place in places), path or None)
        for row, path in zip(risks.rows, drawn, strict=True)
    }
    return _joined(table, columns, rows)


def _names(table: Table) -> list[str]:
    place = table.column("model")
    return [str(row[place]) for row in table.rows]


def _joined(table: Table, columns: Sequence[Column], values: Mapping[str, Row]) -> Table:
    """The table with more columns, the values by model; empty for a model without."""
    nothing: Row = (None,) * len(columns)
    rows = [(*row, *values.get(name, nothing)) for row, name in zip(table.rows, _names(table), strict=True)]
    return replace(table, columns=(*table.columns, *columns), rows=rows)
