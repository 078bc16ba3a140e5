"""The journal: rows stay as they were written, an intent without an outcome is unknown, one process acts at a time."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from numtui.model import Tournament
from numtui.stake.errors import JournalFailed, JournalLost, LockHeld, StakeError
from numtui.stake.journal.file import journal_path, private_folder, writing
from numtui.stake.journal.journal import Journal, JournalEntry, Outcome, every_journal, journal_table
from numtui.stake.lock import account_lock
from numtui.store.journal_db import SCHEMA

NOW = datetime(2026, 11, 21, 13, tzinfo=UTC)
INTENT = JournalEntry(
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
    assert len(modes) == 3


def test_a_file_that_others_could_read_is_closed_to_them(journal: Journal) -> None:
    journal.append(INTENT)
    journal.path.chmod(0o644)
    journal.path.parent.chmod(0o755)
    journal.append(INTENT)
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(journal.path.parent.stat().st_mode) == 0o700


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
    with writing(journal.path) as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)


WRITER = """
import sys, sqlite3
connection = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)
try:
    connection.execute("BEGIN IMMEDIATE")
    print("wrote")
except sqlite3.OperationalError as error:
    print(error)
"""


def test_a_call_of_the_journal_drops_no_lock_of_this_process(journal: Journal) -> None:
    """Closing a file by path drops the POSIX locks that SQLite holds on it: another process then wrote in between."""
    journal.append(INTENT)
    with writing(journal.path) as connection:
        connection.execute("UPDATE sqlite_sequence SET seq = seq")
        others = [threading.Thread(target=journal.entries), threading.Thread(target=journal.locked_ids)]
        for thread in others:
            thread.start()
        for thread in others:
            thread.join()
        ran = subprocess.run(
            [sys.executable, "-c", WRITER, str(journal.path)], capture_output=True, text=True, check=True
        )
        assert ran.stdout.strip() == "database is locked"


def test_threads_and_processes_write_every_row(journal: Journal) -> None:
    def write() -> None:
        for _ in range(10):
            journal.append(INTENT)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [row.entry for row in journal.entries()] == list(range(1, 41))


@pytest.mark.parametrize("loss", ["missing", "emptied", "an old copy", "rows"])
def test_a_lost_journal_is_noticed_and_forgets_no_lock_in_silence(journal: Journal, loss: str) -> None:
    journal.append(INTENT)
    old = journal.path.read_bytes()
    for _ in range(3):
        journal.append(INTENT)
    match loss:
        case "missing":
            journal.path.unlink()
        case "emptied":
            journal.path.write_bytes(b"")
        case "an old copy":
            journal.path.write_bytes(old)
        case "rows":
            with closing(sqlite3.connect(journal.path)) as connection:
                connection.executescript("DROP TRIGGER journal_stays; DELETE FROM journal;")
    for attempt in (journal.entries, journal.locked_ids, lambda: journal.append(INTENT)):
        with pytest.raises(JournalLost, match="had 4 entries"):
            attempt()
    with pytest.raises(StakeError, match="say in a note"):
        journal.begin_anew(" ", NOW)
    assert journal.begin_anew("nothing was under way", NOW) is None
    assert [row.entry for row in journal.entries()][-1] == 5
    assert journal.append(INTENT) == 6
    with pytest.raises(StakeError, match="is whole"):
        journal.begin_anew("again", NOW)


def test_a_lost_journal_of_one_row_is_noticed(journal: Journal) -> None:
    journal.append(INTENT)
    journal.path.unlink()
    with pytest.raises(JournalLost):
        journal.entries()


def test_a_damaged_journal_is_set_aside_when_the_user_says_so(journal: Journal) -> None:
    journal.append(INTENT)
    journal.path.write_bytes(b"damaged" * 900)
    with pytest.raises(JournalFailed):
        journal.append(INTENT)
    aside = journal.begin_anew("the website shows nothing", NOW)
    assert aside is not None and aside.read_bytes() == b"damaged" * 900
    assert [(row.outcome, row.entry) for row in journal.entries()] == [(Outcome.NOTE, 2)]


def test_a_killed_writer_is_no_loss(journal: Journal) -> None:
    """The number is noted before its row is there; a process may be killed between the two."""
    for _ in range(2):
        journal.append(INTENT)
    journal.path.with_suffix(".last").write_text("3")
    assert len(journal.entries()) == 2
    assert journal.append(INTENT) == 3


def test_a_journal_of_before_goes_on(journal: Journal) -> None:
    journal.path.parent.mkdir()
    with closing(sqlite3.connect(journal.path)) as connection:
        for statement in SCHEMA:
            connection.execute(statement.replace(", uptime REAL", ""))
    assert journal.append(replace(INTENT, uptime=5.0)) == 1
    assert journal.entries() == [replace(INTENT, entry=1, uptime=5.0)]


def test_two_state_folders_of_one_account_do_not_act_at_once(tmp_path: Path) -> None:
    with (
        account_lock(tmp_path / "one", "owner", "https://api"),
        pytest.raises(LockHeld),
        account_lock(tmp_path / "two", "owner", "https://api"),
    ):
        pytest.fail("the lock was given twice")
    with (
        account_lock(tmp_path / "one", "owner", "https://api"),
        account_lock(tmp_path / "two", "owner", "https://demo"),
    ):
        pass


HOLDER = """
import sys
from pathlib import Path
from numtui.stake.journal.file import journal_path, private_folder, writing
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


@pytest.mark.parametrize("mode", [0o701, 0o710, 0o704, 0o740, 0o702])
def test_a_state_folder_that_anybody_else_may_use_in_any_way_is_closed(tmp_path: Path, mode: int) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    folder.chmod(mode)
    private_folder(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_an_accounts_journal_keeps_its_name() -> None:
    """From version to version: under another name the locks of unknown changes would be forgotten."""
    assert journal_path(Path("/s"), "Demo_Account") == Path("/s/stake-b3830f5afc42c1f8.journal")
    assert journal_path(Path("/s"), "DEMO_account") == journal_path(Path("/s"), "demo_account")
