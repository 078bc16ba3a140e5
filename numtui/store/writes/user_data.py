"""Writing what the user made: notes, epochs, presets. Plain sqlite3, so that the screens can use it too."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from numtui.model import Tournament
from numtui.store.database import transaction
from numtui.store.writes.upsert import mark_changed


def add_note(
    connection: sqlite3.Connection,
    text: str,
    now: datetime,
    *,
    tournament: Tournament | None = None,
    model: str | None = None,
    round_number: int | None = None,
) -> int:
    """A note on anything; returns its number."""
    with transaction(connection):
        cursor = connection.execute(
            "INSERT INTO notes (time, tournament, model, round, text) VALUES (?, ?, ?, ?, ?)",
            (now, None if tournament is None else int(tournament), model, round_number, text),
        )
        mark_changed(connection, "notes")
        return int(cursor.lastrowid or 0)


def delete_note(connection: sqlite3.Connection, note: int) -> bool:
    """Takes a note away; False when there is none of that number."""
    with transaction(connection):
        count = connection.execute("DELETE FROM notes WHERE note = ?", (note,)).rowcount
        return mark_changed(connection, "notes", count) > 0


def put_epoch(
    connection: sqlite3.Connection, tournament: Tournament, name: str, first: int | None, last: int | None
) -> None:
    """A named range of rounds; None leaves an end open."""
    with transaction(connection):
        connection.execute("INSERT OR REPLACE INTO epochs VALUES (?, ?, ?, ?)", (int(tournament), name, first, last))
        mark_changed(connection, "epochs")


def delete_epoch(connection: sqlite3.Connection, tournament: Tournament, name: str) -> bool:
    """Takes an epoch away; False when there is none of that name."""
    with transaction(connection):
        result = connection.execute("DELETE FROM epochs WHERE tournament = ? AND name = ?", (int(tournament), name))
        return mark_changed(connection, "epochs", result.rowcount) > 0


def put_preset(connection: sqlite3.Connection, kind: str, name: str, value: str) -> None:
    """A saved choice of a screen, as JSON text."""
    with transaction(connection):
        connection.execute("INSERT OR REPLACE INTO presets VALUES (?, ?, ?)", (kind, name, value))
        mark_changed(connection, "presets")


def delete_preset(connection: sqlite3.Connection, kind: str, name: str) -> bool:
    """Takes a preset away; False when there is none of that name."""
    with transaction(connection):
        result = connection.execute("DELETE FROM presets WHERE kind = ? AND name = ?", (kind, name))
        return mark_changed(connection, "presets", result.rowcount) > 0
