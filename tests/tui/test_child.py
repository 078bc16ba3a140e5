"""The poller that the screens start: it lives as long as somebody watches, and polls when it is asked to."""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import sqlite3
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from numtui import demo
from numtui.clock import FixedClock
from numtui.config import PUBLIC_ID, SECRET_KEY
from numtui.demo.market.market import Market
from numtui.demo.server.server import DemoServer

from .filled import NOW

PROCESSES = Path("/proc")
PROJECT = Path(__file__).parents[2]
PATIENCE = 20.0
pytestmark = pytest.mark.skipif(not PROCESSES.is_dir(), reason="processes are found in /proc")


@dataclass
class Viewer:
    """The real program in a pseudo-terminal, and what it has written so far."""

    process: subprocess.Popen[bytes]
    handle: int
    written: bytearray = field(default_factory=bytearray)

    def read(self) -> None:
        """Take what it writes, or it would wait; to its end."""
        with suppress(OSError):  # the terminal's other end was closed
            while part := os.read(self.handle, 1 << 16):
                self.written += part

    def press(self, key: str) -> None:
        os.write(self.handle, key.encode())

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE)


@dataclass
class Home:
    """A folder with a cache, and viewers of it."""

    folder: Path
    url: str

    @property
    def db(self) -> Path:
        return self.folder / "cache.sqlite"

    def environ(self) -> dict[str, str]:
        known = {"HOME": str(self.folder), "PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT), "LANG": "C.UTF-8"}
        keys = {PUBLIC_ID: demo.DEMO_PUBLIC, SECRET_KEY: demo.DEMO_SECRET}
        return {**known, **keys, "NUMTUI_CLOCK": f"fixed {NOW.isoformat()}", "TERM": "xterm-256color"}

    @contextmanager
    def viewer(self) -> Iterator[Viewer]:
        """`numtui` on this cache, whose poller would not look again by itself for an hour; killed at the end."""
        options = ["--db", self.db, "--state-dir", self.folder / "state", "--api-url", self.url, "--simulated"]
        command = [sys.executable, "-m", "numtui", *map(str, options), "--poll-interval", "3600"]
        handle, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        process = subprocess.Popen(
            command,
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            cwd=self.folder,
            env=self.environ(),
            start_new_session=True,
        )
        os.close(terminal)
        shown = Viewer(process, handle)
        reader = threading.Thread(target=shown.read)
        reader.start()
        try:
            yield shown
        finally:
            shown.kill()
            reader.join(PATIENCE)
            os.close(handle)

    def pollers(self) -> list[int]:
        """The process ids of the pollers that screens started on this cache."""
        found = []
        for folder in PROCESSES.glob("[0-9]*"):
            with suppress(OSError):  # it has ended meanwhile
                words = (folder / "cmdline").read_bytes().split(b"\0")
                if b"--child" in words and str(self.db).encode() in words:
                    found.append(int(folder.name))
        return found

    def finished_polls(self) -> int:
        if not self.db.exists():
            return 0
        with closing(sqlite3.connect(self.db)) as connection, suppress(sqlite3.OperationalError):  # not made yet
            return int(
                connection.execute("SELECT count(*) FROM polls WHERE state = 'done' AND kind <> 'days'").fetchone()[0]
            )
        return 0


def until(met: Callable[[], bool], what: str) -> None:
    """Wait for something that another process does."""
    limit = time.monotonic() + PATIENCE
    while not met():
        assert time.monotonic() < limit, what
        time.sleep(0.05)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with DemoServer(Market(clock=FixedClock(NOW), models=40, rounds=6)) as server, ExitStack() as after:
        found = Home(tmp_path, server.url)
        after.callback(until, lambda: not found.pollers(), "no poller stays behind")
        yield found


def test_the_poller_outlives_a_killed_viewer_while_another_watches(home: Home) -> None:
    with home.viewer() as first:
        until(lambda: home.finished_polls() > 0, "the first viewer starts a poller")
        poller = home.pollers()
        assert len(poller) == 1
        with home.viewer() as second:
            until(lambda: len(list(home.folder.glob("cache.sqlite.viewer-*"))) == 2, "both viewers leave their marks")
            assert home.pollers() == poller
            first.kill()
            time.sleep(2)  # four looks of the poller
            assert home.pollers() == poller
            assert second.process.poll() is None
            second.kill()
            killed = time.monotonic()
            until(lambda: home.pollers() == [], "the poller ends with the last viewer")
            assert time.monotonic() - killed < 10


def test_r_makes_a_poll_and_q_ends_the_poller(home: Home) -> None:
    with home.viewer() as viewer:
        until(lambda: home.finished_polls() >= 3, "the first sync of three tournaments")
        time.sleep(1)
        before = home.finished_polls()
        assert before == 3, "within an hour it does not poll by itself"
        viewer.press("r")
        until(lambda: home.finished_polls() == 6, "each tournament once more")
        viewer.press("q")
        assert viewer.process.wait(PATIENCE) == 0
        until(lambda: home.pollers() == [], "the poller ends with its viewer")
        assert b"Traceback" not in viewer.written
