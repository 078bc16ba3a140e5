"""Writing rounds with everybody in them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from numtui.analysis.arrays import Floats
from numtui.model import Tournament, time_text
from numtui.store.database import transaction
from numtui.store.field_pack import MODELS, STAKE, packed_amounts, packed_numbers, packed_scores
from numtui.store.writes.upsert import mark_changed


class FieldRound(NamedTuple):
    """A round with everybody in it: `names` [N], `stake` [N] NMR, `scores` by display name [N] (NaN for none).

    The sums are NMR, None where they are not stated; `multipliers` by display name are those of the round.
    """

    round: int
    resolved: bool
    names: Sequence[str]
    stake: Floats
    scores: Mapping[str, Floats]
    multipliers: Mapping[str, float]
    submitted: int | None = None
    stakes: int | None = None
    at_stake: float | None = None
    payout: float | None = None
    earned: float | None = None
    burned: float | None = None
    factor: Decimal | None = None


def put_field(connection: sqlite3.Connection, tournament: Tournament, row: FieldRound, time: datetime) -> None:
    """Keep a round in place of what was known of it; columns without any value are left out."""
    of = int(tournament)
    with transaction(connection):
        connection.executemany(
            "INSERT OR IGNORE INTO field_models (tournament, name) VALUES (?, ?)", ((of, name) for name in row.names)
        )
        sql = "SELECT name, number FROM field_models WHERE tournament = ?"
        known = {name.lower(): number for name, number in connection.execute(sql, (of,))}
        numbers = np.array([known[name.lower()] for name in row.names], dtype=np.int64)
        order = np.argsort(numbers, kind="stable")
        columns = {MODELS: packed_numbers(numbers[order]), STAKE: packed_amounts(row.stake[order])}
        columns |= {
            name: packed_scores(values[order]) for name, values in row.scores.items() if not np.isnan(values).all()
        }
        connection.execute("DELETE FROM field_columns WHERE tournament = ? AND round = ?", (of, row.round))
        connection.executemany(
            "INSERT INTO field_columns VALUES (?, ?, ?, ?)",
            ((of, row.round, name, data) for name, data in columns.items()),
        )
        about = (of, row.round, time_text(time), row.resolved, len(row.names))
        sums = (row.submitted, row.stakes, row.at_stake, row.payout, row.earned, row.burned, row.factor)
        stated = (*about, *sums, json.dumps(dict(row.multipliers)))
        places = ", ".join("?" * len(stated))
        connection.execute(f"INSERT OR REPLACE INTO field_rounds VALUES ({places})", stated)
        mark_changed(connection, "field_rounds")
