"""Score paths: the days of one score of a model's round, as a row of `score_paths` holds them.

A path is bytes: little-endian float64, place = day - 1, NaN where a day is missing. A path of values and one of
percentiles belong together and are equally long.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import cache
from math import nan
from struct import Struct, error

WIDTH = 8  # bytes a day
MISSING = Struct("<d").pack(nan)
_DAY = Struct("<d")


@cache
def _doubles(count: int) -> Struct:
    return Struct(f"<{count}d")


def packed(values: Sequence[float | None]) -> bytes:
    """The path of the days 1, 2, ...; None and NaN are missing."""
    doubles = _doubles(len(values))
    try:
        return doubles.pack(*values)
    except error:  # None among them
        return doubles.pack(*(nan if value is None else value for value in values))


def unpacked(path: bytes) -> tuple[float, ...]:
    """The values of the days 1, 2, ...; NaN where one is missing."""
    return _doubles(len(path) // WIDTH).unpack(path)


def length(path: bytes) -> int:
    """How many days a path reaches."""
    return len(path) // WIDTH


def is_whole(values: Sequence[float]) -> bool:
    """Whether none is missing: a sum with a NaN in it is none."""
    return (total := sum(values)) == total


def joined(new: bytes, held: bytes) -> bytes:
    """The days of `new`, and those of `held` that it lacks."""
    if new == held:
        return held
    values, known = unpacked(new), unpacked(held)
    if len(values) >= len(known) and is_whole(values):
        return new
    both = list(values) + list(known[len(values) :])
    for place, value in enumerate(values[: len(known)]):
        if value != value:  # noqa: PLR0124  NaN differs from itself
            both[place] = known[place]
    return packed(both)


def with_day(path: bytes, day: int, value: float | None) -> bytes:
    """The path with the value of one day; None leaves what is known of it, and makes the path reach it."""
    place = WIDTH * (day - 1)
    if value is None and len(path) > place:
        return path
    piece = MISSING if value is None else _DAY.pack(value)
    if path[place : place + WIDTH] == piece:
        return path
    return path[:place] + MISSING * (day - 1 - length(path)) + piece + path[place + WIDTH :]


def value_of(path: bytes, day: int) -> float | None:
    """The value of one day; None where it is missing."""
    (value,) = _DAY.unpack_from(path, WIDTH * (day - 1))
    return None if value != value else float(value)  # noqa: PLR0124  NaN differs from itself


def newest_within(path: bytes, last: int) -> int | None:
    """The newest day with a value that is not after the day `last`; None where there is none."""
    values = unpacked(path[: WIDTH * last])
    return next((day for day in range(len(values), 0, -1) if values[day - 1] == values[day - 1]), None)


def merge_paths(connection: sqlite3.Connection, kept: int, double: int) -> None:
    """Gives the paths of the model `kept` the days of `double` that they lack."""
    rows = connection.execute(
        """SELECT k.round, k.score, coalesce(k.resolved, d.resolved), k.day_values, k.day_percentiles, d.day_values,
          d.day_percentiles FROM score_paths k JOIN score_paths d USING (round, score)
          WHERE k.model = ? AND d.model = ?""",
        (kept, double),
    ).fetchall()
    connection.executemany(
        "UPDATE score_paths SET resolved = ?, day_values = ?, day_percentiles = ? "
        "WHERE model = ? AND round = ? AND score = ?",
        [
            (resolved, joined(values, other_values), joined(shares, other_shares), kept, number, score)
            for number, score, resolved, values, shares, other_values, other_shares in rows
        ],
    )
