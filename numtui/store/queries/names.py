"""Names that begin with, hold, or are written with the letters of a text: models, accounts, rounds."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from numtui.model import Tournament

ESCAPED = str.maketrans({sign: f"~{sign}" for sign in "%_~"})


class Named(NamedTuple):
    """A model or an account of a tournament (`kind` as the leaderboards call them)."""

    kind: str
    tournament: Tournament
    name: str


class RoundNumber(NamedTuple):
    """A round of a tournament."""

    tournament: Tournament
    round: int


def names_like(connection: sqlite3.Connection, tournament: Tournament, text: str, limit: int) -> list[Named]:
    """Models and accounts whose names have the letters of `text` in this order, in upper or lower case.

    Those that begin with it come first, then those that hold it; of `tournament` before the others, short before long.
    """
    letters = [letter.translate(ESCAPED) for letter in text]
    scattered, start, within = f"%{'%'.join(letters)}%", f"{''.join(letters)}%", f"%{''.join(letters)}%"
    sql = """SELECT kind, tournament, name FROM (
        SELECT kind, tournament, name FROM leaderboard WHERE name LIKE ?1 ESCAPE '~'
        UNION SELECT 'model', tournament, name FROM models WHERE (mine = 1 OR watched = 1) AND name LIKE ?1 ESCAPE '~')
      ORDER BY name NOT LIKE ?2 ESCAPE '~', name NOT LIKE ?3 ESCAPE '~', tournament <> ?4, length(name), name, kind DESC
      LIMIT ?5"""
    rows = connection.execute(sql, (scattered, start, within, int(tournament), limit))
    return [Named(kind, Tournament(number), name) for kind, number, name in rows]


def rounds_like(connection: sqlite3.Connection, tournament: Tournament, digits: str, limit: int) -> list[RoundNumber]:
    """The rounds whose numbers begin with `digits`, of `tournament` before the others, the newest first."""
    sql = """SELECT tournament, round FROM rounds WHERE CAST(round AS TEXT) LIKE ? || '%'
      ORDER BY tournament <> ?, round DESC LIMIT ?"""
    rows = connection.execute(sql, (digits, int(tournament), limit))
    return [RoundNumber(Tournament(found), number) for found, number in rows]
