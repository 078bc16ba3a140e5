"""Views under names: saved with V, found by the list of commands in another session, forgotten there."""

from __future__ import annotations

import json

import pytest
from textual.widgets import Input

from numtui.clock import FixedClock
from numtui.config import Settings
from numtui.filter import Order
from numtui.tui.app import NumtuiApp, make_app
from numtui.tui.kept import ColumnChoice, Kept, SavedView
from numtui.tui.screens.line_prompt import LinePrompt
from numtui.tui.screens.report_screen import ReportScreen
from tests.tui.shown import press, settled, table, text

VIEW = SavedView(
    "leaderboard", "models", "own", Order("nmr_staked", True), ColumnChoice(("rank", "team"), frozenset({"mmc"}))
)


def shown(app: NumtuiApp) -> ReportScreen:
    assert isinstance(app.screen, ReportScreen)
    return app.screen


async def test_a_view_is_saved_and_shown_again_in_another_session(settings: Settings, clock: FixedClock) -> None:
    app = make_app(settings, clock, start_poller=False, screen="models")
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        await press(pilot, "slash", *"stake>0", "enter", "greater_than_sign", "V")
        assert isinstance(app.screen, LinePrompt)
        app.screen.query_one(Input).value = "my stakes"
        await press(pilot, "enter")
        assert isinstance(app.screen, ReportScreen)
        order = shown(app).state.order
        assert order is not None
    app = make_app(settings, clock, start_poller=False, screen="status")
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        await press(pilot, "colon", *"view my st")
        await pilot.pause(0.5)
        await press(pilot, "enter")
        await settled(pilot)
        assert app.current_mode == "models"
        assert (shown(app).state.text, shown(app).state.order) == ("stake>0", order)
        assert "stake>0" in text(app)
        assert len(table(app).source) > 0
        assert app.kept.view_names() == ["my stakes"]
        await press(pilot, "colon", *"forget view my")
        await pilot.pause(0.5)
        await press(pilot, "enter")
        assert app.kept.view_names() == []
    assert Kept(settings).view_names() == []


@pytest.mark.parametrize("name", ["", "x" * 41, "a\x1b[2Jb"])
async def test_what_is_no_name_is_refused(settings: Settings, clock: FixedClock, name: str) -> None:
    app = make_app(settings, clock, start_poller=False, screen="models")
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        await press(pilot, "V")
        assert isinstance(app.screen, LinePrompt)
        prompt = app.screen
        with pytest.raises(ValueError, match="name"):
            prompt.check(name)
        await press(pilot, "escape")
        assert app.kept.view_names() == []


def test_views_outlive_the_file_and_what_is_damaged_in_it(settings: Settings) -> None:
    kept = Kept(settings)
    kept.keep_view("board", VIEW)
    kept.keep_view("plain", VIEW._replace(order=None, columns=None, filter=""))
    again = Kept(settings)
    assert again.view_names() == ["board", "plain"]
    assert again.view("board") == VIEW
    assert again.view("plain") == VIEW._replace(order=None, columns=None, filter="")
    content = json.loads(again.path.read_text())
    content["views"] |= {"odd": 3, "half": {"screen": "models"}, "board": {**content["views"]["board"], "order": "x"}}
    again.path.write_text(json.dumps(content))
    damaged = Kept(settings)
    assert damaged.view_names() == ["board", "plain"]
    assert damaged.view("board") == VIEW._replace(order=None)
    content["views"] = [1, 2]
    again.path.write_text(json.dumps(content))
    assert Kept(settings).view_names() == []


async def test_a_view_of_another_release_changes_nothing(settings: Settings, clock: FixedClock) -> None:
    app = make_app(settings, clock, start_poller=False, screen="models")
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        before = shown(app).state.text
        shown(app).show_saved(VIEW._replace(screen="models", view="gone"))
        await settled(pilot)
        assert (shown(app).view.name, shown(app).state.text) == ("models", before)


async def test_a_view_with_risk_comes_back_with_it(settings: Settings, clock: FixedClock) -> None:
    app = make_app(settings, clock, start_poller=False, screen="models")
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        shown(app).show_saved(VIEW._replace(screen="models", view="risk", filter="", order=None, columns=None))
        await settled(pilot)
        assert shown(app).view.name == "risk"
        shown(app).show_saved(VIEW._replace(screen="models", view="models", filter="", order=None, columns=None))
        await settled(pilot)
        assert shown(app).view.name == "models"
