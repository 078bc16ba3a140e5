"""The cache as the screens read it: one reader for the event loop, one for a thread, and the count of changes.

The reader of the event loop answers what is quick: the header, a page of the leaderboard. Reports that read more run in
the thread, each on that thread's own connection, so that a key is never held up.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from numtui.clock import Clock
from numtui.config import Settings
from numtui.model import Tournament
from numtui.reports.header import Header, header
from numtui.store.database import identity, open_reader, open_writer, read_transaction
from numtui.store.errors import NoDatabase, as_store_errors
from numtui.store.notes.place import notes_version
from numtui.store.queries.firing import last_entry
from numtui.store.queries.meta import table_versions
from numtui.tui.failures import READ_ERRORS, failure_line

if TYPE_CHECKING:
    from numtui.store.queries.alerts import HistoryRow

Result = TypeVar("Result")


class ReadRequest(NamedTuple):
    """The settings, tournament and time that every report is read with."""

    settings: Settings
    tournament: Tournament
    now: datetime


class Cache:
    """The cache as the screens see it: read-only, opened when it appears, opened anew when it was replaced."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.tournament = settings.tournament
        self._reader: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None
        self._generation = 0
        self._data_version = -1
        self._versions: dict[str, int] = {}
        self._alerts_seen: tuple[int | None, int] | None = None  # count of writes, newest entry of the history
        self._thread: ThreadPoolExecutor | None = None
        self._thread_reader: tuple[sqlite3.Connection, int] | None = None

    @property
    def request(self) -> ReadRequest:
        """The tournament on screen, and the time."""
        return ReadRequest(self.settings, self.tournament, self.clock.now())

    @property
    def reader(self) -> sqlite3.Connection:
        """The event loop's connection. StoreError where there is none to be had."""
        current = identity(self.settings.db)
        if self._reader is None or current != self._identity:
            # The former connection stays for the rows that still read through it, and is closed with the last of them.
            self._reader, self._identity = open_reader(self.settings.db), current
            self._generation += 1
            self._data_version = -1
        return self._reader

    def versions(self) -> dict[str, int]:
        """The number of writes to each table by its name, read again only when something was committed.

        The name "" counts how often the file was replaced; "notes" is the file of notes. StoreError where the cache
        cannot be read.
        """
        reader = self.reader
        version = int(reader.execute("PRAGMA data_version").fetchone()[0])
        if version != self._data_version:
            self._versions = table_versions(reader)
            self._versions[""] = self._generation
            self._data_version = version
        return self._versions | {"notes": notes_version(self.settings.state_dir)}

    def header(self) -> Header:
        """The header of the tournament on screen; of an empty cache where it cannot be read, with the reason."""
        request = self.request
        try:
            with as_store_errors(request.settings.db):
                return header(self.reader, request.settings, request.tournament, self.clock)
        except NoDatabase:
            reason = None
        except Exception as error:  # noqa: BLE001  the header is read every second: what fails is said in it
            reason = failure_line(error)
        return Header(
            tournament=request.tournament,
            round=None,
            closes_at=None,
            data_time=None,
            state="empty",
            simulated=request.settings.simulated,
            allow_stake=request.settings.allow_stake,
            progress=None,
            message=reason,
            profile=request.settings.profile,
        )

    def news_of_alerts(self) -> list[HistoryRow]:
        """The alerts that have begun to fire since this was last asked; none at the first time, or without a cache."""
        version = self._versions.get("alerts")
        if self._alerts_seen is not None and self._alerts_seen[0] == version:
            return []
        try:
            known, newest = self._alerts_seen, last_entry(self.reader)
            self._alerts_seen = version, newest
            if known is None or newest == known[1]:
                return []
            from numtui.store.queries.alerts import history_since  # only where there is news

            news = history_since(self.reader, known[1])
        except READ_ERRORS:
            return []
        return [row for row in news if row.state == "firing" and row.who == "poller"]

    def price(self) -> Decimal | None:
        """The price of one NMR in the user's currency; None where the cache has no price or cannot be read."""
        from numtui.store.queries.stakes.account import nmr_price  # not before the first frame

        try:
            return nmr_price(self.reader, self.settings.fiat)
        except READ_ERRORS:
            return None

    async def read(self, report: Callable[[sqlite3.Connection, ReadRequest], Result]) -> Result:
        """What `report` returns, read in the thread."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="reports")
        request, generation = self.request, self._generation
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._read, report, request, generation)

    def _read(
        self, report: Callable[[sqlite3.Connection, ReadRequest], Result], request: ReadRequest, generation: int
    ) -> Result:
        if self._thread_reader is not None and self._thread_reader[1] != generation:
            self._close_thread_reader()
        if self._thread_reader is None:
            self._thread_reader = open_reader(self.settings.db), generation
        with as_store_errors(self.settings.db), read_transaction(self._thread_reader[0]):
            return report(self._thread_reader[0], request)

    async def watch(self, model: str, *, watched: bool) -> None:
        """Mark a model of the tournament on screen as watched, or no longer. StoreError when it cannot be written."""
        tournament = self.tournament
        await asyncio.to_thread(self._watch, tournament, model, watched)

    def _watch(self, tournament: Tournament, model: str, watched: bool) -> None:
        from numtui.store.writes.models import set_watched  # needed for a write only

        writer = open_writer(self.settings.db)
        try:
            set_watched(writer, tournament, model, watched)
        finally:
            writer.close()

    def close(self) -> None:
        """Close both readers."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None
        if self._thread is not None:
            self._thread.submit(self._close_thread_reader)
            self._thread.shutdown(wait=True, cancel_futures=True)
            self._thread = None

    def _close_thread_reader(self) -> None:
        if self._thread_reader is not None:
            self._thread_reader[0].close()
            self._thread_reader = None
