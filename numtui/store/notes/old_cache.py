"""Notes, epochs and saved choices of caches that still held them: taken over once, then cleared there."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import msgspec

from numtui.model import Tournament, time_of
from numtui.store.database import connect_read_only
from numtui.store.notes.records import KeptEpoch, Note, Preset, Record, check_of

log = logging.getLogger(__name__)

QUERIES = {
    "notes": "SELECT note, time, tournament, model, round, text FROM notes ORDER BY note",
    "epochs": "SELECT tournament, name, first, last FROM epochs",
    "presets": "SELECT kind, name, value FROM presets",
}


class OldRow(NamedTuple):
    """A row of an old table, and by what it is known not to be taken over twice."""

    mark: str
    record: Record


def old_rows(cache: Path) -> list[OldRow]:
    """What a cache still holds of the user's; nothing where there is no cache, or it cannot be read now."""
    if not cache.exists():
        return []
    try:
        with closing(connect_read_only(cache)) as connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            return [row for table in QUERIES if table in tables for row in _rows(connection, table)]
    except (OSError, sqlite3.Error, UnicodeDecodeError) as error:
        log.info("no old notes are looked for in %s: %s", cache, error)
        return []


def clear_old(cache: Path) -> None:
    """Empties the old tables; left for another time where the cache is being written."""
    try:
        uri = f"{cache.absolute().as_uri()}?mode=rw"
        with closing(sqlite3.connect(uri, uri=True, timeout=0)) as connection, connection:
            for table in QUERIES:
                connection.execute(f"DELETE FROM {table}")
    except sqlite3.Error as error:
        log.info("old notes are not cleared from %s yet: %s", cache, error)


def _rows(connection: sqlite3.Connection, table: str) -> Iterator[OldRow]:
    for row in connection.execute(QUERIES[table]):
        mark = f"{table} {check_of(repr(row)):08x}"
        try:
            yield OldRow(mark, _record(table, row, mark))
        except (ValueError, TypeError, msgspec.ValidationError) as error:
            log.warning("a row of the cache's table %s is no record of yours: %s (%s)", table, error, row)


def _record(table: str, row: tuple[object, ...], mark: str) -> Record:
    match table, row:
        case "notes", (_, str(time), tournament, model, number, text):
            content: dict[str, object] = {
                "id": mark.split()[1],
                "time": time_of(time),
                "text": text,
                "tournament": None if tournament is None else _label(tournament),
                "model": model,
                "round": number,
            }
            return msgspec.convert({"kind": "note", **content}, Note)
        case "epochs", (tournament, name, first, last):
            content = {"tournament": _label(tournament), "name": name, "first": first, "last": last}
            return msgspec.convert({"kind": "epoch", **content}, KeptEpoch)
        case _, (screen, name, value):
            return msgspec.convert({"kind": "preset", "screen": screen, "name": name, "value": value}, Preset)
    raise ValueError("it has no time")


def _label(number: object) -> str:
    return Tournament(int(str(number))).label
