"""Rows that caches held of the user's before notes had a file of their own."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from numtui.model import Tournament
from numtui.store.database import transaction


def add_note(
    connection: sqlite3.Connection,
    text: str,
    now: datetime,
    *,
    tournament: Tournament | None = None,
    model: str | None = None,
) -> int:
    """A row of the table of notes; returns its number."""
    with transaction(connection):
        cursor = connection.execute(
            "INSERT INTO notes (time, tournament, model, text) VALUES (?, ?, ?, ?)",
            (now, None if tournament is None else int(tournament), model, text),
        )
    return int(cursor.lastrowid or 0)
