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
    ran = rebuilt(copied, "export", "leaderboard")
    assert ran.out == before
    aside = [file for file in copied.db.parent.iterdir() if file.read_bytes()[100:4096] == b"\xa5" * 3996]
    assert len(aside) == 1, list(copied.db.parent.iterdir())


def rebuilt(program: Program, *args: str) -> Ran:
    """What a command gives once the user has followed its advice, if it has any."""
    ran = program(*args)
    if ran.code == FAILED:
        assert "poll --once" in one_line(ran)
        assert program("poll", "--once").code == DONE
        ran = program(*args)
    assert ran.code == DONE, ran
    return ran


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
    assert rebuilt(copied, "export", "rounds").out == before


def test_a_newer_cache_is_refused(copied: Program) -> None:
    before = copied.db.read_bytes()
    with sqlite3.connect(copied.db) as connection:
        connection.execute("PRAGMA user_version = 99999")
        for (table,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '%migration%'"
        ).fetchall():
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


def with_mounts(program: Program, script: str) -> list[str]:
    """The lines of a script that may mount; it has the program as "$@". Skips where that needs more rights."""
    unshare = ["unshare", "--user", "--map-root-user", "--mount"]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*unshare, "true"], check=False, capture_output=True).returncode
    ):
        pytest.skip("mounting is not allowed here")
    done = subprocess.run(
        [*unshare, "bash", "-e", "-c", script, "script", *program.arguments([])],
        env=program.environ(),
        cwd=program.folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    checked(Ran((script,), done.returncode, done.stdout, done.stderr))
    assert done.returncode == 0, done
    return done.stdout.splitlines()


def test_a_read_only_folder(copied: Program) -> None:
    before = copied.export("leaderboard", "--offline").out.splitlines()
    lines = with_mounts(
        copied,
        """
        mount --bind cache cache && mount -o remount,bind,ro cache
        "$@" export leaderboard --offline
        "$@" export leaderboard --refresh 2>&1 || echo "code $?"
        "$@" poll --once 2>&1 || echo "code $?"
        """,
    )
    assert lines[: len(before)] == before
    words = lines[len(before) :]
    assert len(words) == 4, words  # a line of words and a code each
    assert words[1::2] == ["code 1", "code 1"]
    assert all(str(copied.db) in line or "read-only" in line for line in words[::2]), words


def test_a_disk_that_is_full_and_then_is_not(scene: MakeScene) -> None:
    made = scene(watch=WATCHED)
    made.program.db.parent.mkdir(parents=True)
    lines = with_mounts(
        made.program,
        """
        mount -t tmpfs -o size=400k,mode=0700 tmpfs cache
        "$@" poll --once > words 2>&1 || echo "code $?"
        tail -1 words
        mount -o remount,size=50m cache
        "$@" poll --once 2> words
        "$@" export scores --mine --offline | wc -l
        """,
    )
    code, word, count = lines
    assert code == "code 1"
    assert "disk" in word or "full" in word or "space" in word, word
    assert int(count) > 100


@pytest.mark.parametrize("limit", [20_000])
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
