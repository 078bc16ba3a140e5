"""The real program on a terminal of its own: signals, a line that goes down, suspending, and what stands in its log."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping
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

    def end(self) -> int:
        self.read()
        return self.process.wait(PATIENCE)

    @property
    def restored(self) -> bool:
        """Whether alternate screen, mouse, cursor and line discipline are as they were."""
        modes = {ALTERNATE: b"l", MOUSE: b"l", CURSOR: b"h"}
        last = all(self.seen[self.seen.rindex(mode) + len(mode) :].startswith(end) for mode, end in modes.items())
        return last and termios.tcgetattr(self.slave) == self.before


@contextmanager
def on_terminal(
    settings: Settings, environ: Mapping[str, str] | None = None, *, ignore_hangup: bool = False
) -> Iterator[OnTerminal]:
    master, slave = pty.openpty()
    termios.tcsetwinsize(master, (30, 100))
    before = termios.tcgetattr(slave)
    own = ["--db", str(settings.db), "--state-dir", str(settings.state_dir), "--offline"]

    def begin() -> None:
        if ignore_hangup:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)

    process = subprocess.Popen(
        [sys.executable, "-m", "numtui", *own],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        preexec_fn=begin,  # noqa: PLW1509  this process has no threads of its own here
        env={**os.environ, "LANG": "C.UTF-8", **(environ or {})},
    )
    try:
        yield OnTerminal(process, master, slave, before)
    finally:
        process.kill()
        process.wait()
        for each in (master, slave):
            with suppress(OSError):
                os.close(each)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGQUIT, 131), (signal.SIGHUP, 129)])
def test_a_signal_leaves_as_q_does(settings: Settings, number: signal.Signals, code: int) -> None:
    with on_terminal(settings) as program:
        program.read(b"model_0001")
        program.process.send_signal(number)
        assert program.end() == code
        assert program.restored


def test_a_closed_terminal_ends_the_program_although_hangups_are_ignored(settings: Settings) -> None:
    with on_terminal(settings, ignore_hangup=True) as program:
        program.read(b"model_0001")
        os.close(program.slave)
        os.close(program.master)
        assert program.process.wait(PATIENCE) == 129


@pytest.mark.parametrize("environ", [{"LC_ALL": "C"}, {"LC_ALL": "POSIX"}])
def test_a_terminal_without_unicode_gets_ascii(settings: Settings, environ: dict[str, str]) -> None:
    with on_terminal(settings, environ) as program:
        program.read(b"model_0001")
        program.read(seconds=1)
        program.process.terminate()
        program.end()
    assert bytes(program.seen).isascii()


def test_ctrl_z_suspends_and_a_continued_program_draws_again(settings: Settings) -> None:
    with on_terminal(settings) as program:
        program.read(b"model_0001")
        os.write(program.master, b"\x1a")
        limit = time.monotonic() + PATIENCE
        stat = Path(f"/proc/{program.process.pid}/stat")
        while stat.read_text().rsplit(")", 1)[1].split()[0] != "T":
            assert time.monotonic() < limit
            program.read(seconds=0.2)
        program.read(seconds=0.3)
        assert program.restored
        program.seen.clear()
        program.process.send_signal(signal.SIGCONT)
        program.read(b"model_0001")
        os.write(program.master, b"q")
        assert program.end() == 0
        assert program.restored


def test_log_lines_go_to_a_private_file_without_the_key(settings: Settings) -> None:
    secret = "TESTSECRETHALF"
    keys = {"NUMERAI_PUBLIC_ID": "TESTPUBLICHALF", "NUMERAI_SECRET_KEY": secret}
    log = settings.state_dir / "numtui.log"
    with on_terminal(settings, {"NUMTUI_LOG_LEVEL": "debug", **keys}) as program:
        program.read(b"model_0001")
        program.process.terminate()
        program.end()
    assert b"DEBUG" not in program.seen
    assert "DEBUG" in log.read_text()
    assert secret not in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600


HANGING = """
from textual.app import App
from numtui.tui.leaving import leave_on_signals

class Hanging(App[None]):
    def exit(self, *args: object, **options: object) -> None:
        pass

    def on_mount(self) -> None:
        leave_on_signals(self)
        self.title = "ready"

Hanging().run()
"""


def test_a_program_that_does_not_leave_is_ended_with_its_terminal_in_order() -> None:
    master, slave = pty.openpty()
    before = termios.tcgetattr(slave)
    process = subprocess.Popen(
        [sys.executable, "-c", HANGING], stdin=slave, stdout=slave, stderr=slave, start_new_session=True
    )
    program = OnTerminal(process, master, slave, before)
    try:
        program.read(b"\x1b[?1049h")
        program.read(seconds=2)
        process.send_signal(signal.SIGHUP)
        assert program.end() == 129
        assert program.restored
    finally:
        process.kill()
        process.wait()
        os.close(master)
        os.close(slave)
