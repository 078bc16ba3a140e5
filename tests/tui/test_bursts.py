"""Keys that come faster than they are done, as lag, key repeat and a paste without brackets send them."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.command import CommandPalette
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.worker import WorkerCancelled

from numtui.clock import FixedClock
from numtui.config import Settings
from numtui.tui.app import NumtuiApp, make_app
from numtui.tui.screens import SCREENS
from numtui.tui.screens.line_prompt import LinePrompt
from numtui.tui.terminal import clipboard

from .shown import settled, table, text, where

Open = Callable[..., AbstractAsyncContextManager[tuple[NumtuiApp, Pilot[Any]]]]

NEVER = {"q", "ctrl+q", "ctrl+z"}  # they end or stop the program
EXTRA = ["enter", "escape", "space", "tab", "down", "up", "backspace", "y", "1", "5", "x", "slash", "colon", "e"]


@pytest.fixture
def opened(settings: Settings, clock: FixedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    async def copy(app: NumtuiApp, content: str) -> str:
        return "a test"

    monkeypatch.setattr(clipboard, "copy", copy)
    monkeypatch.chdir(tmp_path)  # where files are written that nobody named

    @asynccontextmanager
    async def run(screen: str = "leaderboard", **changes: Any) -> AsyncIterator[tuple[NumtuiApp, Pilot[Any]]]:
        app = make_app(replace(settings, **changes), clock, start_poller=False, screen=screen)
        async with app.run_test(size=(100, 30), notifications=True) as pilot:
            await settled(pilot)
            yield app, pilot

    return run


async def burst(pilot: Pilot[Any], *keys: str) -> None:
    """All keys at once; then until everything is done."""
    for key in keys:
        named = _character_to_key(key) if len(key) == 1 else key
        pilot.app.post_message(events.Key(named, key if len(key) == 1 else None))
    for seconds in (0.05, 0.3):
        with suppress(WorkerCancelled):  # of a screen that was left meanwhile
            await settled(pilot)
        await pilot.pause(seconds)
    await settled(pilot)


@pytest.mark.parametrize(
    ("screen", "keys"),
    [
        ("leaderboard", "e enter enter"),
        ("leaderboard", "e enter e enter"),
        ("leaderboard", "colon enter enter enter"),
        ("leaderboard", "colon escape escape escape"),
        ("leaderboard", "question_mark escape escape q"),
        ("rounds", "enter escape escape escape"),
        ("rounds", "enter enter escape escape escape escape"),
        ("leaderboard", "3 n enter enter"),
        ("backtest", "n escape escape enter"),
        ("backtest", "w a enter enter i enter enter"),
        ("stake", "s enter enter escape escape escape"),
        ("stake", "R escape escape escape"),
    ],
)
async def test_a_burst_of_keys_never_ends_the_program(opened: Open, screen: str, keys: str) -> None:
    async with opened(screen, allow_stake=True) as (app, pilot):
        await burst(pilot, *[key for key in keys.split() if key != "q"])
        assert app.is_running
        await burst(pilot, *["escape"] * 4, "1")
        assert where(app).startswith("Leaderboard")


async def test_each_key_of_a_burst_acts_on_what_the_one_before_it_opened(opened: Open, tmp_path: Path) -> None:
    async with opened() as (app, pilot):
        await burst(pilot, "e", "enter", "e")
        assert isinstance(app.screen, LinePrompt) and app.screen.has_class("-path")
        assert len(app.screen_stack) == 2  # no model was opened behind it
        assert len(list(tmp_path.glob("*.csv"))) == 1
        await burst(pilot, "escape", "j", "j", "j", "enter", "enter", "escape")
        assert where(app).startswith("Leaderboard › aurora")
        assert table(app).has_focus


async def test_a_burst_into_the_command_list_goes_on_where_it_leads(opened: Open) -> None:
    async with opened() as (app, pilot):
        await burst(pilot, "colon")
        assert isinstance(app.screen, CommandPalette)
        await burst(pilot, *"rounds", "enter", "enter", "enter", "enter")
        assert app.is_running
        await burst(pilot, *["escape"] * 4)
        assert where(app).startswith("Rounds")


def bound_keys(app: NumtuiApp) -> list[str]:
    """All keys that are bound on what is in front."""
    return sorted({key for key in app.screen.active_bindings if key not in NEVER})


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("entry", SCREENS, ids=lambda entry: entry.name)
async def test_random_bursts_on_every_screen(opened: Open, entry: Any, seed: int) -> None:
    chance = random.Random(f"{entry.name} {seed}")
    async with opened(entry.name) as (app, pilot):
        for _ in range(4):
            keys = [*bound_keys(app), *EXTRA]
            await burst(pilot, *[chance.choice(keys) for _ in range(chance.randint(3, 14))])
            assert app.is_running
            assert text(app).strip()
        await burst(pilot, *["escape"] * 8, "1")
        assert where(app).startswith("Leaderboard")
