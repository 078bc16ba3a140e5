"""The leaderboards: whom they list."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from numtui.model import Tournament


def listed_ids(connection: sqlite3.Connection, tournament: Tournament, names: Iterable[str]) -> dict[str, str]:
    """The leaderboard's ids of the models of these names, in whatever case, by its own spelling of the name."""
    wanted = {name.lower() for name in names}
    sql = "SELECT name, id FROM leaderboard WHERE tournament = ? AND kind = 'model' AND id IS NOT NULL"
    return {name: key for name, key in connection.execute(sql, (int(tournament),)) if name.lower() in wanted}
