"""The tournament's calendar: scoring days, rounds and their times, as pure functions of the round number.

A *scoring day* is a Tuesday to Saturday; each has an index (0 = Tuesday 2016-01-05). One daily round opens on each of
them and the three tournaments share the numbering (anchor: Classic 1343 opened on Friday 2026-08-28). Rounds before 340
were weekly, opening on Saturdays (anchor: 311 on 2022-04-09).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

EPOCH = date(2016, 1, 5)  # a Tuesday
ANCHOR_ROUND, ANCHOR_DATE = 1343, date(2026, 8, 28)
FIRST_DAILY_ROUND = 340
WEEKLY_ANCHOR_ROUND, WEEKLY_ANCHOR_DATE = 311, date(2022, 4, 9)
FIRST_ROUND = 222
OPEN_HOUR, CLOSE_HOUR, SCORE_HOUR = 13, 14, 16
SCORE_LAG = 3  # scoring days between the opening and the first score: about four days after the close


def day_index(day: date) -> int:
    """Index of the last scoring day on or before `day` (Sunday and Monday give Saturday's)."""
    weeks, weekday = divmod((day - EPOCH).days, 7)
    return 5 * weeks + min(weekday, 4)


def index_date(index: int) -> date:
    """The date of a scoring day, inverse of `day_index` on scoring days."""
    weeks, weekday = divmod(index, 5)
    return EPOCH + timedelta(days=7 * weeks + weekday)


def is_scoring_day(day: date) -> bool:
    """Whether scores are computed on this date (Tuesday to Saturday)."""
    return (day - EPOCH).days % 7 < 5


OFFSET = day_index(ANCHOR_DATE) - ANCHOR_ROUND


def open_index(number: int) -> int:
    """Scoring-day index on which round `number` opens."""
    if number >= FIRST_DAILY_ROUND:
        return number + OFFSET
    return day_index(WEEKLY_ANCHOR_DATE + timedelta(weeks=number - WEEKLY_ANCHOR_ROUND))


def newest_round(moment: datetime) -> int:
    """Number of the newest round that has opened at `moment` (daily rounds only)."""
    index = day_index(moment.date())
    if index_date(index) == moment.date() and moment.time() < time(OPEN_HOUR):
        index -= 1
    return index - OFFSET


def _at(day: date, minutes: int) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC) + timedelta(minutes=minutes)


@lru_cache(maxsize=8192)
def scored_at(index: int) -> datetime:
    """The end of the scoring run of a scoring day: 16:00 UTC and up to 40 minutes, fixed for each day."""
    return _at(index_date(index), SCORE_HOUR * 60 + (index * 37) % 41)


def resolved_at(index: int) -> datetime:
    """The time at which the rounds that end on a scoring day resolve: 45 minutes after the scoring run."""
    return scored_at(index) + timedelta(minutes=45)


def newest_run(moment: datetime) -> int:
    """Index of the newest scoring run that has ended at `moment`."""
    index = day_index(moment.date())
    return index if scored_at(index) <= moment else index - 1


@dataclass(frozen=True, slots=True)
class RoundTimes:
    """The fixed times of one round, all aware UTC."""

    number: int
    open: datetime
    close: datetime
    score: datetime
    resolve: datetime
    first_score_index: int
    days: int

    def status(self, moment: datetime) -> str:
        """UPCOMING, OPEN, RESOLVING or RESOLVED at a moment."""
        if moment < self.open:
            return "UPCOMING"
        if moment < self.close:
            return "OPEN"
        return "RESOLVED" if moment >= self.resolve else "RESOLVING"

    def days_scored(self, moment: datetime, total: int | None = None) -> int:
        """How many of the round's scoring days (or of a score with `total` days) have been scored at `moment`."""
        done = newest_run(moment) - self.first_score_index + 1
        return max(0, min(done, self.days if total is None else total))


@lru_cache(maxsize=16384)
def round_times(number: int, days: int) -> RoundTimes:
    """Times of round `number` that pays after `days` scoring days; a Saturday's round closes on Monday."""
    index = open_index(number)
    day = index_date(index)
    closing = day + timedelta(days=2) if day.weekday() == 5 else day
    first = index + SCORE_LAG
    return RoundTimes(
        number=number,
        open=_at(day, OPEN_HOUR * 60),
        close=_at(closing, CLOSE_HOUR * 60),
        score=scored_at(first),
        resolve=resolved_at(first + days - 1),
        first_score_index=first,
        days=days,
    )
