"""A poller that is killed between evaluation and delivery neither loses an alert nor repeats one: real processes."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from filelock import FileLock

from numtui.clock import VARIABLE, FixedClock, clock_to_text
from numtui.config import Settings
from numtui.errors import ALERT
from numtui.store.database import open_reader
from numtui.store.queries.alerts import outbox_size
from tests.poller.site import NOW, Site

WAIT = 120.0


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT
    while not true():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)


class Program:
    """`numtui poll` with one rule that fires for one model, and a command that keeps what it gets once it may."""

    def __init__(self, site: Site, folder: Path) -> None:
        self.began, self.may_end, self.kept = folder / "began", folder / "may-end", folder / "kept"
        command = folder / "alert.py"
        command.write_text(
            f"#!{sys.executable}\n"
            "import pathlib, sys, time\n"
            f"pathlib.Path({str(self.began)!r}).touch()\n"
            f"while not pathlib.Path({str(self.may_end)!r}).exists(): time.sleep(0.02)\n"
            f"open({str(self.kept)!r}, 'a').write(sys.stdin.read())\n"
        )
        command.chmod(command.stat().st_mode | stat.S_IXUSR)
        config = folder / "settings.toml"
        config.write_text(
            f'[notify]\ncommand = ["{command}"]\n[[alerts]]\nrule = "at_risk_share"\nabove = 0.0001\n'
            'models = ["demo_grove"]\ntournament = "classic"\n'
        )
        self.settings: Settings = site.settings()
        self.words = [
            sys.executable, "-m", "numtui", "--config", str(config), "--db", str(self.settings.db), "--state-dir",
            str(folder / "state"), "--api-url", site.server.url, "--simulated", "poll",
        ]  # fmt: skip
        self.started: list[subprocess.Popen[bytes]] = []
        self.environment = {**os.environ, VARIABLE: clock_to_text(FixedClock(NOW)) or ""}

    def start(self) -> subprocess.Popen[bytes]:
        self.started.append(subprocess.Popen(self.words, env=self.environment, stderr=subprocess.DEVNULL))
        return self.started[-1]

    def end(self) -> None:
        self.may_end.touch()
        for process in self.started:
            process.kill()
            process.wait()

    def once(self, *words: str) -> int:
        command = [*self.words, "--once", *words]
        return subprocess.run(command, env=self.environment, check=False, timeout=WAIT * 3).returncode

    def waiting(self) -> int:
        if not self.settings.db.exists():
            return 0
        with closing(open_reader(self.settings.db)) as connection:
            return outbox_size(connection)

    def told(self) -> list[str]:
        return self.kept.read_text().splitlines() if self.kept.exists() else []


@pytest.fixture
def program(site: Site, tmp_path: Path) -> Iterator[Program]:
    site.poll()  # the first sync, so that only the evaluation is new
    program = Program(site, tmp_path)
    yield program
    program.end()


def children(pid: int) -> list[int]:
    """Of any of its threads."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(word) for task in tasks for word in (task / "children").read_text().split()]


def test_killed_while_the_command_works(program: Program) -> None:
    poller = program.start()
    until(program.began.exists)
    poller.kill()
    poller.wait()
    program.may_end.touch()
    assert program.once() == 0
    assert len(program.told()) == 1
    assert program.waiting() == 0


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are looked up in /proc")
def test_killed_with_all_its_children_before_anything_left(program: Program) -> None:
    program.may_end.touch()
    lock = FileLock(program.settings.db.with_name(program.settings.db.name + ".deliver"))
    with lock:  # as another that delivers would hold it
        poller = program.start()
        until(lambda: program.waiting() == 1 and bool(children(poller.pid)))
        for pid in (*children(poller.pid), poller.pid):
            os.kill(pid, signal.SIGKILL)
        poller.wait()
        assert program.told() == []
    for _ in range(2):
        assert program.once() == 0
    assert len(program.told()) == 1


def test_killed_before_the_evaluation(program: Program) -> None:
    program.may_end.touch()
    poller = program.start()
    poller.kill()
    poller.wait()
    for _ in range(2):
        assert program.once("--alerts") == ALERT
    assert len(program.told()) == 1
