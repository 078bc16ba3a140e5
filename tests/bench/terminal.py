"""Programs in a real terminal (a pseudo-terminal of 120x40): what they write, and when."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

COLUMNS, LINES = 120, 40
QUIT = b"\x11"


class Terminal:
    """A Python program in a terminal of its own."""

    def __init__(self, code: str) -> None:
        self.began = time.perf_counter()
        self.seen = b""  # what `until` has read
        self.pid, self.handle = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
            os.environ.pop("NO_COLOR", None)
            os.execv(sys.executable, [sys.executable, "-c", code])
        fcntl.ioctl(self.handle, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))

    def until(self, text: bytes, seconds: float = 20.0) -> tuple[float, int]:
        """Seconds since the start until `text` was written, and the bytes until then. TimeoutError without it."""
        while text not in self.seen:
            if not select.select([self.handle], [], [], seconds)[0]:
                raise TimeoutError(f"{text!r} was not written, but {self.seen[-200:]!r}")
            self.seen += os.read(self.handle, 1 << 16)
        return time.perf_counter() - self.began, len(self.seen)

    def quiet(self, seconds: float) -> tuple[float | None, int]:
        """Read until nothing came for `seconds`: when the last came (None: nothing did), and how many bytes."""
        last, count = None, 0
        with suppress(OSError):  # the program has ended
            while select.select([self.handle], [], [], seconds)[0]:
                count += len(os.read(self.handle, 1 << 16))
                last = time.perf_counter()
        return last, count

    def press(self, key: str, settled: float = 0.06, patience: float = 0.5) -> tuple[float, int] | None:
        """Seconds from a key to the last byte of the repaint, and the bytes; None when nothing changed on screen."""
        began = time.perf_counter()
        os.write(self.handle, key.encode())
        select.select([self.handle], [], [], patience)
        last, count = self.quiet(settled)
        return None if last is None else (last - began, count)

    def written_in(self, seconds: float) -> int:
        """The bytes that come in the next `seconds`."""
        end, count = time.perf_counter() + seconds, 0
        while (left := end - time.perf_counter()) > 0:
            if select.select([self.handle], [], [], left)[0]:
                count += len(os.read(self.handle, 1 << 16))
        return count

    def resident(self) -> float:
        """MB of resident memory."""
        return memory(self.pid, "VmRSS")


def memory(pid: int, kind: str) -> float:
    """MB of a process's memory: VmRSS now, VmHWM the most that it ever had."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(kind):
            return int(line.split()[1]) * 1024 / 1e6
    raise ValueError(f"no {kind}")


@contextmanager
def terminal(code: str) -> Iterator[Terminal]:
    """The program, ended with ctrl+q."""
    shown = Terminal(code)
    try:
        yield shown
    finally:
        with suppress(OSError):
            os.write(shown.handle, QUIT)
        shown.quiet(1.0)
        os.close(shown.handle)
        os.waitpid(shown.pid, 0)
