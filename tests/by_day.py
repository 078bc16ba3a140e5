"""The scores of a cache a row a day, as tests ask about them and change them: a temporary table `scores`."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import groupby
from math import isnan, nan
from struct import pack, unpack

from numtui.store.writes.score_paths import ScoreDays

PATHS = "SELECT model, round, score, resolved, day_values, day_percentiles FROM score_paths"
DATED = """UPDATE scores SET date = coalesce(date,
  (SELECT l.date FROM latest l WHERE l.model = scores.model AND l.round = scores.round AND l.score = scores.score
   AND l.day = scores.day),
  (SELECT d.date FROM score_dates d JOIN models m USING (tournament) WHERE m.model = scores.model
   AND d.round = scores.round AND d.day = scores.day))"""


def score_days(
    model: int, number: int, score: int, resolved: int | None, rows: Sequence[tuple[int, float | None, float | None]]
) -> ScoreDays:
    """Days of a score given as (day, value, percentile)."""
    days, values, percentiles = [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]
    return ScoreDays(model, number, score, resolved, days, values, percentiles)


def days_table(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Makes the temporary table anew from the paths; what is changed in it changes nothing in the cache."""
    connection.execute("DROP TABLE IF EXISTS temp.scores")
    connection.execute(
        "CREATE TEMP TABLE scores (model, round, score, day, value, percentile, resolved, date, "
        "PRIMARY KEY (model, round, score, day))"
    )
    for *key, resolved, values, percentiles in connection.execute(PATHS).fetchall():
        assert len(values) == len(percentiles)
        columns = [unpack(f"<{len(blob) // 8}d", blob) for blob in (values, percentiles)]
        for day, pair in enumerate(zip(*columns, strict=True), 1):
            known = [None if isnan(number) else number for number in pair]
            if known != [None, None]:
                row = (*key, day, *known, resolved)
                connection.execute("INSERT INTO scores VALUES (?, ?, ?, ?, ?, ?, ?, NULL)", row)
    odd = "SELECT o.*, p.resolved FROM odd_days o JOIN score_paths p USING (model, round, score)"
    for *key, own, date, resolved in connection.execute(odd).fetchall():
        flag = resolved if own is None else None if own < 0 else own
        connection.execute(
            "INSERT INTO scores VALUES (?, ?, ?, ?, NULL, NULL, ?, ?) "
            "ON CONFLICT DO UPDATE SET resolved = excluded.resolved, date = excluded.date",
            (*key, flag, date),
        )
    connection.execute(DATED)
    return connection


def paths_from_table(connection: sqlite3.Connection) -> None:
    """Makes the paths anew from values and percentiles of the temporary table."""
    rows = connection.execute("SELECT * FROM temp.scores ORDER BY model, round, score, day").fetchall()
    connection.execute("DELETE FROM score_paths")
    for key, group in groupby(rows, key=lambda row: row[:3]):
        days = {row[3]: row[4:6] for row in group}
        blobs = []
        for column in (0, 1):
            path = [days.get(day, (None, None))[column] for day in range(1, max(days) + 1)]
            blobs.append(pack(f"<{len(path)}d", *(nan if value is None else value for value in path)))
        connection.execute("INSERT INTO score_paths VALUES (?, ?, ?, 0, ?, ?)", (*key, *blobs))


def rows_by_day(connection: sqlite3.Connection, columns: str = "*", rest: str = "") -> list[tuple[object, ...]]:
    """Columns of the rows a day, with the rest of a statement."""
    return days_table(connection).execute(f"SELECT {columns} FROM temp.scores {rest}").fetchall()
