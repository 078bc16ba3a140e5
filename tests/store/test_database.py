"""Opening the cache: versions, permissions, migrations, and what is said when it cannot be used."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlite_utils import Database

from numtui.store.database import identity, open_reader, open_writer, read_transaction, transaction
from numtui.store.errors import (
    DiskFull,
    ForeignDatabase,
    LockedDatabase,
    NewerDatabase,
    NoDatabase,
    StoreError,
)
from numtui.store.migrations import migrations, statements
from numtui.store.schema import APPLICATION_ID, VERSION
from tests.store.old_cache import add_note

AT = datetime(2026, 11, 21, 13, tzinfo=UTC)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_cache_is_private_and_current(tmp_path: Path) -> None:
    path = tmp_path / "data" / "numtui" / "cache.db"
    connection = open_writer(path)
    add_note(connection, "kept", AT)
    assert mode(path.parent) == mode(path.parent.parent) == 0o700
    assert {mode(file) for file in path.parent.iterdir()} == {0o600}
    assert {file.name for file in path.parent.iterdir()} == {"cache.db", "cache.db-wal", "cache.db-shm"}
    assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)
    applied = connection.execute("SELECT name FROM _sqlite_migrations").fetchall()
    assert applied == [(step.name,) for step in migrations.applied(Database(connection))]
    assert applied[0] == ("001_cache",)
    assert migrations.pending(Database(connection)) == []


def test_the_version_goes_up_with_each_migration() -> None:
    """Else a cache of before would never be brought up to date."""
    steps = sorted(step.name for step in migrations.pending(Database(memory=True)))
    assert int(steps[-1][:3]) == len(steps) == VERSION - 1


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    path.touch(mode=0o644)
    path.chmod(0o644)
    before = mode(tmp_path)
    open_writer(path).close()
    assert mode(path) == 0o600
    assert mode(tmp_path) == before, "a folder that was there is not ours to change"


def test_opening_again_migrates_nothing_and_needs_no_sqlite_utils(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    open_writer(path).close()
    code = (
        "import sys; from pathlib import Path; from numtui.store.database import open_writer, open_reader\n"
        f"path = Path({str(path)!r}); open_writer(path).close(); open_reader(path).close()\n"
        "assert 'sqlite_utils' not in sys.modules and 'pandas' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_two_processes_may_make_the_cache_at_once(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    code = f"from pathlib import Path; from numtui.store.database import open_writer; open_writer(Path({str(path)!r}))"
    makers = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(3)]
    assert [maker.wait(timeout=30) for maker in makers] == [0, 0, 0]
    with open_reader(path) as reader:
        steps = len(migrations.applied(Database(reader)))
    assert reader.execute("SELECT count(*) FROM _sqlite_migrations").fetchone() == (steps,)


def test_a_failed_migration_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "cache.db"
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute("CREATE TABLE notes (other TEXT)")  # in the way of the script's own table
    connection.close()
    with pytest.raises(StoreError, match="notes already exists"):
        open_writer(path)
    left = sqlite3.connect(path)
    assert left.execute("SELECT name FROM sqlite_master WHERE name NOT LIKE '%sqlite%'").fetchall() == [("notes",)]
    assert left.execute("PRAGMA user_version").fetchone() == (0,)


def test_statements_keep_semicolons_within_and_refuse_a_cut_script() -> None:
    script = "-- a; comment\nCREATE TABLE a (b TEXT DEFAULT ';');\nINSERT INTO a\nVALUES (';');\n-- end\n"
    assert len(list(statements(script))) == 2
    with pytest.raises(ValueError, match="ends inside"):
        list(statements("CREATE TABLE a (b TEXT"))


def test_readers_cannot_write_and_see_commits(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    writer, reader = open_writer(path), open_reader(path)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.execute("DELETE FROM notes")
    before = reader.execute("PRAGMA data_version").fetchone()
    add_note(writer, "seen", AT)
    assert reader.execute("PRAGMA data_version").fetchone() != before
    assert reader.execute("SELECT text, time FROM notes").fetchall() == [("seen", "2026-11-21T13:00:00Z")]


def test_what_a_report_reads_is_of_one_moment(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    writer, reader = open_writer(path), open_reader(path)
    count = "SELECT count(*) FROM notes"
    with read_transaction(reader):
        assert reader.execute(count).fetchone() == (0,)
        add_note(writer, "meanwhile", AT)
        with read_transaction(reader):
            assert reader.execute(count).fetchone() == (0,)
        assert reader.execute(count).fetchone() == (0,), "the inner one has not ended the outer one"
    assert reader.execute(count).fetchone() == (1,)


def test_money_is_bound_and_added_exactly(tmp_path: Path) -> None:
    connection = open_writer(tmp_path / "cache.db")
    amounts = [Decimal("0E-18"), Decimal("1E+3"), Decimal("0.000000000000000001"), Decimal("123456789012345678901.1")]
    connection.executemany("INSERT INTO presets VALUES ('x', ?, ?)", [(str(n), a) for n, a in enumerate(amounts)])
    texts = [text for (text,) in connection.execute("SELECT value FROM presets ORDER BY name")]
    assert texts[:2] == ["0.000000000000000000", "1000"]
    total = connection.execute("SELECT dsum(value), (SELECT dsum(NULL)) FROM presets").fetchone()
    assert total == ("123456789012345679901.100000000000000001", None)


def test_a_newer_cache_is_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    connection = open_writer(path)
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    before = path.read_bytes()
    for opening in (open_reader, open_writer):
        with pytest.raises(NewerDatabase, match=r"newer numtui .* upgrade numtui"):
            opening(path)
    assert path.read_bytes() == before


def test_a_file_of_something_else_is_refused_and_untouched(tmp_path: Path) -> None:
    words, other = tmp_path / "thesis.txt", tmp_path / "other.db"
    words.write_text("not a database, and longer than a header of a hundred bytes " * 10)
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE theirs (a)")
    connection.close()
    for path in (words, other):
        before = path.read_bytes()
        for opening in (open_reader, open_writer):
            with pytest.raises(ForeignDatabase):
                opening(path)
        assert path.read_bytes() == before


def test_without_a_cache_a_reader_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NoDatabase, match="numtui poll --once"):
        open_reader(tmp_path / "none.db")
    assert not list(tmp_path.iterdir())
    (tmp_path / "empty.db").touch()
    with pytest.raises(NoDatabase, match="empty"):
        open_reader(tmp_path / "empty.db")


def test_a_locked_cache_is_said_to_be_locked(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    holder, waiter = open_writer(path), open_writer(path, busy_seconds=0.05)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(LockedDatabase, match="locked by another process"):
        add_note(waiter, "too late", AT)
    holder.execute("ROLLBACK")
    assert add_note(waiter, "now", AT) == 1


def test_a_full_disk_is_said_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    connection = open_writer(path)
    add_note(connection, "before", AT)
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(DiskFull, match="disk is full"), transaction(connection):
        for _ in range(100):
            add_note(connection, "x" * 4000, AT)
    connection.execute("PRAGMA max_page_count = 1000000")
    assert connection.execute("SELECT text FROM notes").fetchall() == [("before",)]
    assert add_note(connection, "after", AT) == 2


def test_a_transaction_rolls_back_whole_and_joins_an_outer_one(tmp_path: Path) -> None:
    connection = open_writer(tmp_path / "cache.db")
    with pytest.raises(ZeroDivisionError), transaction(connection):
        add_note(connection, "gone", AT)
        _ = 1 / 0
    assert not connection.in_transaction
    assert connection.execute("SELECT count(*) FROM notes").fetchone() == (0,)


def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    path = folder / "cache.db"
    open_writer(path).close()
    path.chmod(0o444)
    folder.chmod(0o555)
    code = (
        "import os; from pathlib import Path; from numtui.store.database import open_reader, open_writer\n"
        "if os.geteuid() == 0: os.setuid(54321)\n"  # root may write anything
        f"path = Path({str(path)!r})\n"
        "print(open_reader(path).execute('SELECT count(*) FROM notes').fetchone())\n"
        "try: open_writer(path)\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    for parent in (tmp_path, *tmp_path.parents):
        if parent.owner() == tmp_path.owner() and "pytest" in str(parent):
            parent.chmod(0o755)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("(0,)\nPermissionDenied "), done.stdout + done.stderr


def test_a_path_that_cannot_be_a_file(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be used: it is a folder"):
        open_writer(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be used"):
        open_writer(tmp_path / "file" / "cache.db")


def test_identity_changes_when_the_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    assert identity(path) is None
    open_writer(path).close()
    first = identity(path)
    path.rename(tmp_path / "aside.db")
    open_writer(path).close()
    assert identity(path) not in (None, first)
