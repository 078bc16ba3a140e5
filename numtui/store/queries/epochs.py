"""The user's named ranges of rounds."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from numtui.model import Tournament


class NamedRange(NamedTuple):
    """The rounds from `first` to `last` under a name; None: open."""

    name: str
    first: int | None
    last: int | None


def named_ranges(connection: sqlite3.Connection, tournament: Tournament) -> list[NamedRange]:
    """The ranges that the user named, by name."""
    sql = "SELECT name, first, last FROM epochs WHERE tournament = ? ORDER BY name"
    return list(map(NamedRange._make, connection.execute(sql, (tournament,))))
