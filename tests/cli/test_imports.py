"""What a command loads: start-up time is import time, so each loads what it uses and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.export.conftest import Polled
from tests.export.conftest import polled as polled  # noqa: PLC0414  a fixture

HEAVY = ("textual", "httpx", "pandas", "sqlite_utils", "numerapi", "numpy", "graphql", "uvicorn", "starlette")
ROOMS = ("numtui.tui", "numtui.demo", "numtui.poller", "numtui.stake", "numtui.export")
PROBE = """
import json, sys
from numtui.cli import main
try:
    main(args=json.loads(sys.argv[1]), prog_name="numtui")
except SystemExit as stop:
    code = stop.code
loaded = [name for name in json.loads(sys.argv[2]) if name in sys.modules]
print(json.dumps({"code": code, "loaded": loaded}), file=sys.stderr)
"""


def loaded_by(*args: str, watched: tuple[str, ...] = HEAVY) -> tuple[int, set[str]]:
    """Exit code, and which of the watched packages the command `args` loads in a process of its own."""
    command = [sys.executable, "-c", PROBE, json.dumps(args), json.dumps(watched)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    report = json.loads(done.stderr.splitlines()[-1])
    return report["code"] or 0, set(report["loaded"])


@pytest.mark.parametrize("args", [("--version",), ("--help",), ("config",)])
def test_words_load_nothing(args: tuple[str, ...]) -> None:
    assert loaded_by(*args, watched=HEAVY + ROOMS) == (0, set())


def test_screens_that_have_no_terminal_load_nothing() -> None:
    assert loaded_by("run", watched=HEAVY + ROOMS) == (2, set())


@pytest.mark.parametrize(
    ("command", "rooms"),
    [
        ("run", set[str]()),
        ("demo", {"numtui.demo"}),
        ("poll", set[str]()),
        ("export", {"numtui.export"}),
        ("stake", {"numtui.stake", "numtui.export"}),
        ("screenshot", set[str]()),
        ("info", set[str]()),
    ],
)
def test_the_help_of_a_command_loads_no_library(command: str, rooms: set[str]) -> None:
    assert loaded_by(command, "--help", watched=HEAVY + ROOMS) == (0, rooms)


def test_a_table_from_the_cache_loads_neither_screens_nor_client(polled: Polled) -> None:
    database = str(polled.settings.db)
    for table in ("leaderboard", "rounds", "models", "scores", "payouts"):
        _, loaded = loaded_by("--db", database, "export", table, "--offline", "-o", "/dev/null", watched=HEAVY + ROOMS)
        assert loaded == {"numtui.export"}


@pytest.mark.parametrize("table", ["drift", "backtest", "ranking", "risk"])
def test_a_table_that_is_computed_loads_numpy_alone(polled: Polled, table: str) -> None:
    database = str(polled.settings.db)
    _, loaded = loaded_by("--db", database, "export", table, "--offline", "-o", "/dev/null", watched=HEAVY + ROOMS)
    assert loaded == {"numpy", "numtui.export"}


def test_the_stake_status_of_the_cache_needs_no_client(polled: Polled) -> None:
    database = str(polled.settings.db)
    code, loaded = loaded_by("--db", database, "--offline", "stake", "status", watched=HEAVY + ROOMS)
    assert (code, loaded) == (0, {"numtui.export", "numtui.stake"})


def test_info_loads_only_the_cache(polled: Polled) -> None:
    database = str(polled.settings.db)
    assert loaded_by("--db", database, "info", watched=HEAVY + ROOMS) == (0, set())


def test_the_poller_loads_no_screen_and_no_pandas(tmp_path: Path, polled: Polled) -> None:
    database = tmp_path / "cache.sqlite"
    database.write_bytes(polled.settings.db.read_bytes())
    code, loaded = loaded_by(
        "--db", str(database), "--api-url", "http://127.0.0.1:9", "poll", "--once", watched=HEAVY + ROOMS
    )
    assert code == 3
    assert not loaded & {"textual", "pandas", "sqlite_utils", "numerapi", "graphql", "numtui.tui", "numtui.demo"}


def test_the_client_comes_without_pandas_and_screens(tmp_path: Path) -> None:
    _, loaded = loaded_by("--db", str(tmp_path / "a.db"), "--api-url", "http://127.0.0.1:9", "doctor")
    assert "httpx" in loaded
    assert not loaded & {"textual", "pandas", "numerapi", "numpy", "graphql"}
