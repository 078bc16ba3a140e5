"""An API in trouble: each fault is survived, or ends in one clear line and the right exit code."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import MakeScene, Scene
from .other_market import CLASSIC, Market
from .other_server import Fault
from .program import DONE, UNREACHABLE, finish, one_line

KINDS = (
    "500", "502", "503", "429", "429 retry-after", "200 rate limit", "html", "empty", "truncated", "short body",
    "time-out", "drop",
)  # fmt: skip


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


def test_a_lasting_fault_ends_in_a_line(scene: MakeScene, tiny: Market) -> None:
    """All at once: each waits between its tries."""
    made: dict[str, Scene] = {}
    for kind in KINDS:
        made[kind] = scene(of=tiny, keys=False, settings="read_timeout = 0.5\n")
        made[kind].server.faults = [Fault(kind, -1)]
    processes = {kind: each.program.start("export", "leaderboard") for kind, each in made.items()}
    for kind, process in processes.items():
        ran = finish(process, timeout=120)
        assert (ran.code, ran.out) == (UNREACHABLE, ""), (kind, ran)
        assert one_line(ran).startswith("numtui: "), (kind, ran)
        assert 1 < made[kind].server.requests < 25, (kind, made[kind].server.requests)


def test_a_lasting_fault_shows_the_cache(scene: MakeScene, tiny: Market) -> None:
    made = scene(of=tiny, keys=False, settings="read_timeout = 0.5\n")
    before = made.program.export("leaderboard").out
    made.server.faults = [Fault("429", -1)]
    made.program.environment = {"NUMTUI_CLOCK": "fixed 2026-11-21T15:00"}
    ran = made.program.export("leaderboard")
    assert ran.out == before
    assert ran.err.strip()


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


def test_a_web_page_in_place_of_the_api(tmp_path: Path, scene: MakeScene, tiny: Market) -> None:
    made = scene(of=tiny, keys=False)
    made.server.faults = [Fault("null data", -1)]
    ran = made.program("export", "rounds")
    assert ran.code in {1, UNREACHABLE}
    one_line(ran)
