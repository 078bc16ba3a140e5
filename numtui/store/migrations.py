"""The cache's schema, step by step: numbered, forward only, each applied once inside a transaction.

Imported only where a migration runs, because importing sqlite_utils takes 0.3 s.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from sqlite_utils import Database, Migrations

from numtui.store.heal import heal_old
from numtui.store.names import merge_doubles
from numtui.store.schema import APPLICATION_ID, VERSION, check_version

migrations = Migrations("numtui")


def statements(script: str) -> Iterator[str]:
    """The statements of an SQL script one by one: `executescript` would commit the transaction around it."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if any(line.strip() and not line.lstrip().startswith("--") for line in statement.splitlines()):
        raise ValueError(f"the SQL script ends inside a statement: {statement.strip()[:60]}")


def _run(connection: sqlite3.Connection, name: str) -> None:
    script = resources.files("numtui.store").joinpath("sql", name).read_text(encoding="utf-8")
    for statement in statements(script):
        connection.execute(statement)


@migrations(name="001_cache")
def _cache(db: Database) -> None:
    _run(db.conn, "001_cache.sql")
    db.conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")


@migrations(name="002_v3_staking")
def _v3_staking(db: Database) -> None:
    _run(db.conn, "002_v3_staking.sql")


@migrations(name="003_one_row_a_model")
def _one_row_a_model(db: Database) -> None:
    merge_doubles(db.conn)
    _run(db.conn, "003_one_row_a_model.sql")


@migrations(name="004_heal")
def _heal(db: Database) -> None:
    heal_old(db.conn)


@migrations(name="006_alerts")
def _alerts(db: Database) -> None:
    _run(db.conn, "006_alerts.sql")


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Brings the cache to VERSION in one transaction; another process that does the same at the same time waits."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        if check_version(connection, path) < VERSION:
            migrations.apply(Database(connection, recursive_triggers=False, execute_plugins=False))
            connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
