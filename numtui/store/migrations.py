"""The cache's schema, step by step: numbered, forward only, each applied once inside a transaction.

Imported only where a migration runs, because importing sqlite_utils takes 0.3 s.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from numtui.store import carry
from numtui.store.heal import heal_old
from numtui.store.light_sqlite_utils import Database, Migrations
from numtui.store.names import merge_doubles
from numtui.store.schema import APPLICATION_ID, VERSION, check_version

log = logging.getLogger(__name__)

migrations = Migrations("numtui")
SCORE_PATHS = "005_score_paths"
PATHS_SINCE = 5  # the version of the schema that has them


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


@migrations(name=SCORE_PATHS)
def _score_paths(db: Database) -> None:
    _run(db.conn, f"{SCORE_PATHS}.sql")
    carry.finish(db.conn)
    db.conn.execute("DROP TABLE tournaments")
    db.conn.execute("ALTER TABLE models ADD COLUMN days_from INTEGER")  # the oldest round of those with every day here
    db.conn.execute("UPDATE models SET days_from = 0 WHERE synced_time IS NOT NULL")


@migrations(name="006_alerts")
def _alerts(db: Database) -> None:
    _run(db.conn, "006_alerts.sql")


@migrations(name="007_prices_and_submissions")
def _prices_and_submissions(db: Database) -> None:
    _run(db.conn, "007_prices_and_submissions.sql")


@migrations(name="008_claims")
def _claims(db: Database) -> None:
    _run(db.conn, "008_claims.sql")


@migrations(name="009_no_index_by_round")
def _no_index_by_round(db: Database) -> None:
    _run(db.conn, "009_no_index_by_round.sql")


@migrations(name="010_field")
def _field(db: Database) -> None:
    _run(db.conn, "010_field.sql")


@migrations(name="011_names_by_rank")
def _names_by_rank(db: Database) -> None:
    _run(db.conn, "011_names_by_rank.sql")


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Brings the cache to VERSION; another process that does the same at the same time waits, or helps.

    A new cache is made in one transaction. In an old one the steps before the score paths are one transaction, then
    every model's paths, then the rest: whenever it is stopped, the next start goes on.
    """
    held = check_version(connection, path)
    carries = 0 < held < PATHS_SINCE
    if carries:
        log.info("bringing the cache of a former version up to date: %s", path)
        _upgrade(connection, path, PATHS_SINCE - 1, stop_before=SCORE_PATHS)
        with carry.one_step(connection):
            if check_version(connection, path) < PATHS_SINCE:
                _run(connection, f"{SCORE_PATHS}.sql")
        carry.carry_over(connection)
    _upgrade(connection, path, VERSION)
    if carries:
        carry.give_back_space(connection, path)


def _upgrade(connection: sqlite3.Connection, path: Path, version: int, *, stop_before: str | None = None) -> None:
    with carry.one_step(connection):
        if check_version(connection, path) < version:
            database = Database(connection, recursive_triggers=False, execute_plugins=False)
            migrations.apply(database, stop_before=stop_before)
            connection.execute(f"PRAGMA user_version = {version}")
