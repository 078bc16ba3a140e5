"""Claims of Atomic positions as the poller last read them."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from numtui.model import Tournament, time_of
from numtui.money import decimal_of


class OpenClaim(NamedTuple):
    """A resolved position that can be claimed; the model by name, or by its id where it is not known."""

    round: int
    model: str
    claimable: Decimal | None
    payout: Decimal | None
    burn: Decimal | None
    resolve_time: datetime | None
    staker: str


class OpenClaims(NamedTuple):
    """The claims that were open at `time`; None: they were never read (no keys, no scope, or no Atomic staking).

    `strategy`: those of the strategy contract are among them. Without it, no row does not mean that there is none.
    """

    time: datetime | None
    strategy: bool
    rows: tuple[OpenClaim, ...]

    @property
    def known(self) -> bool:
        """Whether the rows are all there are."""
        return self.time is not None and (self.strategy or bool(self.rows))


def open_claims(connection: sqlite3.Connection, tournament: Tournament) -> OpenClaims:
    """The open claims of a tournament, the oldest round first."""
    read = connection.execute("SELECT time, strategy FROM claim_reads WHERE tournament = ?", (tournament,)).fetchone()
    if read is None:
        return OpenClaims(None, False, ())
    sql = """SELECT c.round, coalesce(m.name, c.model_id), c.claimable, c.payout, c.burn, r.resolve_time, c.staker
      FROM claims c LEFT JOIN models m ON m.id = c.model_id AND m.tournament = c.tournament
      LEFT JOIN rounds r ON r.tournament = c.tournament AND r.round = c.round
      WHERE c.tournament = ? ORDER BY c.round, 2"""
    rows = tuple(
        OpenClaim(number, model, decimal_of(claimable), decimal_of(payout), decimal_of(burn), time_of(resolves), staker)
        for number, model, claimable, payout, burn, resolves, staker in connection.execute(sql, (tournament,))
    )
    return OpenClaims(time_of(read[0]), bool(read[1]), rows)
