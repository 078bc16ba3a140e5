"""Switching the profile on screen: the same program starts again with another cache, state and key."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from numtui.clock import FixedClock
from numtui.config import PUBLIC_ID, SECRET_KEY, Settings
from tests.tui.filled import NOW

from .pseudo import OnTerminal, started

FILE = """
key_command = ["{folder}/key.sh", "first"]
offline = false
[profiles.work]
key_command = ["{folder}/key.sh", "second"]
[profiles.home]
theme = "textual-light"
"""
KEY = '#!/bin/sh\necho "$1" >> {folder}/asked\nprintf "id-$1\\nsecret-$1\\n"\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    script = tmp_path / "key.sh"
    script.write_text(KEY.format(folder=tmp_path))
    script.chmod(0o700)
    path = tmp_path / "numtui.toml"
    path.write_text(FILE.format(folder=tmp_path))
    return path


def command_of(program: OnTerminal) -> str:
    asked = ["ps", "-ww", "-o", "command=", "-p", str(program.process.pid)]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout


def become(program: OnTerminal, command: str, done: Callable[[], bool]) -> None:
    """Choose a command of the list, and wait until the program has started again."""
    program.seen.clear()
    program.write(b":")
    program.read(b"Commands, models")
    program.write(command.encode())
    program.read(b"Start again")
    program.read(seconds=0.3)
    program.write(b"\r")
    program.until(done)
    program.seen.clear()
    program.read(b"There is nothing in the cache yet")


@pytest.mark.skipif(sys.platform != "linux", reason="the environment of a process is read from /proc")
def test_the_program_starts_again_with_the_key_of_the_other_profile(file: Path, tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    words = ["-m", "numtui", "--config", str(file), "--api-url", "http://127.0.0.1:9", "--allow-stake"]
    with started(words, {}) as program:
        program.read(b"There is nothing in the cache yet")
        become(program, "Profile work", lambda: "--profile work" in command_of(program))
        assert b"work  " in program.seen
        command = command_of(program)
        assert "--api-url http://127.0.0.1:9" in command and "--allow-stake" not in command
        assert asked.read_text().split()[:2] == ["first", "second"]
        given = Path(f"/proc/{program.process.pid}/environ").read_bytes()
        assert PUBLIC_ID.encode() not in given and SECRET_KEY.encode() not in given, "the key of the one before"
        become(program, "No profile", lambda: "--profile" not in command_of(program))
        program.write(b"q")
        assert program.end() == 0
        assert program.restored


@pytest.mark.parametrize("named", [["--db", "{folder}/c.sqlite"], ["--state-dir", "{folder}/state"]])
def test_a_call_that_names_a_cache_has_no_other_profiles(file: Path, tmp_path: Path, named: list[str]) -> None:
    words = ["-m", "numtui", "--config", str(file), "--offline", *(word.format(folder=tmp_path) for word in named)]
    with started(words, {}) as program:
        program.read(b"There is nothing in the cache yet")
        program.write(b":")
        program.read(b"Commands, models")
        program.write(b"Profile")
        program.read(seconds=1.0)
        assert b"Start again" not in program.seen


async def test_the_profile_in_force_and_none_are_told_apart(settings: Settings) -> None:
    from numtui.tui.app import make_app

    app = make_app(settings, FixedClock(NOW), start_poller=False)
    app.profiles = ("work", "")
    async with app.run_test() as pilot:
        titles = [command.title for command in app.get_system_commands(app.screen)]
        assert {"Profile work", "No profile"} <= set(titles)
        app.switch_profile("")
        await pilot.pause()
    assert app.next_profile == ""
