"""The real program on a terminal of its own: signals, a line that goes down, suspending, and what stands in its log."""

from __future__ import annotations

import os
import pty
import select
import shutil
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
from tests.tui.filled import settings_of

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
        signal.signal(signal.SIGHUP, signal.SIG_IGN if ignore_hangup else signal.SIG_DFL)

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


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGQUIT, 131), (signal.SIGHUP, 129)]
)
def test_a_signal_leaves_as_q_does(settings: Settings, number: signal.Signals, code: int) -> None:
    with on_terminal(settings) as program:
        program.read(b"enceladus")
        program.process.send_signal(number)
        assert program.end() == code
        assert program.restored


def test_a_closed_terminal_ends_the_program_although_hangups_are_ignored(settings: Settings) -> None:
    with on_terminal(settings, ignore_hangup=True) as program:
        program.read(b"enceladus")
        os.close(program.slave)
        os.close(program.master)
        assert program.process.wait(PATIENCE) == 129


@pytest.mark.parametrize("environ", [{"LC_ALL": "C"}, {"LC_ALL": "POSIX"}])
def test_a_terminal_without_unicode_gets_ascii(settings: Settings, environ: dict[str, str]) -> None:
    with on_terminal(settings, environ) as program:
        program.read(b"enceladus")
        program.read(seconds=1)
        program.process.terminate()
        program.end()
    assert bytes(program.seen).isascii()


def test_ctrl_z_suspends_and_a_continued_program_draws_again(settings: Settings) -> None:
    with on_terminal(settings) as program:
        program.read(b"enceladus")
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
        program.read(b"enceladus")
        os.write(program.master, b"q")
        assert program.end() == 0
        assert program.restored


def test_log_lines_go_to_a_private_file_without_the_key(settings: Settings) -> None:
    secret = "TESTSECRETHALF"
    keys = {"NUMERAI_PUBLIC_ID": "TESTPUBLICHALF", "NUMERAI_SECRET_KEY": secret}
    log = settings.state_dir / "numtui.log"
    with on_terminal(settings, {"NUMTUI_LOG_LEVEL": "debug", **keys}) as program:
        program.read(b"enceladus")
        program.process.terminate()
        program.end()
    assert b"DEBUG" not in program.seen
    assert "DEBUG" in log.read_text()
    assert secret not in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600


BEGIN = b"\x1b[?1049h"  # the first thing that is written


@pytest.fixture(scope="module")
def until_rows(tmp_path_factory: pytest.TempPathFactory, filled: Path) -> float:
    """Seconds that this machine takes from the terminal being taken over to the first rows."""
    folder = tmp_path_factory.mktemp("measured")
    shutil.copy(filled, folder / "cache.sqlite")
    with on_terminal(settings_of(folder)) as program:
        program.read(BEGIN)
        begun = time.monotonic()
        program.read(b"enceladus")
        return time.monotonic() - begun


@pytest.mark.parametrize("share", [0.0, 0.2, 0.4, 0.6, 0.8, 1.0])
def test_a_signal_while_the_program_starts_leaves_as_q_does(
    settings: Settings, until_rows: float, share: float
) -> None:
    with on_terminal(settings) as program:
        program.read(BEGIN)
        program.read(seconds=share * until_rows)
        program.process.send_signal(signal.SIGHUP)
        assert program.end() == 129
        assert program.restored
        assert b"Error" not in program.seen


def test_a_signal_before_the_terminal_is_taken_over_leaves_it_alone(settings: Settings) -> None:
    with on_terminal(settings) as program:
        program.process.send_signal(signal.SIGTERM)
        assert program.end() in {-signal.SIGTERM, 143}
        assert not program.seen


def test_a_signal_ends_the_program_although_its_terminal_takes_nothing(settings: Settings) -> None:
    with on_terminal(settings) as program:
        program.read(b"enceladus")
        os.set_blocking(program.master, False)
        for _ in range(400):  # more than the terminal holds: the screens wait for somebody who reads
            with suppress(BlockingIOError):
                os.write(program.master, b"12")
        program.process.send_signal(signal.SIGTERM)
        assert program.process.wait(PATIENCE) == 143


SCRIPT = """
import time
from textual.app import App
from numtui.tui.terminal import leaving

leaving.GRACE = GRACE_SECONDS

class Hanging(App[None]):
    def on_mount(self) -> None:
        self.call_after_refresh(self.hang)

    def hang(self) -> None:
        print("ready", file=self._driver._file, flush=True)
        BODY

    def exit(self, *args: object, **options: object) -> None:
        pass

leaving.run(Hanging())
"""


def heed_hangups() -> None:
    """As in a terminal, also where nohup started the tests: a child of theirs would ignore SIGHUP."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@contextmanager
def hanging(body: str, grace: float) -> Iterator[OnTerminal]:
    """An app that does not leave when it is asked to, and meanwhile does what `body` says."""
    master, slave = pty.openpty()
    before = termios.tcgetattr(slave)
    script = SCRIPT.replace("BODY", body).replace("GRACE_SECONDS", str(grace))
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        preexec_fn=heed_hangups,  # noqa: PLW1509  this process has no threads of its own here
    )
    program = OnTerminal(process, master, slave, before)
    try:
        program.read(b"ready")
        yield program
    finally:
        process.kill()
        process.wait()
        os.close(master)
        os.close(slave)


@pytest.mark.parametrize("body", ["pass", "time.sleep(3600)"])
def test_a_program_that_does_not_leave_is_ended_with_its_terminal_in_order(body: str) -> None:
    with hanging(body, grace=0.2) as program:
        program.process.send_signal(signal.SIGHUP)
        assert program.end() == 129
        assert program.restored


def test_a_second_signal_ends_the_program_at_once_with_its_terminal_in_order() -> None:
    with hanging("time.sleep(3600)", grace=3600) as program:
        program.process.send_signal(signal.SIGTERM)
        program.process.send_signal(signal.SIGHUP)
        assert program.end() in {143, 129}  # the kernel may tell the later one first
        assert program.restored
