"""Opening the cache. Readers and small writers need nothing but the standard sqlite3 module.

Connections are in autocommit mode; what belongs together is written inside `transaction`. Decimals and aware datetimes
are bound as the texts that the schema promises; `dsum` adds money exactly.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
from collections.abc import Iterator, Sized
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from numtui.model import time_text
from numtui.money import EXACT, digits
from numtui.store.errors import (
    NoDatabase,
    PermissionDenied,
    as_store_errors,
    path_of,
    store_error,
)
from numtui.store.schema import VERSION, check_version

BUSY_SECONDS = 10.0


sqlite3.register_adapter(Decimal, digits)
sqlite3.register_adapter(datetime, time_text)


class _DecimalSum:
    """The SQL aggregate `dsum(text)`: the exact sum of decimal texts as a text; NULLs are left out, NULL of none."""

    def __init__(self) -> None:
        self._total: Decimal | None = None

    def step(self, value: str | float | None) -> None:
        if value is not None:
            self._total = EXACT.add(self._total or Decimal(0), Decimal(str(value)))

    def finalize(self) -> Any:  # a text or None; typeshed knows only aggregates of int
        return None if self._total is None else digits(self._total)


def prepare(connection: sqlite3.Connection) -> None:
    """Gives a connection what the program's SQL expects: `dsum` and foreign keys."""
    connection.create_aggregate("dsum", 1, _DecimalSum)
    connection.execute("PRAGMA foreign_keys = ON")


def placeholders(values: Sized) -> str:
    """As many places for values in a statement as there are `values`: `?, ?, ?`."""
    return ", ".join("?" * len(values))


def open_reader(path: Path) -> sqlite3.Connection:
    """A read-only connection to the cache; rows are tuples. Use it in the thread that opened it.

    NoDatabase where there is none (or a poller is only just making it), NewerDatabase, DamagedDatabase,
    ForeignDatabase, PermissionDenied. A cache of an older version is brought up to date first.
    """
    with as_store_errors(path):
        if not path.exists():
            raise NoDatabase(f"there is no cache {path} yet: start numtui, or run `numtui poll --once`")
        connection = connect_read_only(path)
        try:
            version = check_version(connection, path)
            prepare(connection)
        except BaseException:
            connection.close()
            raise
    if version == VERSION:
        return connection
    connection.close()
    if version == 0:
        raise NoDatabase(f"the cache {path} is empty yet: start numtui, or run `numtui poll --once`")
    open_writer(path).close()
    return open_reader(path)


def connect_read_only(path: Path) -> sqlite3.Connection:
    """A read-only connection to a database that exists, whatever it holds. sqlite3.Error where there is none."""
    uri = path.absolute().as_uri()
    connection = sqlite3.connect(f"{uri}?mode=ro", uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        connection.close()
        wal = path.with_name(path.name + "-wal")
        refused = error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
        if not refused or not os.access(path, os.R_OK) or wal.exists():
            raise
        # A WAL database in a folder that may not be written, at rest: it can only be read as an immutable file.
        return sqlite3.connect(f"{uri}?immutable=1", uri=True, isolation_level=None)
    return connection


def open_writer(path: Path, *, busy_seconds: float = BUSY_SECONDS) -> sqlite3.Connection:
    """A connection that may write; makes folder (0700) and file (0600) and brings the schema up to date.

    Imports sqlite_utils only when there is something to migrate. Use it in one thread at a time. Raises StoreErrors.
    """
    with as_store_errors(path):
        _make_private(path)
        connection = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None, check_same_thread=False)
        try:
            version = check_version(connection, path)
            if connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
                raise PermissionDenied(f"{path} cannot be switched to write-ahead logging: is its folder writable?")
            connection.execute("PRAGMA synchronous = NORMAL")
            prepare(connection)
            if version < VERSION:
                from numtui.store.migrations import migrate  # imports sqlite_utils: slow, and rarely needed

                migrate(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def make_private_folder(path: Path) -> None:
    """Makes the folders above `path` that are missing, for this user alone (0700)."""
    missing = [folder for folder in path.absolute().parents if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)


def _make_private(path: Path) -> None:
    """Folder 0700 where it must be made, file 0600; SQLite gives -wal and -shm the file's mode."""
    make_private_folder(path)
    try:
        status = path.stat()
    except FileNotFoundError:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        return
    # An existing file is not opened and closed here: that would drop SQLite's locks on it in this process.
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder", str(path))
    if status.st_mode & 0o077 and status.st_uid == os.geteuid():
        path.chmod(0o600)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing. Inside another transaction it joins that one. Errors of SQLite come out as StoreErrors."""
    if connection.in_transaction:
        yield
        return
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("COMMIT")
    except BaseException as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if isinstance(error, sqlite3.DatabaseError):
            raise store_error(error, path_of(connection)) from error
        raise


@contextmanager
def read_transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """What is read inside is of one moment, whatever is written meanwhile. Joins a transaction that is open.

    Errors of SQLite come out as StoreErrors; one that says that the file is damaged has the poller look at it.
    """
    begun = not connection.in_transaction
    try:
        if begun:
            connection.execute("BEGIN")
        yield
    except sqlite3.DatabaseError as error:
        raise store_error(error, path_of(connection)) from error
    finally:
        if begun and connection.in_transaction:
            connection.execute("ROLLBACK")


def identity(path: Path) -> tuple[int, int] | None:
    """Which file is at `path` now; None for none. A reader whose file was set aside sees it change and opens anew."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
