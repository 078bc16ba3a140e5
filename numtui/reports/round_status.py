"""Where a round stands between opening and resolution: its status, and its scoring days done of all."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from numtui.calendar import scoring_days_between
from numtui.model import Tournament, time_of
from numtui.store.queries.scores.scoring_days import ScoringPeriod, newest_scoring_days, scoring_periods

ROOM = 0.8  # of the scoring days must fit between start and resolution, holidays aside: else it is no start


@dataclass(frozen=True, slots=True)
class ScoringDays:
    """A round's scoring: `days` in all until it resolves, `done` so far; None where unknown."""

    done: int | None = None
    days: int | None = None

    @property
    def bar(self) -> tuple[int, int] | None:
        """(done, all) for a bar."""
        return None if self.done is None or self.days is None else (self.done, self.days)


def round_status(now: datetime, opens: datetime | None, closes: datetime | None, resolved: bool) -> str:
    """The round's status from its times and `resolvedGeneral`: upcoming, open, resolving or resolved."""
    if resolved:
        return "resolved"
    if opens is not None and now < opens:
        return "upcoming"
    if closes is not None and now < closes:
        return "open"
    return "resolving"


def scoring_days(connection: sqlite3.Connection, tournament: Tournament, now: datetime) -> dict[int, ScoringDays]:
    """The scoring days of every round that has a configuration: of the scores that it pays, else of all that it has.

    Days done are those of the scores here; without any they are counted on the calendar (scores come Tuesday to
    Saturday) from the start of scoring or, where no start is stated that leaves room for them all, back from the
    resolution.
    """
    scored = newest_scoring_days(connection, tournament)
    return {
        period.round: ScoringDays(_done(period, scored.get(period.round), now), period.days)
        for period in scoring_periods(connection, tournament)
    }


def _done(period: ScoringPeriod, scored: int | None, now: datetime) -> int | None:
    """Scoring days so far: by the newest score, else by the calendar; None where neither start nor end tells."""
    days, start, end = period.days, time_of(period.start), time_of(period.resolve_time)
    if period.resolved:
        return days
    if scored is not None:
        return scored
    if start is not None and (days is None or end is None or _scoring_dates(start, end) >= days * ROOM):
        passed = _scoring_dates(start, now)
        return passed if days is None else min(passed, days)
    if end is None or days is None:
        return None
    return min(max(days - _scoring_dates(now + timedelta(days=1), end), 0), days)


def _scoring_dates(first: datetime, last: datetime) -> int:
    """How many days with scores lie between two times, theirs included."""
    return scoring_days_between(first.date(), last.date())
