"""Figures of the screens in a real terminal (a pseudo-terminal of 120x40): `python -m tests.bench.bench_tui`.

Prints the time to the first frame beside a minimal Textual app, key to repaint at 15,000 models, the resident memory,
and what an idle screen writes.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median

from tests.tui import filled  # the tests' own cache, here with 15,000 models

MODELS = 15_000
COLUMNS, LINES = 120, 40
MINIMAL = """
from textual.app import App
from textual.widgets import Static
class Minimal(App):
    def compose(self):
        yield Static("numtui")
Minimal().run()
"""
PROGRAM = f"""
from datetime import datetime
from pathlib import Path
from numtui.clock import FixedClock
from numtui.config import Settings
from numtui.tui.app import make_app
folder = Path({{folder!r}})
settings = Settings(db=folder / "cache.sqlite", state_dir=folder, config_file=folder / "numtui.toml")
make_app(settings, FixedClock(datetime.fromisoformat({filled.NOW.isoformat()!r})), start_poller=False).run()
"""
KEYS = {
    "down": "j",
    "up": "k",
    "page down": "\x04",
    "page up": "\x15",
    "last": "G",
    "first": "g",
    "columns": "\x1b[C",
    "sort": ">",
    "reverse": "S",
    "mark": " ",
}


class Terminal:
    """A program in a pseudo-terminal."""

    def __init__(self, code: str) -> None:
        self.began = time.perf_counter()
        self.pid, self.handle = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
            os.execv(sys.executable, [sys.executable, "-c", code])
        fcntl.ioctl(self.handle, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))

    def until(self, text: bytes, seconds: float = 20.0) -> float:
        """Seconds since the start until `text` was written."""
        seen = b""
        while text not in seen:
            if not select.select([self.handle], [], [], seconds)[0]:
                raise TimeoutError(seen[-400:])
            seen += os.read(self.handle, 1 << 16)
        return time.perf_counter() - self.began

    def quiet(self, seconds: float) -> tuple[float | None, int]:
        """Read until nothing came for `seconds`: when the last came (None: nothing did), and how many bytes."""
        last, count = None, 0
        with suppress(OSError):  # the program has ended
            while select.select([self.handle], [], [], seconds)[0]:
                count += len(os.read(self.handle, 1 << 16))
                last = time.perf_counter()
        return last, count

    def press(self, key: str) -> float | None:
        """Seconds from a key to the last byte of the repaint; None when nothing changed on screen."""
        began = time.perf_counter()
        os.write(self.handle, key.encode())
        last, _ = self.quiet(0.06)
        return None if last is None else last - began

    def resident(self) -> float:
        """MB of resident memory."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1000
        raise ValueError("no VmRSS")


@contextmanager
def terminal(code: str) -> Iterator[Terminal]:
    """The program, ended with ctrl+q."""
    shown = Terminal(code)
    try:
        yield shown
    finally:
        os.write(shown.handle, b"\x11")
        shown.quiet(1.0)
        os.close(shown.handle)
        os.waitpid(shown.pid, 0)


def first_frame(code: str, text: bytes, times: int = 7) -> float:
    """Median seconds from start to `text` on screen, after a run that fills the file cache."""
    found = []
    for _ in range(times + 1):
        with terminal(code) as shown:
            found.append(shown.until(text))
            shown.quiet(0.3)
    return median(found[1:])


def keys(shown: Terminal, rounds: int = 12) -> dict[str, list[float]]:
    """Milliseconds to repaint by key."""
    found: dict[str, list[float]] = {name: [] for name in KEYS}
    for _ in range(rounds):
        for name, key in KEYS.items():
            took = shown.press(key)
            if took is not None:
                found[name].append(took * 1000)
    return found


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        filled.fill(Path(folder) / "cache.sqlite", MODELS)
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its bytecode
        os.environ["PYTHONPYCACHEPREFIX"] = folder
        program = PROGRAM.format(folder=folder)
        minimal, ours = first_frame(MINIMAL, b"numtui"), first_frame(program, b"model_0009")
        print(f"first frame: minimal app {minimal * 1000:.0f} ms, numtui {ours * 1000:.0f} ms: {ours / minimal:.2f}x")
        with terminal(program) as shown:
            shown.until(b"model_0009")
            shown.quiet(0.5)
            found = keys(shown)
            every = [took for times in found.values() for took in times]
            for name, times in found.items():
                print(
                    f"  {name:<10} median {median(times):5.1f} ms, worst {max(times):5.1f} ms"
                    if times
                    else f"  {name:<10} -"
                )
            print(f"key to repaint at {MODELS:,} rows: median {median(every):.1f} ms, worst {max(every):.1f} ms")
            print(f"resident memory: {shown.resident():.0f} MB")
            began = time.perf_counter()
            written = 0
            while time.perf_counter() - began < 10:
                written += shown.quiet(0.5)[1] if select.select([shown.handle], [], [], 0.5)[0] else 0
            print(f"idle: {written} bytes in 10 s")


if __name__ == "__main__":
    main()
