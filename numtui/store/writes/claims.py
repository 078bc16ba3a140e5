"""Writing the claims of Atomic positions: each answer lists all that are open."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from numtui.model import Tournament, time_text
from numtui.store.database import transaction
from numtui.store.writes.upsert import mark_changed, upsert


class ClaimRow(NamedTuple):
    """A resolved position that can be claimed; amounts in NMR, None where the answer does not state them."""

    model_id: str
    round: int
    staker: str
    payout: Decimal | None = None
    burn: Decimal | None = None
    claimable: Decimal | None = None


def put_claims(
    connection: sqlite3.Connection, tournament: Tournament, rows: Iterable[ClaimRow], time: datetime, *, strategy: bool
) -> int:
    """All open claims of a tournament in place of those before; returns how many rows changed.

    `strategy`: the strategy contract was asked for too, so that no row means no claim.
    """
    rows = list(rows)
    columns, keys = ("tournament", *ClaimRow._fields), ("tournament", "model_id", "round", "staker")
    with transaction(connection):
        known = connection.execute(
            "SELECT model_id, round, staker FROM claims WHERE tournament = ?", (int(tournament),)
        )
        gone = [(int(tournament), *key) for key in set(known) - {row[:3] for row in rows}]
        connection.executemany(
            "DELETE FROM claims WHERE tournament = ? AND model_id = ? AND round = ? AND staker = ?", gone
        )
        connection.execute(
            """INSERT INTO claim_reads VALUES (?, ?, ?)
              ON CONFLICT (tournament) DO UPDATE SET time = excluded.time, strategy = excluded.strategy""",
            (int(tournament), time_text(time), strategy),
        )
        mark_changed(connection, "claims", len(gone))
        return len(gone) + upsert(connection, "claims", columns, keys, ((int(tournament), *row) for row in rows))
