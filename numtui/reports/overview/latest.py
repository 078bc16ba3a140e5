"""What happened last: what settled, what moved most, and what was sent."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from numtui.analysis.drift.scoring_dates import date_text
from numtui.model import Column, Kind, Table
from numtui.reports.overview.money import last_run_change
from numtui.reports.overview.state import TournamentState
from numtui.store.queries.stakes.account import movements

DAYS = timedelta(days=10)
BY_ITSELF = frozenset({"payout", "burn", "strategy stake"})  # movements that no one sends: they stand as settled
MOVED = 3  # models a tournament that the last run moved most
EVENT_COLUMNS = (
    Column("date", Kind.TEXT, doc="the day"),
    Column("what", Kind.TEXT, doc="settled, moved, or the kind of a movement of NMR"),
    Column("tournament", Kind.TEXT, doc="classic, signals or crypto"),
    Column("model", Kind.TEXT, doc="the model; none: of all models"),
    Column("round", Kind.INT, doc="the round"),
    Column("amount", Kind.NMR, "NMR", "NMR; a burn is negative"),
)


class Event(NamedTuple):
    """Something that happened, as `EVENT_COLUMNS` say; None where it has no such thing."""

    date: str
    what: str
    tournament: str | None
    model: str | None
    round: int | None
    amount: Decimal | None


def events(connection: sqlite3.Connection, state: TournamentState, now: datetime) -> list[Event]:
    """What settled (a row a round, all models together), what the last run moved most, and what was sent."""
    return [*_settled(state, now), *_moved(state), *_sent(connection, state, now)]


def _settled(state: TournamentState, now: datetime) -> list[Event]:
    first = (now - DAYS).date().isoformat()
    rounds = [row for row in state.settled if row.date >= first]
    return [Event(row.date, "settled", state.label, None, row.round, row.payout) for row in rounds]


def _moved(state: TournamentState) -> list[Event]:
    """The models that the last scoring run moved most, over their unresolved rounds."""
    ordinal = int(state.drift.scored_on.max(initial=0))
    names = state.drift.inputs.models.names
    moved = [(names[m], amount) for m in state.counted if (amount := last_run_change(state.drift, state.change, [m]))]
    moved.sort(key=lambda item: (-abs(item[1]), item[0]))
    return [Event(date_text(ordinal), "moved", state.label, name, None, amount) for name, amount in moved[:MOVED]]


def _sent(connection: sqlite3.Connection, state: TournamentState, now: datetime) -> list[Event]:
    """Changes of stakes of these days that somebody asked for."""
    return [
        Event(row.time.date().isoformat(), row.type or row.source, state.label, row.model, row.round, row.amount)
        for row in movements(connection, state.status.tournament, wallet=False)
        if row.type not in BY_ITSELF and row.time is not None and now - DAYS <= row.time <= now
    ]


def latest_first(rows: Sequence[Event]) -> list[Event]:
    """The events, the newest first, the larger before the smaller of a day."""
    ordered = sorted(rows, key=lambda event: -abs(event.amount or Decimal(0)))
    return sorted(ordered, key=lambda event: event.date, reverse=True)


def latest_table(rows: Sequence[Event]) -> Table:
    """The events as a table."""
    return Table("latest", EVENT_COLUMNS, list(rows))
