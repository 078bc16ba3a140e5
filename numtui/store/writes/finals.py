"""The daily row of a score that counts in its round, which is its row of `latest`.

The final value of a score is that of its configuration's last scoring day (totalScoreDays); where no configuration says
how many there are, it is the first row seen resolved. Rows of later days are kept in `scores` and change nothing else.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from numtui.model import Tournament
from numtui.store.paths import newest_within, value_of
from numtui.store.queries.rounds import last_scoring_days
from numtui.store.writes.upsert import mark_changed

log = logging.getLogger(__name__)

Key = tuple[int, int, int]  # model, round, score


class HeldValue(NamedTuple):
    """The row that counts so far: its day, whether it is final, whether its payout has settled, and how the cache has
    its value and percentile."""

    day: int | None
    resolved: bool
    settled: bool
    value: float | None = None
    percentile: float | None = None


class Finals:
    """The last scoring days and the rows that count of the models and rounds that are being written.

    Made for `spans`: the first and the last round of each model.
    """

    def __init__(self, connection: sqlite3.Connection, spans: Mapping[int, tuple[int, int]]) -> None:
        self._last: dict[Key, int] = {}
        self._held: dict[Key, HeldValue] = {}
        self._later: set[Key] = set()
        self.dated: dict[Key, tuple[int, str]] = {}  # day and date of what counts in the cache, where both are known
        for model, span in spans.items():
            for number, score, days in connection.execute(_LAST_DAYS, (model, *span)):
                self._last[model, number, score] = days
            for number, score, day, resolved, settled, date, *figures in connection.execute(_HELD, (model, *span)):
                key = (model, number, score)
                self._held[key] = HeldValue(day, bool(resolved), bool(settled), *figures)
                if day is not None and date is not None:
                    self.dated[key] = (day, date)

    def held(self, key: Key) -> HeldValue | None:
        """What counts of this score so far; None where nothing of it is known."""
        return self._held.get(key)

    def is_here(self, key: Key, day: int, resolved: int | None, figures: tuple[float | None, float | None]) -> bool:
        """Whether the cache says of a score what a path says that ends with this day."""
        known = self._held.get(key)
        return (
            known is not None and known[:2] == (day, resolved) and known[3:] == figures and not self.is_later(key, day)
        )

    def is_first(self, key: Key, day: int | None, resolved: bool | None, *, settled: bool) -> bool:
        """Whether nothing of a score was known, so that this row counts from now on; not one after the last day."""
        last = self._last.get(key)
        if key in self._held or (last is not None and day is not None and day > last):
            return False
        self._held[key] = HeldValue(day, bool(resolved), settled)
        return True

    def counts(self, key: Key, day: int | None, resolved: bool | None) -> bool:
        """Whether a row of this day takes the place of what counts so far."""
        known = self._held.get(key)
        if known is None or known.day is None or day is None or day == known.day:
            return True
        last = self._last.get(key)
        if last is not None and (day > last or known.day > last):
            return day < known.day
        if last is None and (known.resolved or resolved):
            return not known.resolved
        return day > known.day

    def count(self, key: Key, day: int | None, resolved: bool | None, settled: bool) -> None:
        """Notes that the row of this day counts from now on."""
        known = self._held.get(key)
        if known is None:
            self._held[key] = HeldValue(day, bool(resolved), settled)
            return
        final = known.resolved if resolved is None else resolved
        self._held[key] = HeldValue(known.day if day is None else day, final, known.settled or settled)

    def newest(self, key: Key, days: Sequence[int]) -> int:
        """Which of these ascending days of one score counts: the newest that is not after the last, else the first."""
        last = self._last.get(key)
        if last is None or days[-1] <= last:
            return days[-1]
        return max((day for day in days if day <= last), default=days[0])

    def note_later(self, key: Key, written: int | None) -> None:
        """Remembers the first row of a score after its final one, for `say_later`; `written` is the newest day here."""
        if written is None or not self.is_later(key, written):
            self._later.add(key)

    def is_later(self, key: Key, day: int) -> bool:
        """Whether this day comes after the final row of its score."""
        last = self._last.get(key)
        if last is not None:
            return day > last
        known = self._held.get(key)
        return known is not None and known.resolved and known.day is not None and day > known.day

    def say_later(self) -> None:
        """A line in the log on scores of which no later row was here yet."""
        if self._later:
            model, number, _ = min(self._later)
            log.warning(
                "%d scores have rows after their last scoring day (model %d, from round %d on): kept, but the final "
                "values stay",
                len(self._later),
                model,
                number,
            )


_LAST_DAYS = """SELECT round, score, total_score_days FROM score_configs
  WHERE tournament = (SELECT tournament FROM models WHERE model = ?) AND round BETWEEN ? AND ?
    AND total_score_days > 0"""
_HELD = """SELECT round, score, day, resolved, payout_settled IS NOT NULL, date, value, percentile FROM latest
  WHERE model = ? AND round BETWEEN ? AND ?"""
_TOO_LATE = """SELECT l.model, p.day_values, p.day_percentiles FROM latest l JOIN models m USING (model)
  JOIN score_paths p ON p.model = l.model AND p.round = l.round AND p.score = l.score
  WHERE l.round = ?1 AND l.score = ?2 AND l.day > ?3 AND m.tournament = ?4"""

_KEEP_DATE = """INSERT INTO odd_days (model, round, score, day, date)
  SELECT l.model, l.round, l.score, l.day, l.date FROM latest l
  LEFT JOIN score_dates d ON d.tournament = ?4 AND d.round = l.round AND d.day = l.day
  WHERE l.model = ?1 AND l.round = ?2 AND l.score = ?3 AND l.date IS NOT NULL AND l.date IS NOT d.date
ON CONFLICT (model, round, score, day) DO UPDATE SET date = excluded.date"""

_SETTLE = """UPDATE latest SET day = ?4, value = ?5, percentile = ?6, date = coalesce(
  (SELECT o.date FROM odd_days o WHERE o.model = ?1 AND o.round = ?2 AND o.score = ?3 AND o.day = ?4),
  (SELECT d.date FROM score_dates d WHERE d.tournament = ?7 AND d.round = ?2 AND d.day = ?4))
WHERE model = ?1 AND round = ?2 AND score = ?3"""


def settle_finals(connection: sqlite3.Connection, tournament: Tournament, before: dict[tuple[int, int], int]) -> int:
    """Puts the final rows in their place where the last day became known, or another than `before`, only now.

    Call it in the transaction that wrote the configurations. Returns how many rows changed.
    """
    changes = connection.total_changes
    for (number, score), last in last_scoring_days(connection, tournament).items():
        if before.get((number, score)) == last:
            continue
        for model, values, shares in connection.execute(_TOO_LATE, (number, score, last, int(tournament))).fetchall():
            day = newest_within(values, last)
            if day is not None:
                connection.execute(_KEEP_DATE, (model, number, score, int(tournament)))
                final, share = value_of(values, day), value_of(shares, day)
                connection.execute(_SETTLE, (model, number, score, day, final, share, int(tournament)))
    return mark_changed(connection, "latest", connection.total_changes - changes)
