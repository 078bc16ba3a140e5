"""The keys, pressed on the real screens over a real cache."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.widgets import Input

from numtui.clock import FixedClock
from numtui.config import Settings
from numtui.tui.app import NumtuiApp, make_app
from numtui.tui.screens import SCREENS
from numtui.tui.screens.help import HelpScreen
from numtui.tui.screens.report_screen import ReportScreen
from numtui.tui.terminal import clipboard

from .shown import line, press, settled, table, text, until, where

Running = AbstractAsyncContextManager[tuple[NumtuiApp, Pilot[Any]]]
Open = Callable[..., Running]


@pytest.fixture
def opened(settings: Settings, clock: FixedClock) -> Open:
    @asynccontextmanager
    async def run(
        screen: str = "leaderboard", size: tuple[int, int] = (120, 40), **changes: Any
    ) -> AsyncIterator[tuple[NumtuiApp, Pilot[Any]]]:
        app = make_app(replace(settings, **changes), clock, start_poller=False, screen=screen)
        async with app.run_test(size=size, notifications=True) as pilot:
            await settled(pilot)
            yield app, pilot

    return run


async def test_numbers_open_the_screens_and_leave_them_as_they_were(opened: Open) -> None:
    async with opened() as (app, pilot):
        await press(pilot, "j", "j", "j")
        for entry in SCREENS:
            await press(pilot, entry.key)
            assert where(app).startswith(entry.title)
        await press(pilot, "1")
        assert table(app).cursor_key == "aurora"
        await press(pilot, "9")  # no screen has this digit: nothing happens
        assert where(app).startswith("Leaderboard")


async def test_moving_the_cursor(opened: Open) -> None:
    async with opened() as (app, pilot):
        lines = table(app).size.height - 1
        for key, position in [
            ("j", 1), ("down", 2), ("k", 1), ("up", 0), ("ctrl+d", lines - 1), ("ctrl+u", 0), ("G", 299), ("g", 0),
            ("pagedown", lines - 1), ("home", 0), ("end", 299), ("j", 299),
        ]:  # fmt: skip
            await press(pilot, key)
            assert (key, table(app).cursor) == (key, position)
        assert "300/300" in line(app, 1)


async def test_enter_opens_and_esc_goes_back_but_never_quits(opened: Open) -> None:
    async with opened("rounds") as (app, pilot):
        await press(pilot, "j", "j", "enter")
        assert where(app) == "Rounds › 1391"
        assert "borealis" in text(app)
        await press(pilot, "enter")
        assert where(app) == "Rounds › 1391 › aurora › rounds"
        assert table(app).cursor_key == "1391"
        await press(pilot, "escape", "escape")
        assert where(app) == "Rounds › unresolved"
        assert table(app).cursor_key == "1391"
        await press(pilot, "escape", "escape")
        assert app.is_running
        assert where(app).startswith("Rounds")


async def test_a_model_opens_from_leaderboard_and_models(opened: Open) -> None:
    async with opened() as (app, pilot):
        await press(pilot, "j", "j", "j", "enter")
        assert where(app).startswith("Leaderboard › aurora")
        assert "1400" in text(app)
        await press(pilot, "4", "enter", "enter")
        assert where(app) == "Models › aurora › 1388"


async def test_filter_follows_the_typing_and_esc_clears_it(opened: Open) -> None:
    async with opened() as (app, pilot):
        await press(pilot, "slash", *"auro")
        assert len(table(app).source) == 1
        assert isinstance(app.focused, Input)
        await press(pilot, "enter")
        assert table(app).has_focus
        assert "/ auro" in text(app)
        await press(pilot, "escape")
        assert len(table(app).source) == 300
        assert "/ auro" not in text(app)


async def test_filter_expression_inversion_and_error(opened: Open) -> None:
    async with opened() as (app, pilot):
        await press(pilot, "slash", *"stake>2000")
        few = len(table(app).source)
        assert 0 < few < 300
        await press(pilot, "home", "!")
        assert len(table(app).source) == 300 - few
        await press(pilot, "end", *" nosuch>1")
        assert "no column 'nosuch'" in text(app)
        rows = len(table(app).source)
        await press(pilot, "end", "backspace", "2")
        assert len(table(app).source) == rows  # a text that is not understood leaves the rows as they were
        await press(pilot, "escape", "slash", *"zzz")
        assert "No row passes the filter; esc clears it." in text(app)


async def test_sorting_by_keys_and_by_a_click(opened: Open) -> None:
    async with opened() as (app, pilot):
        await press(pilot, "greater_than_sign")
        assert line(app, 2).split()[0] == "rank▲"
        await press(pilot, "greater_than_sign", "greater_than_sign")
        assert "stake▼" in line(app, 2)
        await press(pilot, "S")
        assert "stake▲" in line(app, 2)
        assert table(app).cursor == 0  # a new order starts at its first row
        assert table(app).cursor_key == "model_0295"
        await press(pilot, "less_than_sign")
        assert "model▲" in line(app, 2)
        x = line(app, 2).index("mmc60") + 2
        await pilot.click(type(table(app)), offset=(x, 0))
        await settled(pilot)
        assert "mmc60▼" in line(app, 2)


async def test_the_sort_column_is_brought_on_screen(opened: Open) -> None:
    async with opened(size=(80, 24)) as (app, pilot):
        assert "account" not in line(app, 2)
        names = table(app).sortable_columns()
        for _ in range(names.index("account") + 1):
            await press(pilot, "greater_than_sign")
        assert "account▲" in line(app, 2)
        assert line(app, 2).split()[1:3] == ["rank", "model"]  # fixed, behind the sign that there is more to the left


async def test_columns_scroll_sideways_whole(opened: Open) -> None:
    async with opened(size=(80, 24)) as (app, pilot):
        before = table(app).visible_columns()
        await press(pilot, "right")
        after = table(app).visible_columns()
        assert after[:2] == before[:2] == ["rank", "model"]
        assert before[2] not in after
        names = table(app).sortable_columns()
        await press(pilot, *["right"] * len(names))
        assert table(app).visible_columns()[-1] == names[-1]
        await press(pilot, *["left"] * len(names))
        assert table(app).visible_columns() == before


async def test_tournaments_turn_and_an_empty_one_says_why(opened: Open) -> None:
    async with opened() as (app, pilot):
        await press(pilot, "t")
        assert " Signals " in line(app, 0)
        assert "nothing in the cache yet" in text(app)
        await press(pilot, "t", "t")
        assert " Classic " in line(app, 0)
        assert "model_0001" in text(app)


async def test_an_opened_round_is_left_when_the_tournament_changes(opened: Open) -> None:
    async with opened("rounds") as (app, pilot):
        await press(pilot, "enter", "t")
        assert len(app.screen_stack) == 1
        assert " Signals " in line(app, 0)


async def test_money_in_fiat_and_hidden(opened: Open) -> None:
    async with opened("stake") as (app, pilot):
        assert "312.45" in text(app)
        assert "120.00" in text(app)
        await press(pilot, "c")
        assert "1,710.00" in text(app)  # 120 NMR at 14.25
        assert "stake USD" in line(app, 4) or "stake USD" in text(app)
        await press(pilot, "dollar_sign")
        assert "•••" in text(app)
        assert "1,710.00" not in text(app)
        assert "4,452.34" not in text(app)  # the wallet too
        await press(pilot, "c", "dollar_sign")
        assert "312.45" in text(app)


async def test_balances_stay_hidden_on_other_screens(opened: Open) -> None:
    async with opened("stake") as (app, pilot):
        await press(pilot, "4", "5", "dollar_sign", "4")
        assert "120.00" not in text(app)
        assert "•••" in text(app)


async def test_watching_a_model_is_written(opened: Open, settings: Settings) -> None:
    async with opened() as (app, pilot):
        await press(pilot, "f")
        with closing(sqlite3.connect(settings.db)) as connection:
            sql = "SELECT watched FROM models WHERE name = 'model_0001' AND tournament = 8"
            assert connection.execute(sql).fetchone() == (1,)
        assert line(app, 3).startswith(" ★")
        await press(pilot, "F")
        assert "/ own" in text(app)
        assert len(table(app).source) == 5
        await press(pilot, "F")
        assert "/ watched" in text(app)
        assert len(table(app).source) == 3
        await press(pilot, "f")
        assert len(table(app).source) == 2
        await press(pilot, "F")
        assert len(table(app).source) == 300


async def test_marks_and_copy(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []

    async def copy(app: NumtuiApp, content: str) -> str:
        copied.append(content)
        return "a test"

    monkeypatch.setattr(clipboard, "copy", copy)
    async with opened() as (app, pilot):
        await press(pilot, "y")
        await press(pilot, "space", "j", "space")
        assert table(app).marks == {"model_0001", "model_0003"}
        assert "2 marked" in line(app, 1)
        await press(pilot, "y")
        await press(pilot, "k", "space")
        assert table(app).marks == {"model_0001"}
    one, two = (list(csv.DictReader(content.splitlines())) for content in copied)
    assert [row["model"] for row in one] == ["model_0001"]
    assert [row["model"] for row in two] == ["model_0001", "model_0003"]
    assert two[0]["nmr_staked"] == "2168.2500"  # never rounded


async def test_copying_goes_to_the_terminal_where_no_tool_is(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "TMUX"):
        monkeypatch.delenv(name, raising=False)
    async with opened() as (app, pilot):
        await press(pilot, "y")
        assert app.clipboard.splitlines()[1].startswith("1,model_0001,")
        assert "OSC 52" in text(app)


async def test_export_writes_the_filtered_rows_where_the_user_says(opened: Open, tmp_path: Path) -> None:
    target = tmp_path / "own.csv"
    async with opened() as (app, pilot):
        await press(pilot, "slash", *"stake>2100", "enter", "S")
        rows = len(table(app).source)
        await press(pilot, "e")
        entry = app.screen.query_one(Input)
        assert entry.value == "numtui-leaderboard-models-classic-2026-11-21.csv"
        entry.value = str(tmp_path / "own.xls")
        await press(pilot, "enter")
        assert "The name must end in one of" in text(app)
        entry.value = str(target)
        await press(pilot, "enter")
        assert f"Wrote {rows} rows" in text(app)
        first = target.read_text()
        await press(pilot, "e")
        app.screen.query_one(Input).value = str(target)
        await press(pilot, "enter")
        assert "The file exists" in text(app)
        await press(pilot, "escape")
    written = list(csv.DictReader(first.splitlines()))
    assert len(written) == rows
    assert int(written[0]["rank"]) == rows


async def test_help_lists_the_live_keys(opened: Open) -> None:
    async with opened("status") as (app, pilot):
        await press(pilot, "question_mark")
        assert isinstance(app.screen, HelpScreen)
        about = {keys: words for _, keys, words in app.screen.entries}
        assert about["a"] == "the screen's next table"
        assert "f" not in about  # no models here
        assert about["t"] == "the next tournament"
        assert about["^q q"] == "quit"
        await press(pilot, "escape")
        assert isinstance(app.screen, ReportScreen)


@pytest.mark.parametrize("key", ["colon", "ctrl+p"])
async def test_both_palette_keys_open_the_same_list(opened: Open, key: str) -> None:
    async with opened() as (app, pilot):
        await press(pilot, key)
        assert isinstance(app.screen, CommandPalette)
        await press(pilot, *"rounds", "enter")
        assert where(app).startswith("Rounds")


async def test_the_palette_has_every_key_of_the_screen(opened: Open) -> None:
    async with opened() as (app, _):
        helps = [command.help for command in app.get_system_commands(app.screen)]
        for key in "/afFSyetc$r?":
            assert f"Key {key}" in helps


@pytest.mark.parametrize("key", ["q", "ctrl+q"])
async def test_q_quits(opened: Open, key: str) -> None:
    async with opened() as (app, pilot):
        await pilot.press(key)
        await until(pilot, lambda: not app.is_running)


@pytest.mark.parametrize("entry", SCREENS, ids=lambda entry: entry.name)
async def test_footer_fits_80_columns_and_always_has_help_and_quit(opened: Open, entry: Any) -> None:
    async with opened(entry.name, size=(80, 24)) as (app, _):
        last = line(app, 23)
        assert last.endswith("? help  q quit")
        assert len(last) <= 80


@pytest.mark.parametrize("size", [(79, 24), (80, 23), (20, 5)])
async def test_a_small_terminal_is_told(opened: Open, size: tuple[int, int]) -> None:
    async with opened(size=size) as (app, pilot):
        assert "80x24"[: size[0]] in text(app) or "numtui needs" in text(app)
        assert "model_0001" not in text(app)
        await pilot.resize_terminal(80, 24)
        await settled(pilot)
        assert "model_0001" in text(app)


@pytest.mark.parametrize(("screen", "said"), [("rounds", "at risk 337.50"), ("stake", "available 312.45")])
async def test_the_figures_stay_when_the_terminal_changes_its_size(opened: Open, screen: str, said: str) -> None:
    async with opened(screen, size=(120, 40)) as (app, pilot):
        for size in [(100, 40), (80, 24), (160, 50)]:
            await pilot.resize_terminal(*size)
            await settled(pilot)
            assert said in text(app)


@pytest.mark.parametrize("keys", [[], ["slash", "m", "o"], ["colon"], ["question_mark"], ["e"]], ids=" ".join)
async def test_below_80x24_the_message_stands_alone_and_keys_work_again_above(opened: Open, keys: list[str]) -> None:
    async with opened() as (app, pilot):
        await press(pilot, *keys)
        focused, before = app.focused, text(app)
        for size in [(60, 15), (79, 40), (120, 23)]:
            await pilot.resize_terminal(*size)
            await settled(pilot)
            assert text(app).strip() == "numtui needs a terminal of 80x24 or more"
            await press(pilot, "j", "2", "t")  # no key acts unseen
        await pilot.resize_terminal(120, 40)
        await settled(pilot)
        assert app.focused is focused
        assert text(app) == before
        await press(pilot, *["escape"] * bool(keys), "j")
        assert table(app).cursor == 1


@pytest.mark.parametrize("entry", SCREENS, ids=lambda entry: entry.name)
async def test_ascii_screens_hold_nothing_else(opened: Open, entry: Any) -> None:
    async with opened(entry.name, size=(80, 24), ascii=True) as (app, pilot):
        assert text(app).isascii()
        for key in ("question_mark", "e"):
            await press(pilot, key)
            assert text(app).isascii()
            await press(pilot, "escape")
        await press(pilot, "colon")
        assert text(app).isascii()


async def test_the_stake_badge_is_always_there(opened: Open) -> None:
    async with opened() as (app, pilot):
        for entry in SCREENS:
            await press(pilot, entry.key)
            assert "READ-ONLY" in line(app, 0)
            assert "SIMULATED" in line(app, 1)
    async with opened(allow_stake=True, simulated=False) as (app, _):
        assert "STAKE ALLOWED" in line(app, 0)
        assert "SIMULATED" not in text(app)
