"""The tables of `export allocation`: weights, their test out of sample, the frontier, the way to the weights, and what
they come to as a whole."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import NamedTuple

from numtui.analysis.allocation.weights import shares_of_risk
from numtui.analysis.arrays import number
from numtui.model import Column, Kind, Table, Tournament
from numtui.reports.allocation.allocation import Allocation, allocation
from numtui.reports.allocation.frontier import FRONTIER_COLUMNS, frontier_rows
from numtui.reports.allocation.moving import MOVING_COLUMNS, moving_notes, moving_rows
from numtui.reports.allocation.portfolio import PORTFOLIO_COLUMNS, portfolio_rows
from numtui.reports.backtest.query import AllocationQuery, BacktestQuery
from numtui.reports.backtest.table import MODEL, nothing
from numtui.store.queries.selection import Rounds

COLUMNS = (
    MODEL,
    Column("today", Kind.FLOAT, doc="share of the stakes that stand; empty where no stake is known"),
    Column("weight_raw", Kind.FLOAT, "raw", "share by the method, as solved"),
    Column("weight", Kind.FLOAT, doc="share to be used: moved towards equal as far as evidence lacks"),
    Column("method", Kind.TEXT, doc="how the models are weighed"),
    Column("risk_share", Kind.FLOAT, "of risk", "share of the whole's long-run variance that the weight adds"),
    Column("rounds", Kind.INT, doc="rounds that all of the models have"),
    Column("tournament", Kind.TEXT, doc="classic, signals or crypto"),
)
WALK_COLUMNS = (
    Column("round", Kind.INT, doc="the round's number"),
    Column("chosen", Kind.FRACTION, doc="return of weights chosen on rounds that had resolved before it opened"),
    Column("equal", Kind.FRACTION, doc="return of equal weights"),
    Column("today", Kind.FRACTION, doc="return of the stakes that stand; empty where none is known"),
    Column("gain", Kind.FRACTION, doc="chosen - equal"),
    Column("method", Kind.TEXT, doc="how the models are weighed"),
    Column("tournament", Kind.TEXT, doc="classic, signals or crypto"),
)


class AllocationRow(NamedTuple):
    """The weights of a model, as `COLUMNS` say; shares of the whole, None where unknown."""

    model: str
    today: float | None
    weight_raw: float
    weight: float
    method: str
    risk_share: float | None
    rounds: int
    tournament: str


class WalkRow(NamedTuple):
    """A round out of sample, as `WALK_COLUMNS` say."""

    round: int
    chosen: float
    equal: float
    today: float | None
    gain: float
    method: str
    tournament: str


def allocation_table(
    connection: sqlite3.Connection,
    tournament: Tournament,
    query: BacktestQuery,
    rounds: Rounds,
    *,
    asked: AllocationQuery,
    now: datetime,
) -> Table:
    """The part that is asked for: a row a model with its weights, a row a round out of sample, a row a portfolio of the
    frontier, a row a model on its way, or a row a weighting as a whole. BacktestError."""
    found = allocation(connection, tournament, query, rounds, asked=asked, now=now)
    if found is None:
        return nothing("allocation")
    match asked.part:
        case "weights":
            return Table("allocation", COLUMNS, weight_rows(found), found.notes)
        case "walk":
            return Table("allocation", WALK_COLUMNS, walk_rows(found), found.notes)
        case "frontier":
            return Table("allocation", FRONTIER_COLUMNS, frontier_rows(found), found.notes)
        case "moving":
            rows = moving_rows(connection, found, now)
            return Table("allocation", MOVING_COLUMNS, rows, (*moving_notes(rows), *found.notes))
        case "portfolio":
            return Table("allocation", PORTFOLIO_COLUMNS, portfolio_rows(found), found.notes)


def weight_rows(of: Allocation) -> list[AllocationRow]:
    """The models in their order."""
    shares = shares_of_risk(of.weights, of.covariance.matrix)
    return [
        AllocationRow(
            model=model,
            today=None if of.today is None else float(of.today[m]),
            weight_raw=float(of.raw[m]),
            weight=float(of.weights[m]),
            method=of.query.method,
            risk_share=number(float(shares[m])),
            rounds=len(of.rounds),
            tournament=of.tournament.label,
        )
        for m, model in enumerate(of.models)
    ]


def walk_rows(of: Allocation) -> list[WalkRow]:
    """The rounds that weights were tested on; none where the past is too short to choose on."""
    walk = of.walk
    tested = of.rounds[walk.first :] if walk.blocks else ()
    return [
        WalkRow(
            round=number,
            chosen=float(walk.chosen[i]),
            equal=float(walk.equal[i]),
            today=None if walk.today is None else float(walk.today[i]),
            gain=float(walk.chosen[i] - walk.equal[i]),
            method=of.query.method,
            tournament=of.tournament.label,
        )
        for i, number in enumerate(tested)
    ]
