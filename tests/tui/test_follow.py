"""What the screens do when the cache is written, missing, damaged, newer or full of garbage."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from numtui.clock import FixedClock
from numtui.config import Settings
from numtui.store.database import open_writer
from numtui.store.schema import VERSION
from numtui.tui import app as app_module
from numtui.tui.app import QUIET_SECONDS, NumtuiApp, make_app
from numtui.tui.data import Cache
from numtui.tui.screens import SCREENS
from numtui.tui.screens.report_screen import ReportScreen
from numtui.tui.screens.view import ViewData, ViewSpec

from .filled import NOW, changed, fill, insert, settings_of
from .shown import line, looked, press, settled, table, text

NEWS = -2  # the line for news, above the keys


def app_of(settings: Settings, clock: FixedClock, screen: str = "leaderboard") -> NumtuiApp:
    return make_app(settings, clock, start_poller=False, screen=screen)


async def test_a_change_is_followed_and_the_cursor_stays_with_its_row(settings: Settings, clock: FixedClock) -> None:
    app = app_of(settings, clock)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await press(pilot, *["j"] * 10)
        assert table(app).cursor_key == "model_0010"
        before = text(app).splitlines().index(next(row for row in text(app).splitlines() if "model_0010" in row))
        with closing(sqlite3.connect(settings.db)) as connection, connection:
            connection.execute("UPDATE leaderboard SET rank = rank + 7 WHERE kind = 'model' AND rank <> 11")
            connection.execute("UPDATE leaderboard SET rank = 1 WHERE name = 'model_0299'")
            changed(connection, "leaderboard")
        await looked(app, pilot)
        assert table(app).cursor_key == "model_0010"
        assert "model_0010" in text(app).splitlines()[before] or table(app).cursor < 10


async def test_a_table_that_the_screen_does_not_use_is_not_read_again(settings: Settings, clock: FixedClock) -> None:
    app = app_of(settings, clock)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        source = table(app).source
        with closing(sqlite3.connect(settings.db)) as connection, connection:
            changed(connection, "payouts")
        await looked(app, pilot)
        assert table(app).source is source
        with closing(sqlite3.connect(settings.db)) as connection, connection:
            changed(connection, "leaderboard")
        await looked(app, pilot)
        assert table(app).source is not source


async def test_a_screen_in_the_back_catches_up(settings: Settings, clock: FixedClock) -> None:
    app = app_of(settings, clock, "status")
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await press(pilot, "1")
        with closing(sqlite3.connect(settings.db)) as connection, connection:
            insert(connection, "polls", tournament=8, kind="idle", started=NOW, finished=NOW, state="done")
            changed(connection, "polls")
        await looked(app, pilot)
        await press(pilot, "7")
        assert len(table(app).source) == 4


async def test_idle_paints_nothing(settings: Settings, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    app = app_of(settings, clock)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        painted: list[object] = []
        monkeypatch.setattr(app, "_display", lambda *parts: painted.append(parts))
        for _ in range(5):
            app.look()
            await pilot.pause()
        assert painted == []


async def test_ages_go_on_with_the_clock(settings: Settings) -> None:
    app = app_of(settings, FixedClock(NOW))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        assert "closes in 2h 25m" in line(app, 0)
        assert "data 4m old, live" in line(app, 0)
        app.clock = app.cache.clock = FixedClock(NOW + timedelta(minutes=40))
        await looked(app, pilot)
        assert "closes in 1h 45m" in line(app, 0)
        assert "data 44m old, STALE" in line(app, 0)


async def test_the_first_sync_shows_its_progress(tmp_path: Path, clock: FixedClock) -> None:
    settings = settings_of(tmp_path)
    with closing(open_writer(settings.db)) as connection:
        insert(
            connection,
            "polls",
            tournament=8,
            kind="first",
            started=NOW - timedelta(seconds=10),
            updated=NOW,
            seconds=10.0,
            state="working",
            step="histories",
            models_done=5,
            models_total=12,
            rounds=400,
            rows=81_000,
            bytes=2_500_000,
        )
    app = app_of(settings, clock)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        for part in ("syncing histories", "5/12 models", "400 rounds", "81,000 rows", "2.5 MB"):
            assert part in line(app, NEWS)
        assert " left" not in line(app, NEWS)  # what came before says nothing of the rest
        assert "The first sync is at work" in text(app)
        assert "first sync" in line(app, 0)
        assert "no data" not in line(app, 0)


async def test_ages_below_a_minute_are_one_text(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(settings.db)) as connection, connection:
        insert(connection, "polls", tournament=8, kind="idle", started=NOW, finished=NOW, state="done")
    app = app_of(settings, FixedClock(NOW + timedelta(seconds=1)))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        assert "data <1m old, live" in line(app, 0)
        painted: list[object] = []
        monkeypatch.setattr(app, "_display", lambda *parts: painted.append(parts))
        for second in range(2, 60, 7):
            app.clock = app.cache.clock = FixedClock(NOW + timedelta(seconds=second))
            await looked(app, pilot)
        assert painted == []
        app.clock = app.cache.clock = FixedClock(NOW + timedelta(seconds=60))
        await looked(app, pilot)
        assert len(painted) == 1
        assert "data 1m old, live" in line(app, 0)


async def test_a_cache_of_the_simulation_says_so_in_every_session(settings: Settings, clock: FixedClock) -> None:
    with closing(sqlite3.connect(settings.db)) as connection, connection:
        connection.execute("INSERT INTO meta VALUES ('simulated', '1')")
    app = app_of(replace(settings, simulated=False), clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert "SIMULATED" in line(app, 1)


@pytest.mark.parametrize("entry", SCREENS, ids=lambda entry: entry.name)
async def test_without_a_cache_every_screen_says_why_it_is_empty(tmp_path: Path, clock: FixedClock, entry: Any) -> None:
    app = app_of(settings_of(tmp_path), clock, entry.name)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert "nothing in the cache yet" in text(app)
        assert "No API keys are set" in text(app)
        fill(tmp_path / "cache.sqlite")  # the poller makes it while one looks on
        await looked(app, pilot)
        assert len(table(app).source) > 0 or entry.name == "alerts"  # none is evaluated
        assert "nothing in the cache yet" not in text(app)


async def test_an_offline_session_says_so(tmp_path: Path, clock: FixedClock) -> None:
    app = app_of(replace(settings_of(tmp_path), offline=True), clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert "offline session" in text(app)
        await press(pilot, "r")
        assert app.is_running


async def test_a_failed_poll_is_told_in_its_words(settings: Settings, clock: FixedClock) -> None:
    with closing(sqlite3.connect(settings.db)) as connection, connection:
        words = "the API could not be reached: connection refused"
        insert(connection, "polls", tournament=8, kind="idle", started=NOW, finished=NOW, state="failed", message=words)
    app = app_of(settings, clock)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        assert "OFFLINE" in line(app, 0)
        assert line(app, NEWS).removesuffix("times in UTC").strip() == words
        assert "model_0001" in text(app)


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:] = bytes((position * 7) % 251 for position in range(len(content) - 4096))
    path.write_bytes(bytes(content))


def make_newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")


def make_foreign(path: Path) -> None:
    path.write_bytes(b"this is no database, but a letter to somebody" * 100)


def put_garbage(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE leaderboard SET nmr_staked = 'much'")
        connection.execute("UPDATE positions SET at_risk = 'a lot'")
        connection.execute("UPDATE stakes SET stake = 'plenty'")
        connection.execute("UPDATE polls SET started = 'yesterday'")


SPOILT = {damage: "damaged", make_newer: "newer numtui", make_foreign: "database", put_garbage: "could not be read"}


@pytest.mark.parametrize("spoil", SPOILT)
async def test_a_spoilt_cache_is_a_line_on_every_screen(settings: Settings, clock: FixedClock, spoil: Any) -> None:
    spoil(settings.db)
    app = app_of(settings, clock)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        for entry in SCREENS:
            if spoil is put_garbage and entry.name == "alerts":
                continue  # it reads nothing of what is spoilt
            await press(pilot, entry.key)
            assert isinstance(app.screen, ReportScreen)
            assert app.screen.failure or app.header.message
            # What a report makes of garbage may end in an error of its own: it is said, and logged in full.
            assert SPOILT[spoil] in text(app) or (spoil is put_garbage and "a fault of numtui" in text(app))
        await press(pilot, "j", "S", "slash", "x", "escape", "y", "t", "c", "t", "t", "1", "7")
        assert app.is_running


def cut_off(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(20_000)


@pytest.mark.parametrize("spoil", [cut_off, make_foreign, Path.unlink], ids=["cut off", "a letter", "gone"])
async def test_a_cache_that_is_spoilt_under_an_open_screen_is_said_once(
    settings: Settings, clock: FixedClock, spoil: Any
) -> None:
    app = app_of(settings, clock)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        spoil(settings.db)
        await looked(app, pilot)
        for key in ("j", "ctrl+d", "G", "S", "slash", "x", "escape", "4", "2", "1"):
            await press(pilot, key)
            await looked(app, pilot)
            words = text(app)
            for said in ("is damaged", "is not a database", "nothing in the cache"):
                assert words.count(said) <= 1
            assert "could not be read" not in words
            assert "Error" not in words
        assert app.header.message is not None or spoil is Path.unlink
        fill(settings.db.with_name("new.sqlite"))
        settings.db.with_name("new.sqlite").replace(settings.db)
        await looked(app, pilot)
        await press(pilot, "g")
        assert "model_0295" in text(app)  # the order is still the one that was chosen
        assert "cache.sqlite" not in text(app)


async def test_models_do_not_ask_for_the_keys_of_an_account_that_is_known(
    settings: Settings, clock: FixedClock
) -> None:
    with closing(sqlite3.connect(settings.db)) as connection, connection:
        insert(connection, "polls", tournament=11, kind="idle", started=NOW, finished=NOW, state="done")
    app = app_of(settings, clock, "models")
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "t")
        assert "stellar has no model in Signals." in text(app)
        assert "NUMERAI_PUBLIC_ID" not in text(app)
        with closing(sqlite3.connect(settings.db)) as connection, connection:
            connection.execute("DELETE FROM wallet")
            changed(connection, "wallet")
        await looked(app, pilot)
        assert "NUMERAI_PUBLIC_ID" in text(app)


async def test_a_cache_that_is_set_aside_and_rebuilt_is_opened_anew(settings: Settings, clock: FixedClock) -> None:
    damage(settings.db)
    app = app_of(settings, clock)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        settings.db.rename(settings.db.with_suffix(".damaged"))
        fill(settings.db)
        await looked(app, pilot)
        assert "model_0001" in text(app)
        assert "damaged" not in text(app)


@pytest.mark.parametrize("quiet", [False, True])
async def test_a_quiet_screen_looks_for_news_twice_a_minute(
    settings: Settings, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, quiet: bool
) -> None:
    looks: list[float] = []
    asked = NumtuiApp.set_interval

    def noted(self: NumtuiApp, interval: float, *rest: Any, **named: Any) -> Any:
        looks.append(interval)
        return asked(self, interval, *rest, **named)

    monkeypatch.setattr(NumtuiApp, "set_interval", noted)
    monkeypatch.setattr(Cache, "news_of_alerts", lambda self: pytest.fail("no bell") if quiet else ())
    app = make_app(replace(settings, quiet=quiet), clock, start_poller=False, screen="models")
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        app.look()
        assert looks == [QUIET_SECONDS if quiet else app_module.LOOK_SECONDS]
        await press(pilot, "1")
        assert len(table(app).source) > 0, "what is asked for is shown at once"


async def test_a_slow_report_is_shown_although_the_cache_is_written_all_the_time(
    settings: Settings, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change during the reading does not begin it anew: a first sync writes faster than a large report is read."""
    app = app_of(settings, clock, "models")
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        slow, shown = threading.Event(), []
        screen = app.screen
        assert isinstance(screen, ReportScreen)
        read = screen.app.cache._read

        def slowly(*about: Any) -> Any:
            found = read(*about)
            slow.wait(0.2)
            return found

        monkeypatch.setattr(screen.app.cache, "_read", slowly)
        show = screen.show

        def counted(view: ViewSpec, data: ViewData) -> None:
            shown.append(view.name)
            show(view, data)

        monkeypatch.setattr(screen, "show", counted)
        for _ in range(12):
            with closing(sqlite3.connect(settings.db)) as connection, connection:
                changed(connection, "models")
            app.look()
            await pilot.pause(0.1)
        assert len(shown) >= 3, "as fast as it can be read"
        slow.set()
        await settled(pilot)
        assert not screen._has_changed() and not screen.reading


async def test_what_is_read_after_the_last_screen_has_gone_is_let_go(
    settings: Settings, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that is told to end while it reads ends by that, not by a fault."""
    app = app_of(settings, clock, "models")
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await press(pilot, "4", "enter")
        screen = app.screen
        assert isinstance(screen, ReportScreen)
        await press(pilot, "escape")
        with monkeypatch.context() as gone:
            gone.setattr(app, "_screen_stacks", {app.current_mode: []})
            await screen._read(screen.view)
            await app._count_needs()
        assert not screen.reading
