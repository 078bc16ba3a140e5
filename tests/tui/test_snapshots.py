"""Pictures of every screen: 80x24 and 120x40, in colour, in 16 colours, without colour, and in ASCII."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from numtui.clock import FixedClock
from numtui.config import Settings
from numtui.tui.app import make_app
from numtui.tui.screens import SCREENS

from .shown import press, settled

Compare = Callable[..., bool]
NAMES = [entry.name for entry in SCREENS]


@pytest.fixture
def pictured(snap_compare: Compare, settings: Settings, clock: FixedClock) -> Compare:
    def compare(screen: str, size: tuple[int, int], *keys: str, theme: str = "", **changes: Any) -> bool:
        app = make_app(replace(settings, **changes), clock, start_poller=False, screen=screen)
        if theme:
            app.theme = theme

        async def before(pilot: Pilot[Any]) -> None:
            await settled(pilot)
            await press(pilot, *keys)

        return snap_compare(app, terminal_size=size, run_before=before)

    return compare


@pytest.mark.parametrize("screen", NAMES)
@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
def test_screen(pictured: Compare, screen: str, size: tuple[int, int]) -> None:
    assert pictured(screen, size)


@pytest.mark.parametrize("screen", ["leaderboard", "rounds", "stake"])  # that of status tells paths and versions
def test_second_view(pictured: Compare, screen: str) -> None:
    assert pictured(screen, (80, 24), "a", "j")


def test_round_by_model(pictured: Compare) -> None:
    assert pictured("rounds", (80, 24), "j", "j", "enter")


def test_days_of_a_model(pictured: Compare) -> None:
    assert pictured("rounds", (80, 24), "j", "j", "enter", "enter", "enter")


def test_rounds_of_a_model(pictured: Compare) -> None:
    assert pictured("models", (120, 40), "enter", "a")


def test_filter_and_marks(pictured: Compare) -> None:
    assert pictured("leaderboard", (80, 24), "space", "slash", *"stake>2000 mmc60>0.005")


def test_help(pictured: Compare) -> None:
    assert pictured("leaderboard", (80, 24), "question_mark")


def test_export_prompt(pictured: Compare) -> None:
    assert pictured("rounds", (80, 24), "e")


def test_16_colours(pictured: Compare) -> None:
    assert pictured("leaderboard", (80, 24), "j", "space", theme="ansi-dark")


def test_no_colour(pictured: Compare) -> None:
    assert pictured("leaderboard", (80, 24), "j", "space", no_color=True)


def test_ascii(pictured: Compare) -> None:
    assert pictured("rounds", (80, 24), "greater_than_sign", ascii=True)
