"""A filled cache a test session, copied for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from numtui.clock import FixedClock
from numtui.config import PUBLIC_ID, SECRET_KEY, Settings

from .filled import NOW, fill, settings_of


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("filled") / "cache.sqlite"
    fill(path)
    return path


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "TEXTUAL_THEME", PUBLIC_ID, SECRET_KEY, "TMUX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine nothing happens by the wall clock: tests say themselves when the cache is looked at."""
    monkeypatch.setattr("numtui.tui.app.LOOK_SECONDS", 3600.0)
    monkeypatch.setattr("numtui.tui.keys.PATIENCE", 20.0)
    monkeypatch.setattr("textual.app.App.NOTIFICATION_TIMEOUT", 60.0)


@pytest.fixture
def settings(tmp_path: Path, filled: Path) -> Settings:
    shutil.copy(filled, tmp_path / "cache.sqlite")
    return settings_of(tmp_path)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)
