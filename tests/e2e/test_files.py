"""Databases that are damaged, newer, foreign, read-only, or on a full disk."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest

from .conftest import WATCHED, MakeScene, Scene
from .program import DONE, FAILED, NOTHING, Program, Ran, checked, one_line


@pytest.fixture
def copied(synced: Scene, tmp_path: Path) -> Program:
    """A program with a copy of the synced cache."""
    program = Program(tmp_path, synced.program.url, watch=WATCHED)
    program.db.parent.mkdir(mode=0o700)
    with sqlite3.connect(synced.program.db) as source, sqlite3.connect(program.db) as target:
        source.backup(target)
    program.db.chmod(0o600)
    return program


def test_a_damaged_cache_is_set_aside_and_rebuilt(copied: Program) -> None:
    before = copied.export("leaderboard", "--offline").out
    content = bytearray(copied.db.read_bytes())
    content[100:4096] = b"\xa5" * 3996
    copied.db.write_bytes(content)
    ran = copied("export", "leaderboard")
    assert ran.code == DONE, ran
    assert ran.out == before
    assert ran.err.strip()
    aside = [file for file in copied.db.parent.iterdir() if file.read_bytes()[100:4096] == b"\xa5" * 3996]
    assert len(aside) == 1, list(copied.db.parent.iterdir())
    assert aside[0].name in ran.err


def test_a_damaged_cache_offline_is_one_line(copied: Program) -> None:
    copied.db.write_bytes(b"SQLite format 3\0" + os.urandom(9000))
    ran = copied("export", "leaderboard", "--offline")
    assert ran.code in {FAILED, NOTHING}, ran
    assert ran.out == ""
    assert ran.err.strip()


def test_a_cache_cut_short(copied: Program) -> None:
    before = copied.export("rounds", "--offline").out
    size = copied.db.stat().st_size
    os.truncate(copied.db, size // 3)
    ran = copied("export", "rounds")
    assert ran.code in {DONE, FAILED}, ran
    if ran.code == FAILED:
        ran = copied("export", "rounds")
    assert ran.out == before


def test_a_newer_cache_is_refused(copied: Program) -> None:
    before = copied.db.read_bytes()
    with sqlite3.connect(copied.db) as connection:
        connection.execute("PRAGMA user_version = 99999")
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE name LIKE '%migration%'").fetchall():
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            values = {"name": "999_from_the_future", "migration_set": "numtui", "applied_at": "2030-01-01T00:00:00"}
            row = [values.get(column, 999) for column in columns]
            connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
    for args in (("export", "leaderboard", "--offline"), ("export", "leaderboard"), ("poll", "--once"), ("info",)):
        ran = copied(*args)
        assert ran.code == FAILED, ran
        assert "newer" in one_line(ran), ran
    assert len(before) <= copied.db.stat().st_size  # not rebuilt


def test_a_foreign_database_is_left_alone(tmp_path: Path, synced: Scene) -> None:
    program = Program(tmp_path, synced.program.url, watch=WATCHED)
    program.db.parent.mkdir(mode=0o700)
    with sqlite3.connect(program.db) as connection:
        connection.execute("CREATE TABLE diary (day TEXT, text TEXT)")
        connection.execute("INSERT INTO diary VALUES ('monday', 'dear diary')")
    for args in (("export", "leaderboard"), ("poll", "--once"), ("export", "leaderboard", "--offline")):
        ran = program(*args)
        assert ran.code not in {DONE}, ran
        assert ran.err.strip()
    with sqlite3.connect(program.db) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        assert names == [("diary",)]
        assert connection.execute("SELECT * FROM diary").fetchall() == [("monday", "dear diary")]


def test_a_text_file_is_no_cache(tmp_path: Path, synced: Scene) -> None:
    program = Program(tmp_path, synced.program.url, watch=WATCHED)
    program.db.parent.mkdir(mode=0o700)
    program.db.write_text("shopping list: bread, butter\n" * 40)
    ran = program("export", "leaderboard")
    assert ran.err.strip()
    kept = [file for file in program.db.parent.iterdir() if file.read_bytes().startswith(b"shopping list")]
    assert kept, "the user's file is gone"


@pytest.mark.skipif(os.geteuid() != 0 and shutil.which("runuser") is None, reason="needs another user to be")
def test_a_read_only_folder(copied: Program) -> None:
    """root may write anywhere, so this runs as nobody where we are root."""
    readable = copied.db.parent
    before = copied.export("leaderboard", "--offline").out
    for file in readable.iterdir():
        file.chmod(0o444)
    readable.chmod(0o555)
    for folder in (copied.folder, *copied.folder.parents):
        if folder.stat().st_uid == os.geteuid() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o055)
    try:
        ran = as_nobody(copied, "export", "leaderboard", "--offline")
        if ran is None:
            pytest.skip("another user cannot run this Python")
        assert ran.code in {DONE, FAILED}, ran
        assert (ran.out == before) if ran.code == DONE else one_line(ran)
        ran = as_nobody(copied, "export", "leaderboard", "--refresh")
        assert ran is not None
        assert ran.code == FAILED, ran
        assert one_line(ran)
    finally:
        readable.chmod(0o700)


def as_nobody(program: Program, *args: str) -> Ran | None:
    """Runs a command as another user; None where that user cannot even start Python."""
    command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    if shutil.which("setpriv") is None:
        return None
    arguments = program.arguments(args)
    probe = subprocess.run(
        [*command, arguments[0], "-c", "import numtui.cli"], env=program.environ(), capture_output=True, check=False
    )
    if probe.returncode:
        return None
    done = subprocess.run(
        [*command, *arguments], env=program.environ(), capture_output=True, text=True, check=False, timeout=60
    )
    return checked(Ran(args, done.returncode, done.stdout, done.stderr))


@pytest.mark.parametrize("limit", [20_000, 400_000])
def test_a_full_disk(scene: MakeScene, limit: int) -> None:
    """A limit of a file's size stands for the full disk; afterwards the cache is sound and fills."""
    made = scene(watch=WATCHED)
    done = subprocess.run(
        made.program.arguments(["poll", "--once"]),
        env=made.program.environ(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    ran = checked(Ran(("poll", "--once"), done.returncode, done.stdout, done.stderr))
    assert ran.code == FAILED, ran
    assert "disk" in ran.err or "full" in ran.err or "written" in ran.err, ran
    assert made.program("poll", "--once").code == DONE
    with sqlite3.connect(made.program.db) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert made.program.export("scores", "--mine", "--offline").rows


def test_export_to_a_full_disk(synced: Scene) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            synced.program.arguments(["export", "leaderboard", "--offline"]),
            env=synced.program.environ(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == FAILED, done
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
    assert done.stderr.strip()
