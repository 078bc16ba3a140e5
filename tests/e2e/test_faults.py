"""An API in trouble: each fault is survived, or ends in one clear line and the right exit code."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from .conftest import MakeScene, Scene
from .other_market import CLASSIC, Market
from .other_server import Fault
from .program import DONE, UNREACHABLE, Program, finish, one_line

KINDS = (
    "500", "502", "503", "429", "429 retry-after", "200 rate limit", "html", "empty", "truncated", "short body",
    "time-out", "drop",
)  # fmt: skip


LASTING = ("500", "429", "200 rate limit", "html", "null data", "time-out", "drop")


@pytest.fixture(scope="module")
def tiny() -> Market:
    return Market(models=40, rounds=6)


@pytest.mark.parametrize("kind", KINDS)
def test_a_passing_fault_is_survived(scene: MakeScene, tiny: Market, kind: str) -> None:
    made = scene(of=tiny, keys=False, settings="read_timeout = 0.5\n")
    made.server.faults = [Fault(kind, 1, "eaderboard"), Fault(kind, 1, "rounds")]
    rows = made.program.export("leaderboard").rows
    assert len(rows) == len(tiny.tournaments[CLASSIC].field)
    assert made.server.requests > 1


def test_a_lasting_fault_ends_in_a_line(scene: MakeScene, tiny: Market, tmp_path: Path) -> None:
    """All at once, since each waits between its tries: with an empty cache, and with one of yesterday."""
    begun: dict[str, tuple[subprocess.Popen[str], Scene | None]] = {}
    for kind in LASTING:
        made = scene(of=tiny, keys=False, settings="read_timeout = 0.5\n")
        made.server.faults = [Fault(kind, -1)]
        begun[kind] = made.program.start("export", "leaderboard"), made
    begun["nobody there"] = Program(tmp_path / "empty", keys=False).start("export", "leaderboard"), None
    full = scene(of=tiny, keys=False)
    before = full.program.export("leaderboard").out
    tomorrow = {"NUMTUI_CLOCK": "fixed 2026-11-21T15:00"}
    full.server.faults = [Fault("429", -1)]
    old = Program(full.program.folder, full.server.url, keys=False, environment=tomorrow).start("export", "leaderboard")
    for kind, (process, found) in begun.items():
        ran = finish(process)
        assert (ran.code, ran.out) == (UNREACHABLE, ""), (kind, ran)
        assert one_line(ran).startswith("numtui: "), (kind, ran)
        assert found is None or 1 < found.server.requests < 25, (kind, found)
    ran = finish(old)
    assert (ran.code, ran.out) == (DONE, before)
    assert "older" in one_line(ran)


def test_a_part_that_fails_leaves_the_others(scene: MakeScene, tiny: Market) -> None:
    made = scene(of=tiny, settings="read_timeout = 0.5\n")
    made.server.faults = [Fault("error", -1, "v2RoundModelPerformances")]
    ran = made.program("poll", "--once")
    assert ran.code != DONE
    assert ran.err.strip()
    assert len(made.program.export("leaderboard", "--offline").rows) == len(tiny.tournaments[CLASSIC].field)
    assert made.program.export("rounds", "--offline").rows
    assert made.program.export("models", "--mine", "--offline").rows
    made.server.faults = []
    assert made.program("poll", "--once").code == DONE
    assert made.program.export("scores", "--mine", "--offline").rows
