"""By what a copy is made: the desktop's tool, tmux, or the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from numtui.clock import FixedClock
from numtui.config import Settings
from numtui.tui.app import make_app
from numtui.tui.terminal import clipboard


@pytest.fixture
def tools(tmp_path: Path) -> str:
    for name in ("xclip", "wl-copy", "tmux"):
        (tmp_path / name).write_text(f'#!/bin/sh\n/bin/cat > "{tmp_path}/copied by {name}"\n')
        (tmp_path / name).chmod(0o755)
    return str(tmp_path)


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"DISPLAY": ":0"}, "xclip"),
        ({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, "wl-copy"),
        ({"DISPLAY": ":0", "SSH_CONNECTION": "1 2 3 4"}, None),
        ({"TMUX": "/tmp/tmux", "SSH_CONNECTION": "1 2 3 4", "DISPLAY": ":0"}, "tmux"),
        ({}, None),
    ],
)
def test_the_nearest_tool_is_taken(tools: str, environ: dict[str, str], expected: str | None) -> None:
    command = clipboard.tool(environ | {"PATH": tools}, platform="linux")
    assert (command[0] if command else None) == expected


async def test_tmux_gets_the_text(
    tools: str, tmp_path: Path, settings: Settings, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", tools)
    monkeypatch.setenv("TMUX", "/tmp/tmux")
    app = make_app(settings, clock, start_poller=False)
    assert await clipboard.copy(app, "rank,model\n1,ä\n") == "tmux"
    assert (tmp_path / "copied by tmux").read_text(encoding="utf-8") == "rank,model\n1,ä\n"


async def test_a_tool_that_fails_leaves_it_to_the_terminal(
    tools: str, tmp_path: Path, settings: Settings, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "xclip").write_text("#!/bin/sh\nexit 1\n")
    monkeypatch.setenv("PATH", tools)
    monkeypatch.setenv("DISPLAY", ":0")
    app = make_app(settings, clock, start_poller=False)
    assert await clipboard.copy(app, "text") == "OSC 52"
    assert app.clipboard == "text"
