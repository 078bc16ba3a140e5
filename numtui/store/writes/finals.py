"""The daily row of a score that counts in its round, which is its row of `latest`.

The final value of a score is that of its configuration's last scoring day (totalScoreDays); where no configuration says
how many there are, it is the first row seen resolved. Rows of later days are kept in `scores` and change nothing else.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from numtui.model import Tournament
from numtui.store.queries.rounds import last_scoring_days
from numtui.store.writes.upsert import mark_changed

log = logging.getLogger(__name__)

Key = tuple[int, int, int]  # model, round, score


class HeldValue(NamedTuple):
    """The row that counts so far: its day, whether it is final, and whether its payout has settled."""

    day: int | None
    resolved: bool
    settled: bool


class Finals:
    """The last scoring days and the rows that count of the models and rounds that are being written."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._since: dict[int, int] = {}
        self._last: dict[Key, int] = {}
        self._held: dict[Key, HeldValue] = {}
        self._later: set[Key] = set()

    def last_day(self, key: Key) -> int | None:
        """The last scoring day by the round's configuration; None where nothing states it."""
        self._read(key)
        return self._last.get(key)

    def held(self, key: Key) -> HeldValue | None:
        """What counts of this score so far; None where nothing of it is known."""
        self._read(key)
        return self._held.get(key)

    def counts(self, key: Key, day: int | None, resolved: bool | None) -> bool:
        """Whether a row of this day takes the place of what counts so far."""
        known, last = self.held(key), self.last_day(key)
        if known is None or known.day is None or day in {None, known.day}:
            return True
        assert day is not None
        if last is not None and (day > last or known.day > last):
            return day < known.day
        if last is None and (known.resolved or resolved):
            return not known.resolved
        return day > known.day

    def count(self, key: Key, day: int | None, resolved: bool | None, settled: bool) -> None:
        """Notes that the row of this day counts from now on."""
        known = self._held.get(key, HeldValue(None, False, False))
        final = known.resolved if resolved is None else resolved
        self._held[key] = HeldValue(known.day if day is None else day, final, known.settled or settled)

    def newest(self, key: Key, days: Iterable[int]) -> int:
        """Which of these days of one score counts: the newest that is not after the last, else the first."""
        last, known = self.last_day(key), sorted(days)
        within = known if last is None else [day for day in known if day <= last]
        return within[-1] if within else known[0]

    def note_later(self, key: Key) -> None:
        """Remembers the first row of a score after its final one, for `say_later`; call it before it is written."""
        sql = "SELECT max(day) FROM scores WHERE model = ? AND round = ? AND score = ?"
        written = self._connection.execute(sql, key).fetchone()[0]
        if written is None or not self.is_later(key, written):
            self._later.add(key)

    def is_later(self, key: Key, day: int) -> bool:
        """Whether this day comes after the final row of its score."""
        last = self.last_day(key)
        if last is not None:
            return day > last
        known = self.held(key)
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

    def _read(self, key: Key) -> None:
        """Reads a model's rounds from this one on; writers come in the order of rounds, so mostly once."""
        model, number, _ = key
        if number >= self._since.get(model, number + 1):
            return
        until = self._since.get(model, 1 << 60)
        self._since[model] = number
        sql = """SELECT round, score, total_score_days FROM score_configs
          WHERE tournament = (SELECT tournament FROM models WHERE model = ?) AND round >= ? AND round < ?
          AND total_score_days > 0"""
        for held_round, score, days in self._connection.execute(sql, (model, number, until)):
            self._last[model, held_round, score] = days
        sql = """SELECT round, score, day, resolved, payout_settled IS NOT NULL FROM latest
          WHERE model = ? AND round >= ? AND round < ?"""
        for held_round, score, day, resolved, settled in self._connection.execute(sql, (model, number, until)):
            self._held[model, held_round, score] = HeldValue(day, bool(resolved), bool(settled))


_SETTLE = """UPDATE latest SET (day, value, percentile, date) = (
  SELECT s.day, s.value, s.percentile, s.date FROM scores s
  WHERE s.model = latest.model AND s.round = latest.round AND s.score = latest.score AND s.day <= ?3
    AND s.value IS NOT NULL ORDER BY s.day DESC LIMIT 1)
WHERE round = ?1 AND score = ?2 AND day > ?3 AND model IN (SELECT model FROM models WHERE tournament = ?4)
  AND EXISTS (SELECT 1 FROM scores s WHERE s.model = latest.model AND s.round = latest.round
    AND s.score = latest.score AND s.day <= ?3 AND s.value IS NOT NULL)"""


def settle_finals(connection: sqlite3.Connection, tournament: Tournament, before: dict[tuple[int, int], int]) -> int:
    """Puts the final rows in their place where the last day became known, or another than `before`, only now.

    Call it in the transaction that wrote the configurations. Returns how many rows changed.
    """
    changes = connection.total_changes
    for (number, score), day in last_scoring_days(connection, tournament).items():
        if before.get((number, score)) != day:
            connection.execute(_SETTLE, (number, score, day, int(tournament)))
    return mark_changed(connection, "latest", connection.total_changes - changes)
