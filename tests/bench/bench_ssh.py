"""The screens over a real sshd at 120x40: the bytes that come over the line, its encryption counted."""

from __future__ import annotations

import os
import shlex
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from tests.bench.bench_screens import SCREENS
from tests.bench.board import BOARD, ON_BOARD, SHOWN, board
from tests.bench.figure import Figure
from tests.bench.terminal import Terminal, terminal
from tests.e2e.program import PROJECT
from tests.ssh.line import Line, line
from tests.ssh.server import TOOLS, Server, sshd

PAGES = 8
SYNCED = b"live"  # in the header once a poll has ended


@contextmanager
def over(server: Server, wire: Line, *words: str) -> Iterator[Terminal]:
    """A program of these words on the server, in a terminal here."""
    names = ("PATH", "HOME", "NUMTUI_CLOCK", "PYTHONPYCACHEPREFIX")
    known = {name: os.environ[name] for name in names if name in os.environ} | {
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "PYTHONPATH": str(PROJECT),
    }
    remote = shlex.join(["exec", "env", "-i", *(f"{name}={value}" for name, value in known.items()), *words])
    with terminal(f"import os; os.execvp('ssh', {[*server.login(wire.port), remote]!r})") as shown:
        yield shown


def figures() -> dict[str, Figure]:
    """FileNotFoundError names what is not installed."""
    if TOOLS:
        raise FileNotFoundError(f"not installed: {', '.join(TOOLS)}")
    with tempfile.TemporaryDirectory() as folder, sshd(Path(folder)) as server:
        return {**_warm(server), **_first_sync(server, Path(folder))}


def _warm(server: Server) -> dict[str, Figure]:
    """From a warm cache of 15,000 models."""
    with board() as code, line(server.port) as wire, over(server, wire, sys.executable, "-c", code) as shown:
        shown.until(SHOWN)
        shown.quiet(0.5)
        start = wire.down
        shown.press("2", 1.0)
        os.write(shown.handle, BOARD.encode())
        shown.until(ON_BOARD)
        shown.quiet(0.5)
        changes = [_bytes(shown, wire, key) for key in SCREENS * 2]
        os.write(shown.handle, BOARD.encode())
        shown.quiet(0.5)
        pages = [_bytes(shown, wire, "\x04") for _ in range(PAGES)]
        shown.quiet(1.0)
        before = wire.down
        shown.written_in(60)
        return {
            "ssh_start_bytes": Figure(start),
            "ssh_screen_bytes": Figure(max(changes)),
            "ssh_page_down_bytes": Figure(median(pages)),
            "ssh_idle_bytes": Figure(wire.down - before),
        }


def _first_sync(server: Server, folder: Path) -> dict[str, Figure]:
    """From no cache to the end of the first sync of the demo's account."""
    words = [sys.executable, "-m", "numtui", "demo", "--dir", str(folder / "demo")]
    with line(server.port) as wire, over(server, wire, *words) as shown:
        shown.until(SYNCED, 120)
        shown.quiet(5.0)
        return {"ssh_first_sync_bytes": Figure(wire.down)}


def _bytes(shown: Terminal, wire: Line, key: str) -> int:
    """What a key brings over the line."""
    before = wire.down
    shown.press(key, 0.3, 1.0)
    return wire.down - before
