"""A damaged cache: set aside, never deleted, and rebuilt with what the user made and what cannot be fetched again.

Only the poller does this, while it holds the database's lock.
"""

from __future__ import annotations

import json
import logging
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

from numtui.store.database import open_writer, placeholders, transaction
from numtui.store.errors import DamagedDatabase, ForeignDatabase, as_store_errors, suspicion
from numtui.store.queries.meta import get_meta
from numtui.store.writes.meta import set_meta

log = logging.getLogger(__name__)

SALVAGED = (
    *("notes", "epochs", "presets", "alerts", "alert_history", "alert_outbox", "alert_rules"),
    *("models", "forecasts", "rank_history", "price_history", "price_hours", "submission_history"),
)
OF_MODELS = {"forecasts", "submission_history"}  # their first column is a model's number
PARTS = ("-wal", "-shm", "")  # the log first: were we killed between, a new file must not find the old one's log
ROOTS = "roots of tables"  # in `meta`: on which pages the salvaged tables begin
UNCLEAN = "open"  # in `meta` while a poller has the cache open: still there when it was killed


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What became of a damaged cache: where it lies now, and how many rows of which tables were saved."""

    aside: Path
    salvaged: dict[str, int]

    def __str__(self) -> str:
        saved = ", ".join(f"{count} {table}" for table, count in self.salvaged.items() if count) or "nothing"
        return f"the cache was damaged: it lies in {self.aside} now, a new one is being filled; saved from it: {saved}"


def open_sound(path: Path, now: datetime) -> tuple[sqlite3.Connection, Rebuilt | None]:
    """A writing connection to a cache that is sound, and what was done where it was not.

    It is checked where the last poller did not close it. Raises the StoreErrors of `open_writer` but DamagedDatabase.
    """
    try:
        return _open_checked(path, now), None
    except DamagedDatabase as error:
        log.warning("%s", error)
    except ForeignDatabase:
        if not _was_ours(path):
            raise
    rebuilt = rebuild(path, now)
    log.warning("%s", rebuilt)
    return _open_checked(path, now), rebuilt


def close_sound(connection: sqlite3.Connection) -> None:
    """Closes what `open_sound` opened and says so in the cache, so that the next opening need not check it."""
    with closing(connection):
        set_meta(connection, UNCLEAN, None)


def _open_checked(path: Path, now: datetime) -> sqlite3.Connection:
    connection = open_writer(path)
    try:
        with as_store_errors(path):
            suspected = suspicion(path).exists()
            if (suspected or get_meta(connection, UNCLEAN) is not None) and not is_sound(connection, whole=suspected):
                raise DamagedDatabase(f"{path} is damaged")
            suspicion(path).unlink(missing_ok=True)
            note_roots(connection)
            set_meta(connection, UNCLEAN, now.isoformat())
    except BaseException:
        connection.close()
        raise
    return connection


def is_sound(connection: sqlite3.Connection, *, whole: bool = False) -> bool:
    """Whether SQLite's quick check finds nothing; about 0.2 s for 100 MB. The `whole` one looks at indexes too."""
    try:
        check = "integrity_check" if whole else "quick_check"
        return bool(connection.execute(f"PRAGMA {check}(1)").fetchone()[0] == "ok")
    except sqlite3.DatabaseError as error:
        log.warning("the check stopped: %s", error)
        return False


def _was_ours(path: Path) -> bool:
    """Whether a file that SQLite cannot recognise was a cache: its write-ahead log is there, or our schema in it."""
    return path.with_name(path.name + "-wal").exists() or b"CREATE TABLE score_" in path.read_bytes()


def rebuild(path: Path, now: datetime) -> Rebuilt:
    """Sets the cache aside under a name with the time, makes a new one, and salvages table by table."""
    aside = path.with_name(f"{path.name}.damaged-{now:%Y%m%dT%H%M%SZ}")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.damaged-{now:%Y%m%dT%H%M%SZ}-{number}")
    with as_store_errors(path):
        suspicion(path).unlink(missing_ok=True)
        for suffix in PARTS:
            part = path.with_name(path.name + suffix)
            if part.exists():
                part.rename(aside.with_name(aside.name + suffix))
    with closing(open_writer(path)) as new:
        return Rebuilt(aside, _salvage(aside, new, path))


def _salvage(aside: Path, new: sqlite3.Connection, path: Path) -> dict[str, int]:
    """Rows saved by table. It reads a copy, because opening would roll the write-ahead log into the file set aside."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".salvage-") as folder:
        copy = Path(folder) / "copy.db"
        for suffix in ("", "-wal"):
            part = aside.with_name(aside.name + suffix)
            if part.exists():
                shutil.copyfile(part, copy.with_name(copy.name + suffix))
        if not _readable(copy):
            _put_first_page(copy, new)
        with closing(sqlite3.connect(copy, isolation_level=None)) as old:
            return {table: _save_table(old, new, table) for table in SALVAGED}


def _readable(copy: Path) -> bool:
    try:
        with closing(sqlite3.connect(copy)) as old:
            return bool(old.execute("SELECT count(*) FROM sqlite_master WHERE name = 'notes'").fetchone()[0])
    except sqlite3.DatabaseError:
        return False


def note_roots(connection: sqlite3.Connection) -> None:
    """Notes in `meta` where the tables begin that are worth saving, should the first page be lost, which says it."""
    roots = json.dumps(dict(_schema(connection, "name, rootpage")))
    if get_meta(connection, ROOTS) != roots:
        set_meta(connection, ROOTS, roots)


def _schema(connection: sqlite3.Connection, columns: str) -> list[tuple[Any, ...]]:
    sql = f"SELECT {columns} FROM sqlite_master WHERE tbl_name IN ({placeholders(SALVAGED)}) ORDER BY name"
    return connection.execute(sql, SALVAGED).fetchall()


def _put_first_page(copy: Path, new: sqlite3.Connection) -> None:
    """Gives a file without a first page one that knows the tables to save, where its own note says that they begin.

    A file without a note has them where a new cache has: the same migrations put each table at the same page.
    """
    roots = dict(_schema(new, "name, rootpage"))
    with copy.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        notes = [note.group(1) for note in re.finditer(ROOTS.encode() + rb"(\{[^{}]*\})", content)]
    if notes:
        roots |= json.loads(max(notes, key=len))
    size = int(new.execute("PRAGMA page_size").fetchone()[0])
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as schema:
        schema.execute(f"PRAGMA page_size = {size}")
        schema.execute("PRAGMA writable_schema = ON")
        schema.executemany(
            "INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql) VALUES (?, ?, ?, ?, ?)",
            [
                (kind, name, table, roots[name], sql and _terse(sql))
                for kind, name, table, sql in _schema(new, "type, name, tbl_name, sql")
            ],
        )
        page = bytearray(schema.serialize()[:size])
    pages = -(-copy.stat().st_size // size)
    page[28:32] = pages.to_bytes(4, "big")  # the file's size in pages
    page[32:40] = bytes(8)  # no free pages that we know of
    copy.with_name(copy.name + "-wal").unlink(missing_ok=True)
    with copy.open("r+b") as damaged:
        damaged.write(page)


def _terse(sql: str) -> str:
    """A statement of the schema without comments and line ends: those of all tables to save must fit into one page."""
    return " ".join(re.sub(r"--[^\n]*", "", sql).split())


def _save_table(old: sqlite3.Connection, new: sqlite3.Connection, table: str) -> int:
    """Copies the rows that can be read, from the front and from the back of a damaged place; returns how many."""
    known = [name for _, name, *_ in new.execute(f"PRAGMA table_info({table})")]
    try:
        readable = {name for _, name, *_ in old.execute(f"PRAGMA table_info({table})")}
        keys = [name for _, name, _, _, _, key in old.execute(f"PRAGMA table_info({table})") if key]
    except sqlite3.DatabaseError as error:
        log.warning("nothing of %s can be read: %s", table, error)
        return 0
    columns = [name for name in known if name in readable]
    if not columns:
        return 0
    selection = ", ".join("NULL" if (table, name) == ("models", "synced_time") else name for name in columns)
    insert = f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    if table in OF_MODELS:  # of a model that could not be saved, it would be taken for the next one of that number
        insert = insert.replace("VALUES (", "SELECT ").removesuffix(")") + " WHERE ?1 IN (SELECT model FROM models)"
    saved = 0
    for direction in ("ASC", "DESC"):
        order = ", ".join(f"{key} {direction}" for key in keys)
        before = new.total_changes
        with transaction(new):
            complete = _copy_rows(old, new, f"SELECT {selection} FROM {table} ORDER BY {order}", insert)
        saved += new.total_changes - before
        if complete:
            break
    return saved


def _copy_rows(old: sqlite3.Connection, new: sqlite3.Connection, query: str, insert: str) -> bool:
    """Copies row by row until the end (True) or until a row cannot be read (False)."""
    rows = _until_damage(old, query)
    for row in rows:
        if row is None:
            return False
        try:
            new.execute(insert, row)
        except sqlite3.IntegrityError as error:  # damage that SQLite reads without noticing
            log.warning("a row is not saved: %s", error)
    return True


def _until_damage(old: sqlite3.Connection, query: str) -> Iterator[tuple[object, ...] | None]:
    """The rows of a query; None as the last where the file cannot be read further."""
    try:
        yield from old.execute(query)
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        log.warning("reading stops: %s", error)
        yield None
