"""o on a row: its page on numer.ai, copied, and opened where there is a browser; an account's page here."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from numtui.clock import FixedClock
from numtui.config import Settings
from numtui.model import Tournament
from numtui.tui.app import NumtuiApp, make_app
from numtui.tui.screens.web_page import NOT_THERE, address, has_browser
from tests.tui.shown import press, settled, table, text, where


def said(app: NumtuiApp) -> str:
    return [toast.message for toast in app._notifications][-1]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION", "SSH_TTY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("numtui.tui.screens.web_page.sys.platform", "linux")
    return monkeypatch


@pytest.mark.parametrize(
    ("tournament", "model", "account", "page"),
    [
        (Tournament.CLASSIC, "aurora", "owner", "https://numer.ai/aurora"),
        (Tournament.SIGNALS, "aurora", None, "https://signals.numer.ai/aurora"),
        (Tournament.CRYPTO, None, "owner", "https://crypto.numer.ai/~owner"),
        (Tournament.CLASSIC, None, None, "https://numer.ai/tournament"),
    ],
)
def test_addresses(tournament: Tournament, model: str | None, account: str | None, page: str) -> None:
    assert address(tournament, model, account) == page


@pytest.mark.parametrize(
    ("environ", "platform", "opens"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "w"}, "linux", True),
        ({}, "darwin", True),
        ({"DISPLAY": ":0", "SSH_TTY": "/dev/pts/1"}, "linux", False),
        ({"SSH_CONNECTION": "1"}, "darwin", False),
    ],
)
def test_a_browser_is_opened_on_the_own_screen_only(environ: dict[str, str], platform: str, opens: bool) -> None:
    assert has_browser(environ, platform) is opens


@pytest.mark.usefixtures("environment")
async def test_a_model_is_copied_without_a_browser_and_opened_with_one(
    settings: Settings, clock: FixedClock, environment: pytest.MonkeyPatch
) -> None:
    app = make_app(replace(settings, simulated=False), clock, start_poller=False)
    opened: list[str] = []
    environment.setattr(app, "open_url", opened.append)
    async with app.run_test(size=(120, 30)) as pilot:
        await settled(pilot)
        await press(pilot, "o")
        first = str(table(app).cursor_key)
        assert said(app).startswith(f"Copied https://numer.ai/{first} (") and opened == []
        environment.setenv("DISPLAY", ":0")
        await press(pilot, "j", "enter", "o")
        assert first not in said(app) and where(app) == f"Leaderboard › {said(app).rpartition('/')[2]} › summary"
        assert opened == [said(app).removeprefix("Opened ")]


async def test_a_simulated_model_has_no_page(settings: Settings, clock: FixedClock) -> None:
    app = make_app(replace(settings, simulated=True), clock, start_poller=False)
    async with app.run_test(size=(120, 30)) as pilot:
        await settled(pilot)
        await press(pilot, "o")
        assert said(app) == NOT_THERE


@pytest.mark.usefixtures("environment")
async def test_an_account_opens_its_models_or_says_why_none_are_known(settings: Settings, clock: FixedClock) -> None:
    with closing(sqlite3.connect(settings.db)) as connection, connection:
        connection.execute("UPDATE models SET account = 'account_001' WHERE tournament = 8 AND name = 'aurora'")
    app = make_app(replace(settings, simulated=False), clock, start_poller=False)
    async with app.run_test(size=(120, 30)) as pilot:
        await settled(pilot)
        await press(pilot, "a", "g")
        assert table(app).cursor_key == "account_001"
        await press(pilot, "enter")
        assert where(app).startswith("Leaderboard › account_001")
        assert [table(app).source.key(place) for place in range(len(table(app).source))] == ["aurora"]
        await press(pilot, "enter")
        assert where(app) == "Leaderboard › account_001 › aurora › summary"
        await press(pilot, "escape", "]")
        assert where(app).startswith("Leaderboard › account_002")
        assert "Which models account_002 has is not known here" in text(app)
        await press(pilot, "o")
        assert said(app).startswith("Copied https://numer.ai/~account_002")
