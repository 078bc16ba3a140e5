"""Rough servers and hasty hands: what once went wrong on them."""

from __future__ import annotations

import sqlite3
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from . import expected
from .conftest import WATCHED, MakeScene, Scene
from .expected import read_scores
from .other_habits import Habits
from .other_market import CLASSIC, Market
from .program import DONE, NOTHING, Program
from .test_terminal import copy_of, quit_program, started


@pytest.mark.parametrize("habits", [Habits(offset_error=True), Habits(offset_error=True, page_cap=70)])
def test_an_error_beyond_the_end_of_a_leaderboard(scene: MakeScene, habits: Habits) -> None:
    made = scene(habits, of=Market(models=150, rounds=6), keys=False)
    assert len(made.program.export("leaderboard").rows) == 150
    assert len(made.program.export("accounts").rows) == len(made.server.answers.accounts(CLASSIC))


def test_days_that_only_submission_scores_has(scene: MakeScene) -> None:
    made = scene(Habits(days_in="query"), of=Market(models=150, rounds=20), watch=WATCHED)
    assert made.program("poll", "--once").code == DONE
    of = made.market.tournaments[CLASSIC]
    rows = made.program.export("scores", "--mine", "--offline").rows
    assert read_scores(rows) == expected.scores(of, [model for model in of.own if not model.archived])


def test_a_first_sync_of_a_hundred_watched_models(scene: MakeScene) -> None:
    names = {
        "classic": [f"fox_{i:04d}" for i in range(60)],
        "signals": [f"owl_{i:04d}" for i in range(20)],
        "crypto": [f"elk_{i:04d}" for i in range(14)],
    }
    made = scene(of=Market(models=600, rounds=8), watch=names)
    assert made.program("poll", "--once").code == DONE
    with sqlite3.connect(made.program.db) as connection:
        first = connection.execute("SELECT sum(requests) FROM polls WHERE kind = 'first'").fetchone()[0]
    assert first <= 80, made.server.fields()
    assert made.server.requests <= 160, "every day of the usual rounds too"


def test_scores_go_on_where_the_pipeline_says_nothing(scene: MakeScene, tmp_path: Path) -> None:
    for text in ("2026-11-20T15:00", "2026-11-25T16:00"):
        now = datetime.fromisoformat(text).replace(tzinfo=UTC)
        made = scene(Habits(pipeline="null"), of=Market(models=40, rounds=14, now=now))
        made.program.folder = tmp_path / "same"
        made.program.environment = {"NUMTUI_CLOCK": f"fixed {text}"}
        made.program("poll", "--once")
        of = made.market.tournaments[CLASSIC]
        rows = made.program.export("scores", "--mine", "--offline").rows
        assert read_scores(rows) == expected.scores(of, [model for model in of.own if not model.archived]), text


def test_the_reader_may_stop_reading(scene: MakeScene) -> None:
    made = scene()
    made.program.export("scores", "--mine")
    process = made.program.start("export", "scores", "--mine")
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline().startswith("model,")
    process.stdout.close()
    assert process.wait(timeout=20) == 0
    assert process.stderr.read() == ""
    process.stderr.close()


def test_head_in_a_shell(scene: MakeScene) -> None:
    made = scene(keys=False)
    command = " ".join(made.program.arguments(["export", "leaderboard"]))
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{command} | head -2"],
        env=made.program.environ(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stderr == ""
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 2


def test_a_filter_typed_in_one_go(synced: Scene, tmp_path: Path) -> None:
    """As a slow line delivers it: what follows the slash is the filter's text, no key of the table."""
    with started(copy_of(synced, tmp_path), tmp_path, 120, 40) as pane:
        pane.see("1/240")
        for _ in range(10):
            pane.type("/mine_\r")
            pane.see("mine_a", "mine_b", gone=["fox_"])
            pane.keys("Escape")
            pane.see("fox_")
        quit_program(pane)


def test_without_keys_nothing_is_asked_for_a_table_about_models(tmp_path: Path) -> None:
    """With neither keys, watched models nor --models such tables exit 4; here it is 3 after many retries."""
    Program(tmp_path, keys=False).export("models", "--mine", code=NOTHING)
