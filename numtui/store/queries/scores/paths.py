"""The scores of models day by day, read path by path: one row of the cache holds all days of a score in a round."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from numtui.model import Tournament
from numtui.store.paths import is_whole, unpacked
from numtui.store.queries.selection import Rounds


class ScorePath(NamedTuple):
    """The days of a model's score in a round, ascending, and what is known of each: five equally long sequences.

    None where unknown. `resolved` is 0 or 1, a date an ISO date or time.
    """

    model: int
    round: int
    score: int
    version: str
    days: Sequence[int]
    values: Sequence[float | None]
    percentiles: Sequence[float | None]
    resolved: Sequence[int | None]
    dates: Sequence[str | None]


class RoundDay(NamedTuple):
    """A score of one model on a day of one round; `date` is an ISO date or time."""

    day: int
    date: str | None
    score: int
    value: float | None
    percentile: float | None


def score_paths_of(
    connection: sqlite3.Connection, tournament: Tournament, models: Iterable[int], rounds: Rounds
) -> Iterator[ScorePath]:
    """The paths of these models by model as given, round, score's name and version; one at a time."""
    condition, values = rounds.condition("p.round", "r.resolved")
    dates = _Dates(connection, tournament)
    for model in models:
        odd = _odd_days(connection, model, rounds)
        for row in connection.execute(_PATHS.format(condition=condition), (tournament, model, *values)):
            yield _path(model, row, dates, odd)


def round_days(connection: sqlite3.Connection, tournament: Tournament, model: int, number: int) -> list[RoundDay]:
    """The scores of a model in one round, day by day."""
    rows = [
        RoundDay(day, date, path.score, value, percentile)
        for path in score_paths_of(connection, tournament, [model], Rounds(number, number))
        for day, date, value, percentile in zip(path.days, path.dates, path.values, path.percentiles, strict=True)
    ]
    return sorted(rows, key=lambda row: (row.day, row.score))


_PATHS = """SELECT p.round, p.score, n.version, p.resolved, p.day_values, p.day_percentiles, l.day, l.date
  FROM score_paths p JOIN score_names n USING (score)
  LEFT JOIN rounds r ON r.tournament = ? AND r.round = p.round
  LEFT JOIN latest l ON l.model = p.model AND l.round = p.round AND l.score = p.score
  WHERE p.model = ? AND {condition} ORDER BY p.round, n.name, n.version"""

_PathRow = tuple[int, int, str, int | None, bytes, bytes, int | None, str | None]
_OddDays = dict[tuple[int, int], dict[int, tuple[int | None, str | None]]]
_NOT_ODD: dict[int, tuple[int | None, str | None]] = {}


class _Dates:
    """The dates of scoring days that all models have, read a round at a time and kept: models have the same rounds."""

    def __init__(self, connection: sqlite3.Connection, tournament: Tournament) -> None:
        self._connection = connection
        self._tournament = tournament
        self._rounds: dict[int, list[str | None]] = {}

    def until(self, number: int, last: int) -> list[str | None]:
        """The dates of the days 1 to `last` of a round."""
        known = self._rounds.get(number)
        if known is None:
            sql = "SELECT day, date FROM score_dates WHERE tournament = ? AND round = ?"
            by_day = dict(self._connection.execute(sql, (self._tournament, number)).fetchall())
            known = [by_day.get(day) for day in range(1, max(by_day, default=0) + 1)]
            self._rounds[number] = known
        if len(known) < last:
            known.extend([None] * (last - len(known)))
        return known[:last]


def _odd_days(connection: sqlite3.Connection, model: int, rounds: Rounds) -> _OddDays:
    condition, values = Rounds(rounds.first, rounds.last).condition("round", "")
    rows: _OddDays = {}
    sql = f"SELECT round, score, day, resolved, date FROM odd_days WHERE model = ? AND {condition}"
    for number, score, day, resolved, date in connection.execute(sql, (model, *values)):
        rows.setdefault((number, score), {})[day] = (resolved, date)
    return rows


def _path(model: int, row: _PathRow, dates: _Dates, odd_days: _OddDays) -> ScorePath:
    number, score, version, resolved, day_values, day_percentiles, newest, newest_date = row
    values, shares = unpacked(day_values), unpacked(day_percentiles)
    odd = odd_days.get((number, score), _NOT_ODD)
    last = max([len(values), *odd])
    dated = dates.until(number, last)
    if newest_date is not None and newest is not None and newest <= last:
        dated[newest - 1] = newest_date
    days, flags = range(1, last + 1), [resolved] * last
    if not odd and is_whole(values) and is_whole(shares):
        return ScorePath(model, number, score, version, days, values, shares, flags, dated)
    for day, (own_flag, own_date) in odd.items():
        if own_date is not None:
            dated[day - 1] = own_date
        if own_flag is not None:
            flags[day - 1] = None if own_flag < 0 else own_flag
    known, percentiles = _without_nan(values, last), _without_nan(shares, last)
    places = [day - 1 for day in days if day in odd or not known[day - 1] is percentiles[day - 1] is None]
    return ScorePath(
        model,
        number,
        score,
        version,
        [place + 1 for place in places],
        [known[place] for place in places],
        [percentiles[place] for place in places],
        [flags[place] for place in places],
        [dated[place] for place in places],
    )


def _without_nan(values: Sequence[float | None], last: int) -> list[float | None]:
    known = [None if value != value else value for value in values]  # noqa: PLR0124  NaN differs from itself
    return known + [None] * (last - len(known))
