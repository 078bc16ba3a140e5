"""The claims of Atomic positions with their deadlines, from the cache."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from numtui.calendar import finalised_at
from numtui.model import Tournament
from numtui.store.queries.stakes.claims import open_claims

FAR = datetime.max.replace(tzinfo=UTC)


class Claim(NamedTuple):
    """What a claim brings, in NMR, and when the position is finalised for its owner if nobody claims it before."""

    tournament: Tournament
    round: int
    model: str
    claimable: Decimal | None
    deadline: datetime | None


class Claims(NamedTuple):
    """The claims of a tournament by deadline; `known`: there are no others. False where they could not be read."""

    known: bool
    rows: tuple[Claim, ...]


def claims(connection: sqlite3.Connection, tournament: Tournament) -> Claims:
    """The open claims of the account, as they were last read."""
    cached = open_claims(connection, tournament)
    rows = [
        Claim(tournament, row.round, row.model, row.claimable, finalised_at(row.resolve_time)) for row in cached.rows
    ]
    return Claims(cached.known, tuple(sorted(rows, key=lambda row: row.deadline or FAR)))
