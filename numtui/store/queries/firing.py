"""How many alerts fire, and how far their history is: asked by every screen, so it imports little."""

from __future__ import annotations

import sqlite3


def firing_count(connection: sqlite3.Connection) -> int:
    """How many alerts fire, in all tournaments; acknowledged and snoozed ones do not count."""
    return int(connection.execute("SELECT count(*) FROM alerts WHERE state = 'firing'").fetchone()[0])


def last_entry(connection: sqlite3.Connection) -> int:
    """The number of the newest change; 0 without any."""
    return int(connection.execute("SELECT coalesce(max(entry), 0) FROM alert_history").fetchone()[0])
