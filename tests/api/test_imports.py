"""What importing the client loads: none of the heavy packages, which belong to other processes or to stake calls."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("pandas", "numpy", "numerapi", "graphql", "requests", "textual", "sqlite_utils", "stamina")


@pytest.mark.parametrize("module", ["numtui.api.client", "numtui.api.queries"])
def test_the_client_loads_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print(*sorted(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
