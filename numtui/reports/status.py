"""The program itself: polls with their requests and errors, the cache's size and content, versions."""

from __future__ import annotations

import platform
import sqlite3
from importlib.metadata import PackageNotFoundError, version

from numtui.api.http.addresses import without_password
from numtui.config import Settings
from numtui.errors import NumtuiError
from numtui.model import Column, Kind, Row, Table
from numtui.store.notes.notes import Notes
from numtui.store.queries.meta import row_count
from numtui.store.queries.polls import newest_polls
from numtui.version import __version__

POLL_COLUMNS = (
    Column("poll", Kind.INT, "#", "number of the poll"),
    Column("tournament", Kind.TEXT, doc="classic, signals or crypto"),
    Column("kind", Kind.TEXT, doc="first sync, after a scoring run, idle, or for an export"),
    Column("state", Kind.TEXT, doc="working, done, failed or interrupted"),
    Column("started", Kind.TIME, doc="when it began"),
    Column("seconds", Kind.FLOAT, "s", "how long it took"),
    Column("requests", Kind.INT, "req", "requests sent"),
    Column("bytes", Kind.INT, doc="bytes received"),
    Column("errors", Kind.INT, "err", "failed requests"),
    Column("retries", Kind.INT, doc="repeated reads"),
    Column("rate_limited", Kind.INT, "limited", "answers that said: too many requests"),
    Column("models_done", Kind.INT, "models", "models fetched"),
    Column("rows", Kind.INT, doc="score rows received"),
    Column("message", Kind.TEXT, doc="what went wrong"),
)
FACT_COLUMNS = (Column("what", Kind.TEXT), Column("value", Kind.TEXT))
COUNTED = ("rounds", "models", "score_paths", "positions", "leaderboard", "payouts", "forecasts")
LIBRARIES = ("textual", "numerapi", "httpx", "msgspec", "numpy", "pandas", "sqlite-utils")


def polls(connection: sqlite3.Connection, limit: int = 200) -> Table:
    """The newest polls of all tournaments."""
    return Table("polls", POLL_COLUMNS, newest_polls(connection, limit))


def facts(connection: sqlite3.Connection, settings: Settings) -> Table:
    """Versions, places and the cache's content."""
    return Table("facts", FACT_COLUMNS, [*places(settings), *content(connection, settings)])


def places(settings: Settings) -> list[Row]:
    """The versions in use, and where things are: known before there is any cache."""
    return [
        ("numtui", __version__),
        ("python", platform.python_version()),
        ("sqlite", sqlite3.sqlite_version),
        *((name, _version(name)) for name in LIBRARIES),
        ("API", without_password(settings.api_urls[0])),
        ("settings file", str(settings.config_file)),
        ("database", str(settings.db)),
        ("state folder", str(settings.state_dir)),
        ("notes", _notes(settings)),
    ]


def content(connection: sqlite3.Connection, settings: Settings) -> list[Row]:
    """The cache's size on disk, its journal files included, and its rows by table."""
    size = sum(path.stat().st_size for path in settings.db.parent.glob(settings.db.name + "*") if path.is_file())
    return [
        ("database size", f"{size / 1e6:.1f} MB"),
        *((f"{name} rows", f"{row_count(connection, name):,}") for name in COUNTED),
    ]


def _notes(settings: Settings) -> str:
    """How many notes there are, or why they cannot be read."""
    try:
        return f"{len(Notes.of(settings).contents().notes):,}"
    except NumtuiError as error:
        return str(error)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
