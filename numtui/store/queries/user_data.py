"""What the user made: epochs and presets."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from numtui.model import Tournament


class EpochRow(NamedTuple):
    """A named range of rounds; None leaves an end open."""

    name: str
    first: int | None
    last: int | None


def epochs(connection: sqlite3.Connection, tournament: Tournament) -> list[EpochRow]:
    """The user's own epochs of a tournament, by name."""
    sql = "SELECT name, first, last FROM epochs WHERE tournament = ? ORDER BY name"
    return [EpochRow(*row) for row in connection.execute(sql, (int(tournament),))]


def presets(connection: sqlite3.Connection, kind: str) -> dict[str, str]:
    """The saved choices of a screen by name, in the order of the names; each is a JSON text."""
    sql = "SELECT name, value FROM presets WHERE kind = ? ORDER BY name"
    return dict(connection.execute(sql, (kind,)).fetchall())


def preset(connection: sqlite3.Connection, kind: str, name: str) -> str | None:
    """One saved choice as JSON text; None where there is none of that name."""
    row = connection.execute("SELECT value FROM presets WHERE kind = ? AND name = ?", (kind, name)).fetchone()
    return None if row is None else str(row[0])
