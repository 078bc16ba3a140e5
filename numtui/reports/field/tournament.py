"""`export tournament`: what the tournament paid and burnt, a row a round."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from typing import NamedTuple

from numtui.analysis.arrays import number
from numtui.analysis.field.rounds import burn_rounds, equal_weighted, stake_weighted
from numtui.model import Column, Kind, Table, Tournament
from numtui.money import exact_or_none
from numtui.reports.field.inputs import round_field
from numtui.store.queries.scores.field import FieldSums, field_rounds
from numtui.store.queries.selection import Rounds

COLUMNS = (
    Column("round", Kind.INT, doc="the round's number"),
    Column("resolved", Kind.BOOL, doc="whether it is resolved; else the sums are as the scores stand"),
    Column("models", Kind.INT, doc="models in the round"),
    Column("submitted", Kind.INT, doc="submissions that count"),
    Column("stakes", Kind.INT, doc="models with something at risk"),
    Column("at_stake", Kind.NMR, "at risk", "NMR at risk of all models"),
    Column("paid", Kind.NMR, doc="NMR paid out to those that earned"),
    Column("burnt", Kind.NMR, doc="NMR burnt, above 0"),
    Column("payout", Kind.NMR, doc="the sum of both"),
    Column("return_on_stake", Kind.FRACTION, "return", "payout / at_stake"),
    Column("value", Kind.SCORE, doc="mean value of the NMR at risk: the paid scores by multipliers, before the factor"),
    Column("value_equal", Kind.SCORE, "equal", "the same, each staked model alike"),
    Column("burn_round", Kind.BOOL, "burn", "whether more than half of the NMR at risk burnt"),
    Column("payout_factor", Kind.FLOAT, "factor", "min(1, threshold / NMR at risk); 1 of an Atomic round"),
    Column("tournament", Kind.TEXT, doc="classic, signals or crypto"),
)


class TournamentRow(NamedTuple):
    """A round of the tournament, as `COLUMNS` say; None where it is not stated."""

    round: int
    resolved: bool
    models: int
    submitted: int | None
    stakes: int | None
    at_stake: Decimal | None
    paid: Decimal | None
    burnt: Decimal | None
    payout: Decimal | None
    return_on_stake: float | None
    value: float | None
    value_equal: float | None
    burn_round: bool
    payout_factor: float | None
    tournament: str


def tournament_table(connection: sqlite3.Connection, tournament: Tournament, rounds: Rounds) -> Table:
    """The rounds of the range whose field is here, the newest first."""
    known = field_rounds(connection, tournament, rounds)
    if not known:
        return Table("tournament", COLUMNS, (), ("the field of no round of this range is in the cache",))
    return Table("tournament", COLUMNS, [_row(connection, tournament, row) for row in reversed(known)])


def _row(connection: sqlite3.Connection, tournament: Tournament, row: FieldSums) -> TournamentRow:
    field = round_field(connection, tournament, row).field(row.round)
    return TournamentRow(
        round=row.round,
        resolved=row.resolved,
        models=row.models,
        submitted=row.submitted,
        stakes=row.stakes,
        at_stake=_nmr(row.at_stake),
        paid=_nmr(row.earned),
        burnt=None if row.burned is None else _nmr(abs(row.burned)),
        payout=_nmr(row.payout),
        return_on_stake=row.payout / row.at_stake if row.payout is not None and row.at_stake else None,
        value=number(stake_weighted(field)[0]),
        value_equal=number(equal_weighted(field)[0]),
        burn_round=bool(burn_rounds(field)[0]),
        payout_factor=None if row.factor is None else float(row.factor),
        tournament=tournament.label,
    )


def _nmr(value: float | None) -> Decimal | None:
    return None if value is None else exact_or_none(value)
