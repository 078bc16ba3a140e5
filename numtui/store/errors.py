"""The errors of the cache. The message of each is one line for the user: what happened and what to do."""

# ruff: noqa: N818  (the names say what the user is told)

from __future__ import annotations

import errno
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import InvalidOperation
from pathlib import Path

from numtui.errors import NO_DATA, NumtuiError

log = logging.getLogger(__name__)


class StoreError(NumtuiError):
    """Anything that keeps the cache from being read or written. `str(error)` is one line for the user."""


class NoDatabase(StoreError):
    """There is no cache yet: nothing was ever fetched into it."""

    exit_code = NO_DATA


class NewerDatabase(StoreError):
    """The cache was made by a newer program; this one must not touch it."""


class ForeignDatabase(StoreError):
    """The file belongs to something else: it is no SQLite file, or another program's."""


class DamagedDatabase(StoreError):
    """SQLite finds the file inconsistent; the poller sets it aside and builds a new one."""


class LockedDatabase(StoreError):
    """Another process held the write lock for longer than the busy time-out."""


class DiskFull(StoreError):
    """There is no room to write. Nothing that was committed is lost."""


class PermissionDenied(StoreError):
    """The file system refuses to let this user read or write the file."""


def store_error(error: sqlite3.Error | OSError, path: Path) -> StoreError:
    """The typed error of what sqlite3 or the file system raised about the cache at `path`."""
    if isinstance(error, OSError):
        return _file_error(error, path)
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # without the extended part
    match code:
        case sqlite3.SQLITE_FULL:
            return _full(path)
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return LockedDatabase(f"{path} is locked by another process: try again when it has finished")
        case sqlite3.SQLITE_CORRUPT:
            suspect(path)
            return DamagedDatabase(f"{path} is damaged: `numtui poll --once` sets it aside and builds a new one")
        case sqlite3.SQLITE_NOTADB:
            return ForeignDatabase(f"{path} is not a database: name another file with --db, or move it away")
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_AUTH:
            return PermissionDenied(f"{path} cannot be written by this user")
        case sqlite3.SQLITE_CANTOPEN:
            return PermissionDenied(f"{path} cannot be opened: is its folder there, and may this user write to it?")
        case _:
            return StoreError(f"{path}: {error}")


def suspect(path: Path) -> None:
    """Asks the poller to check a cache that may be damaged, by a file beside it: the cache itself may take no note."""
    if not path.is_file():
        return
    try:
        suspicion(path).touch(mode=0o600)
    except OSError as error:
        log.warning("%s is damaged, and that cannot be noted beside it: %s", path, error.strerror)


def suspicion(path: Path) -> Path:
    """The file that says that a cache may be damaged."""
    return Path(f"{path.resolve()}.suspect")


def _file_error(error: OSError, path: Path) -> StoreError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return _full(path)
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return PermissionDenied(f"{path} may not be read and written by this user: {error.strerror}")
    return StoreError(f"{path} cannot be used: {error.strerror}")


def _full(path: Path) -> DiskFull:
    return DiskFull(f"the disk is full: {path} cannot grow; what was committed is safe, make room and go on")


def path_of(connection: sqlite3.Connection) -> Path:
    """The file of a connection's main database."""
    try:
        return Path(connection.execute("PRAGMA database_list").fetchone()[2])
    except sqlite3.Error:
        return Path("the cache")


@contextmanager
def as_store_errors(where: Path | sqlite3.Connection) -> Iterator[None]:
    """Raises what sqlite3 or the file system raises inside as `StoreError`s about the cache `where`; an amount in it
    that is no number too."""
    try:
        yield
    except InvalidOperation as error:  # of a Decimal made from a text
        path = where if isinstance(where, Path) else path_of(where)
        raise StoreError(f"{path} could not be read: it holds an amount that is no number") from error
    except (sqlite3.DatabaseError, OSError) as error:
        raise store_error(error, where if isinstance(where, Path) else path_of(where)) from error
