"""`numtui notes`: made, changed, exported and taken over; what is wrong is said in a line."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import numtui
from numtui.cli.main import main
from numtui.errors import DONE, NO_DATA, USAGE
from numtui.model import Tournament
from numtui.store.database import open_reader
from numtui.store.notes.notes import Notes
from numtui.store.queries.selection import Models, known_models
from tests.export.conftest import Polled
from tests.export.conftest import polled as polled  # noqa: PLC0414  a fixture
from tests.poller.site import NOW


def run(folder: Path, *words: str, text: str | None = None) -> Result:
    own = ["--db", str(folder / "none.sqlite"), "--config", "/dev/null", "--state-dir", str(folder), "--offline"]
    return CliRunner().invoke(main, [*own, *words], input=text)


def added(folder: Path, *words: str) -> str:
    result = run(folder, "notes", "add", *words)
    assert result.exit_code == DONE, result.stderr
    return result.stdout.strip()


def test_a_note_is_made_changed_and_taken_away(tmp_path: Path) -> None:
    assert run(tmp_path, "notes").exit_code == NO_DATA
    note = added(
        tmp_path, "fox", "lgbm v5.2, 60-day target", "--round", "1290", "--tag", "lgbm", "--tag", "60d", "--epoch"
    )
    listed = run(tmp_path, "notes").stdout
    assert "fox (classic), from 1290: lgbm v5.2, 60-day target #60d #lgbm (epoch)" in listed
    assert run(tmp_path, "notes", "edit", note[:4], "--text", "lgbm v5.3", "--no-tags", "--no-epoch").exit_code == DONE
    assert "fox (classic), from 1290: lgbm v5.3\n" in run(tmp_path, "notes", "list", "--model", "FOX").stdout
    assert run(tmp_path, "notes", "list", "--tag", "lgbm").exit_code == NO_DATA
    assert run(tmp_path, "notes", "remove", note).exit_code == DONE
    assert run(tmp_path, "notes", "list").exit_code == NO_DATA


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("add", "fox", "x", "--epoch"), "add --round N"),
        (("edit", "none"), "nothing to change"),
        (("edit", "none", "--text", "x"), "there is no note 'none'"),
        (("edit", "none", "--tag", "a", "--no-tags"), "exclude each other"),
        (("remove", "none"), "there is no note 'none'"),
        (("tier", "fox", "two words"), "cannot be kept"),
        (("add", "fox", "x", "--tag", "a b"), "cannot be kept"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(tmp_path: Path, words: tuple[str, ...], reason: str) -> None:
    result = run(tmp_path, "notes", *words)
    assert result.exit_code in {1, USAGE}
    assert reason in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.stderr


def test_export_and_import_move_everything(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    added(here, "fox", "a note", "--tag", "a")
    added(here, "owl", "another\nof two lines", "--round", "1300")
    run(here, "notes", "tier", "fox", "core")
    Notes(here).put_epoch(Tournament.CLASSIC, "mine", 1, 2)
    assert run(here, "notes", "export", "-o", str(tmp_path / "notes.jsonl")).exit_code == DONE
    text = (tmp_path / "notes.jsonl").read_text()
    assert [json.loads(line)["kind"] for line in text.splitlines()] == ["note", "note", "tier", "epoch"]
    for said in ("4 new, 0 newer, 0 known", "0 new, 0 newer, 4 known"):
        assert said in run(there, "notes", "import", "-", text=text).stderr
    assert Notes(there).contents() == Notes(here).contents()
    broken = run(tmp_path / "third", "notes", "import", "-", text=text + "rubbish\n")
    assert broken.exit_code == USAGE
    assert "line 5 is no note" in broken.stderr
    assert run(tmp_path / "third", "notes").exit_code == NO_DATA


def test_the_table_of_notes_needs_no_cache(tmp_path: Path) -> None:
    added(tmp_path, "fox", "a note", "--tag", "b", "--tag", "a")
    run(tmp_path, "notes", "tier", "fox", "core")
    result = run(tmp_path, "export", "notes")
    assert result.exit_code == DONE, result.stderr
    (row,) = csv.DictReader(io.StringIO(result.stdout))
    assert (row["model"], row["text"], row["tags"], row["tier"], row["epoch"]) == (
        "fox",
        "a note",
        "a b",
        "core",
        "false",
    )
    online = CliRunner().invoke(
        main, ["--state-dir", str(tmp_path), "--api-url", "http://127.0.0.1:1", "export", "notes"]
    )
    assert online.stdout == result.stdout


def test_statistics_count_from_the_note_that_starts_an_epoch(polled: Polled) -> None:
    settings = polled.settings
    with open_reader(settings.db) as connection:
        first, second, *_ = known_models(connection, settings.tournament, Models(mine=True))
    notes = Notes.of(settings)

    def rounds(**options: Any) -> dict[str, int]:
        with numtui.open(settings.db, tournament=settings.tournament) as cache:
            cache.settings = settings
            table = cache.risk(models=[first, second], **options)
        model, number = table.column("model"), table.column("rounds")
        return {str(row[model]): int(str(row[number])) for row in table.rows}

    before = rounds()
    with numtui.open(settings.db, tournament=settings.tournament) as cache:
        numbers = sorted({int(str(row[0])) for row in cache.rounds(resolved=True).rows})
    middle = numbers[len(numbers) // 2]
    note = notes.add("v2", NOW, tournament=settings.tournament, model=first.upper(), round_number=middle, epoch=True)
    try:
        after = rounds()
        assert 0 < after[first] < before[first]
        assert after[second] == before[second]
        assert rounds(rounds="1..") == before, "a range that names its first round counts all of it"
        alone = rounds(epoch=first.upper())
        assert alone[first] == after[first], "the model's own epoch is an epoch by its name"
        assert alone[second] < before[second]
    finally:
        notes.remove(note.id)
    assert rounds() == before


def test_notes_load_no_screens_and_no_network() -> None:
    code = (
        "import sys; import numtui.cli.notes\n"
        "print([name for name in ('textual', 'httpx', 'numpy', 'pandas') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_tables_are_about_the_models_of_a_tag(polled: Polled) -> None:
    settings = polled.settings
    notes = Notes.of(settings)
    note = notes.add("v5", NOW, tournament=settings.tournament, model="demo_anchor", tags=["lgbm"])
    own = ["--db", str(settings.db), "--config", "/dev/null", "--state-dir", str(settings.state_dir), "--offline"]
    try:
        result = CliRunner().invoke(main, [*own, "export", "models", "--tag", "LGBM"])
        (row,) = csv.DictReader(io.StringIO(result.stdout))
        assert (row["model"], row["tags"], row["tier"]) == ("demo_anchor", "lgbm", "")
        missing = CliRunner().invoke(main, [*own, "export", "models", "--tag", "other"])
        assert missing.exit_code == NO_DATA
        assert "no model of classic has the tag other" in missing.stderr
    finally:
        notes.remove(note.id)
