"""The server as a child process, and time that passes while one watches."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from numtui.clock import FixedClock, ScaledClock, SystemClock
from numtui.demo.market.market import Market
from numtui.demo.options import DemoOptions
from numtui.demo.server.process import start

from .conftest import FRIDAY, Client

SMALL = DemoOptions(models=60, account_models=5, now=FRIDAY)


def _gone(pid: int) -> bool:
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{pid}/stat").exists() and Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
            return True
        time.sleep(0.05)
    return False


def test_a_child_serves_until_it_is_left(tmp_path: Path) -> None:
    with start(DemoOptions(models=60, account_models=5, now=FRIDAY, state_dir=tmp_path)) as process:
        client = Client(process.url)
        assert len(client.data("{account {models {id}}}")["account"]["models"]) == 5
        assert client.data("{rounds(number: 0) {number}}")["rounds"] == [{"number": 1403}]
        pid = process.pid
    assert _gone(pid)
    assert list(tmp_path.iterdir()) == [tmp_path / "stake-state-0.json"]


def test_a_child_ends_with_a_killed_parent() -> None:
    code = (
        "from numtui.demo.server.process import start\nfrom numtui.demo.options import DemoOptions\n"
        "p = start(DemoOptions(models=60)); print(p.pid, p.url, flush=True); import time; time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid, url = parent.stdout.readline().split()
    assert httpx.get(f"{url}/_demo/log").status_code == 200
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert _gone(int(pid))


def test_a_child_may_share_a_running_clock() -> None:
    clock = ScaledClock(datetime.now(UTC), datetime(2026, 12, 1, tzinfo=UTC), 1.0)
    with start(SMALL, clock=clock) as process:
        shown = datetime.fromisoformat(httpx.get(f"{process.url}/_demo/info").json()["now"])
    assert abs(shown - clock.now()) < timedelta(hours=6)


def test_a_server_that_cannot_start_says_so() -> None:
    with start(SMALL) as process:
        port = int(process.url.rsplit(":", 1)[1])
        with pytest.raises(RuntimeError, match="did not start"):
            start(DemoOptions(models=60, port=port))


def test_options_make_their_clock() -> None:
    assert DemoOptions().clock() == SystemClock()
    assert DemoOptions(now=FRIDAY).clock() == FixedClock(FRIDAY)
    running = DemoOptions(now=FRIDAY, speed=1440.0).clock()
    assert isinstance(running, ScaledClock)
    assert timedelta(0) <= running.now() - FRIDAY < timedelta(days=20)


def test_rounds_open_are_scored_and_resolve_as_the_clock_runs() -> None:
    """The clock is moved by hand through a hundred days, a running one only more slowly."""
    market = Market(now=FRIDAY, models=60, rounds=30)
    model = market.model(8, "demo_anchor")
    numbers, days, settled = set(), [], 0
    for hours in range(0, 2400, 12):
        market.clock = FixedClock(FRIDAY + timedelta(hours=hours))
        numbers.add(market.newest())
        position = next(p for p in market.ledger.positions(model) if p.number == 1402)
        days.append(position.days)
        settled += position.resolved
    assert numbers == set(range(1403, 1475))
    assert days == sorted(days)
    assert set(days) == set(range(61))
    assert settled > 10
    assert market.paths(8, "corr60", ["demo_anchor"], range(1470, 1472)).shape == (1, 2, 60)


def test_a_submission_arrives_after_the_opening() -> None:
    market = Market(now=FRIDAY.replace(minute=1), models=60, rounds=30)
    model = market.model(8, "demo_cinder")
    staked = []
    for minute in (1, 9, 10, 45):
        market.clock = FixedClock(FRIDAY.replace(minute=minute))
        newest = market.ledger.positions(model)[-1]
        assert newest.number == 1403
        assert newest.submitted == market.submitted(model, 1403) == bool(newest.at_risk)
        staked.append(newest.submitted)
    assert staked == [False, False, True, True]
