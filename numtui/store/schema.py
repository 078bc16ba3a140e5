"""The cache's schema by its number: which version this program knows, and whether a file is a cache of it at all."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from numtui.store.errors import ForeignDatabase, NewerDatabase

VERSION = 12  # of the schema, in PRAGMA user_version: one more than there are migrations, raised by one with each
APPLICATION_ID = 0x6E756D74  # "numt" in PRAGMA application_id: the file is ours


def check_version(connection: sqlite3.Connection, path: Path) -> int:
    """The schema version of a cache; 0 of an empty file. NewerDatabase or ForeignDatabase when it is not for us."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    tables = int(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
    if application != APPLICATION_ID and (tables or application):
        raise ForeignDatabase(f"{path} is a database of another program: name another file with --db")
    if version > VERSION:
        raise NewerDatabase(
            f"{path} was made by a newer numtui (cache version {version}, this program knows {VERSION}): "
            "upgrade numtui, or name another file with --db"
        )
    return version
