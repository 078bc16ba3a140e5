"""Caches as the version before score paths left them: its tables, filled by plain SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlite_utils import Database

from numtui.store.migrations import SCORE_PATHS, migrations

FORMER = 4  # its version of the schema

OldScore = tuple[int, int, int, int, float | None, float | None, int | None, str | None]


@contextmanager
def former_cache(path: Path, *, version: int = FORMER) -> Iterator[sqlite3.Connection]:
    """A cache with the tables of version 4, open to be filled; it says that it is of `version`."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN")
        migrations.apply(Database(connection, execute_plugins=False), stop_before=SCORE_PATHS)
        connection.execute(f"PRAGMA user_version = {FORMER}")
        yield connection
        if version < FORMER:
            connection.execute(f"DELETE FROM _sqlite_migrations WHERE id > {version}")
            connection.execute(f"PRAGMA user_version = {version}")
        connection.execute("COMMIT")


def insert_scores(connection: sqlite3.Connection, rows: Iterable[OldScore]) -> None:
    """Rows of the former `scores`: model, round, score, day, value, percentile, resolved, date."""
    connection.executemany("INSERT INTO scores VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)


def insert_latest(connection: sqlite3.Connection, row: OldScore, settled: str | None = None) -> None:
    """A row of `latest`: the columns of `scores`, and its settled payout."""
    connection.execute("INSERT INTO latest VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, ?)", (*row, settled))
