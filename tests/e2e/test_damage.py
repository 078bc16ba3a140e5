"""A cache that is damaged inside: the export that stumbles says so and writes nothing, the next poll rebuilds it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from numtui.store.errors import suspicion

from .conftest import WATCHED, MakeScene
from .program import DONE, FAILED, one_line

PAGE = 4096


def damage_leaves(db: Path, table: str) -> int:
    """Overwrites all but the first pages of a table in a cache at rest; how many."""
    with sqlite3.connect(db) as connection:
        sql = "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY path DESC"
        pages = [page for (page,) in connection.execute(sql, (table,))]
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    struck = pages[:-2]  # what is read first is sound
    with db.open("r+b") as file:
        for page in struck:
            file.seek((page - 1) * PAGE)
            file.write(b"\xa5" * PAGE)
    return len(struck)


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_an_export_that_stumbles_writes_nothing_and_the_next_poll_rebuilds(scene: MakeScene, form: str) -> None:
    made = scene(watch=WATCHED)
    assert made.program("poll", "--once").code == DONE
    before = made.program("export", "scores", "--offline", "--format", form)
    assert before.code == DONE
    assert damage_leaves(made.program.db, "score_paths") >= 1
    assert made.program("poll", "--once").code == DONE, "an idle poll need not read the scores"
    stumbled = made.program("export", "scores", "--offline", "--format", form)
    assert (stumbled.code, stumbled.out) == (FAILED, ""), stumbled
    assert "damaged" in one_line(stumbled)
    assert suspicion(made.program.db).exists()
    polled = made.program("poll", "--once")
    assert polled.code == DONE, polled
    assert "a new one is being filled" in polled.err
    assert made.program("export", "scores", "--offline", "--format", form).out == before.out
    assert list(made.program.db.parent.glob("*.damaged-*"))


def test_the_poller_looks_the_cache_over_once_a_day(scene: MakeScene) -> None:
    made = scene(watch=WATCHED)
    assert made.program("poll", "--once").code == DONE
    before = made.program("export", "scores", "--offline").out
    damage_leaves(made.program.db, "score_paths")
    made.program.environment = {"NUMTUI_CLOCK": "fixed 2026-11-21T23:50"}
    polled = made.program("poll", "--once")
    assert polled.code == DONE, polled
    assert "a new one is being filled" in polled.err
    assert made.program("export", "scores", "--offline").out == before
