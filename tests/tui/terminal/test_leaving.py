"""The real program on a terminal of its own: signals, a line that goes down, suspending, and what stands in its log."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from numtui.config import Settings
from tests.tui.filled import settings_of

from .pseudo import PATIENCE, OnTerminal, on_terminal, started


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


@contextmanager
def hanging(body: str, grace: float) -> Iterator[OnTerminal]:
    """An app that does not leave when it is asked to, and meanwhile does what `body` says."""
    script = SCRIPT.replace("BODY", body).replace("GRACE_SECONDS", str(grace))
    with started(["-c", script], {}) as program:
        program.read(b"ready")
        yield program


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
