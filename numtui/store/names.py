"""One model, one row: a model is known by its id, and bears the API's spelling of its name.

A name in another case is the same model's. Caches of older versions may hold a model twice, once under the name that a
user had typed: the two become one.
"""

from __future__ import annotations

import sqlite3

from numtui.store.paths import merge_paths

SPELLED = ("notes", "alerts")  # tables of the user's that know a model by its name


def rename(connection: sqlite3.Connection, model: int, name: str) -> None:
    """Gives a model another name, in what the user wrote about it too."""
    before, tournament = connection.execute("SELECT name, tournament FROM models WHERE model = ?", (model,)).fetchone()
    connection.execute("UPDATE models SET name = ? WHERE model = ?", (name, model))
    _respell(connection, tournament, before, name)


def merge(connection: sqlite3.Connection, kept: int, double: int) -> None:
    """Makes two rows of one model one: `double` gives up its history, marks and notes to `kept`, whose own go first."""
    tables = connection.execute(
        "SELECT t.name FROM sqlite_master t JOIN pragma_table_info(t.name) c "
        "WHERE t.type = 'table' AND t.name <> 'models' AND c.name = 'model' AND c.type = 'INTEGER'"
    )
    names = [table for (table,) in tables.fetchall()]
    if "score_paths" in names:  # not yet in the oldest caches
        merge_paths(connection, kept, double)
    for table in names:
        connection.execute(f"UPDATE OR IGNORE {table} SET model = ? WHERE model = ?", (kept, double))
        connection.execute(f"DELETE FROM {table} WHERE model = ?", (double,))
    (name, tournament), (gone,) = (
        connection.execute("SELECT name, tournament FROM models WHERE model = ?", (kept,)).fetchone(),
        connection.execute("SELECT name FROM models WHERE model = ?", (double,)).fetchone(),
    )
    connection.execute(
        "UPDATE models SET id = coalesce(models.id, d.id), account = coalesce(models.account, d.account), "
        "account_id = coalesce(models.account_id, d.account_id), team = coalesce(models.team, d.team), "
        "mine = max(models.mine, d.mine), watched = max(models.watched, d.watched), "
        "archived = iif(d.mine > models.mine, d.archived, models.archived), "
        "start_time = coalesce(models.start_time, d.start_time), "
        "synced_time = coalesce(models.synced_time, d.synced_time) "
        "FROM models d WHERE models.model = ?1 AND d.model = ?2",
        (kept, double),
    )
    connection.execute("DELETE FROM models WHERE model = ?", (double,))
    _respell(connection, tournament, gone, name)


def merge_doubles(connection: sqlite3.Connection) -> None:
    """Makes one of each model that stands in the cache twice: by its id, or by name alone where one has no id.

    The account's own row stays, else the one that the leaderboard spells so, else the oldest; and what the leaderboard
    spells otherwise takes its spelling.
    """
    rows = connection.execute(
        "SELECT m.model, m.tournament, m.name, m.id FROM models m LEFT JOIN leaderboard l "
        "ON l.tournament = m.tournament AND l.kind = 'model' AND l.name = m.name "
        "ORDER BY m.id IS NULL, m.mine DESC, l.name IS NULL, m.model"
    ).fetchall()
    by_id: dict[tuple[int, str], int] = {}
    by_name: dict[tuple[int, str], int] = {}
    for model, tournament, name, identity in rows:
        key = (tournament, name.lower())
        kept = by_name.get(key) if identity is None else by_id.get((tournament, identity))
        if kept is not None:
            merge(connection, kept, model)
            continue
        by_name.setdefault(key, model)
        if identity is not None:
            by_id[tournament, identity] = model
    misspelled = connection.execute(
        "SELECT m.model, min(l.name) FROM models m JOIN leaderboard l ON l.tournament = m.tournament "
        "AND l.kind = 'model' AND l.name = m.name COLLATE NOCASE WHERE m.mine = 0 AND NOT EXISTS ("
        "SELECT 1 FROM leaderboard e WHERE e.tournament = m.tournament AND e.kind = 'model' AND e.name = m.name) "
        "AND NOT EXISTS (SELECT 1 FROM models o WHERE o.tournament = m.tournament AND o.name = l.name) GROUP BY m.model"
    )
    for model, name in misspelled.fetchall():
        rename(connection, model, name)


def _respell(connection: sqlite3.Connection, tournament: int, before: str, name: str) -> None:
    for table in SPELLED:
        connection.execute(
            f"UPDATE {table} SET model = ?1 WHERE model = ?2 AND (tournament IS NULL OR tournament = ?3)",
            (name, before, tournament),
        )
