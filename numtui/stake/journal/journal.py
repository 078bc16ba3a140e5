"""The append-only journal of stake actions: one SQLite file an account, in the state folder, whatever cache is in use.

A row says INTENT before anything is sent; further rows that refer to it say what became of it. An intent without a
conclusive row is UNKNOWN, so a process killed between the two leaves the model locked. Triggers abort every change and
deletion of a row, and each row is on the disk before the next thing happens (see `file`).
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from numtui.model import Column, Kind, Row, Table, Tournament, time_of, time_text
from numtui.money import decimal_of
from numtui.stake.errors import JournalFailed, JournalLost, StakeError
from numtui.stake.journal.file import (
    check_whole,
    journal_path,
    reading,
    remembered,
    writing,
)
from numtui.store.journal_db import JournalRow, insert_row, journal_rows, last_entry

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
    """The kind of a row: an intent, or what is known of one."""

    INTENT = "INTENT"
    DONE = "DONE"
    REFUSED = "REFUSED"
    NOT_SENT = "NOT_SENT"
    UNKNOWN = "UNKNOWN"
    CHECKED = "CHECKED"  # a read of reconcile that decided nothing yet
    RECONCILED_DONE = "RECONCILED_DONE"
    RECONCILED_NOT = "RECONCILED_NOT"
    NOTE = "NOTE"


ENDS = (
    Outcome.DONE,
    Outcome.REFUSED,
    Outcome.NOT_SENT,
    Outcome.UNKNOWN,
    Outcome.RECONCILED_DONE,
    Outcome.RECONCILED_NOT,
)
CONCLUSIVE = (Outcome.DONE, Outcome.REFUSED, Outcome.NOT_SENT, Outcome.RECONCILED_DONE, Outcome.RECONCILED_NOT)


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """A row of the journal; amounts as exact texts. `snapshot` is the JSON of what was read just before sending."""

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
    uptime: float | None = None  # seconds since this machine began; kept with the reads of reconcile


@dataclass(frozen=True, slots=True)
class Sent:
    """An intent that was sent or may have been, and the last that is known of it."""

    intent: JournalEntry
    outcome: Outcome


class Journal:
    """One account's journal. Each call opens the file, and is done with it when it returns."""

    def __init__(self, state_dir: Path, account: str) -> None:
        self.account = account
        self.path = journal_path(state_dir, account)

    def append(self, entry: JournalEntry) -> int:
        """Write a row and return its number; it is on the disk then. JournalFailed when that cannot be had."""
        with writing(self.path) as connection:
            return _insert(connection, entry)

    def entries(self) -> list[JournalEntry]:
        """Every row in the order of writing; empty where the account has no journal yet.

        JournalFailed where it cannot be read, JournalLost where rows are missing that were there once.
        """
        if not self.path.exists():
            check_whole(self.path, 0)
            return []
        with reading(self.path) as connection:
            check_whole(self.path, last_entry(connection))
            return _entries(connection)

    def unknown(self) -> list[JournalEntry]:
        """The intents whose outcome is unknown, the oldest first: each locks its model."""
        rows = self.entries()
        settled = {row.intent for row in rows if row.outcome in CONCLUSIVE}
        return [row for row in rows if row.outcome is Outcome.INTENT and row.entry not in settled]

    def about(self, intent: int) -> list[JournalEntry]:
        """The rows that refer to an intent."""
        return [row for row in self.entries() if row.intent == intent]

    def locked_ids(self) -> frozenset[str]:
        """The ids of the models whose last change has an unknown outcome."""
        return frozenset(row.model_id for row in self.unknown())

    def locked(self, model_id: str) -> bool:
        """Whether an earlier change of this model has an unknown outcome."""
        return model_id in self.locked_ids()

    def order(self, plan: str, step: int) -> Sent | None:
        """What became of the step `step` of the plan with the digest `plan`, where it was sent or may have been.

        What Numerai refused, and what never left, is not sent. What reads did not show was sent all the same.
        """
        return next((sent for sent in self.orders() if (sent.intent.plan, sent.intent.step) == (plan, step)), None)

    def orders(self) -> list[Sent]:
        """The changes that were sent or may have been, the oldest first, each with its last outcome."""
        rows = self.entries()
        ends = {row.intent: row.outcome for row in rows if row.outcome in ENDS}
        sent = [Sent(row, ends.get(row.entry, Outcome.UNKNOWN)) for row in rows if row.outcome is Outcome.INTENT]
        return [item for item in sent if item.outcome not in (Outcome.REFUSED, Outcome.NOT_SENT)]

    def last(self) -> int:
        """The number of the last row; 0 without any."""
        return max((row.entry or 0 for row in self.entries()), default=0)

    def note(self, entry: int, text: str, time: datetime) -> int:
        """Add the user's note to a row, as a row of its own. StakeError where there is no such row."""
        about = next((row for row in self.entries() if row.entry == entry), None)
        if about is None:
            raise StakeError(f"the journal has no entry {entry}")
        return self.append(
            JournalEntry(
                time=time,
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

    def begin_anew(self, note: str, time: datetime) -> Path | None:
        """The user's word that the lost or damaged journal may be done without. A damaged one is set aside: its path.

        The rows go on behind the last that is remembered. StakeError where the journal is whole, or without a note.
        """
        if not note.strip():
            raise StakeError("say in a note how you know that no change is left unknown")
        aside = None
        try:
            self.entries()
            raise StakeError(f"the stake journal {self.path} is whole: nothing was changed")
        except JournalLost:
            pass
        except JournalFailed:
            aside = self.path.with_name(f"{self.path.name}.damaged-{time:%Y%m%dT%H%M%S}")
            self.path.replace(aside)
        row = JournalEntry(
            time=time,
            account=self.account,
            tournament=Tournament.CLASSIC,
            model="",
            model_id="",
            action="note",
            outcome=Outcome.NOTE,
            note=f"the journal was begun anew: {note.strip()}",
            entry=remembered(self.path) + 1,
        )
        with writing(self.path, whole=False) as connection:
            _insert(connection, row)
        return aside


def _insert(connection: sqlite3.Connection, entry: JournalEntry) -> int:
    row = JournalRow(
        entry=entry.entry,
        intent=entry.intent,
        time=time_text(entry.time),
        account=entry.account,
        tournament=int(entry.tournament),
        model=entry.model,
        model_id=entry.model_id,
        action=entry.action,
        before=entry.before,
        requested=entry.requested,
        after=entry.after,
        outcome=str(entry.outcome),
        plan=entry.plan,
        step=entry.step,
        snapshot=entry.snapshot,
        note=entry.note,
        uptime=entry.uptime,
    )
    return insert_row(connection, row)


def _entries(connection: sqlite3.Connection) -> list[JournalEntry]:
    return [_entry(row) for row in journal_rows(connection)]


def _entry(row: JournalRow) -> JournalEntry:
    time = time_of(row.time)
    if time is None:
        raise JournalFailed(f"row {row.entry} of the stake journal has no time")
    return JournalEntry(
        time=time,
        account=row.account,
        tournament=Tournament(row.tournament),
        model=row.model,
        model_id=row.model_id,
        action=row.action,
        outcome=Outcome(row.outcome),
        before=row.before,
        requested=row.requested,
        after=row.after,
        plan=row.plan,
        step=row.step,
        snapshot=row.snapshot,
        note=row.note,
        intent=row.intent,
        entry=row.entry,
        uptime=row.uptime,
    )


def every_journal(state_dir: Path) -> list[JournalEntry]:
    """The rows of all accounts' journals in the state folder, by time. JournalFailed where one cannot be read."""
    entries: list[JournalEntry] = []
    for path in sorted(state_dir.glob("stake-*.journal")):
        with reading(path) as connection:
            entries.extend(_entries(connection))
    return sorted(entries, key=lambda row: row.time)


def journal_table(entries: list[JournalEntry]) -> Table:
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
            decimal_of(row.before),
            decimal_of(row.requested),
            decimal_of(row.after),
            str(row.outcome),
            row.plan,
            row.step,
            row.note,
        )
        for row in entries
    ]
    return Table("journal", JOURNAL_COLUMNS, rows)


def locks_of(journal: Journal) -> tuple[frozenset[str], str]:
    """The ids of the locked models, and the problem of the journal ("" for none), for callers that only show.

    Whoever wants to change a stake asks the journal itself, and is stopped by its error.
    """
    try:
        return journal.locked_ids(), ""
    except JournalFailed as error:
        return frozenset(), str(error)
