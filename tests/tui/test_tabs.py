"""The tab line: where one is, the views by key and by click, and a screen's digit pressed again."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from numtui.clock import FixedClock
from numtui.config import Settings
from numtui.tui.app import NumtuiApp, make_app
from numtui.tui.widgets.tab_line import TabLine

from .shown import line, press, settled, table, where


def app_of(settings: Settings, clock: FixedClock, screen: str = "rounds", **changes: Any) -> NumtuiApp:
    return make_app(settings, clock, start_poller=False, screen=screen, **changes)


async def click(app: NumtuiApp, pilot: Pilot[Any], word: str) -> None:
    """Click on a word of the line."""
    await pilot.click(TabLine, offset=(line(app, 1).index(word), 0))
    await settled(pilot)


async def test_views_forward_and_back(settings: Settings, clock: FixedClock) -> None:
    app = app_of(settings, clock)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await press(pilot, "a")
        assert where(app) == "Rounds › movers"
        await press(pilot, "A", "A")
        assert where(app) == "Rounds › resolved"
        await press(pilot, "a")
        assert where(app) == "Rounds › unresolved"


async def test_a_click_on_a_tab_goes_there(settings: Settings, clock: FixedClock) -> None:
    app = app_of(settings, clock)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await click(app, pilot, "weeks")
        assert where(app) == "Rounds › weeks"
        await click(app, pilot, "1 ")
        assert where(app) == "Leaderboard › models"
        await click(app, pilot, "accounts")
        assert where(app) == "Leaderboard › accounts"
        await click(app, pilot, "2 ")
        assert where(app) == "Rounds › weeks"


async def test_a_click_on_the_way_goes_back(settings: Settings, clock: FixedClock) -> None:
    app = app_of(settings, clock)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await press(pilot, "enter", "enter")
        assert where(app) == "Rounds › 1389 › aurora › rounds"
        await click(app, pilot, "1389")
        assert where(app) == "Rounds › 1389"
        await click(app, pilot, "Rounds")
        assert where(app) == "Rounds › unresolved"


async def test_a_digit_pressed_again_goes_to_the_top(settings: Settings, clock: FixedClock) -> None:
    app = app_of(settings, clock)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await press(pilot, "j", "j", "a", "G", "enter")
        assert len(app.screen_stack) == 2
        await press(pilot, "4", "2")  # left and found as it was
        assert len(app.screen_stack) == 2
        await press(pilot, "2")
        assert where(app) == "Rounds › unresolved"
        assert (table(app).cursor, table(app).scroll_offset.y) == (0, 0)
        await press(pilot, "G", "2")
        assert (table(app).cursor, table(app).scroll_offset.y) == (0, 0)


@pytest.mark.parametrize("width", [80, 96, 110, 120, 160, 200])
async def test_as_much_as_there_is_room_for_and_the_count_at_the_right(
    settings: Settings, clock: FixedClock, width: int
) -> None:
    app = app_of(settings, clock)
    async with app.run_test(size=(width, 30)) as pilot:
        await settled(pilot)
        for view in ("unresolved", "movers", "by model", "weeks", "calendar", "record", "resolved"):
            assert where(app) == f"Rounds › {view}"
            shown = line(app, 1)
            assert ("2 Rounds 3 Backtest 4" if width == 200 else "2 Rounds 3") in shown
            assert (f"{table(app).cursor + 1}/" in shown) == (len(table(app).source) > 0)
            assert shown.endswith("SIMULATED")
            assert ("…" in shown) == (width < 110)
            await press(pilot, "a")


async def test_the_overview_s_tabs_are_tournaments(settings: Settings, clock: FixedClock) -> None:
    app = app_of(settings, clock, "overview")
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        assert where(app) == "Overview › all"
        await press(pilot, "t")
        assert where(app) == "Overview › Classic"
        await click(app, pilot, "Crypto")
        assert where(app) == "Overview › Crypto"
