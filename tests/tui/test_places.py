"""What stands where: the cursor, the line for news, the zone, the theme, a refused key, what a screen exports."""

from __future__ import annotations

import csv
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from textual.widgets import Input

from numtui.clock import FixedClock
from numtui.config import ConfigError, Settings, zone
from numtui.format import Formatter, number_text
from numtui.model import Column, Kind
from numtui.reports.header import Progress
from numtui.tui.app import NumtuiApp, make_app
from numtui.tui.pace import Pace

from .filled import NOW, changed, insert, settings_of
from .shown import line, looked, press, settled, table, text

NEWS = -2


def app_of(settings: Settings, clock: FixedClock, screen: str = "leaderboard") -> NumtuiApp:
    return make_app(settings, clock, start_poller=False, screen=screen)


# The cursor


async def test_a_sort_lands_on_the_first_row_also_after_one_has_moved(settings: Settings, clock: FixedClock) -> None:
    app = app_of(settings, clock)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await press(pilot, *["greater_than_sign"] * 3)
        assert table(app).cursor == 0
        await press(pilot, "ctrl+d", "ctrl+d", "ctrl+d", "S")
        assert table(app).cursor == 0
        assert table(app).scroll_offset.y == 0
        x = line(app, 2).index("mmc60") + 2
        await press(pilot, "G")
        await pilot.click(type(table(app)), offset=(x, 0))
        await settled(pilot)
        assert table(app).cursor == 0


@pytest.mark.parametrize(("out", "back"), [(">", "<"), ("<", ">")])
async def test_beyond_the_columns_the_order_is_as_at_first(
    settings: Settings, clock: FixedClock, out: str, back: str
) -> None:
    app = app_of(settings, clock)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        first = [table(app).source.key(place) for place in range(5)]
        await press(pilot, out, "S")
        assert app.kept.order("leaderboard models") is not None
        assert [table(app).source.key(place) for place in range(5)] != first
        await press(pilot, back)
        assert [table(app).source.key(place) for place in range(5)] == first
        assert app.kept.order("leaderboard models") is None and table(app).order is None
        columns = len(table(app).sortable_columns())
        await press(pilot, *[out] * (columns + 1))
        assert table(app).order is None, "all the way around"


@pytest.mark.parametrize(("keys", "name"), [((), "model_0001"), (("j",), "model_0002")])
async def test_the_cursor_follows_a_model_only_after_the_user_moved(
    settings: Settings, clock: FixedClock, keys: tuple[str, ...], name: str
) -> None:
    app = app_of(settings, clock)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await press(pilot, *keys)
        chosen = table(app).cursor_key
        with closing(sqlite3.connect(settings.db)) as connection, connection:
            connection.execute("UPDATE leaderboard SET rank = rank + 100 WHERE kind = 'model' AND rank <= 2")
            changed(connection, "leaderboard")
        app.look()
        await settled(pilot)
        assert (table(app).cursor_key == chosen) == bool(keys)
        assert (table(app).cursor == 0) == (not keys)


async def test_movers_leave_a_cursor_where_it_is_that_nobody_moved(settings: Settings, clock: FixedClock) -> None:
    app = app_of(settings, clock, "rounds")
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await press(pilot, "a")
        assert table(app).cursor == 0
        with closing(sqlite3.connect(settings.db)) as connection, connection:
            connection.execute("UPDATE latest SET value = value * -1 WHERE model = 1")
            changed(connection, "latest")
        app.look()
        await settled(pilot)
        assert table(app).cursor == 0


# The line for news


async def test_rows_do_not_move_when_something_is_said(settings: Settings, clock: FixedClock) -> None:
    app = app_of(settings, clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        before = text(app).splitlines()
        with closing(sqlite3.connect(settings.db)) as connection, connection:
            insert(
                connection, "polls", tournament=8, kind="idle", started=NOW, updated=NOW, state="working",
                step="histories", models_done=1, models_total=12, rounds=1, rows=1,
            )  # fmt: skip
        app.look()
        await settled(pilot)
        after = text(app).splitlines()
        assert "syncing histories" in after[NEWS]
        assert "1 round " in after[NEWS]  # not: 1 rounds
        assert after[1:NEWS] == before[1:NEWS]


async def test_a_refused_key_is_said_in_the_header_once_and_whole(settings: Settings, clock: FixedClock) -> None:
    words = "the API refused the key (HTTP 401): check NUMERAI_PUBLIC_ID and NUMERAI_SECRET_KEY"
    with closing(sqlite3.connect(settings.db)) as connection, connection:
        for message in (f"key refused: {words}", f"models: {words}; stakes: {words}"):
            insert(
                connection,
                "polls",
                tournament=8,
                kind="idle",
                started=NOW,
                finished=NOW,
                state="failed",
                message=message,
            )
    app = app_of(settings, clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert "key refused" in line(app, 0)
        assert "OFFLINE" not in line(app, 0)
        assert text(app).count("NUMERAI_SECRET_KEY") == 1
        assert "The API refused the key: check NUMERAI_PUBLIC_ID and NUMERAI_SECRET_KEY" in line(app, NEWS)
        assert "model_0001" in text(app)


async def test_why_there_is_no_poller_is_said_on_screen(tmp_path: Path, clock: FixedClock) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    settings = replace(settings_of(tmp_path), db=blocked / "cache.sqlite", state_dir=blocked / "state")
    app = make_app(settings, clock, start_poller=True)
    async with app.run_test(size=(100, 30)) as pilot:
        for _ in range(1000):
            await looked(app, pilot)
            if app.header.message is not None:
                break
        said = " ".join(text(app).split())
        assert "the poller could not be started: " in said
        assert "cannot be used: File exists" in said
        assert "The poller is starting" not in text(app)


def test_time_left_is_an_estimate_only_once_it_is_one() -> None:
    pace, begin = Pace(), datetime(2026, 1, 1, tzinfo=UTC)

    def left(seconds: float, done: int, step: str = "histories") -> float | None:
        return pace.seconds_left(Progress(step, done, 70, 0, 0, 0, None), begin + timedelta(seconds=seconds))

    assert left(0, 0) is None
    assert left(4, 1) is None  # after one slow model: not 280 seconds
    assert left(6, 5) is None
    assert left(8, 14) == pytest.approx(32)
    assert left(9, 0, "days") is None  # another step has a pace of its own
    assert pace.seconds_left(None, begin) is None


# Times, numbers, theme


@pytest.mark.parametrize(
    ("name", "shown"),
    [(None, "21 Nov 14:30"), ("America/New_York", "21 Nov 09:30"), ("Asia/Tokyo", "21 Nov 23:30")],
)
async def test_the_zone_is_shown_and_honoured(
    settings: Settings, clock: FixedClock, name: str | None, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    app = app_of(replace(settings, time_zone=name), clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert line(app, NEWS).endswith(f"times in {name or 'UTC'}")
        formatter = app.formatter(table(app).columns_shown)
        assert formatter.text(datetime(2026, 11, 21, 14, 30, tzinfo=UTC), Column("at", Kind.TIME)) == shown


def test_a_year_that_is_not_this_one_is_shown() -> None:
    formatter = Formatter(datetime(2026, 12, 30, tzinfo=UTC), zone=zone("Asia/Tokyo"))
    at = Column("at", Kind.TIME)
    assert formatter.text(datetime(2026, 12, 31, 14, 59, tzinfo=UTC), at) == "31 Dec 23:59"
    assert formatter.text(datetime(2026, 12, 31, 15, 1, tzinfo=UTC), at) == "01 Jan 2027"


def test_an_unknown_zone_is_named() -> None:
    with pytest.raises(ConfigError, match="Mars/Olympus"):
        zone("Mars/Olympus")


def test_one_form_a_kind_of_number() -> None:
    assert [number_text(value, Kind.INT) for value in (7, 2842, 12157)] == ["7", "2,842", "12,157"]
    assert [number_text(value, Kind.FLOAT) for value in (0.11, 2.0)] == ["0.1100", "2.0000"]
    formatter = Formatter(NOW)
    assert formatter.text(1401, Column("round", Kind.INT)) == "1401"
    assert formatter.text(2842, Column("rank", Kind.INT)) == "2,842"


async def test_a_chosen_theme_is_there_again_after_a_restart(settings: Settings, clock: FixedClock) -> None:
    app = app_of(settings, clock)
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        await press(pilot, "colon", *"theme", "enter")
        await settled(pilot)
        await press(pilot, *"nord", "enter", "enter")
        await settled(pilot)
        assert app.theme == "nord"
    assert app_of(settings, clock).theme == "nord"
    assert app_of(replace(settings, theme="gruvbox"), clock).theme == "gruvbox"  # the settings say it for every start
    assert app_of(replace(settings, no_color=True), clock).theme == "ansi-dark"


async def test_an_unknown_theme_is_said(settings: Settings, clock: FixedClock) -> None:
    app = app_of(replace(settings, theme="nosuch"), clock)
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await settled(pilot)
        assert "There is no theme 'nosuch'" in text(app)


async def test_ctrl_c_is_answered_in_our_words(settings: Settings, clock: FixedClock) -> None:
    app = app_of(settings, clock)
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await settled(pilot)
        await press(pilot, "ctrl+c")
        assert "q quits numtui" in text(app)
        assert "quit the app" not in text(app)


# What leaves a screen


async def test_e_takes_the_marked_rows_under_a_name_that_is_free(
    settings: Settings, clock: FixedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    app = app_of(settings, clock, "models")
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await settled(pilot)
        await press(pilot, "space", "j", "space", "e")
        assert "Write 2 marked rows to the file:" in text(app)
        assert app.screen.query_one(Input).value == "numtui-models-classic-2026-11-21.csv"
        await press(pilot, "enter", "e")
        assert app.screen.query_one(Input).value == "numtui-models-classic-2026-11-21-2.csv"
        await press(pilot, "escape")
    rows = list(csv.DictReader((tmp_path / "numtui-models-classic-2026-11-21.csv").open()))
    assert len(rows) == 2
