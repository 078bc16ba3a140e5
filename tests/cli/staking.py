"""`numtui stake` as a user runs it, on the simulated account: a process, or the same in this process."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from numtui.cli.main import main
from numtui.clock import VARIABLE, FixedClock, clock_to_text
from numtui.demo import DEMO_STAKERS
from tests.tui.staking import Bench


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Command:
    """numtui on the bench's server, with its cache and state folder."""

    bench: Bench
    folder: Path

    def words(self, *args: str, tournament: str | None = "signals", allow: bool = False) -> list[str]:
        settings = self.bench.settings
        own = ["--db", str(settings.db), "--state-dir", str(settings.state_dir), "--config", str(self.config)]
        flags = ["--allow-stake"] if allow else []
        urls = [word for url in settings.api_urls for word in ("--api-url", url)]
        named = ["--tournament", tournament] if tournament else []
        return [*own, *urls, *named, "--simulated", *flags, *args]

    @property
    def config(self) -> Path:
        path = self.folder / "numtui.toml"
        if not path.exists():
            staker = "".join(f'{label} = "{address}"\n' for label, address in DEMO_STAKERS.items())
            path.write_text(f"read_timeout = 5\n[staker]\n{staker}")
        return path

    def __call__(self, *args: str, tournament: str | None = "signals", allow: bool = False) -> Ran:
        """Run it in this process, which saves the start of Python."""
        return self.run(*self.words(*args, tournament=tournament, allow=allow))

    def run(self, *words: str) -> Ran:
        """The words behind the program's name, as they are."""
        os.environ[VARIABLE] = clock_to_text(FixedClock(self.bench.clock.at)) or ""
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
            main.main(args=list(words), prog_name="numtui")
        assert "Traceback" not in err.getvalue(), err.getvalue()
        assert isinstance(ended.value.code, int)
        return Ran(ended.value.code, out.getvalue(), err.getvalue())

    def process(self, *args: str, tournament: str = "signals", allow: bool = False) -> Ran:
        """Run it as a process of its own."""
        command = [sys.executable, "-m", "numtui", *self.words(*args, tournament=tournament, allow=allow)]
        environment = os.environ | {VARIABLE: clock_to_text(FixedClock(self.bench.clock.at)) or ""}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=self.folder)
        assert "Traceback" not in done.stderr, done.stderr
        return Ran(done.returncode, done.stdout, done.stderr)

    def planned(self, tournament: str = "signals", **targets: str) -> tuple[str, str]:
        """A plan to these stakes of demo_signal_a, b, c (or demo_coin_a, b): its file and its digest."""
        prefix = "demo_signal_" if tournament == "signals" else "demo_coin_"
        wanted, plan = self.folder / "targets.json", self.folder / "plan.json"
        wanted.write_text(json.dumps({prefix + letter: amount for letter, amount in targets.items()}))
        ran = self("stake", "plan", "--targets", str(wanted), "-o", str(plan), "--offline", tournament=tournament)
        assert ran.code == 0, ran
        digest = json.loads(plan.read_text())["digest"]
        assert f"digest {digest}" in ran.out or "nothing to change" in ran.out
        return str(plan), digest
