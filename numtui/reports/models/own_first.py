"""The table of models as the screen shows it: own ones first, and what they have in all."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from numtui.format import counted
from numtui.model import Column, Kind, Table

SUMMED = ("stake", "at_risk", "pending")


def own_first(table: Table) -> tuple[Table, Table | None]:
    """The models with the account's own ones first, and a row with their number and their NMR; None without any.

    A sum leaves out what is not known.
    """
    mine = table.column("mine")
    rows = sorted(table.rows, key=lambda row: not row[mine])
    own = [row for row in rows if row[mine]]
    if not own:
        return replace(table, rows=rows), None
    columns = [table.columns[table.column(name)] for name in SUMMED]
    sums = [_sum([row[table.column(name)] for row in own]) for name in SUMMED]
    total = Column("total", Kind.TEXT, doc="how many own models there are")
    return replace(table, rows=rows), Table("total", (total, *columns), [(counted(len(own), "own model"), *sums)])


def _sum(values: list[object]) -> Decimal | None:
    known = [value for value in values if isinstance(value, Decimal)]
    return sum(known, Decimal(0)) if known else None
