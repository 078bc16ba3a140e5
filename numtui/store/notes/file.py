"""The file of notes: its place, its modes, its lock, and what becomes of it when it is damaged.

Beside it lies a copy of its lines, each with its check sum, written with every change: what a damaged or deleted file
has lost is taken from there.
"""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from numtui.model import time_text
from numtui.store.database import BUSY_SECONDS, connect_read_only, make_private_folder
from numtui.store.errors import store_error
from numtui.store.notes.place import COPY, FILE
from numtui.store.notes.records import KINDS, NotesError, Record, check_of, line_of, record_of

log = logging.getLogger(__name__)

VERSION = 1  # PRAGMA user_version
APPLICATION_ID = 0x6E74756E  # in PRAGMA application_id
PARTS = ("-wal", "-shm", "")
# What SQLite says when not the file is at fault, but its surroundings.
OUTSIDE = {
    *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN),
    *(sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_INTERRUPT),
}
SCHEMA = (
    # A record is the line that an export has of it; `sum` is its check sum. `taken`: rows of an old cache.
    "CREATE TABLE records (kind TEXT NOT NULL, key TEXT NOT NULL, record TEXT NOT NULL, sum INTEGER NOT NULL, "
    "PRIMARY KEY (kind, key)) WITHOUT ROWID",
    "CREATE TABLE taken (mark TEXT PRIMARY KEY) WITHOUT ROWID",
    "CREATE TABLE changes (number INTEGER NOT NULL)",  # one row: how many there were
    "INSERT INTO changes VALUES (0)",
    # To be queried by hand.
    """CREATE VIEW notes AS SELECT key AS id, record ->> '$.time' AS time, record ->> '$.tournament' AS tournament,
  record ->> '$.model' AS model, record ->> '$.round' AS round, record ->> '$.text' AS text,
  record -> '$.tags' AS tags, coalesce(record ->> '$.epoch', 0) AS epoch FROM records WHERE kind = 'note'""",
    """CREATE VIEW tiers AS SELECT record ->> '$.tournament' AS tournament, record ->> '$.model' AS model,
  record ->> '$.tier' AS tier FROM records WHERE kind = 'tier'""",
)


class DamagedNotes(NotesError):  # noqa: N818  like the errors of the store
    """The file of notes is not whole."""


class NotesFile:
    """The file in a state folder. Each call opens it, and is done with it when it returns."""

    def __init__(self, state_dir: Path) -> None:
        self.path = state_dir / FILE
        self.copy = state_dir / COPY

    def records(self) -> list[Record]:
        """Every record. A damaged file is set aside, and put together again from what can be read and the copy."""
        try:
            return self._read()
        except DamagedNotes as error:
            log.warning("%s", error)
        with self._locked():
            with suppress(DamagedNotes):  # another process may have mended it while we waited
                return self._read()
            self._mend()
        return self._read()

    @contextmanager
    def changing(self) -> Iterator[tuple[sqlite3.Connection, list[Record]]]:
        """A connection within a transaction, and every record; what is changed is on the disk when this ends.

        The file is made where it is missing. One writer at a time, of whatever process. NotesError, or a StoreError,
        when that cannot be had.
        """
        with self._locked():
            try:
                records = self._read()
                connection = self._writer()
            except DamagedNotes as error:
                log.warning("%s", error)
                self._mend()
                records = self._read()
                connection = self._writer()
            with self._failing(), closing(connection):
                yield connection, records
                connection.execute("UPDATE changes SET number = max(number, ?) + 1", (self._copied_changes(),))
                self._write_copy(connection)
                connection.execute("COMMIT")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            make_private_folder(self.path)
            with FileLock(self.path.with_suffix(".lock"), timeout=BUSY_SECONDS, mode=0o600):
                yield
        except Timeout:
            raise NotesError(f"{self.path} is being written by another process: try again") from None
        except OSError as error:
            raise store_error(error, self.path) from error

    @contextmanager
    def _failing(self) -> Iterator[None]:
        """SQLite's errors as ours; DamagedNotes for damage."""
        try:
            yield
        except UnicodeDecodeError as error:
            raise DamagedNotes(f"{self.path} is damaged: {error.reason}") from error
        except sqlite3.DatabaseError as error:
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF  # the module's own have none
            refused = code == sqlite3.SQLITE_READONLY and not os.access(self.path, os.W_OK)
            if refused or code in OUTSIDE:
                raise store_error(error, self.path) from error
            raise DamagedNotes(f"{self.path} is damaged: {error}") from error

    def _read(self) -> list[Record]:
        """Every record of a file that is whole; DamagedNotes where it is not."""
        if not self.path.exists():
            if self.copy.exists():
                raise DamagedNotes(f"{self.path} is missing, its copy is there")
            return []
        with self._failing(), closing(connect_read_only(self.path)) as connection:
            (application,), (version,) = (
                connection.execute(f"PRAGMA {name}").fetchone() for name in ("application_id", "user_version")
            )
            if version > VERSION and not self._has_our_schema(connection):
                raise NotesError(f"{self.path} was made by a newer numtui: upgrade numtui")
            if application != APPLICATION_ID or version != VERSION:
                raise DamagedNotes(f"{self.path} is not a whole file of notes")
            if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                raise DamagedNotes(f"{self.path} is damaged")
            if connection.execute("SELECT number FROM changes").fetchone()[0] < self._copied_changes():
                raise DamagedNotes(f"{self.path} is older than its copy")
            return [self._checked(line, check) for line, check in connection.execute("SELECT record, sum FROM records")]

    def _has_our_schema(self, connection: sqlite3.Connection) -> bool:
        """Whether the file is of this version, whatever number it bears."""
        row = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'records'").fetchone()
        return row is not None and row[0] == SCHEMA[0]

    def _checked(self, line: object, check: object) -> Record:
        record = _record(line, check)
        if record is None:
            raise DamagedNotes(f"{self.path} is damaged: a record is not what was written")
        return record

    def _writer(self) -> sqlite3.Connection:
        """A connection within a transaction; a file that cannot be written although it may be is damaged, too."""
        with self._failing():
            connection = self._open()
            try:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("UPDATE changes SET number = number")
            except BaseException:
                connection.close()
                raise
            return connection

    def _open(self) -> sqlite3.Connection:
        if not self.path.exists():
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        elif self.path.stat().st_mode & 0o077:
            self.path.chmod(0o600)
        connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
                connection.execute("BEGIN IMMEDIATE")
                for statement in SCHEMA:
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {VERSION}")
                connection.execute("COMMIT")
        except BaseException:
            connection.close()
            raise
        return connection

    def _copied_changes(self) -> int:
        """How many changes there had been when the copy was written; 0 where that cannot be read."""
        try:
            with self.copy.open("rb") as file:
                return int(file.readline(30))
        except (FileNotFoundError, ValueError):
            return 0

    def _write_copy(self, connection: sqlite3.Connection) -> None:
        number = connection.execute("SELECT number FROM changes").fetchone()[0]
        rows = connection.execute("SELECT record, sum FROM records ORDER BY kind, key")
        fresh = self.copy.with_name(self.copy.name + ".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(f"{number}\n")
            file.writelines(f"{check:08x} {line}\n" for line, check in rows)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.copy)

    def _mend(self) -> None:
        """Sets file and copy aside, and makes a new file of the records that are whole in either."""
        saved = {(type(record), record.key): record for record in [*self._copied(), *self._salvaged()]}
        aside = self._set_aside()
        with self._failing(), closing(self._open()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            for record in saved.values():
                put_record(connection, record)
            connection.execute("UPDATE changes SET number = ?", (self._copied_changes() + 1,))
            self._write_copy(connection)
            connection.execute("COMMIT")
        where = "" if aside is None else f"; the damaged file lies in {aside}"
        log.warning("the notes were mended: %s records were saved%s", len(saved), where)

    def _set_aside(self) -> Path | None:
        stem = f"damaged-{(time_text(datetime.now(UTC)) or '').translate({ord(sign): None for sign in '-:'})}"
        number, aside = 1, self.path.with_name(f"{self.path.name}.{stem}")
        while aside.exists():
            number += 1
            aside = self.path.with_name(f"{self.path.name}.{stem}-{number}")
        if self.copy.exists():
            shutil.copy(self.copy, aside.with_name(aside.name + ".copy"))
        if not self.path.exists():
            return None
        for suffix in PARTS:
            with suppress(FileNotFoundError):
                self.path.with_name(self.path.name + suffix).rename(aside.with_name(aside.name + suffix))
        return aside

    def _copied(self) -> list[Record]:
        """The whole lines of the copy."""
        try:
            lines = self.copy.read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
        records = [_copied_record(line) for line in lines]
        return [record for record in records if record is not None]

    def _salvaged(self) -> list[Record]:
        """The whole records of a damaged file, from the front and from the back of a damaged place."""
        saved: list[Record] = []
        if not self.path.exists():
            return saved
        with tempfile.TemporaryDirectory(dir=self.path.parent, prefix=".salvage-") as folder:
            work = Path(folder) / "notes.db"  # a copy: opening would roll the log into the file that is to be kept
            for suffix in ("", "-wal"):
                part = self.path.with_name(self.path.name + suffix)
                if part.exists():
                    shutil.copyfile(part, work.with_name(work.name + suffix))
            for direction in ("ASC", "DESC"):
                try:
                    with closing(sqlite3.connect(work, isolation_level=None)) as old:
                        old.text_factory = bytes
                        rows = old.execute(
                            f"SELECT record, sum FROM records ORDER BY kind {direction}, key {direction}"
                        )
                        saved += [record for line, check in rows if (record := _record(line, check)) is not None]
                        return saved
                except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
                    log.warning("reading stops: %s", error)
        return saved


def put_record(connection: sqlite3.Connection, record: Record) -> None:
    """Writes a record in the place of the one of its key."""
    line = line_of(record)
    values = (KINDS[type(record)], record.key, line, check_of(line))
    connection.execute("INSERT OR REPLACE INTO records (kind, key, record, sum) VALUES (?, ?, ?, ?)", values)


def delete_record(connection: sqlite3.Connection, kind: type[Record], key: str) -> bool:
    """Takes a record away; False when there is none of that key."""
    sql = "DELETE FROM records WHERE kind = ? AND key = ?"
    return connection.execute(sql, (KINDS[kind], key)).rowcount > 0


def take_over(connection: sqlite3.Connection, mark: str) -> bool:
    """Notes that a row of an old cache is taken over; False when it was before."""
    return connection.execute("INSERT OR IGNORE INTO taken (mark) VALUES (?)", (mark,)).rowcount > 0


def _record(line: object, check: object) -> Record | None:
    """The record of a line whose check sum is right; None else."""
    try:
        text = line.decode() if isinstance(line, bytes) else str(line)
        return record_of(text) if check_of(text) == check else None
    except ValueError:
        return None


def _copied_record(line: bytes) -> Record | None:
    check, _, text = line.partition(b" ")
    try:
        return _record(text, int(check, 16))
    except ValueError:
        return None
