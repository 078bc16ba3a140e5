"""One tournament of the account as the parts of the overview need it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import numpy as np

from numtui.analysis.arrays import Floats
from numtui.reports.drift.compute import Drift, drift_of
from numtui.reports.drift.movers import last_moves
from numtui.reports.stake.status import TournamentStatus
from numtui.store.queries.polls import last_done
from numtui.store.queries.stakes.settled import SettledRound, settled_rounds

BACK = timedelta(days=90)  # of settled rounds


@dataclass(frozen=True)
class TournamentState:
    """Stakes, drift, the change [M, R] of projected returns with the last run, and the rounds settled in 90 days;
    `polled`: a poll of it has ended, so that what the cache lacks is not there."""

    status: TournamentStatus
    drift: Drift
    change: Floats
    settled: tuple[SettledRound, ...]
    polled: bool

    @property
    def label(self) -> str:
        """The tournament's name."""
        return self.status.tournament.label

    @cached_property
    def counted(self) -> list[int]:
        """The positions of the account's models on the drift's axis of models."""
        return [int(m) for m in np.flatnonzero(self.drift.inputs.models.counted)]

    @property
    def lacks_days(self) -> bool:
        """Whether days of the account's unresolved rounds are still to come, in the second step of a sync."""
        return not {m for m, _ in self.drift.inputs.without_days}.isdisjoint(self.counted)


def tournament_state(connection: sqlite3.Connection, status: TournamentStatus, now: datetime) -> TournamentState:
    """The state of a tournament in the cache."""
    drift = drift_of(connection, status.tournament)
    settled = settled_rounds(connection, status.tournament, now - BACK)
    polled = last_done(connection, status.tournament) is not None
    return TournamentState(status, drift, last_moves(drift).change, tuple(settled), polled)
