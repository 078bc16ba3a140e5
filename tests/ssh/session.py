"""A login over SSH in a real terminal, and numtui started in its shell."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.program import PROJECT
from tests.e2e.terminal import PATIENCE, Terminal, terminal
from tests.tui.filled import NOW

from .server import Server

SHOWN = "enceladus"  # a model of the cache, on the first screen
REMOTE = "remote>"
PROMPT = r"\162emote> "  # bash shows it as REMOTE; the echo of the command that sets it does not hold REMOTE
SANE = {"alternate_on": "0", "cursor_flag": "1", "mouse_any_flag": "0"}


@dataclass(frozen=True)
class Login:
    """A shell on the server, as its user sees it. `folder` holds the cache."""

    pane: Terminal
    folder: Path

    def arguments(self, *args: str) -> list[str]:
        places = ["--db", str(self.folder / "cache.sqlite"), "--state-dir", str(self.folder / "state")]
        return [sys.executable, "-m", "numtui", *places, *(args or ["--offline"])]

    def start(self, *args: str, seen: Sequence[str] = (SHOWN,)) -> str:
        """Starts the screens."""
        self.pane.run(self.arguments(*args))
        return self.pane.see(*seen)

    def shell_is_sane(self) -> None:
        """Waits for the shell; screen, cursor, mouse and line discipline must be as they were."""
        for fact, value in SANE.items():
            self.pane.until(fact, value)
        self.pane.run(["clear"])
        self.pane.run(["stty", "-a"])
        screen = self.pane.see(" icanon", " echo ", "isig", REMOTE)
        assert "-icanon" not in screen
        assert "-echo " not in screen


@contextmanager
def login(
    server: Server,
    folder: Path,
    size: tuple[int, int] = (100, 30),
    *,
    port: int | None = None,
    term: str = "xterm-256color",
    environ: Mapping[str, str] | None = None,
    before: str = "",
) -> Iterator[Login]:
    """A login. `port`: of a line to the server. `before`: a shell line that comes first on the server."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    known = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(PROJECT),
        "NUMTUI_CLOCK": f"fixed {NOW.isoformat()}",
        "PS1": PROMPT,
        "TERM": term,
        **(environ or {}),
    }
    settings = [f"{name}={value}" for name, value in known.items()]
    shell = shlex.join(["env", "-i", *settings, "bash", "--norc", "--noprofile", "-i"])
    remote = f"{before}; exec {shell}" if before else f"exec {shell}"
    with terminal(folder, *size, {name: known[name] for name in ("PATH", "HOME", "LANG")}) as pane:
        pane.run([*server.login(port), remote])
        pane.see(REMOTE)
        yield Login(pane, folder)


def soon(true: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Waits until something is true."""
    limit = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < limit, what
        time.sleep(0.05)


def processes(folder: Path) -> list[int]:
    """The numtui processes on the cache in `folder`."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if b"numtui" in words and str(folder / "cache.sqlite").encode() in words:
                found.append(int(entry.name))
    return found
