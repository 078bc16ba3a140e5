"""Open claims: resolved Atomic positions of the account that are not claimed yet."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from numtui.calendar import finalised_at
from numtui.model import Tournament, time_of
from numtui.money import decimal_of
from numtui.store.queries.meta import get_meta_time

CLAIMS_READ = "claims {label} time"  # in `meta`: when the tournament's claims were last read


class Claim(NamedTuple):
    """A position that can be claimed; NMR. `deadline`: when it is finalised for its owner, None where unknown.

    `model` is the name, or the API's id of a model that is not the account's here.
    """

    round: int
    model: str
    staker: str
    claimable: Decimal | None
    payout: Decimal | None
    burn: Decimal | None
    deadline: datetime | None


def open_claims(connection: sqlite3.Connection, tournament: Tournament) -> list[Claim]:
    """The open claims of a tournament, the next deadline first."""
    sql = """SELECT c.round, coalesce(m.name, c.model_id), c.staker, c.claimable, c.payout, c.burn, r.resolve_time
      FROM claims c LEFT JOIN models m ON m.id = c.model_id AND m.tournament = c.tournament
        LEFT JOIN rounds r ON r.tournament = c.tournament AND r.round = c.round
      WHERE c.tournament = ? ORDER BY r.resolve_time, c.round, 2"""
    return [
        Claim(
            number, model, staker, decimal_of(claimable), decimal_of(payout), decimal_of(burn),
            finalised_at(time_of(resolved)),
        )
        for number, model, staker, claimable, payout, burn, resolved in connection.execute(sql, (int(tournament),))
    ]  # fmt: skip


def claims_read(connection: sqlite3.Connection, tournament: Tournament) -> datetime | None:
    """When the claims of a tournament were last read; None: never."""
    return get_meta_time(connection, CLAIMS_READ.format(label=tournament.label))
