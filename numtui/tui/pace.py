"""The time that a poll at work still needs."""

from __future__ import annotations

from datetime import datetime

from numtui.reports.header import Progress

LEAST_SECONDS = 5.0  # of watching before an estimate is one
LEAST_SHARE = 0.1  # of the models done meanwhile


class Pace:
    """The pace at which a poll gets its models done.

    What came before the first of them (the rounds, the leaderboard) is no measure of the rest, and neither are the
    first few: until then there is no estimate.
    """

    def __init__(self) -> None:
        self._step = ""
        self._since: datetime | None = None
        self._first = 0
        self._last = 0

    def seconds_left(self, progress: Progress | None, now: datetime) -> float | None:
        """The seconds left at the pace so far; None while there is none to speak of."""
        if progress is None or not progress.models_total:
            self._since = None
            return None
        done, total = progress.models_done, progress.models_total
        if self._since is None or progress.step != self._step or done < self._last:
            self._step, self._since, self._first = progress.step, now, done
        self._last = done
        seconds = (now - self._since).total_seconds()
        if seconds < LEAST_SECONDS or done - self._first < max(1.0, LEAST_SHARE * total):
            return None
        return seconds / (done - self._first) * (total - done)
