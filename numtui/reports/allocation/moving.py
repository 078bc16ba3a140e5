"""`export allocation --moving`: from the stakes that stand to these weights, and what the way there costs.

A legacy stake that is lowered is released when the newest open round resolves; until then it earns nothing in the
rounds that open, and what is taken from one model can only then go to another. An Atomic stake moves round by round:
positions in open rounds run to their resolution, and each new round is staked by the new weights, so nothing stands
idle.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from numtui.analysis.arrays import Floats
from numtui.analysis.intervals import mean_interval
from numtui.analysis.stakes import missed_earnings
from numtui.analysis.staking_system import System
from numtui.calendar import rounds_opened
from numtui.format import counted
from numtui.model import Column, Kind
from numtui.money import decimal_text, exact_sum
from numtui.reports.allocation.allocation import Allocation
from numtui.store.queries.rounds import newest_resolve
from numtui.store.queries.terms import staking_system

MOVING_COLUMNS = (
    Column("model", Kind.TEXT, doc="the model's name"),
    Column("today", Kind.NMR, doc="its stake as it stands"),
    Column("target", Kind.NMR, doc="its stake by the weights"),
    Column("change", Kind.NMR, doc="target - today"),
    Column("due", Kind.TIME, "free", "when what is taken away is free, or all of it has moved; empty without a change"),
    Column(
        "rounds_missed", Kind.INT, "out of", "rounds that open meanwhile, in which what is taken away earns nothing"
    ),
    Column("missed", Kind.NMR, doc="what it would have brought in them at the model's mean; below 0 a loss spared"),
    Column("missed_p05", Kind.NMR, "p05", "the same at the lower end of the mean's 90 % interval; empty where thin"),
    Column("missed_p95", Kind.NMR, "p95", "the same at its upper end"),
    Column("system", Kind.TEXT, doc="legacy or atomic; empty where it is not known"),
    Column("tournament", Kind.TEXT, doc="classic, signals or crypto"),
)

MISSED = ("missed", "missed_p05", "missed_p95")


class MovingRow(NamedTuple):
    """A model on the way to its target, as `MOVING_COLUMNS` say; NMR, None where unknown."""

    model: str
    today: Decimal
    target: Decimal
    change: Decimal
    due: datetime | None
    rounds_missed: int | None
    missed: Decimal | None
    missed_p05: Decimal | None
    missed_p95: Decimal | None
    system: str | None
    tournament: str


def moving_rows(connection: sqlite3.Connection, of: Allocation, now: datetime) -> list[MovingRow]:
    """A row a model. BacktestError where a stake is not known, or nothing is staked."""
    targets = of.targets()
    system = staking_system(connection, of.tournament)
    due = newest_resolve(connection, of.tournament, now)
    rows = []
    for m, (model, stake) in enumerate(zip(of.models, of.stakes, strict=True)):
        assert stake is not None  # else there are no targets
        change = targets[model] - stake
        waits = change < 0 and system is System.LEGACY
        out = rounds_opened(now.date(), due.date()) if waits and due is not None else None
        means = _means(of.returns[:, m], of.open_rounds)
        rows.append(
            MovingRow(
                model=model,
                today=stake,
                target=targets[model],
                change=change,
                due=due if change < 0 or (change and system is System.ATOMIC) else None,
                rounds_missed=out,
                **{name: _missed(-change, mean, out) for name, mean in zip(MISSED, means, strict=True)},
                system=str(system) if system in {System.LEGACY, System.ATOMIC} else None,
                tournament=of.tournament.label,
            )
        )
    return rows


def moving_notes(rows: list[MovingRow]) -> tuple[str, ...]:
    """How much moves, and what that costs, in a line or two."""
    moved = exact_sum(row.change for row in rows if row.change > 0)
    taken = exact_sum(-row.change for row in rows if row.change < 0)
    lowered = counted(sum(row.change < 0 for row in rows), "model")
    lines = [f"{decimal_text(taken)} NMR is taken from {lowered}, {decimal_text(moved)} NMR added to others"]
    lost = [row.missed for row in rows if row.missed is not None]
    rounds = next((row.rounds_missed for row in rows if row.rounds_missed), None)
    if rounds and lost:
        total = exact_sum(lost)
        lines.append(f"out of {counted(rounds, 'round')} it would have brought {total:+.4f} NMR at the models' means")
    elif rows and rows[0].system == str(System.ATOMIC):
        lines.append("Atomic stakes move as rounds open: nothing stands idle, and open rounds run to their resolution")
    return tuple(lines)


def _means(returns: Floats, open_rounds: int) -> tuple[float | None, float | None, float | None]:
    """The mean return and the ends of its 90 % interval; None where thin."""
    found = mean_interval(returns, open_rounds)
    mean = float(returns.mean())
    return (mean, None, None) if found is None else (mean, float(found.low), float(found.high))


def _missed(amount: Decimal, mean: float | None, rounds: int | None) -> Decimal | None:
    return None if mean is None or rounds is None else missed_earnings(amount, mean, rounds)
