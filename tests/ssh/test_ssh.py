"""The screens over a real sshd: lines that are slow or go down, signals, terminals of all kinds."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
from pathlib import Path

import pytest

from .line import line
from .server import Server
from .session import SHOWN, login, processes, soon

MODEM = 56_000 / 8  # bytes a second
LATE = 0.3  # seconds
SCREENS = {"1": "Leaderboard", "2": "Rounds", "4": "Models", "7": "Status"}


def cache_is_sound(cache: Path) -> None:
    with sqlite3.connect(cache) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_slow_line(server: Server, cache: Path) -> None:
    with line(server.port, MODEM, LATE) as slow, login(server, cache.parent, (120, 40), port=slow.port) as user:
        before = slow.down
        user.start()
        assert slow.down - before < 60_000
        for key, title in SCREENS.items():
            user.pane.keys(key)
            user.pane.see(title)
        user.pane.keys("q")
        user.shell_is_sane()


def test_a_storm_of_sizes(server: Server, cache: Path) -> None:
    with login(server, cache.parent, (120, 40)) as user:
        user.start()
        for step in range(30):
            user.pane.resize(40 + 7 * step % 160, 10 + 5 * step % 50)
        user.pane.resize(40, 10)
        user.pane.see("80x24")
        user.pane.resize(80, 24)
        screen = user.pane.see(SHOWN, gone=["needs"])
        assert all(len(row) <= 80 for row in screen.splitlines())
        user.pane.keys("q")
        user.shell_is_sane()


@pytest.mark.parametrize("before", ["", "trap '' HUP"])
def test_a_lost_connection_ends_the_program(server: Server, cache: Path, before: str) -> None:
    """Also where SIGHUP is ignored, as under nohup: the end of the terminal is seen then."""
    with line(server.port) as lost, login(server, cache.parent, port=lost.port, before=before) as user:
        user.start()
        assert processes(cache.parent)
        lost.cut()
        soon(lambda: not processes(cache.parent), "numtui goes on without a line")
    cache_is_sound(cache)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGQUIT])
def test_a_signal_leaves_a_sane_terminal(server: Server, cache: Path, number: signal.Signals) -> None:
    with login(server, cache.parent) as user:
        user.start()
        (process,) = processes(cache.parent)
        os.kill(process, number)
        user.shell_is_sane()


def test_ctrl_z_suspends_and_fg_draws_again(server: Server, cache: Path) -> None:
    with login(server, cache.parent) as user:
        user.start()
        user.pane.keys("C-z")
        user.pane.see("Stopped")
        user.shell_is_sane()
        user.pane.run(["fg"])
        user.pane.see(SHOWN, "Overview")
        user.pane.keys("1")
        user.pane.see("Leaderboard", "corr60")
        user.pane.keys("q")
        user.shell_is_sane()


@pytest.mark.parametrize("term", ["linux", "screen", "tmux", "vt100"])
def test_terminals_of_all_kinds(server: Server, cache: Path, term: str) -> None:
    with login(server, cache.parent, (80, 24), term=term) as user:
        user.start()
        user.pane.keys("1")
        user.pane.see("Leaderboard", "corr60")
        user.pane.keys("q")
        user.shell_is_sane()


@pytest.mark.parametrize("locale", ["C", "POSIX", "en_US.ISO-8859-1"])
def test_a_locale_without_unicode_gets_ascii(server: Server, cache: Path, locale: str) -> None:
    with login(server, cache.parent, (80, 24), environ={"LC_ALL": locale}) as user:
        assert user.start().isascii()
        user.pane.keys("q")
        user.shell_is_sane()


@pytest.mark.parametrize("theme", ["dark", "light", "terminal"])
def test_no_color_means_none_in_any_theme(server: Server, cache: Path, theme: str) -> None:
    with login(server, cache.parent, (80, 24), environ={"NO_COLOR": "1", "NUMTUI_THEME": theme}) as user:
        user.start()
        painted = user.pane.tmux("capture-pane", "-p", "-e")
        assert not re.search(r"\x1b\[[0-9;]*(?:[34][0-7]|[34]8;[25];[0-9;]*|9[0-7]|10[0-7])m", painted)
        user.pane.keys("q")
        user.shell_is_sane()


def test_a_dumb_terminal_is_told(server: Server, cache: Path) -> None:
    with login(server, cache.parent, term="dumb") as user:
        user.start(seen=["TERM=dumb has none"])
        user.pane.run(["echo", "still", "here"])
        screen = user.pane.see("\nstill here")
        assert SHOWN not in screen
