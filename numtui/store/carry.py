"""Migration 005: the rows of the former table `scores`, one a day, become paths, and nothing of them is lost.

Model by model, each committed: a migration that was stopped goes on where it was. Until the last step, which takes the
former table away, the former version of the program can go on with the cache; what it writes meanwhile is seen by the
counts in `changes`, and then all is carried anew.
"""

from __future__ import annotations

import json
import logging
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from numtui.store.paths import packed

log = logging.getLogger(__name__)

CARRIED = "carried scores"  # in `meta`: the state of the tables that the paths were carried from
SOURCES = ("scores", "latest", "score_dates", "models")
UNKNOWN = -1  # in `odd_days.resolved`


class OldDay(NamedTuple):
    """A row of the former table; `own_date` is its date where neither `latest` nor `score_dates` states the same."""

    round: int
    score: int
    day: int
    value: float | None
    percentile: float | None
    resolved: int | None
    own_date: str | None


@contextmanager
def one_step(connection: sqlite3.Connection) -> Iterator[None]:
    """A transaction that writes; another process that migrates at the same time waits."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk ends it by itself
            connection.execute("ROLLBACK")
        raise


def carry_over(connection: sqlite3.Connection) -> None:
    """Carries model by model, a transaction each; the tables are there already."""
    left = True
    while left:
        with one_step(connection):
            left = _has_old(connection) and carry_next(connection)


def carry_next(connection: sqlite3.Connection) -> bool:
    """Carries the next model; False when none is left. Call it in a transaction."""
    _start_anew_if_changed(connection)
    after = connection.execute("SELECT coalesce(max(model), -1) FROM score_paths").fetchone()[0]
    model = connection.execute("SELECT min(model) FROM scores WHERE model > ?", (after,)).fetchone()[0]
    if model is None:
        return False
    _carry(connection, model)
    return True


def finish(connection: sqlite3.Connection) -> None:
    """Carries what is left, and takes the former table away. Call it in a transaction."""
    while carry_next(connection):
        pass
    connection.execute("DROP TABLE scores")
    connection.execute("DELETE FROM meta WHERE key = ?", (CARRIED,))
    connection.execute("DELETE FROM changes WHERE name = 'scores'")


def give_back_space(connection: sqlite3.Connection, path: Path) -> None:
    """Shrinks the file where much of it is free now. Where that cannot be, what is free is used by what comes."""
    pages, free, size = (
        int(connection.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("page_count", "freelist_count", "page_size")
    )
    if free * 4 < pages:
        return
    needed = 2 * (pages - free) * size  # the new content, once in a temporary file and once in the log
    room = shutil.disk_usage(path.absolute().parent).free
    if room < 2 * needed:
        log.info("the cache keeps %.0f MB of free room: the disk has too little left to shrink it", free * size / 1e6)
        return
    try:
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.OperationalError as error:
        log.info("the cache keeps its free room: %s", error)


def _has_old(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'scores'").fetchone()[0])


def _start_anew_if_changed(connection: sqlite3.Connection) -> None:
    versions = dict(connection.execute("SELECT name, version FROM changes").fetchall())
    state = json.dumps([versions.get(name, 0) for name in SOURCES])
    if connection.execute("SELECT value FROM meta WHERE key = ?", (CARRIED,)).fetchone() != (state,):
        connection.execute("DELETE FROM score_paths")
        connection.execute("DELETE FROM odd_days")
        connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (CARRIED, state))


def _carry(connection: sqlite3.Connection, model: int) -> None:
    """The paths of one model, a round at a time in memory."""
    odd: list[tuple[object, ...]] = []

    def paths() -> Iterator[tuple[object, ...]]:
        for (number, score), days in groupby(_old_days(connection, model), key=itemgetter(0, 1)):
            rows = list(days)
            flag = Counter(row.resolved for row in rows).most_common(1)[0][0]
            odd.extend((model, number, score, *fact) for fact in _odd(rows, flag))
            yield model, number, score, flag, *_blobs(rows)

    connection.executemany("INSERT INTO score_paths VALUES (?, ?, ?, ?, ?, ?)", paths())
    connection.executemany("INSERT INTO odd_days VALUES (?, ?, ?, ?, ?, ?)", odd)


def _old_days(connection: sqlite3.Connection, model: int) -> Iterator[OldDay]:
    sql = """SELECT s.round, s.score, s.day, s.value, s.percentile, s.resolved,
        nullif(coalesce(s.date, d.date), coalesce(iif(l.day = s.day, l.date, NULL), d.date))
      FROM scores s LEFT JOIN models m USING (model)
      LEFT JOIN latest l ON l.model = s.model AND l.round = s.round AND l.score = s.score
      LEFT JOIN score_dates d ON d.tournament = m.tournament AND d.round = s.round AND d.day = s.day
      WHERE s.model = ? ORDER BY s.round, s.score, s.day"""
    return map(OldDay._make, connection.execute(sql, (model,)))


def _blobs(rows: Iterable[OldDay]) -> tuple[bytes, bytes]:
    known = [row for row in rows if row.value is not None or row.percentile is not None]
    size = known[-1].day if known else 0
    if size == len(known):
        return packed([row.value for row in known]), packed([row.percentile for row in known])
    values: list[float | None] = [None] * size
    shares: list[float | None] = [None] * size
    for row in known:
        values[row.day - 1], shares[row.day - 1] = row.value, row.percentile
    return packed(values), packed(shares)


def _odd(rows: Iterable[OldDay], flag: int | None) -> Iterator[tuple[int, int | None, str | None]]:
    """Day, finality and date of what the path cannot say."""
    for row in rows:
        bare = row.value is None and row.percentile is None
        same = row.resolved == flag
        if bare or not same or row.own_date is not None:
            yield row.day, None if same else UNKNOWN if row.resolved is None else row.resolved, row.own_date
