"""Columns: chosen and kept, explained, left out where they are empty; what else is there again at the next start."""

from __future__ import annotations

import json
import stat
from contextlib import closing
from dataclasses import replace

import pytest

from numtui.clock import FixedClock
from numtui.config import Settings
from numtui.store.database import open_writer
from numtui.tui.app import NumtuiApp, make_app

from .shown import line, press, settled, table, text, where


def app_of(settings: Settings, clock: FixedClock, screen: str = "leaderboard") -> NumtuiApp:
    return make_app(settings, clock, start_poller=False, screen=screen)


def words(app: NumtuiApp) -> str:
    """The words on screen, without frames and gaps."""
    return " ".join(text(app).replace("│", " ").split())


async def test_columns_are_hidden_moved_and_kept(settings: Settings, clock: FixedClock) -> None:
    app = app_of(settings, clock)
    async with app.run_test(size=(120, 30)) as pilot:
        await settled(pilot)
        assert line(app, 2).split()[:5] == ["rank", "model", "stake", "corr60", "mmc60"]
        await press(pilot, "C")
        assert "Columns of Leaderboard, models" in text(app)
        await press(pilot, "space", "j", "j", "<", "enter")  # no stake; mmc60 before corr60
        assert line(app, 2).split()[:4] == ["rank", "model", "mmc60", "corr60"]
        await press(pilot, "a")
        assert line(app, 2).split()[:3] == ["rank", "account", "stake"]  # another table
    kept = settings.state_dir / "screens.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [*settings.state_dir.glob("*.draft")] == []
    app = app_of(settings, clock)
    async with app.run_test(size=(120, 30)) as pilot:
        await settled(pilot)
        assert line(app, 2).split()[:4] == ["rank", "model", "mmc60", "corr60"]
        await press(pilot, "C", "G", "escape")
        assert line(app, 2).split()[:4] == ["rank", "model", "mmc60", "corr60"]
        await press(pilot, "C", "d", "escape")
        assert line(app, 2).split()[:4] == ["rank", "model", "mmc60", "corr60"], "esc leaves them"
        await press(pilot, "C", "d")
        assert "Columns of Leaderboard" in text(app), "it is looked at before it is kept"
        await press(pilot, "enter")
        assert line(app, 2).split()[:5] == ["rank", "model", "stake", "corr60", "mmc60"]
    assert "leaderboard models" not in json.loads(kept.read_text())["columns"]


async def test_a_hidden_column_still_filters_and_is_shown_again(settings: Settings, clock: FixedClock) -> None:
    app = app_of(settings, clock)
    async with app.run_test(size=(120, 30)) as pilot:
        await settled(pilot)
        await press(pilot, "C", "space", "enter", "slash", *"stake>2000", "enter")
        assert 0 < len(table(app).source) < 300
        assert "stake" not in line(app, 2)
        await press(pilot, "C", "end", "space", "enter")
        assert "tournament" in table(app).sortable_columns()  # hidden at first, behind all others


@pytest.mark.parametrize(
    "content", ["no json", "[1, 2]", "\xff", '{"columns": [], "orders": {"leaderboard models": 3}}']
)
async def test_a_damaged_file_is_said_or_passed_over_and_mended(
    settings: Settings, clock: FixedClock, content: str
) -> None:
    settings.state_dir.mkdir(exist_ok=True)
    kept = settings.state_dir / "screens.json"
    kept.write_text(content, encoding="latin-1")
    app = app_of(settings, clock)
    async with app.run_test(size=(120, 30), notifications=True) as pilot:
        await settled(pilot)
        assert ("it is damaged" in text(app)) == (not content.startswith("{"))
        assert line(app, 2).split()[:3] == ["rank", "model", "stake"]
        await press(pilot, "C", "space", "enter")
        assert line(app, 2).split()[:3] == ["rank", "model", "corr60"]
    assert json.loads(kept.read_text())["columns"]["leaderboard models"]["hidden"][-1] == "watched"


async def test_a_folder_that_takes_nothing_is_said(settings: Settings, clock: FixedClock) -> None:
    settings.state_dir.parent.joinpath("state").write_text("a file, no folder")
    app = app_of(settings, clock)
    async with app.run_test(size=(120, 30), notifications=True) as pilot:
        await settled(pilot)
        await press(pilot, "C", "space", "enter")
        assert "The columns cannot be kept" in text(app)
        assert line(app, 2).split()[:3] == ["rank", "model", "corr60"]


async def test_the_last_screen_and_its_order_are_there_again(settings: Settings, clock: FixedClock) -> None:
    app = app_of(settings, clock, "rounds")
    async with app.run_test(size=(120, 30)) as pilot:
        await settled(pilot)
        await press(pilot, "1", ">", ">", ">", "S", "2", "1")
        assert "stake▲" in line(app, 2)
    app = app_of(settings, clock, "")
    async with app.run_test(size=(120, 30)) as pilot:
        await settled(pilot)
        assert where(app) == "Leaderboard › models"
        assert "stake▲" in line(app, 2)
        assert table(app).cursor_key == "model_0295"
    app = app_of(replace(settings, start_screen="stake"), clock, "")  # the settings say it for every start
    async with app.run_test(size=(120, 30)) as pilot:
        await settled(pilot)
        assert where(app).startswith("Stake")


async def test_two_sessions_keep_what_each_has_chosen(settings: Settings, clock: FixedClock) -> None:
    first, second = app_of(settings, clock), app_of(settings, clock)
    async with first.run_test(size=(120, 30)) as pilot:
        await settled(pilot)
        await press(pilot, "C", "space", "enter")
    async with second.run_test(size=(120, 30)) as pilot:
        await settled(pilot)
        await press(pilot, "a", "C", "space", "enter")
    kept = json.loads((settings.state_dir / "screens.json").read_text())
    assert {*kept["columns"]} == {"leaderboard models", "leaderboard accounts"}


async def test_columns_that_are_empty_for_all_are_left_out(settings: Settings, clock: FixedClock) -> None:
    app = app_of(settings, clock)
    async with app.run_test(size=(120, 30)) as pilot:
        await settled(pilot)
        assert "tc" not in table(app).sortable_columns()
        assert "account" in table(app).sortable_columns()  # most have none, some do
    with closing(open_writer(settings.db)) as connection:
        connection.execute("UPDATE leaderboard SET tc = 0.01 WHERE rank = 299 AND kind = 'model'")
    app = app_of(settings, clock)
    async with app.run_test(size=(120, 30)) as pilot:
        await settled(pilot)
        assert table(app).sortable_columns()[-1] == "tc"


async def test_a_column_is_explained(settings: Settings, clock: FixedClock) -> None:
    app = app_of(settings, clock)
    async with app.run_test(size=(120, 30), notifications=True) as pilot:
        await settled(pilot)
        await press(pilot, "K")
        assert "stake: NMR staked" in text(app)
        await press(pilot, ">", ">", ">", ">", "K")
        assert "corr60: reputation: one-year mean of corr60" in text(app)


async def test_help_lists_the_columns_of_this_table(settings: Settings, clock: FixedClock) -> None:
    app = app_of(settings, clock)
    async with app.run_test(size=(120, 80)) as pilot:
        await settled(pilot)
        await press(pilot, "?")
        assert "Columns of models" in text(app)
        assert "ret 1y return on stake of 52 weeks" in words(app)
        await press(pilot, "escape", "a", "?")
        assert "NMR 1y payouts less burns of a year" in words(app)
