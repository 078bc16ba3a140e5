"""The append-only journal of stake actions: one SQLite file an account, in the state folder, whatever cache is in use.

A row says INTENT before anything is sent; further rows that refer to it say what became of it. An intent without a
conclusive row is UNKNOWN, so a process killed between the two leaves the model locked. Triggers abort every change and
deletion of a row, and each row is on the disk before the next thing happens (synchronous = FULL).
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from numtui.model import Column, Kind, Row, Table, Tournament, time_of, time_text
from numtui.stake.errors import JournalFailed, StakeError

SCHEMA = """
CREATE TABLE IF NOT EXISTS journal (
  entry INTEGER PRIMARY KEY AUTOINCREMENT,
  intent INTEGER REFERENCES journal,     -- NULL: this row is an intent (or a note)
  time TEXT NOT NULL, account TEXT NOT NULL, tournament INTEGER NOT NULL, model TEXT NOT NULL, model_id TEXT NOT NULL,
  action TEXT NOT NULL, before TEXT, requested TEXT, after TEXT,
  outcome TEXT NOT NULL, plan TEXT, step INTEGER, snapshot TEXT, note TEXT
);
CREATE TRIGGER IF NOT EXISTS journal_keeps BEFORE UPDATE ON journal
  BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER IF NOT EXISTS journal_stays BEFORE DELETE ON journal
  BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER IF NOT EXISTS journal_grows BEFORE INSERT ON journal WHEN NEW.entry IN (SELECT entry FROM journal)
  BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
"""
FIELDS = (
    "intent, time, account, tournament, model, model_id, action, before, requested, after, "
    "outcome, plan, step, snapshot, note"
)
JOURNAL_COLUMNS = (
    Column("entry", Kind.INT, doc="number of the row, in the order of writing"),
    Column("intent", Kind.INT, doc="the row of the intent that this row is about; empty for the intent itself"),
    Column("time", Kind.TIME, doc="when the row was written"),
    Column("account", Kind.TEXT, doc="whose stake"),
    Column("tournament", Kind.TEXT, doc="classic, signals or crypto"),
    Column("model", Kind.TEXT, doc="the model's name"),
    Column("model_id", Kind.TEXT, doc="the model's id at Numerai"),
    Column("action", Kind.TEXT, doc="increase, release, drain, cancel; note"),
    Column("before", Kind.NMR, doc="NMR staked before"),
    Column("requested", Kind.NMR, doc="the amount asked for"),
    Column("after", Kind.NMR, doc="NMR staked when all of it is through"),
    Column(
        "outcome", Kind.TEXT, doc="INTENT, then DONE, REFUSED, NOT_SENT, UNKNOWN, CHECKED, RECONCILED_DONE/_NOT; NOTE"
    ),
    Column("plan", Kind.TEXT, doc="digest of the plan"),
    Column("step", Kind.INT, doc="number of the step in the plan"),
    Column("note", Kind.TEXT, doc="what was said about it"),
)


class Outcome(StrEnum):
    """What a row says about an intent."""

    INTENT = "INTENT"
    DONE = "DONE"
    REFUSED = "REFUSED"
    NOT_SENT = "NOT_SENT"
    UNKNOWN = "UNKNOWN"
    CHECKED = "CHECKED"  # a read of reconcile that decided nothing yet
    RECONCILED_DONE = "RECONCILED_DONE"
    RECONCILED_NOT = "RECONCILED_NOT"
    NOTE = "NOTE"


CONCLUSIVE = (Outcome.DONE, Outcome.REFUSED, Outcome.NOT_SENT, Outcome.RECONCILED_DONE, Outcome.RECONCILED_NOT)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a row holds; amounts as exact texts. `snapshot` is the JSON of what was read just before sending."""

    time: datetime
    account: str
    tournament: Tournament
    model: str
    model_id: str
    action: str
    outcome: Outcome
    before: str | None = None
    requested: str | None = None
    after: str | None = None
    plan: str | None = None
    step: int | None = None
    snapshot: str | None = None
    note: str | None = None
    intent: int | None = None
    entry: int | None = None  # its number, once written


def account_key(account: str) -> str:
    """The account's part of a file name: names may hold anything, so a hash stands for them."""
    return hashlib.sha256(account.casefold().encode()).hexdigest()[:16]


def journal_path(state_dir: Path, account: str) -> Path:
    """Where the account's journal lies."""
    return state_dir / f"stake-{account_key(account)}.journal"


def private_folder(folder: Path) -> None:
    """The state folder, made where it is missing, for its owner alone (0700)."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)


class Journal:
    """One account's journal. Each call opens the file, and is done with it when it returns."""

    def __init__(self, state_dir: Path, account: str) -> None:
        self.account = account
        self.path = journal_path(state_dir, account)

    def append(self, entry: Entry) -> int:
        """Write a row and return its number; it is on the disk then. JournalFailed when that cannot be had."""
        with self._open() as connection:
            values = (
                entry.intent,
                time_text(entry.time),
                entry.account,
                int(entry.tournament),
                entry.model,
                entry.model_id,
                entry.action,
                entry.before,
                entry.requested,
                entry.after,
                str(entry.outcome),
                entry.plan,
                entry.step,
                entry.snapshot,
                entry.note,
            )
            marks = ", ".join("?" * len(values))
            cursor = connection.execute(f"INSERT INTO journal ({FIELDS}) VALUES ({marks})", values)
            return int(cursor.lastrowid or 0)

    def entries(self) -> list[Entry]:
        """Every row in the order of writing; empty where the account has no journal yet."""
        if not self.path.exists():
            return []
        with self._open() as connection:
            return _entries(connection)

    def unknown(self) -> list[Entry]:
        """The intents whose outcome is unknown, the oldest first: each locks its model."""
        rows = self.entries()
        settled = {row.intent for row in rows if row.outcome in CONCLUSIVE}
        return [row for row in rows if row.outcome is Outcome.INTENT and row.entry not in settled]

    def about(self, intent: int) -> list[Entry]:
        """The rows that refer to an intent."""
        return [row for row in self.entries() if row.intent == intent]

    def locked_ids(self) -> frozenset[str]:
        """The ids of the models whose last change has an unknown outcome."""
        return frozenset(row.model_id for row in self.unknown())

    def locked(self, model_id: str) -> bool:
        """Whether an earlier change of this model has an unknown outcome."""
        return model_id in self.locked_ids()

    def note(self, entry: int, text: str, at: datetime) -> int:
        """Add the user's note to a row, as a row of its own. StakeError where there is no such row."""
        about = next((row for row in self.entries() if row.entry == entry), None)
        if about is None:
            raise StakeError(f"the journal has no entry {entry}")
        return self.append(
            Entry(
                time=at,
                account=about.account,
                tournament=about.tournament,
                model=about.model,
                model_id=about.model_id,
                action="note",
                outcome=Outcome.NOTE,
                note=text,
                intent=entry,
            )
        )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            private_folder(self.path.parent)
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
            self.path.chmod(0o600)
            with closing(sqlite3.connect(self.path, timeout=10, isolation_level=None)) as connection:
                connection.execute("PRAGMA synchronous = FULL")
                if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'journal_grows'").fetchone():
                    connection.executescript(f"BEGIN; {SCHEMA} COMMIT;")
                yield connection
        except (OSError, sqlite3.Error) as error:
            raise JournalFailed(f"the stake journal {self.path} cannot be used: {error}") from error


def _entries(connection: sqlite3.Connection) -> list[Entry]:
    found = []
    for row in connection.execute(f"SELECT entry, {FIELDS} FROM journal ORDER BY entry"):
        entry, intent, time, account, tournament, model, model_id, action, before, requested, after, *rest = row
        outcome, plan, step, snapshot, note = rest
        at = time_of(time)
        if at is None:
            raise JournalFailed(f"row {entry} of the stake journal has no time")
        found.append(
            Entry(
                time=at,
                account=account,
                tournament=Tournament(tournament),
                model=model,
                model_id=model_id,
                action=action,
                outcome=Outcome(outcome),
                before=before,
                requested=requested,
                after=after,
                plan=plan,
                step=step,
                snapshot=snapshot,
                note=note,
                intent=intent,
                entry=entry,
            )
        )
    return found


def every_journal(state_dir: Path) -> list[Entry]:
    """The rows of all accounts' journals in the state folder, by time. JournalFailed where one cannot be read."""
    found: list[Entry] = []
    for path in sorted(state_dir.glob("stake-*.journal")):
        try:
            with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
                found.extend(_entries(connection))
        except sqlite3.Error as error:
            raise JournalFailed(f"the stake journal {path} cannot be read: {error}") from error
    return sorted(found, key=lambda row: row.time)


def journal_table(entries: list[Entry]) -> Table:
    """The journal as a table for screens and exports."""
    rows: list[Row] = [
        (
            row.entry,
            row.intent,
            row.time,
            row.account,
            row.tournament.label,
            row.model,
            row.model_id,
            row.action,
            _decimal(row.before),
            _decimal(row.requested),
            _decimal(row.after),
            str(row.outcome),
            row.plan,
            row.step,
            row.note,
        )
        for row in entries
    ]
    return Table("journal", JOURNAL_COLUMNS, rows)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
