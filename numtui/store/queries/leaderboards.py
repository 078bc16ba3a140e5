"""The newest leaderboards: whom they list, the order of their entries, and the entries a page at a time."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from numtui.filter import ANY, Filter, Order, Term
from numtui.model import Row, Tournament
from numtui.store.database import placeholders

FROM = """FROM leaderboard l
  LEFT JOIN models m ON m.tournament = l.tournament AND l.kind = 'model' AND m.name = l.name
  LEFT JOIN wallet w ON l.kind = 'account' AND w.username = l.name"""
# Columns of a row that are not simply the leaderboard's column of the same name.
EXPRESSIONS = {
    "model": "l.name",
    "account": "CASE l.kind WHEN 'account' THEN l.name ELSE m.account END",
    "mine": "CASE l.kind WHEN 'account' THEN w.username IS NOT NULL ELSE coalesce(m.mine, 0) END",
    "watched": "coalesce(m.watched, 0)",
    "tournament": "l.tournament",
}
JOINED = {"account", "mine", "watched"}  # the columns that need the other tables
LABELS = " ".join(f"WHEN {int(each)} THEN '{each.label}'" for each in Tournament)
# What is compared in place of the column: money is TEXT, the stake has a REAL twin; rows name the tournament.
COMPARED = {
    "nmr_staked": "l.stake",
    **{name: f"CAST(l.{name} AS REAL)" for name in ("return_3m_nmr", "return_1y_nmr", "return_all_nmr")},
    "tournament": f"CASE l.tournament {LABELS} END",
}
ESCAPED = str.maketrans({sign: f"~{sign}" for sign in "%_~"})  # for LIKE
BOARD = "l.tournament = ? AND l.kind = ?"
SQL_SIGNS = {"=": "=", "!=": "<>", ">": ">", "<": "<", ">=": ">=", "<=": "<="}


class Named(NamedTuple):
    """A model or an account of a tournament (`kind` as the leaderboards call them)."""

    kind: str
    tournament: Tournament
    name: str


def arranged_entries(
    connection: sqlite3.Connection,
    tournament: Tournament,
    kind: str,
    order: Order | None,
    wanted: Filter | None,
    *,
    limit: int | None = None,
) -> array[int]:
    """The numbers of the entries of a leaderboard ('model' or 'account') that pass the filter, in order; None: by
    rank. The first `limit` of them come in a fourth of the time.
    """
    where, values = _condition(wanted)
    named = wanted.columns if wanted is not None else set()
    ordering = "l.rank NULLS LAST, l.name"
    if order is not None:
        named.add(order.column)
        key = _compared(order.column)
        direction = "DESC" if order.descending else "ASC"
        ordering = f"{key} COLLATE NOCASE {direction} NULLS LAST, {ordering}"
    source = FROM if named & JOINED else "FROM leaderboard l"
    sql = f"SELECT l.entry AS entry {source} WHERE {where} ORDER BY {ordering} LIMIT ?"
    # One text is quicker to take over than a row each.
    row = connection.execute(f"SELECT group_concat(entry) FROM ({sql})", (tournament, kind, *values, limit or -1))
    text = row.fetchone()[0]
    return array("q", map(int, text.split(",")) if text else ())


def entry_count(connection: sqlite3.Connection, tournament: Tournament, kind: str) -> int:
    """How many entries a leaderboard has."""
    sql = f"SELECT count(*) FROM leaderboard l WHERE {BOARD}"
    return int(connection.execute(sql, (tournament, kind)).fetchone()[0])


def entry_values(
    connection: sqlite3.Connection, names: Sequence[str], entries: Sequence[int]
) -> Iterator[tuple[int, Row]]:
    """Each entry's number, and its values of the columns called `names`, in no certain order."""
    values = ", ".join(_expression(name) for name in names)
    sql = f"SELECT l.entry, {values} {FROM} WHERE l.entry IN ({placeholders(entries)})"
    for row in connection.execute(sql, tuple(entries)):
        yield row[0], row[1:]


def names_with_values(
    connection: sqlite3.Connection, tournament: Tournament, kind: str, names: Sequence[str]
) -> frozenset[str]:
    """Those of the columns called `names` that any entry of a leaderboard has a value of, in one pass."""
    known = "EXISTS (SELECT 1 FROM models WHERE account IS NOT NULL)"
    asked = [f"max(l.{name}) IS NOT NULL" if name not in EXPRESSIONS else known for name in names]
    sql = f"SELECT {', '.join(asked)} FROM leaderboard l WHERE {BOARD}"
    row = connection.execute(sql, (int(tournament), kind)).fetchone()
    return frozenset(name for name, has_value in zip(names, row, strict=True) if has_value)


def entry_name(connection: sqlite3.Connection, entry: int) -> str:
    """The name of an entry; empty when it has gone."""
    row = connection.execute("SELECT name FROM leaderboard WHERE entry = ?", (entry,)).fetchone()
    return "" if row is None else str(row[0])


def entry_number(connection: sqlite3.Connection, tournament: Tournament, kind: str, name: str) -> int | None:
    """The number of the entry with that name; None when there is none."""
    sql = "SELECT entry FROM leaderboard WHERE tournament = ? AND kind = ? AND name = ?"
    row = connection.execute(sql, (tournament, kind, name)).fetchone()
    return None if row is None else int(row[0])


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


def listed_ids(connection: sqlite3.Connection, tournament: Tournament, names: Iterable[str]) -> dict[str, str]:
    """The leaderboard's ids of the models of these names, in whatever case, by its own spelling of the name."""
    wanted = {name.lower() for name in names}
    sql = "SELECT name, id FROM leaderboard WHERE tournament = ? AND kind = 'model' AND id IS NOT NULL"
    return {name: key for name, key in connection.execute(sql, (int(tournament),)) if name.lower() in wanted}


def rank_history(
    connection: sqlite3.Connection, tournament: Tournament, name: str, since: date
) -> list[tuple[date, int]]:
    """A model's rank on the leaderboard by day, since a day, the oldest first."""
    sql = """SELECT date, rank FROM rank_history
      WHERE tournament = ? AND kind = 'model' AND name = ? AND date >= ? AND rank IS NOT NULL ORDER BY date"""
    rows = connection.execute(sql, (int(tournament), name, since.isoformat()))
    return [(date.fromisoformat(day[:10]), rank) for day, rank in rows]


def _expression(name: str) -> str:
    return EXPRESSIONS.get(name, f"l.{name}")


def _compared(name: str) -> str:
    return COMPARED.get(name) or _expression(name)


def _condition(wanted: Filter | None) -> tuple[str, list[object]]:
    """The condition on entries of a tournament and kind that pass a filter, and the filter's values."""
    if wanted is None:
        return BOARD, []
    values: list[object] = []
    sides: list[str] = []
    for terms in wanted.alternatives:
        pairs = [_looked_for("l.name", word) for word in terms.words]
        pairs += [_comparison(term) for term in terms.comparisons]
        sides.append(" AND ".join(condition for condition, _ in pairs))
        values += [value for _, value in pairs]
    either = " OR ".join(f"({side})" for side in sides)
    return f"{BOARD} AND {f'NOT coalesce({either}, 0)' if wanted.inverted else f'({either})'}", values


def _looked_for(key: str, word: str) -> tuple[str, object]:
    """The condition that a word is in a text, or all of it where it has a `*`, and its value."""
    if ANY not in word:
        return f"instr(lower({key}), ?) > 0", word
    pattern = "".join(f"[{letter}]" if letter in "[?" else letter for letter in word)  # those mean more to GLOB
    return f"lower({key}) GLOB ?", pattern


def _comparison(term: Term) -> tuple[str, object]:
    key = _compared(term.column)
    if isinstance(term.value, str):
        if term.sign in {"=", "!="}:
            condition, value = _looked_for(key, term.value)
            return f"({condition}) = {int(term.sign == '=')}", value
        return f"lower({key}) {SQL_SIGNS[term.sign]} ?", term.value
    return f"{key} {SQL_SIGNS[term.sign]} ?", float(term.value)
