"""What every test stands on: a home of its own, no keys, no colours forced, no clock or settings of the user's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED_DATA = Path(__file__).parent.parent.parent / "shared" / "data"


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(home / name.lower()))
    for name in list(os.environ):
        if name.startswith(("NUMTUI_", "NUMERAI_")) or name in {"NO_COLOR", "COLORTERM", "TMUX"}:
            monkeypatch.delenv(name)


@pytest.fixture
def shared_data() -> Path:
    """The folder of recorded scores beside the project; the test is skipped where it is not."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the recorded scores are not here")
    return SHARED_DATA
