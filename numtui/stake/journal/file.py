"""The file of a stake journal: its place, its modes, and whether it is complete.

The file is opened by SQLite alone. Opening and closing it by path would drop this process's POSIX locks on it, and
another writer could then write into the middle of a transaction; so modes are set by path. Beside it lies the number
of its last row: a journal that is missing, emptied or put back from an old copy is noticed, for with it the locks of
unknown changes would be forgotten.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from numtui.stake.errors import JournalFailed, JournalLost
from numtui.store.journal_db import complete_schema, connect, last_entry

_one_writer = threading.RLock()  # of this process; SQLite keeps the other processes out


def account_key(account: str) -> str:
    """The account's part of a file name: names may hold anything, so a hash stands for them."""
    return hashlib.sha256(account.casefold().encode()).hexdigest()[:16]


def journal_path(state_dir: Path, account: str) -> Path:
    """The path of the account's journal."""
    return state_dir / f"stake-{account_key(account)}.journal"


def private_folder(folder: Path) -> None:
    """The state folder, made where it is missing, for its owner alone (0700)."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to a journal that exists. JournalFailed where it cannot be read."""
    try:
        with closing(connect(path)) as connection:
            yield connection
    except (OSError, sqlite3.Error) as error:
        raise JournalFailed(f"the stake journal {path} cannot be used: {error}") from error


@contextmanager
def writing(path: Path, *, whole: bool = True) -> Iterator[sqlite3.Connection]:
    """A connection inside of a transaction, which is on the disk when this ends; the file is made where it is missing.

    JournalFailed when that cannot be had; JournalLost where rows are missing, unless `whole` is False.
    """
    try:
        with _one_writer:
            private_folder(path.parent)
            _make_private(path)
            with closing(connect(path)) as connection:
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute("BEGIN IMMEDIATE")
                if whole:
                    check_whole(path, last_entry(connection))
                complete_schema(connection)
                yield connection
                _remember(path, last_entry(connection))
                connection.execute("COMMIT")
    except (OSError, sqlite3.Error) as error:
        raise JournalFailed(f"the stake journal {path} cannot be used: {error}") from error


def _make_private(path: Path) -> None:
    """The file for its owner alone (0600). It is opened by path only where it is made: then nobody has a lock on it."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)


def remembered(path: Path) -> int:
    """The number of the last row that was ever written; 0 where nothing is remembered."""
    try:
        return int(_memory(path).read_text(encoding="ascii"))
    except FileNotFoundError:
        return 0
    except (OSError, ValueError) as error:
        raise JournalFailed(f"{_memory(path)} cannot be read, so the journal may not be whole: {error}") from None


def check_whole(path: Path, last: int) -> None:
    """JournalLost where the journal ends before the last row that is remembered.

    The very last one may be missing: a process can be killed between the note of a row and the row.
    """
    known = remembered(path)
    if last < known - 1 or (last == 0 and known > 0):
        raise JournalLost(str(path), known, last)


def _remember(path: Path, last: int) -> None:
    memory = _memory(path)
    fresh = memory.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
        file.write(str(last))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(memory)


def _memory(path: Path) -> Path:
    return path.with_suffix(".last")
