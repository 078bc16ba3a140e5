"""A real terminal: a shell under tmux in which the program is started, with its screen as text and keys to press."""

from __future__ import annotations

import shlex
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 15.0
LOOK_EVERY = 0.05


class NeverSeenError(AssertionError):
    """What was waited for did not come; the message holds the screen."""


@dataclass
class Terminal:
    """A pane of `width` x `height`."""

    socket: Path
    width: int
    height: int

    def tmux(self, *args: str) -> str:
        command = ["tmux", "-S", str(self.socket), "-f", "/dev/null", *args]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=20).stdout

    def screen(self) -> str:
        return self.tmux("capture-pane", "-p")

    def lines(self) -> list[str]:
        return self.screen().splitlines()

    def fact(self, name: str) -> str:
        """A tmux format variable, such as alternate_on."""
        return self.tmux("display-message", "-p", f"#{{{name}}}").strip()

    def keys(self, *keys: str) -> None:
        """Presses keys by tmux's names for them."""
        self.tmux("send-keys", *keys)

    def type(self, text: str) -> None:
        self.tmux("send-keys", "-l", text)

    def resize(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.tmux("resize-window", "-x", str(width), "-y", str(height))

    def see(self, *texts: str, gone: Sequence[str] = ()) -> str:
        """Waits until the screen shows all `texts` and none of `gone`; returns it."""
        limit = time.monotonic() + PATIENCE
        while True:
            screen = self.screen()
            if all(text in screen for text in texts) and not any(text in screen for text in gone):
                return screen
            if "Traceback" in screen or time.monotonic() > limit:
                raise NeverSeenError(f"waited for {texts}, without {gone}, at {self.width}x{self.height}:\n{screen}")
            time.sleep(LOOK_EVERY)

    def until(self, name: str, value: str) -> None:
        """Waits until a tmux variable has a value."""
        limit = time.monotonic() + PATIENCE
        while (found := self.fact(name)) != value:
            if time.monotonic() > limit:
                raise NeverSeenError(f"{name} is {found}, not {value}:\n{self.screen()}")
            time.sleep(LOOK_EVERY)

    def run(self, command: Sequence[str]) -> None:
        self.type(shlex.join(command))
        self.keys("Enter")


@contextmanager
def terminal(folder: Path, width: int, height: int, environ: Mapping[str, str]) -> Iterator[Terminal]:
    """A shell with nothing but `environ`, in a tmux of its own that ends with the block."""
    socket = folder / "tmux"
    pane = Terminal(socket, width, height)
    settings = [f"{name}={value}" for name, value in {**environ, "PS1": "ready> ", "COLORTERM": "truecolor"}.items()]
    shell = ["env", "-i", *settings, "TERM=tmux-256color", "bash", "--norc", "--noprofile"]
    size = ["-x", str(width), "-y", str(height)]
    pane.tmux("new-session", "-d", *size, "-c", str(folder), shlex.join(shell))
    try:
        pane.see("ready>")
        yield pane
    finally:
        pane.tmux("kill-server")
