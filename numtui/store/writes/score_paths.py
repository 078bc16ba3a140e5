"""Writing score paths: new days go into the paths that are here, and only paths that changed are written."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from numtui.store.paths import joined, length, packed, unpacked, with_day
from numtui.store.writes.finals import Key


@cache
def _days_from_one(count: int) -> list[int]:
    return list(range(1, count + 1))


class ScoreDays(NamedTuple):
    """Days of one score of a model's round, one at least, in any order: `days` with their `values` and `percentiles`.

    `resolved` is 0, 1 or, for unknown, None.
    """

    model: int
    round: int
    score: int
    resolved: int | None
    days: Sequence[int]
    values: Sequence[float | None]
    percentiles: Sequence[float | None]

    def ordered(self) -> ScoreDays:
        """The same by day; of a day that came twice the last."""
        if self.days == _days_from_one(len(self.days)) or all(
            earlier < later for earlier, later in zip(self.days, self.days[1:], strict=False)
        ):
            return self
        rows = dict(zip(self.days, zip(self.values, self.percentiles, strict=True), strict=True))
        days = sorted(rows)
        return self._replace(
            days=days, values=[rows[day][0] for day in days], percentiles=[rows[day][1] for day in days]
        )


class _Path(NamedTuple):
    """A row of `score_paths` without its key."""

    resolved: int | None
    values: bytes
    percentiles: bytes


_NO_PATH = _Path(None, b"", b"")


class _OddDay(NamedTuple):
    """A row of `odd_days` without its key; `date` and `resolved` are None where they are as everywhere else."""

    resolved: int | None = None
    date: str | None = None


def spans_of(keys: Iterable[Key]) -> dict[int, tuple[int, int]]:
    """The first and the last round of each model among these keys."""
    rounds: dict[int, set[int]] = {}
    for model, number, _ in keys:
        rounds.setdefault(model, set()).add(number)
    return {model: (min(numbers), max(numbers)) for model, numbers in rounds.items()}


class PathWriter:
    """Paths as they are in the cache and as they become; `write` puts down what has changed.

    Made for `spans`: the first and the last round of each model. Use it within one transaction.
    """

    def __init__(self, connection: sqlite3.Connection, spans: Mapping[int, tuple[int, int]]) -> None:
        self._connection = connection
        self._paths: dict[Key, _Path] = {}
        self._changed: set[Key] = set()
        self._odd: dict[Key, dict[int, _OddDay]] = {}
        self._odd_changed: set[Key] = set()
        for model, span in spans.items():
            self._read(model, *span)

    def _read(self, model: int, first: int, last: int) -> None:
        where = "WHERE model = ? AND round BETWEEN ? AND ?"
        sql = f"SELECT round, score, resolved, day_values, day_percentiles FROM score_paths {where}"
        for number, score, *path in self._connection.execute(sql, (model, first, last)):
            self._paths[model, number, score] = _Path(*path)
        sql = f"SELECT round, score, day, resolved, date FROM odd_days {where}"
        for number, score, day, *facts in self._connection.execute(sql, (model, first, last)):
            self._odd.setdefault((model, number, score), {})[day] = _OddDay(*facts)

    def newest(self, key: Key) -> int | None:
        """The newest day of a score so far; None where there is none."""
        path = self._paths.get(key)
        if path is None:
            return None
        days = length(path.values)
        return max(days, *self._odd[key]) if self._odd.get(key) else days

    def put(self, item: ScoreDays) -> None:
        """The days of a path, by day; what is missing in them erases nothing."""
        key = item[:3]
        bare = None in item.values and [
            day
            for day, value, share in zip(item.days, item.values, item.percentiles, strict=True)
            if value is None and share is None
        ]
        if item.days == _days_from_one(len(item.days)) and not bare:
            self._join(key, _Path(item.resolved, packed(item.values), packed(item.percentiles)))
        else:
            last = max((day for day in item.days if not bare or day not in bare), default=0)
            by_day: list[list[float | None]] = [[None] * last, [None] * last]
            for day, *pair in zip(item.days, item.values, item.percentiles, strict=True):
                if day <= last:
                    by_day[0][day - 1], by_day[1][day - 1] = pair
            self._join(key, _Path(item.resolved, packed(by_day[0]), packed(by_day[1])))
        for day in bare or ():
            self._put_bare(key, day)

    def put_day(self, key: Key, day: int, value: float | None, percentile: float | None, resolved: bool | None) -> None:
        """One day of a path; what is not stated erases nothing."""
        held = self._paths.get(key, _NO_PATH)
        flag = held.resolved if resolved is None else int(resolved)
        if value is None and percentile is None:
            self._set(key, _Path(flag, held.values, held.percentiles))
            self._put_bare(key, day)
        else:
            values, shares = with_day(held.values, day, value), with_day(held.percentiles, day, percentile)
            self._set(key, _Path(flag, values, shares))

    def resolve(self, key: Key) -> None:
        """A score that is final: its days before are final with it."""
        held = self._paths.get(key)
        if held is not None:
            self._set(key, held._replace(resolved=1))

    def put_own_date(self, key: Key, day: int, date: str | None) -> None:
        """The date of a day that is not that of all models; None: it is."""
        held = self._odd[key].get(day) if key in self._odd else None
        if (None if held is None else held.date) != date:
            self._odd.setdefault(key, {})[day] = (held or _OddDay())._replace(date=date)
            self._odd_changed.add(key)

    def write(self) -> int:
        """Writes what has changed; returns how many paths."""
        self._connection.executemany(
            _PUT_PATH, ((*key, *path) for key, path in sorted((key, self._paths[key]) for key in self._changed))
        )
        for key in self._odd_changed:
            days = self._odd[key]
            needed = [(*key, day, *odd) for day, odd in days.items() if odd != _OddDay() or not self._has(key, day)]
            self._connection.execute("DELETE FROM odd_days WHERE model = ? AND round = ? AND score = ?", key)
            self._connection.executemany("INSERT INTO odd_days VALUES (?, ?, ?, ?, ?, ?)", needed)
        return len(self._changed | self._odd_changed)

    def _join(self, key: Key, path: _Path) -> None:
        held = self._paths.get(key)
        if held is None:
            self._set(key, path)
            return
        flag = held.resolved if path.resolved is None else path.resolved
        self._set(key, _Path(flag, joined(path.values, held.values), joined(path.percentiles, held.percentiles)))

    def _set(self, key: Key, path: _Path) -> None:
        held = self._paths.get(key)
        if path == held:
            return
        self._paths[key] = path
        self._changed.add(key)
        if key in self._odd:
            self._odd_changed.add(key)
            if held is not None and held.resolved != path.resolved:
                self._odd[key] = {day: odd._replace(resolved=None) for day, odd in self._odd[key].items()}

    def _put_bare(self, key: Key, day: int) -> None:
        if not self._has(key, day) and day not in self._odd.get(key, ()):
            self._odd.setdefault(key, {})[day] = _OddDay()
            self._odd_changed.add(key)

    def _has(self, key: Key, day: int) -> bool:
        """Whether the path says that the day is there."""
        path = self._paths[key]
        return length(path.values) >= day and any(
            blob[day - 1] == blob[day - 1] for blob in (unpacked(path.values), unpacked(path.percentiles))
        )


_PUT_PATH = """INSERT INTO score_paths VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (model, round, score) DO UPDATE SET
  resolved = excluded.resolved, day_values = excluded.day_values, day_percentiles = excluded.day_percentiles"""
