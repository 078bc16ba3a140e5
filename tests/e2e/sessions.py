"""Many sessions on one cache while the tournament goes on, with kills at random: `python -m tests.e2e.sessions`.

Pollers, those that wait for their turn, and screens with pollers of their own share one database. Processes are killed
without warning and replaced. At the end the cache must hold what one poller's cache holds that nobody disturbed.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import pty
import random
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from numtui import demo
from numtui.clock import VARIABLE, Clock, FixedClock, ScaledClock, clock_to_text
from numtui.demo.options import DemoOptions
from numtui.demo.server.process import start
from tests.e2e.program import PROJECT

BEGIN = datetime(2026, 11, 20, 18, tzinfo=UTC)
MARKET = DemoOptions(models=40, account_models=4)
POLLERS, SCREENS = 4, 2  # one of the pollers polls, the others wait
SCORING_DAYS_A_WEEK = 5
HOLDERS = 0.7  # of all kills, those of the one who polls
TABLES = ("scores", "rounds", "models", "stakes", "payouts", "submissions")
# Columns of what each saw at the moments of its own polls.
OWN = re.compile(r"^(forecast_day|expected|p05|p95|outcome|held|price|fiat|payout_value|date)$")
TAKEN_OVER_WITHIN = 10.0  # seconds: what the design promises


class Outcome(NamedTuple):
    """What a run has shown. `take_overs`: seconds from each kill of the one who polled until another did."""

    scoring_days: float
    kills: int
    take_overs: list[float]
    overlaps: int  # polls that began while another process's poll was at work
    doubled: int  # scoring runs that were read more than once
    differing: dict[str, list[str]]  # rows of a table that only one of disturbed and undisturbed cache has


@dataclass
class Site:
    """Programs on one server; `clock` is theirs and the server's."""

    url: str
    clock: Clock
    folder: Path
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def db(self) -> Path:
        return self.folder / "cache.db"

    def environ(self) -> dict[str, str]:
        text = clock_to_text(self.clock)
        assert text is not None
        keys = {"NUMERAI_PUBLIC_ID": demo.DEMO_PUBLIC, "NUMERAI_SECRET_KEY": demo.DEMO_SECRET}
        home = {"HOME": str(self.folder), "PYTHONPATH": str(PROJECT), "LANG": "C.UTF-8", "TERM": "xterm-256color"}
        return {"PATH": os.environ["PATH"], VARIABLE: text, "NUMTUI_POLL_INTERVAL": "0.5", **keys, **home}

    def arguments(self, *args: str) -> list[str]:
        places = ["--db", str(self.db), "--state-dir", str(self.folder / "state"), "--api-url", self.url]
        return [sys.executable, "-m", "numtui", *places, *args]

    def run(self, *args: str) -> str:
        """A command's stdout; it must end well."""
        command = self.arguments(*args)
        done = subprocess.run(command, env=self.environ(), check=True, capture_output=True, text=True, cwd=self.folder)
        return done.stdout

    def poller(self) -> None:
        self._begin(self.arguments("poll"), subprocess.DEVNULL)

    def screens(self) -> None:
        """Screens on a terminal of their own, whose writing is read and thrown away."""
        ours, its = pty.openpty()
        self._begin(self.arguments(), its)
        os.close(its)
        threading.Thread(target=_drain, args=(ours,), daemon=True).start()

    def _begin(self, command: list[str], stream: int) -> None:
        streams = {"stdin": stream, "stdout": stream, "stderr": stream}
        process = subprocess.Popen(command, env=self.environ(), start_new_session=True, cwd=self.folder, **streams)  # type: ignore[call-overload]  # three alike
        self.running.append(process)

    def holder(self) -> int | None:
        """The living process that polls."""
        try:
            pid = int(json.loads(Path(f"{self.db}.lock-holder").read_text())["pid"])
            os.kill(pid, 0)
            zombie = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
        except (OSError, ValueError, KeyError):
            return None
        return None if zombie else pid

    def end(self) -> None:
        for process in self.running:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if (pid := self.holder()) is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _drain(handle: int) -> None:
    with suppress(OSError):
        while os.read(handle, 1 << 16):
            pass
    os.close(handle)


@contextmanager
def site(url: str, clock: Clock, folder: Path) -> Iterator[Site]:
    folder.mkdir(exist_ok=True)
    made = Site(url, clock, folder)
    try:
        yield made
    finally:
        made.end()


def disturbed(folder: Path, scoring_days: int, days_per_minute: float, seed: int) -> Outcome:
    """A run of so many scoring days at that speed, with a kill every few of them."""
    days = scoring_days * 7 / SCORING_DAYS_A_WEEK
    chance, take_overs, kills = random.Random(seed), list[float](), 0
    _first_syncs(folder)
    clock = ScaledClock(datetime.now(UTC), BEGIN, days_per_minute)
    with start(MARKET, clock=clock) as server, site(server.url, clock, folder / "many") as many:
        with site(server.url, clock, folder / "one") as one:
            one.poller()
            for _ in range(POLLERS):
                many.poller()
            _await_holder(many, None)
            for _ in range(SCREENS):
                many.screens()
            end = BEGIN + timedelta(days=days)
            while clock.now() < end:
                time.sleep(chance.uniform(1.0, 4.0))
                holder = many.holder()
                if holder is not None and chance.random() < HOLDERS:
                    os.kill(holder, signal.SIGKILL)
                    take_overs.append(_await_holder(many, holder))
                else:
                    victim = chance.choice(many.running)
                    with suppress(ProcessLookupError):
                        os.kill(victim.pid, signal.SIGKILL)
                kills += 1
                _replace_dead(many)
        now = clock.now()
    many.clock = one.clock = FixedClock(now)
    with start(MARKET, clock=many.clock) as server:
        many.url = one.url = server.url
        for each in (many, one):
            each.run("poll", "--once", "--full")
        differing = {table: _differing(_export(many, table), _export(one, table)) for table in TABLES}
    overlaps, doubled = _polls(many.db)
    passed = (now - BEGIN).days * SCORING_DAYS_A_WEEK / 7
    return Outcome(
        passed, kills, take_overs, overlaps, doubled, {table: rows for table, rows in differing.items() if rows}
    )


def _first_syncs(folder: Path) -> None:
    """Both caches begin at the same moment: what the account tells of the past reaches back for some weeks only."""
    with start(MARKET, clock=FixedClock(BEGIN)) as server:
        for name in ("many", "one"):
            with site(server.url, FixedClock(BEGIN), folder / name) as each:
                each.run("poll", "--once")


def _await_holder(of: Site, former: int | None) -> float:
    """Seconds until another process than `former` polls."""
    began = time.monotonic()
    while (pid := of.holder()) is None or pid == former:
        if time.monotonic() - began > 6 * TAKEN_OVER_WITHIN:
            raise TimeoutError("nobody took over")
        time.sleep(0.05)
    return time.monotonic() - began


def _replace_dead(of: Site) -> None:
    for process in [each for each in of.running if each.poll() is not None]:
        of.running.remove(process)
        if "poll" in process.args:  # type: ignore[operator]  # a list of words
            of.poller()
        else:
            of.screens()


def _export(of: Site, table: str) -> dict[str, str]:
    """All tournaments' rows of a table, and the date of each where it has one."""
    texts = [of.run("--tournament", name, "export", table, "--offline", "--mine") for name in ("classic", "signals")]
    rows = [row for text in texts for row in csv.DictReader(io.StringIO(text))]
    return {str({name: cell for name, cell in row.items() if not OWN.match(name)}): row.get("date", "") for row in rows}


def _differing(ours: dict[str, str], theirs: dict[str, str]) -> list[str]:
    """Rows of one side alone, and those of two dates; the dates of rounds that resolve meanwhile need not be known."""
    dated = [row for row in ours.keys() & theirs if ours[row] and theirs[row] and ours[row] != theirs[row]]
    return sorted([*(ours.keys() ^ theirs.keys()), *dated])


def _polls(db: Path) -> tuple[int, int]:
    """Polls that began while another process's was at work, and scoring runs read to the end more than once."""
    with sqlite3.connect(db) as connection:
        overlaps = connection.execute(
            "SELECT count(*) FROM polls a JOIN polls b ON b.pid <> a.pid AND b.started > a.started "
            "AND b.started < a.finished WHERE a.state = 'done'"
        ).fetchone()[0]
        doubled = connection.execute(
            "SELECT count(*) FROM (SELECT 1 FROM polls WHERE kind = 'scored' AND state = 'done' "
            "GROUP BY tournament, date(started) HAVING count(*) > 1)"
        ).fetchone()[0]
    return overlaps, doubled


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=200, help="scoring days")
    parser.add_argument("--speed", type=float, default=30.0, help="simulated days a minute")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        print(disturbed(Path(made), given.days, given.speed, given.seed))
