"""Caches of the version before score paths: nothing is lost, whatever is in them and whenever the work is stopped."""

from __future__ import annotations

import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numtui.model import Tournament
from numtui.reports.scores import scores
from numtui.store import carry, database
from numtui.store.database import open_reader, open_writer
from numtui.store.errors import DiskFull
from numtui.store.migrations import statements
from numtui.store.queries.selection import Models, Rounds
from numtui.store.schema import VERSION

from .former import FORMER, former_cache, insert_latest, insert_scores

CLASSIC = Tournament.CLASSIC
MODELS = {1: "ant", 2: "bee", 5: "cat"}
UNTOUCHED = ("rounds", "score_names", "score_configs", "latest", "score_dates", "positions", "multipliers", "notes")
DATES = ("2026-11-19", "2026-11-20", None)

numbers = st.floats(-1, 1, allow_nan=False).map(lambda value: value + 0.0)
scores_of_a_day = st.tuples(
    st.one_of(st.none(), numbers),
    st.one_of(st.none(), st.floats(0, 1)),
    st.sampled_from([0, 1, None]),
    st.sampled_from(DATES),
)
keys = st.tuples(st.sampled_from(list(MODELS)), st.sampled_from([1300, 1301, 1402]), st.sampled_from([1, 2]))
caches = st.dictionaries(keys, st.dictionaries(st.integers(1, 70), scores_of_a_day, min_size=1, max_size=9), max_size=9)
shared = st.dictionaries(st.tuples(st.sampled_from([1300, 1301]), st.integers(1, 70)), st.sampled_from(DATES[:2]))

Content = dict[tuple[int, int, int], dict[int, tuple[float | None, float | None, int | None, str | None]]]


def fill(connection: sqlite3.Connection, content: Content, dates: dict[tuple[int, int], str]) -> None:
    """A former cache with these days: the newest of each is its row of `latest`."""
    connection.execute("INSERT INTO score_names VALUES (1, 'corr60', 'v1'), (2, 'mmc60', 'v1')")
    insert = "INSERT INTO models (model, tournament, name, mine, synced_time) VALUES (?, 8, ?, 1, ?)"
    connection.executemany(
        insert, [(model, name, "2026-11-20" if model < 5 else None) for model, name in MODELS.items()]
    )
    connection.execute("INSERT INTO rounds (tournament, round, resolved) VALUES (8, 1300, 1), (8, 1301, 0)")
    connection.executemany("INSERT INTO score_dates VALUES (8, ?, ?, ?)", [(*key, date) for key, date in dates.items()])
    for key, days in content.items():
        rows = [(*key, day, *facts) for day, facts in sorted(days.items())]
        insert_scores(connection, rows)
        insert_latest(connection, rows[-1], "1.25")
    connection.execute("INSERT INTO changes VALUES ('scores', 7), ('latest', 7), ('rounds', 1)")


def former_export(path: Path) -> list[tuple[object, ...]]:
    """The rows that the version before exports: its SQL."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(
            """SELECT m.name, s.round, n.name, n.version, s.day, s.value, s.percentile, s.resolved,
                coalesce(s.date, d.date)
              FROM scores s JOIN models m USING (model) JOIN score_names n USING (score)
              LEFT JOIN rounds r ON r.tournament = m.tournament AND r.round = s.round
              LEFT JOIN score_dates d ON d.tournament = m.tournament AND d.round = s.round AND d.day = s.day
              ORDER BY m.name, s.round, n.name, n.version, s.day"""
        ).fetchall()


def export(path: Path) -> list[tuple[object, ...]]:
    """The rows that `numtui export scores` has now, without the tournament."""
    with closing(open_reader(path)) as connection:
        rows = scores(connection, CLASSIC, Models(mine=True), Rounds()).rows
        return [(*row[:7], None if row[7] is None else int(bool(row[7])), row[8]) for row in rows]


def others(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """The content of every other table."""
    with closing(sqlite3.connect(path)) as connection:
        return {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in UNTOUCHED}


@settings(max_examples=60, deadline=None)
@given(caches, shared)
def test_every_row_is_there_as_it_was(content: Content, dates: dict[tuple[int, int], str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "old.db"
        with former_cache(path) as connection:
            fill(connection, content, dates)
        before, rest = former_export(path), others(path)
        assert export(path) == before
        assert others(path) == rest
        with closing(open_reader(path)) as connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
            assert not tables & {"scores", "tournaments"}
            assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
            synced = connection.execute("SELECT model, days_from FROM models ORDER BY 1").fetchall()
            assert synced == [(1, 0), (2, 0), (5, None)]
            assert connection.execute("SELECT key FROM meta").fetchall() == []


def test_ordinary_days_need_no_row_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    content: Content = {(1, 1300, 1): {day: (day / 100, 0.5, 1, None) for day in range(1, 60)}}
    content[1, 1300, 1][60] = (0.6, 0.5, 1, "2026-11-20")
    with former_cache(path) as connection:
        fill(connection, content, {(1300, 60): "2026-11-20"})
    with closing(open_writer(path)) as connection:
        assert connection.execute("SELECT count(*) FROM odd_days").fetchone() == (0,)
        assert connection.execute("SELECT resolved, length(day_values) FROM score_paths").fetchall() == [(1, 480)]


def big(path: Path) -> list[tuple[object, ...]]:
    """A former cache of some megabytes; the rows that it exports."""
    draw = random.Random(0)
    content: Content = {
        (model, number, score): {day: (draw.gauss(0, 0.02), draw.random(), 1, None) for day in range(1, 61)}
        for model in MODELS
        for number in range(1000, 1100)
        for score in (1, 2)
    }
    with former_cache(path) as connection:
        fill(connection, content, {})
    return former_export(path)


def test_room_is_given_back(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    before = big(path)
    size = path.stat().st_size
    open_writer(path).close()
    assert path.stat().st_size < size * 0.7
    assert export(path) == before


def test_killed_at_any_moment_it_goes_on(tmp_path: Path) -> None:
    """The process is killed after ever more steps of SQLite, until it gets to the end."""
    old, path = tmp_path / "old.db", tmp_path / "cache.db"
    before = big(old)
    code = (
        "import os, signal, sys; from pathlib import Path; import numtui.store.database as database\n"
        "left = int(sys.argv[2])\n"
        "prepare = database.prepare\n"
        "def killing(connection):\n"
        "    prepare(connection)\n"
        "    connection.set_progress_handler(lambda: os.kill(os.getpid(), signal.SIGKILL), left)\n"
        "database.prepare = killing\n"
        "database.open_writer(Path(sys.argv[1])).close()\n"
    )
    shutil.copyfile(old, path)
    draw, steps, killed = random.Random(1), 4_000, 0
    while True:
        done = subprocess.run([sys.executable, "-c", code, str(path), str(steps)], check=False)
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL
        killed += 1
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
        steps = int(steps * draw.uniform(1.2, 2.0))
    assert killed > 5
    assert export(path) == before


def carried_models(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT count(DISTINCT model) FROM score_paths").fetchone()[0])


def half_carried(path: Path) -> None:
    """Two of the models' paths are written, and committed."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in carry_tables():
            connection.execute(statement)
        for _ in range(2):
            with carry.one_step(connection):
                assert carry.carry_next(connection)


def carry_tables() -> Iterator[str]:
    return statements(files("numtui.store").joinpath("sql", "005_score_paths.sql").read_text(encoding="utf-8"))


def test_what_is_carried_is_not_carried_again_unless_the_former_version_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "old.db"
    big(path)
    half_carried(path)
    assert carried_models(path) == 2
    carried: list[int] = []
    real = carry._carry

    def counted(connection: sqlite3.Connection, model: int) -> None:
        carried.append(model)
        real(connection, model)

    monkeypatch.setattr(carry, "_carry", counted)
    other = tmp_path / "other.db"
    shutil.copyfile(path, other)
    open_writer(path).close()
    assert carried == [5]
    carried.clear()
    with closing(sqlite3.connect(other)) as former, former:  # a program of the former version still runs
        assert former.execute("PRAGMA user_version").fetchone() == (4,)
        former.execute("UPDATE scores SET value = 0.25 WHERE model = 1 AND day = 60")
        former.execute("UPDATE changes SET version = version + 1 WHERE name = 'scores'")
    before = former_export(other)
    open_writer(other).close()
    assert carried == [1, 2, 5]
    assert export(other) == before


def test_a_full_disk_leaves_the_old_cache_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "old.db"
    before = big(path)

    prepare = database.prepare

    def no_room(connection: sqlite3.Connection) -> None:
        prepare(connection)
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 60}")

    with monkeypatch.context() as patched:
        patched.setattr(database, "prepare", no_room)
        with pytest.raises(DiskFull, match="disk is full"):
            open_writer(path)
    assert carried_models(path) == 1, "what was committed stays"
    assert former_export(path) == before
    with closing(sqlite3.connect(path)) as former:
        assert former.execute("PRAGMA user_version").fetchone() == (FORMER,), "the former version goes on with it"
    assert export(path) == before


def test_readers_meanwhile(tmp_path: Path) -> None:
    """A reader of the former version sees its own table until the last step, and a new one waits for the end."""
    path = tmp_path / "old.db"
    before = big(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as former:
        former.execute("BEGIN")
        count = former.execute("SELECT count(*) FROM scores").fetchone()
        assert export(path) == before
        assert former.execute("SELECT count(*) FROM scores").fetchone() == count
        former.execute("ROLLBACK")
        with pytest.raises(sqlite3.OperationalError, match="no such table: scores"):
            former.execute("SELECT count(*) FROM scores")
