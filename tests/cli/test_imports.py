"""What a command loads: start-up time is import time (design.md), so each loads what it uses and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.export.conftest import Polled
from tests.export.conftest import polled as polled  # noqa: PLC0414  a fixture

HEAVY = ("textual", "httpx", "pandas", "sqlite_utils", "numerapi", "numpy", "graphql", "uvicorn", "starlette")
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


def loaded_by(*args: str) -> tuple[int, set[str]]:
    """Exit code, and which of the heavy packages the command `args` loads in a process of its own."""
    command = [sys.executable, "-c", PROBE, json.dumps(args), json.dumps(HEAVY)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = json.loads(done.stderr.splitlines()[-1])
    return found["code"] or 0, set(found["loaded"])


@pytest.mark.parametrize("args", [("--version",), ("--help",), ("config",)])
def test_words_load_nothing(args: tuple[str, ...]) -> None:
    assert loaded_by(*args) == (0, set())


def test_a_table_from_the_cache_loads_neither_screens_nor_client(polled: Polled) -> None:
    database = str(polled.settings.db)
    for table in ("leaderboard", "rounds", "models", "scores", "payouts"):
        assert loaded_by("--db", database, "export", table, "--offline", "-o", "/dev/null")[1] == set()


def test_info_loads_only_the_cache(polled: Polled) -> None:
    database = str(polled.settings.db)
    assert loaded_by("--db", database, "info") == (0, set())


def test_the_client_comes_without_pandas_and_screens(tmp_path: Path) -> None:
    _, loaded = loaded_by("--db", str(tmp_path / "a.db"), "--api-url", "http://127.0.0.1:9", "doctor")
    assert "httpx" in loaded
    assert not loaded & {"textual", "pandas", "numerapi", "numpy", "graphql"}
