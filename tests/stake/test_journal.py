"""The journal: rows stay as they were written, an intent without an outcome is unknown, one process acts at a time."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from numtui.model import Tournament
from numtui.stake.errors import JournalFailed, LockHeld, StakeError
from numtui.stake.journal import Entry, Journal, Outcome, every_journal, journal_table
from numtui.stake.lock import account_lock

NOW = datetime(2026, 11, 21, 13, tzinfo=UTC)
INTENT = Entry(
    time=NOW,
    account="owner",
    tournament=Tournament.SIGNALS,
    model="alpha",
    model_id="id-1",
    action="increase",
    outcome=Outcome.INTENT,
    before="10",
    requested="2.5",
    after="12.5",
    plan="0123456789abcdef",
    step=1,
    snapshot="{}",
)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "state", "owner")


def test_rows_come_back_as_they_were_written(journal: Journal) -> None:
    assert journal.entries() == []
    assert not journal.path.exists()
    number = journal.append(INTENT)
    outcome = replace(INTENT, outcome=Outcome.DONE, intent=number, note="asked for")
    journal.append(outcome)
    assert journal.entries() == [replace(INTENT, entry=1), replace(outcome, entry=2)]
    table = journal_table(every_journal(journal.path.parent))
    assert [row[table.column("outcome")] for row in table.rows] == ["INTENT", "DONE"]
    assert next(iter(table.rows))[table.column("requested")] == Decimal("2.5")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal SET outcome = 'DONE'",
        "UPDATE journal SET note = 'x' WHERE entry = 1",
        "DELETE FROM journal",
        "INSERT OR REPLACE INTO journal SELECT * FROM journal",
        "REPLACE INTO journal (entry, time, account, tournament, model, model_id, action, outcome) "
        "VALUES (1, '', '', 8, '', '', '', 'DONE')",
    ],
)
def test_the_journal_cannot_be_edited(journal: Journal, statement: str) -> None:
    journal.append(INTENT)
    with (
        closing(sqlite3.connect(journal.path)) as connection,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        connection.execute(statement)
    assert journal.entries() == [replace(INTENT, entry=1)]


def test_an_intent_is_unknown_until_something_conclusive_follows(journal: Journal) -> None:
    number = journal.append(INTENT)
    assert journal.locked("id-1")
    assert not journal.locked("id-2")
    for undecided in (Outcome.UNKNOWN, Outcome.CHECKED, Outcome.NOTE):
        journal.append(replace(INTENT, outcome=undecided, intent=number))
        assert [row.entry for row in journal.unknown()] == [number]
    journal.append(replace(INTENT, outcome=Outcome.RECONCILED_NOT, intent=number))
    assert journal.unknown() == []


def test_files_are_for_their_owner_alone(journal: Journal) -> None:
    os.umask(0)
    try:
        journal.path.parent.mkdir(mode=0o755)
        journal.append(INTENT)
        with account_lock(journal.path.parent, "owner"):
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in journal.path.parent.iterdir()}
    finally:
        os.umask(0o022)
    assert stat.S_IMODE(journal.path.parent.stat().st_mode) == 0o700
    assert set(modes.values()) == {0o600}
    assert len(modes) == 2


def test_accounts_have_journals_of_their_own(tmp_path: Path) -> None:
    Journal(tmp_path, "one").append(INTENT)
    other = Journal(tmp_path, "../two\n")
    other.append(replace(INTENT, account="../two\n"))
    assert len(other.entries()) == 1
    assert other.path.parent == tmp_path
    assert len(every_journal(tmp_path)) == 2


def test_a_note_is_a_row_of_its_own(journal: Journal) -> None:
    journal.append(INTENT)
    journal.note(1, "because of the drawdown", NOW)
    assert [(row.outcome, row.intent, row.note) for row in journal.entries()][1] == (
        "NOTE",
        1,
        "because of the drawdown",
    )
    assert journal.locked("id-1")
    with pytest.raises(StakeError, match="no entry 9"):
        journal.note(9, "x", NOW)


def test_a_journal_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "owner")
    journal.path.write_bytes(b"not a database, but long enough to be looked at as one" * 40)
    with pytest.raises(JournalFailed, match="cannot be used"):
        journal.append(INTENT)


def test_every_row_is_synced(journal: Journal) -> None:
    journal.append(INTENT)
    with journal._open() as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)


HOLDER = """
import sys
from pathlib import Path
from numtui.stake.lock import account_lock
with account_lock(Path(sys.argv[1]), "owner"):
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_a_second_process_is_kept_out_and_a_dead_one_is_not(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(LockHeld, match="another numtui"), account_lock(tmp_path, "owner"):
            pytest.fail("the lock was given twice")
        with account_lock(tmp_path, "somebody else"):
            pass
        holder.kill()
    with account_lock(tmp_path, "owner"):
        pass
