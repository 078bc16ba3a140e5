"""A cache full of names and messages that try to do something to the terminal: on every screen, copied, exported."""

from __future__ import annotations

import os
import pty
import select
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from numtui.clock import FixedClock
from numtui.config import Settings
from numtui.tui.app import make_app
from numtui.tui.screens import SCREENS
from numtui.tui.table_actions import free_name

from .filled import NOW, insert
from .shown import line, press, settled, text

EVIL = "\x1b]52;c;ZXZpbA==\x07\x1b[2J\u202e[red]x[/]"
BAD = ("\x1b", "\x07", "\u202e", "\x9b")


@pytest.fixture
def spoilt(settings: Settings) -> Settings:
    with closing(sqlite3.connect(settings.db)) as connection, connection:
        connection.execute("UPDATE leaderboard SET name = ? WHERE name = 'model_0001'", (EVIL,))
        connection.execute("UPDATE models SET name = ?, account = ? WHERE name = 'aurora'", (EVIL, EVIL))
        connection.execute("UPDATE wallet SET username = ?", (EVIL,))
        for tournament in (8, 11):
            insert(
                connection, "polls", tournament=tournament, kind="idle", started=NOW, finished=NOW, state="failed",
                message=f"the API said {EVIL}",
            )  # fmt: skip
    return settings


def drawn(app_text: str) -> None:
    assert not any(letter in app_text for letter in BAD)
    assert all(part.isprintable() for part in app_text.split("\n"))


@pytest.mark.parametrize("entry", SCREENS, ids=lambda entry: entry.name)
async def test_every_screen_draws_it_as_letters(spoilt: Settings, clock: FixedClock, entry: object) -> None:
    app = make_app(spoilt, clock, start_poller=False, screen=entry.name)  # type: ignore[attr-defined]
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await settled(pilot)
        for key in ("enter", "e", "escape", "f", "y", "question_mark", "escape", "colon", "escape", "a", "a", "t"):
            await press(pilot, key)
            drawn(text(app))
            assert app.is_running


async def test_breadcrumb_and_news_line_say_the_name_with_its_brackets(spoilt: Settings, clock: FixedClock) -> None:
    app = make_app(spoilt, clock, start_poller=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        assert "the API said ?]52;c;ZXZpbA==??[2J?[red]x[/]" in line(app, -2)
        await press(pilot, "enter")
        assert "?[2J?[red]x[/]" in line(app, 1)
        assert "?[2J?[red]x[/]" in text(app).split("\n", 3)[3]  # and why there are no rounds of it


def test_a_name_leads_to_no_other_folder() -> None:
    assert free_name(["../../etc/x", "models", "models", EVIL]) == "numtui-etc-x-models-52-c-zxzpba-2j-red-x.csv"


@pytest.fixture
def master() -> Iterator[tuple[int, int]]:
    master, slave = pty.openpty()
    yield master, slave
    for each in (master, slave):
        with suppress(OSError):
            os.close(each)


@pytest.mark.parametrize("form", ["csv", "md", "json"])
def test_a_table_on_a_terminal_is_printable_and_exact_in_a_pipe(
    spoilt: Settings, master: tuple[int, int], form: str
) -> None:
    command = [sys.executable, "-m", "numtui", "--db", str(spoilt.db), "export", "leaderboard", "--offline"]
    command += ["--format", form]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=master[1], stderr=master[1])
    said = bytearray()
    while process.poll() is None or select.select([master[0]], [], [], 0)[0]:
        if select.select([master[0]], [], [], 0.1)[0]:
            said += os.read(master[0], 65536)
    assert process.returncode == 0
    assert "[2J" in said.decode()
    assert not any(letter in said.decode() for letter in BAD)
    piped = subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8").stdout
    assert (EVIL in piped) == (form != "json")


def test_words_on_stderr_are_printable(spoilt: Settings, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "numtui", "--db", str(spoilt.db), "export", "scores", "--offline"]
    command += ["--models", f"{EVIL}nobody"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8", cwd=tmp_path)
    assert ran.returncode != 0
    assert not any(letter in ran.stderr for letter in BAD)
    assert ran.stderr.strip()
