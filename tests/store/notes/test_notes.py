"""Notes, tiers, epochs and saved choices: written by many at once, damaged, deleted, exported and taken over."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numtui.model import Tournament
from numtui.store.database import open_writer
from numtui.store.notes.notes import Notes
from numtui.store.notes.records import Contents, NotesError, line_of, read_lines
from tests.store.old_cache import add_note

AT = datetime(2026, 11, 21, 13, tzinfo=UTC)
CLASSIC, SIGNALS = Tournament.CLASSIC, Tournament.SIGNALS
WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from numtui.store.notes.notes import Notes
notes = Notes(Path(sys.argv[1]))
for number in range(int(sys.argv[3])):
    print(notes.add(f"{sys.argv[2]} {number}", datetime.now(UTC)).id, flush=True)
"""


def filled(folder: Path, count: int = 60) -> Notes:
    """Notes of every kind, more than a page of them."""
    notes = Notes(folder)
    for number in range(count):
        notes.add(
            f"lgbm v5.{number}, 60-day target",
            AT + timedelta(hours=number),
            tournament=CLASSIC,
            model=f"model_{number % 7}",
            round_number=1290 + number,
            tags=["lgbm", f"v5.{number}"],
            epoch=number % 3 == 0,
        )
    notes.set_tier(CLASSIC, "model_1", "core", AT)
    notes.put_epoch(SIGNALS, "retrained", 1200, None)
    notes.put_preset("backtest", "mine", '{"rounds": "all"}')
    return notes


def flipped(at: Callable[[bytes], int]) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        content = bytearray(path.read_bytes())
        content[at(bytes(content))] ^= 0x01
        path.write_bytes(content)

    return damage


def truncated(share: float) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])

    return damage


def at_rest(path: Path) -> None:
    """Everything is in the file itself, nothing in the log beside it."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def other_database(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE other (x)")
    connection.close()


DAMAGE: dict[str, Callable[[Path], None]] = {
    "a letter of a note": flipped(lambda content: content.index(b"lgbm v5.7,")),
    "a byte of the schema": flipped(lambda content: content.index(b"CREATE TABLE records")),
    "the header": flipped(lambda content: 3),
    "the version": flipped(lambda content: 63),
    "the middle": flipped(lambda content: 4096 * 2 + 1),
    "half of it": truncated(0.5),
    "the first page only": truncated(0.1),
    "emptied": truncated(0),
    "deleted": Path.unlink,
    "another program's": other_database,
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_loses_nothing_and_the_damaged_file_is_kept(tmp_path: Path, kind: str) -> None:
    notes = filled(tmp_path)
    before = notes.contents()
    at_rest(notes.file.path)
    DAMAGE[kind](notes.file.path)
    damaged = notes.file.path.read_bytes() if notes.file.path.exists() else None
    assert notes.contents() == before
    kept = [path.read_bytes() for path in tmp_path.glob("notes.db.damaged-*Z")]
    assert kept == ([] if damaged is None else [damaged])
    notes.add("and on", AT)
    assert len(notes.contents().notes) == len(before.notes) + 1


def test_without_the_copy_the_rows_that_can_be_read_are_saved(tmp_path: Path) -> None:
    notes = filled(tmp_path)
    before = notes.contents()
    at_rest(notes.file.path)
    DAMAGE["a letter of a note"](notes.file.path)
    notes.file.copy.unlink()
    after = notes.contents()
    assert {note.id for note in before.notes} - {note.id for note in after.notes} == {before.notes[7].id}
    assert after[1:] == before[1:]


def test_an_older_file_put_back_loses_nothing(tmp_path: Path) -> None:
    notes = filled(tmp_path, 5)
    at_rest(notes.file.path)
    old = notes.file.path.read_bytes()
    notes.add("written since", AT)
    for path in tmp_path.glob("notes.db*"):
        path.unlink()
    notes.file.path.write_bytes(old)
    assert "written since" in {note.text for note in notes.contents().notes}


def test_a_damaged_copy_is_written_anew_and_takes_nothing_with_it(tmp_path: Path) -> None:
    notes = filled(tmp_path)
    before = notes.contents()
    notes.file.copy.write_bytes(b"\xff\x00 nothing\n" + notes.file.copy.read_bytes()[40:])
    assert notes.contents() == before
    notes.set_tier(CLASSIC, "model_2", "test", AT)
    notes.file.path.unlink()
    assert notes.contents().notes == before.notes


@settings(max_examples=15, deadline=None)
@given(place=st.integers(0, 10**6), bit=st.integers(0, 7))
def test_any_flipped_bit_loses_nothing(tmp_path_factory: pytest.TempPathFactory, place: int, bit: int) -> None:
    notes = filled(tmp_path_factory.mktemp("flipped"), 12)
    before = notes.contents()
    at_rest(notes.file.path)
    content = bytearray(notes.file.path.read_bytes())
    content[place % len(content)] ^= 1 << bit
    notes.file.path.write_bytes(content)
    assert notes.contents() == before
    notes.add("and on", AT)
    assert len(notes.contents().notes) == 13


def test_many_write_at_once_and_one_is_killed(tmp_path: Path) -> None:
    def writer(name: str, count: int) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), name, str(count)], stdout=subprocess.PIPE, text=True
        )

    writers = [writer(f"session {number}", 15) for number in range(3)]
    killed = writer("killed", 1000)
    assert killed.stdout is not None
    said = [killed.stdout.readline().strip() for _ in range(5)]
    killed.kill()
    said += killed.communicate()[0].split("\n")[:-1]
    for process in writers:
        said += process.communicate()[0].split()
        assert process.returncode == 0
    ids = {note.id for note in Notes(tmp_path).contents().notes}
    assert len(said) >= 50
    assert set(said) <= ids
    assert not list(tmp_path.glob("*damaged*"))


def test_export_damage_import_loses_nothing(tmp_path: Path) -> None:
    notes = filled(tmp_path / "here")
    before = notes.contents()
    text = "".join(line_of(record) + "\n" for record in before.records())
    elsewhere = Notes(tmp_path / "elsewhere")
    assert elsewhere.take(read_lines(text)) == (len(before.records()), 0, 0)
    assert elsewhere.contents() == before
    assert elsewhere.take(read_lines(text)) == (0, 0, len(before.records()))
    assert elsewhere.contents() == before


def test_of_two_of_one_id_the_one_changed_last_stays(tmp_path: Path) -> None:
    notes = Notes(tmp_path)
    note = notes.add("first", AT, tournament=CLASSIC, model="fox")
    exported = line_of(note)
    edited = notes.edit(note.id, AT + timedelta(days=1), text="second")
    assert notes.take(read_lines(exported)) == (0, 0, 1)
    assert notes.contents().notes == (edited,)
    other = Notes(tmp_path / "other")
    other.take(read_lines(exported))
    assert other.take([edited]) == (0, 1, 0)
    assert other.contents().notes == (edited,)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("nothing", "malformed"),
        ('{"kind": "note", "id": "a", "text": "x"}', "time"),
        ('{"kind": "note", "id": "a", "time": "2026-11-21T13:00:00", "text": "x"}', "timezone"),
        ('{"kind": "note", "id": "a b", "time": "2026-11-21T13:00:00Z", "text": "x"}', "id"),
        ('{"kind": "note", "id": "a", "time": "2026-11-21T13:00:00Z", "text": "x", "tournament": "chess"}', "chess"),
        ('{"kind": "note", "id": "a", "time": "2026-11-21T13:00:00Z", "text": "x", "mistake": 1}', "mistake"),
        ('{"kind": "note", "id": "a", "time": "2026-11-21T13:00:00Z", "text": "x", "epoch": true}', "epoch"),
        ('{"kind": "other"}', "other"),
        ("[" * 5000, "line 2"),
    ],
)
def test_a_garbage_line_is_named_and_nothing_is_taken(tmp_path: Path, line: str, reason: str) -> None:
    good = line_of(Notes(tmp_path / "other").add("good", AT))
    with pytest.raises(NotesError, match="line 2 is no note") as caught:
        read_lines(f"{good}\n{line}\n")
    assert reason in str(caught.value)
    assert Notes(tmp_path).contents() == Contents()


def test_notes_are_this_users_alone(tmp_path: Path) -> None:
    notes = filled(tmp_path / "state", 3)
    notes.file.path.unlink()
    notes.contents()
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "state").iterdir()} == {0o600}


def test_a_note_is_named_by_the_beginning_of_its_id(tmp_path: Path) -> None:
    notes = Notes(tmp_path)
    first = notes.add("one", AT, model="fox", tournament=CLASSIC)
    assert notes.edit(first.id[:4], AT, text="two", tags=["#B", "a"]).tags == ("a", "b")
    with pytest.raises(NotesError, match="no note 'zz'"):
        notes.remove("zz")
    with pytest.raises(NotesError, match="no note ''"):
        notes.remove("")
    with pytest.raises(NotesError, match="epoch needs"):
        notes.edit(first.id, AT, epoch=True)
    with pytest.raises(NotesError, match="cannot be kept"):
        notes.add("  ", AT)
    with pytest.raises(NotesError, match="cannot be kept"):
        notes.add("x", AT, tags=["two words"])
    assert notes.remove(first.id).text == "two"
    assert notes.contents() == Contents()


def test_what_an_old_cache_holds_is_taken_over_once(tmp_path: Path) -> None:
    cache = tmp_path / "cache.sqlite"
    connection = open_writer(cache)
    add_note(connection, "kept", AT, tournament=CLASSIC, model="fox")
    add_note(connection, "on anything", AT)
    connection.execute("INSERT INTO epochs VALUES (8, 'retrained', 1300, NULL)")
    connection.execute("INSERT INTO presets VALUES ('backtest', 'mine', '{}')")
    connection.execute("BEGIN IMMEDIATE")  # the cache is being written: it cannot be cleared now
    notes = Notes(tmp_path / "state", cache)
    contents = notes.contents()
    kept = {(note.text, note.model, note.tournament) for note in contents.notes}
    assert kept == {("kept", "fox", "classic"), ("on anything", None, None)}
    assert [(epoch.name, epoch.first, epoch.last) for epoch in contents.epochs] == [("retrained", 1300, None)]
    assert [(preset.screen, preset.name) for preset in contents.presets] == [("backtest", "mine")]
    notes.remove(contents.notes[0].id)
    assert len(notes.contents().notes) == 1, "what was removed does not come back from the cache"
    connection.execute("ROLLBACK")
    notes.contents()
    for table in ("notes", "epochs", "presets"):
        assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    assert len(notes.contents().notes) == 1
    connection.close()


def test_a_broken_cache_keeps_no_notes_from_being_read(tmp_path: Path) -> None:
    cache = tmp_path / "cache.sqlite"
    cache.write_bytes(b"no database" * 1000)
    notes = Notes(tmp_path / "state", cache)
    notes.add("kept", AT)
    assert [note.text for note in notes.contents().notes] == ["kept"]


def test_a_newer_file_is_refused(tmp_path: Path) -> None:
    notes = filled(tmp_path, 1)
    with sqlite3.connect(notes.file.path) as connection:
        connection.execute("PRAGMA user_version = 9")
        connection.execute("ALTER TABLE records ADD COLUMN more TEXT")
    connection.close()
    with pytest.raises(NotesError, match="newer numtui"):
        notes.contents()
    assert not list(tmp_path.glob("*damaged*"))
