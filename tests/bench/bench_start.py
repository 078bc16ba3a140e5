"""Start: the first frame beside that of a minimal Textual app, `numtui --version` beside an import of click."""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median

from tests.bench.board import FRAME, SHOWN, board, compiled, numtui
from tests.bench.figure import Figure
from tests.bench.terminal import terminal

TIMES = 9
MINIMAL = """
from textual.app import App
from textual.widgets import Static
class Minimal(App):
    def compose(self):
        yield Static("numtui")
Minimal().run()
"""


def started(code: str, *texts: bytes) -> tuple[list[float], int]:
    """Seconds from start to each of `texts` on screen, in order, and all bytes that the start writes."""
    with terminal(code) as shown:
        found = [shown.until(text) for text in texts]
        return [seconds for seconds, _ in found], found[-1][1] + shown.quiet(0.3)[1]


def version(code: str) -> float:
    """Seconds that a program takes which shows nothing."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def compared(seconds: list[tuple[float, float]], peer: str) -> Figure:
    """Medians of ours and the other's seconds, taken in turns; the first turn warmed the caches."""
    ours, beside = (median(side) * 1000 for side in zip(*seconds[1:], strict=True))
    return Figure(ours / beside, ours, beside, "ms", peer)


def figures() -> dict[str, Figure]:
    """Medians of some starts, ours and the other's in turns."""
    with board() as code:
        starts = [(started(code, FRAME, SHOWN), started(MINIMAL, b"numtui")[0][0]) for _ in range(TIMES + 1)]
        frames = [(frame, beside) for ((frame, _), _), beside in starts]
        filled = [(rows, beside) for ((_, rows), _), beside in starts]
        written = max(count for (_, count), _ in starts)
    with compiled():
        versions = [(version(numtui("--version")), version("import click")) for _ in range(2 * TIMES + 1)]
    return {
        "first_frame_ratio": compared(frames, "a minimal Textual app"),
        "first_rows_ratio": compared(filled, "a minimal Textual app"),
        "version_ratio": compared(versions, "import of click"),
        "start_bytes": Figure(written),
    }
