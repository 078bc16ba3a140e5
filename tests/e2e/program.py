"""Drives numtui as a user does: a process with arguments, an environment, two streams and an exit code."""

from __future__ import annotations

import csv
import io
import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

from numtui.cli.main import main

from .other_market import NOW, PUBLIC_ID, SECRET_KEY, Json

PROJECT = Path(__file__).parents[2]
DONE, FAILED, USAGE, UNREACHABLE, NOTHING = 0, 1, 2, 3, 4
NOBODY = "http://127.0.0.1:9"  # nothing listens there


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    args: tuple[str, ...]
    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, str]]:
        """The CSV on stdout."""
        return list(csv.DictReader(io.StringIO(self.out)))

    @property
    def objects(self) -> list[Json]:
        """The JSON on stdout."""
        rows = json.loads(self.out)
        assert isinstance(rows, list)
        return rows


@dataclass
class Program:
    """numtui with a database, a home and an API of its own. `keys`: whether the account's key is in the environment."""

    folder: Path
    url: str = NOBODY
    keys: bool = True
    watch: Mapping[str, Sequence[str]] = field(default_factory=dict)
    settings: str = "read_timeout = 2\nconnect_timeout = 2\n"
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def db(self) -> Path:
        return self.folder / "cache" / "numtui.sqlite"

    def environ(self) -> dict[str, str]:
        home = self.folder / "home"
        home.mkdir(parents=True, exist_ok=True)
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(PROJECT),
            "NUMTUI_CLOCK": f"fixed {NOW.isoformat()}",
        }
        if self.keys:
            environ |= {"NUMERAI_PUBLIC_ID": PUBLIC_ID, "NUMERAI_SECRET_KEY": SECRET_KEY}
        return environ | dict(self.environment)

    def arguments(self, args: Sequence[str]) -> list[str]:
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "numtui.toml"
        lines = [f"{label} = {json.dumps(list(names))}" for label, names in self.watch.items()]
        config.write_text(self.settings + "\n".join(["[watch]", *lines, ""]))
        options = ["--config", str(config), "--db", str(self.db), "--state-dir", str(self.folder / "state")]
        return [sys.executable, "-m", "numtui", *options, "--api-url", self.url, *args]

    def __call__(self, *args: str) -> Ran:
        """Runs a command to its end in this process, which saves the start of Python; see `process` for a real one.

        No command may end in a traceback or show a secret.
        """
        out, err, code = io.StringIO(), io.StringIO(), None
        arguments = self.arguments(args)[3:]
        with inside(self.environ(), self.folder), redirect_stdout(out), redirect_stderr(err):
            try:
                main.main(args=arguments, prog_name="numtui")
            except SystemExit as end:
                code = end.code
        assert isinstance(code, int)
        return checked(Ran(args, code, out.getvalue(), err.getvalue()))

    def process(self, *args: str, timeout: float = 60) -> Ran:
        """Runs a command to its end in a process of its own."""
        return finish(self.start(*args), timeout)

    def start(self, *args: str) -> subprocess.Popen[str]:
        """Starts a command."""
        return subprocess.Popen(
            self.arguments(args),
            env=self.environ(),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def export(self, table: str, *args: str, code: int = DONE, tournament: str = "classic") -> Ran:
        """`export TABLE`, which must end with `code`: data on stdout when it is 0, else only words on stderr."""
        ran = self("--tournament", tournament, "export", table, *args)
        assert ran.code == code, ran
        assert bool(ran.out) == (code == DONE), ran
        assert code == DONE or ran.err.strip(), ran
        return ran


@contextmanager
def inside(environ: Mapping[str, str], folder: Path) -> Iterator[None]:
    """As if a process began here: its environment, its folder, and logging not set up yet."""
    before, handlers, level = dict(os.environ), logging.root.handlers[:], logging.root.level
    os.environ.clear()
    os.environ.update(environ)
    logging.root.handlers[:] = []
    try:
        with chdir(folder):
            yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        logging.root.handlers[:] = handlers
        logging.root.setLevel(level)


def checked(ran: Ran) -> Ran:
    """The same, once it shows neither a traceback nor a secret."""
    for text in (ran.out, ran.err):
        assert "Traceback" not in text, ran
        assert SECRET_KEY not in text, ran
    return ran


def one_line(ran: Ran) -> str:
    """The only line on stderr."""
    lines = ran.err.strip().splitlines()
    assert len(lines) == 1, ran
    return lines[0]


def finish(process: subprocess.Popen[str], timeout: float = 60) -> Ran:
    """Waits for a started command."""
    out, err = process.communicate(timeout=timeout)
    return checked(Ran(tuple(map(str, process.args)), process.returncode, out, err))  # type: ignore[arg-type]  # a list


def kill(process: subprocess.Popen[str]) -> None:
    """SIGKILL to the process and what it started."""
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=20)
