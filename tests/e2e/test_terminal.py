"""The whole program in a real terminal on the other server."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .conftest import WATCHED, MakeScene, Scene
from .other_market import CLASSIC, SECRET_KEY, Market
from .other_server import Fault
from .program import Program
from .terminal import Terminal, terminal

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")

SIZES = [(80, 24), (120, 40), (200, 60)]


@contextmanager
def started(program: Program, folder: Path, width: int, height: int, *args: str) -> Iterator[Terminal]:
    """The program's leaderboard; its first screen is the overview where there is an account."""
    with terminal(folder, width, height, program.environ()) as pane:
        pane.run(program.arguments(args))
        if program.keys:
            pane.see("Overview", "Classic")
            pane.keys("1")
        pane.see("Leaderboard", "Classic")
        assert pane.fact("alternate_on") == "1"
        yield pane


def quit_program(pane: Terminal) -> None:
    """Quits by q; the shell must have its terminal back as it was."""
    pane.keys("q")
    pane.until("pane_current_command", "bash")
    for fact, value in {"alternate_on": "0", "cursor_flag": "1", "mouse_any_flag": "0"}.items():
        assert pane.fact(fact) == value, fact
    pane.run(["clear"])
    pane.type("echo code:$?; stty -a | tr ';' '\\n' | grep icanon | head -1 && stty -a | grep -o '[- ]echo '")
    pane.keys("Enter")
    screen = pane.see("code:0", " icanon", "\n echo")
    assert "-icanon" not in screen
    assert "\n-echo" not in screen


def copy_of(synced: Scene, folder: Path) -> Program:
    program = Program(folder, synced.program.url, watch=WATCHED)
    program.db.parent.mkdir(mode=0o700)
    with sqlite3.connect(synced.program.db) as source, sqlite3.connect(program.db) as target:
        source.backup(target)
    program.db.chmod(0o600)
    return program


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_every_screen(synced: Scene, tmp_path: Path, width: int, height: int) -> None:
    of = synced.market.tournaments[CLASSIC]
    best = min((row for row in synced.server.answers.board(CLASSIC) if row["rank"]), key=lambda row: row["rank"])
    program = copy_of(synced, tmp_path)
    with started(program, tmp_path, width, height) as pane:
        assert of.open_round is not None
        screen = pane.see(str(best["username"]), "corr60", "Classic", f"round {of.open_round.number}", "live")
        assert "READ-ONLY" in screen
        assert all(len(line) <= width for line in screen.splitlines())
        pane.keys("0")
        pane.see("Overview", "Needs you", "mine_late", "staked" if width > 80 else "classic")
        pane.keys("2")
        pane.see("Rounds", str(of.open_round.number), "/12", gone=[str(best["username"])])
        pane.keys("4")
        pane.see("mine_a", "mine_b", "mine_late", "fox_0003", "1,234.5")
        pane.keys("5")
        pane.see("Stake", "mine_a", "1,234.5")
        pane.keys("7")
        pane.see("Status", "polls", "limited", "first")
        pane.keys("t")
        pane.see("Signals")
        pane.keys("4")
        pane.see("mine_s")
        pane.keys("1")
        pane.see("alpha", "mpc")
        quit_program(pane)


def test_resize_while_running(synced: Scene, tmp_path: Path) -> None:
    ranked = [str(row["username"]) for row in synced.server.answers.board(CLASSIC) if row["rank"]]
    with started(copy_of(synced, tmp_path), tmp_path, 120, 40) as pane:
        pane.see(ranked[0])
        pane.resize(60, 15)
        pane.see("80x24")
        pane.resize(200, 60)
        pane.see(ranked[0], ranked[49], "corr60")
        pane.resize(80, 24)
        screen = pane.see(ranked[0], ranked[10], "corr60", gone=[ranked[30]])
        assert all(len(line) <= 80 for line in screen.splitlines())
        quit_program(pane)


def test_filter_enter_escape_and_help(synced: Scene, tmp_path: Path) -> None:
    with started(copy_of(synced, tmp_path), tmp_path, 120, 40) as pane:
        pane.see("1/240")
        pane.keys("j")
        pane.see("2/240")
        pane.keys("/")
        pane.see("at the start inverts")
        pane.type("mine_")
        pane.keys("Enter")
        pane.see("mine_a", "mine_b", gone=["fox_"])
        pane.keys("Escape")
        pane.see("fox_")
        pane.keys("?")
        pane.see("quit", "filter", "esc closes")
        pane.keys("Escape")
        pane.see("fox_", gone=["esc closes"])
        pane.keys("2")
        pane.see("Rounds", gone=["fox_"])
        pane.keys("Escape")
        pane.keys("Escape")
        pane.keys("$")
        pane.see("Rounds")
        pane.keys("4")
        pane.see("mine_a", gone=["1,234.5"])
        quit_program(pane)


def test_a_round_opens_by_model_and_a_model_by_day(synced: Scene, tmp_path: Path) -> None:
    of = synced.market.tournaments[CLASSIC]
    number = next(each.number for each in reversed(of.rounds.values()) if each.done > 1)
    with started(copy_of(synced, tmp_path), tmp_path, 120, 40) as pane:
        pane.keys("2")
        pane.see("Rounds", str(number), gone=["fox_"])
        pane.keys("/")
        pane.see("at the start inverts")
        pane.type(str(number))
        pane.keys("Enter")
        pane.see(str(number), gone=[f" {number - 1} "])
        pane.keys("Enter")
        pane.see(f"Rounds › {number}", "mine_a", "mine_b", "corr60")
        pane.keys("Enter")
        # the model's page, the cursor on the round: its row must be there before a key can open it
        pane.see(f"Rounds › {number} ›", "summary", "payouts", f"  {number} ")
        pane.keys("Enter")
        pane.see(f"› {number}", of.rounds[number].dates[0].isoformat())
        pane.keys("Escape")
        pane.see(f"Rounds › {number} ›", "payouts")
        pane.keys("Escape")
        pane.see("mine_a", "mine_b", gone=["payouts"])
        pane.keys("Escape")
        pane.see("Rounds", gone=["mine_a"])
        quit_program(pane)


def test_a_first_sync_is_watched(scene: MakeScene, tmp_path: Path) -> None:
    """From an empty folder: it says what it does, then shows the data, with a poller of its own that ends with it."""
    made = scene(of=Market(models=60, rounds=10), watch=WATCHED)
    with started(made.program, tmp_path, 80, 24) as pane:
        pane.keys("4")
        pane.see("mine_a", "1,234.5", "live")
        pane.keys("1")
        pane.see("fox_")
        quit_program(pane)
    for file in made.program.folder.rglob("*"):
        if file.is_file():
            assert SECRET_KEY.encode() not in file.read_bytes(), file


def test_an_api_in_trouble_is_said_on_screen(scene: MakeScene, tmp_path: Path) -> None:
    made = scene(of=Market(models=60, rounds=10))
    made.server.faults = [Fault("404", -1)]
    with started(made.program, tmp_path, 80, 24) as pane:
        pane.see("OFFLINE", "HTTP 404")
        quit_program(pane)


def test_offline_without_a_cache_says_what_to_do(tmp_path: Path) -> None:
    program = Program(tmp_path, keys=False)
    with started(program, tmp_path, 80, 24, "--offline") as pane:
        pane.see("without --offline")
        quit_program(pane)
