"""The tables and statements of a stake journal: a SQLite file of its own, apart from any cache.

Triggers abort every change and deletion of a row, and an insert under a number that is taken.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import NamedTuple

KEEP = "SELECT RAISE(ABORT, 'the journal is append-only')"
SCHEMA = (
    """CREATE TABLE journal (
  entry INTEGER PRIMARY KEY AUTOINCREMENT,
  intent INTEGER REFERENCES journal,     -- NULL: this row is an intent (or a note)
  time TEXT NOT NULL, account TEXT NOT NULL, tournament INTEGER NOT NULL, model TEXT NOT NULL, model_id TEXT NOT NULL,
  action TEXT NOT NULL, before TEXT, requested TEXT, after TEXT,
  outcome TEXT NOT NULL, plan TEXT, step INTEGER, snapshot TEXT, note TEXT, uptime REAL
)""",
    f"CREATE TRIGGER journal_keeps BEFORE UPDATE ON journal BEGIN {KEEP}; END",
    f"CREATE TRIGGER journal_stays BEFORE DELETE ON journal BEGIN {KEEP}; END",
    f"""CREATE TRIGGER journal_grows BEFORE INSERT ON journal WHEN NEW.entry IN (SELECT entry FROM journal)
  BEGIN {KEEP}; END""",
)
COLUMNS_SINCE = {"uptime": "REAL"}  # of journals that were begun before the column


class JournalRow(NamedTuple):
    """A row as the file holds it: times and amounts as texts, the tournament as its number.

    `entry` is the row's number (None: not written yet), `intent` that of the row it is about (None: an intent or note).
    """

    entry: int | None
    intent: int | None
    time: str | None
    account: str
    tournament: int
    model: str
    model_id: str
    action: str
    before: str | None
    requested: str | None
    after: str | None
    outcome: str
    plan: str | None
    step: int | None
    snapshot: str | None
    note: str | None
    uptime: float | None


def connect(path: Path) -> sqlite3.Connection:
    """A connection to a journal that exists, for reading and writing. sqlite3.Error where it cannot be opened."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=10, isolation_level=None)


def complete_schema(connection: sqlite3.Connection) -> None:
    """Make the table and its triggers where they are missing, and the columns of journals begun before them."""
    present = columns_of(connection)
    if not present:
        for statement in SCHEMA:
            connection.execute(statement)
        return
    for name, kind in COLUMNS_SINCE.items():
        if name not in present:
            connection.execute(f"ALTER TABLE journal ADD COLUMN {name} {kind}")


def columns_of(connection: sqlite3.Connection) -> set[str]:
    """The journal's columns; empty where the file holds no journal."""
    return {row[1] for row in connection.execute("PRAGMA table_info(journal)")}


def last_entry(connection: sqlite3.Connection) -> int:
    """The number of the last row; 0 without rows."""
    if not columns_of(connection):
        return 0
    return int(connection.execute("SELECT coalesce(max(entry), 0) FROM journal").fetchone()[0])


def insert_row(connection: sqlite3.Connection, row: JournalRow) -> int:
    """Append a row; returns its number."""
    marks = ", ".join("?" * len(row))
    cursor = connection.execute(f"INSERT INTO journal ({', '.join(JournalRow._fields)}) VALUES ({marks})", row)
    return int(cursor.lastrowid or 0)


def journal_rows(connection: sqlite3.Connection) -> list[JournalRow]:
    """Every row in the order of writing; empty where the file holds no journal."""
    present = columns_of(connection)
    if not present:
        return []
    missing = COLUMNS_SINCE.keys() - present
    fields = ", ".join("NULL" if name in missing else name for name in JournalRow._fields)
    return [JournalRow(*row) for row in connection.execute(f"SELECT {fields} FROM journal ORDER BY entry")]
