"""Single values of the cache by name: notes of the poller to itself, refresh requests, how often a table changed."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from numtui.model import time_of


def get_meta(connection: sqlite3.Connection, key: str) -> str | None:
    """A value of `meta`; None when it was never set."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return None if row is None else row[0]


def get_meta_time(connection: sqlite3.Connection, key: str) -> datetime | None:
    """A time of `meta`; None when it was never set, or cannot be read."""
    try:
        return time_of(get_meta(connection, key))
    except (ValueError, TypeError):
        return None


def refresh_requests(connection: sqlite3.Connection) -> int:
    """How often a refresh was asked for so far."""
    count = get_meta(connection, "refresh")
    return int(count) if count is not None and str(count).isdecimal() else 0


def row_count(connection: sqlite3.Connection, table: str) -> int:
    """How many rows a table of the cache has; `table` is a name of the schema."""
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def table_versions(connection: sqlite3.Connection) -> dict[str, int]:
    """How often each table was changed, by its name; a table that never was is left out."""
    return dict(connection.execute("SELECT name, version FROM changes").fetchall())
