"""When something is due: pure decisions from what the scoring pipeline says and what was ingested before.

Scores come once a scoring day (Tuesday to Saturday); a run first scores, later the same day it resolves rounds.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from numtui.calendar import scoring_days_between
from numtui.model import time_of, time_text

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ScoringRun:
    """How far the scoring run of `day` is: the newest time at which it scored or resolved, and whether that was all."""

    day: date
    at: datetime | None = None
    complete: bool = False

    def to_text(self) -> str:
        """As one line of JSON, for `meta`."""
        return json.dumps({"day": self.day.isoformat(), "at": time_text(self.at), "complete": self.complete})

    @classmethod
    def from_text(cls, text: str | None) -> ScoringRun | None:
        """What `to_text` wrote; None of None, and of what cannot be read: that was never seen, it is fetched again."""
        if text is None:
            return None
        try:
            note = json.loads(text)
            return cls(date.fromisoformat(note["day"]), time_of(note["at"]), bool(note["complete"]))
        except (ValueError, TypeError, LookupError, RecursionError) as error:
            log.warning("a note on what is here is unreadable, it is fetched again: %s", error)
            return None


def run_of(day: date, is_scoring_day: bool | None, scored: datetime | None, resolved: datetime | None) -> ScoringRun:
    """The run of `day` by its pipeline status. It is complete once it has resolved, or when none takes place."""
    times = [time.replace(microsecond=0) for time in (scored, resolved) if time is not None]
    return ScoringRun(day, max(times, default=None), resolved is not None or is_scoring_day is False)


def unknown_run(now: datetime) -> ScoringRun:
    """Stands in for a pipeline that does not say whether scores are out: it may have scored in each new hour."""
    return ScoringRun(now.date(), now.replace(minute=0, second=0, microsecond=0))


def missed_days(seen: ScoringRun, today: date) -> int:
    """How many scoring days before `today` may have brought what is not here."""
    first = seen.day + timedelta(days=1) if seen.complete else seen.day
    return scoring_days_between(first, today - timedelta(days=1))


def is_due(seen: ScoringRun | None, now: ScoringRun) -> bool:
    """Whether the API may have scored or resolved anything since `seen` was ingested."""
    if seen is None:
        return True
    if now.day > seen.day:
        return now.at is not None or missed_days(seen, now.day) > 0
    return now.at is not None and (seen.at is None or now.at > seen.at)
