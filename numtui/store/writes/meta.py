"""Writing single values by name, and asking the poller for new data. Plain sqlite3, so that the screens can use it."""

from __future__ import annotations

import sqlite3

from numtui.store.queries.meta import refresh_requests


def set_meta(connection: sqlite3.Connection, key: str, value: str | None) -> None:
    """Sets a value of `meta`; None takes it out."""
    if value is None:
        connection.execute("DELETE FROM meta WHERE key = ?", (key,))
    else:
        connection.execute(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (key, value)
        )


def request_refresh(connection: sqlite3.Connection) -> int:
    """Asks the poller, whichever process it is, to poll now; it looks every half second. The request's number."""
    connection.execute(
        "INSERT INTO meta VALUES ('refresh', '1') ON CONFLICT (key) DO UPDATE SET value = CAST(value + 1 AS TEXT)"
    )
    return refresh_requests(connection)
