"""The real program on a pseudo terminal of its own."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from numtui.config import Settings

PATIENCE = 30.0
ALTERNATE, MOUSE, CURSOR = (b"\x1b[?1049", b"\x1b[?1003", b"\x1b[?25")


@dataclass
class OnTerminal:
    """The program on a pseudo terminal."""

    process: subprocess.Popen[bytes]
    master: int
    slave: int
    before: list[object]
    seen: bytearray = field(default_factory=bytearray)

    def read(self, until: bytes = b"", seconds: float = PATIENCE) -> bytes:
        limit = time.monotonic() + seconds
        while time.monotonic() < limit and not (until and until in self.seen):
            if select.select([self.master], [], [], 0.1)[0]:
                with suppress(OSError):
                    self.seen += os.read(self.master, 65536)
            elif self.process.poll() is not None:
                break
        assert not until or until in self.seen, bytes(self.seen[-2000:])
        return bytes(self.seen)

    def write(self, keys: bytes) -> None:
        os.write(self.master, keys)

    def until(self, done: Callable[[], bool]) -> None:
        limit = time.monotonic() + PATIENCE
        while not done():
            assert time.monotonic() < limit, bytes(self.seen[-2000:])
            self.read(seconds=0.1)

    def end(self) -> int:
        """The exit code."""
        self.read()
        if self.process.poll() is None:
            pytest.fail(f"it does not end; its threads: {'; '.join(_threads(self.process.pid))}")
        return self.process.wait()

    @property
    def restored(self) -> bool:
        """Whether alternate screen, mouse, cursor and line discipline are as they were."""
        modes = {ALTERNATE: b"l", MOUSE: b"l", CURSOR: b"h"}
        last = all(self.seen[self.seen.rindex(mode) + len(mode) :].startswith(end) for mode, end in modes.items())
        return last and termios.tcgetattr(self.slave) == self.before


def _threads(pid: int) -> Iterator[str]:
    """What each thread of a process does, where the system tells."""
    for task in sorted(Path(f"/proc/{pid}/task").glob("*")):
        state = next(line for line in (task / "status").read_text().splitlines() if line.startswith("State"))
        yield f"{(task / 'comm').read_text().strip()} {state} {(task / 'wchan').read_text()}"


@contextmanager
def on_terminal(
    settings: Settings, environ: Mapping[str, str] | None = None, *, ignore_hangup: bool = False
) -> Iterator[OnTerminal]:
    """The program with the cache of `settings`, offline."""
    words = ["-m", "numtui", "--db", str(settings.db), "--state-dir", str(settings.state_dir), "--offline"]
    with started(words, environ or {}, ignore_hangup=ignore_hangup) as program:
        yield program


@contextmanager
def started(words: Sequence[str], environ: Mapping[str, str], *, ignore_hangup: bool = False) -> Iterator[OnTerminal]:
    """Python with these words on a terminal of 100 columns and 30 lines; it is killed at the end."""
    master, slave = pty.openpty()
    termios.tcsetwinsize(master, (30, 100))
    before = termios.tcgetattr(slave)

    def begin() -> None:  # tests that a shell runs in its background would pass on that these are ignored
        for number in (signal.SIGINT, signal.SIGQUIT):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGHUP, signal.SIG_IGN if ignore_hangup else signal.SIG_DFL)

    process = subprocess.Popen(
        [sys.executable, *words],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        preexec_fn=begin,  # noqa: PLW1509  this process has no threads of its own here
        env={**os.environ, "LANG": "C.UTF-8", **environ},
    )
    try:
        yield OnTerminal(process, master, slave, before)
    finally:
        process.kill()
        process.wait()
        for each in (master, slave):
            with suppress(OSError):
                os.close(each)
