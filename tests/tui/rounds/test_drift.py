"""The drift monitor in the real app: its views, the way down to a path, sums, and following new data by itself."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from numtui.clock import FixedClock
from numtui.config import Settings
from numtui.format import ASCII, UNICODE
from numtui.model import Tournament
from numtui.reports.drift.calibration import CAVEAT
from numtui.reports.drift.monitor import monitor
from numtui.reports.drift.table import forecast_table
from numtui.store.database import open_reader
from numtui.store.queries.selection import Models, Rounds
from numtui.tui.app import NumtuiApp, make_app
from numtui.tui.charts.canvas import Canvas
from numtui.tui.charts.heat import MARKS, level, mark
from numtui.tui.rounds.path_chart import PathChart
from tests.reports.drift.site import DAYS, Caches, caches, write
from tests.tui.shown import line, press, settled, table, text, where

pytestmark = pytest.mark.xdist_group("drift")

Running = AbstractAsyncContextManager[tuple[NumtuiApp, Pilot[Any]]]
Open = Callable[..., Running]
Compare = Callable[..., bool]
NARROW, WIDE = (80, 24), (120, 40)


@pytest.fixture
def site() -> Caches:
    return caches()


@pytest.fixture
def drifting(site: Caches, tmp_path: Path) -> Settings:
    return site.copy("saturday", tmp_path)


@pytest.fixture
def opened(drifting: Settings) -> Open:
    @asynccontextmanager
    async def run(size: tuple[int, int] = NARROW, **changes: Any) -> AsyncIterator[tuple[NumtuiApp, Pilot[Any]]]:
        clock = FixedClock(DAYS["saturday"])
        app = make_app(replace(drifting, **changes), clock, start_poller=False, screen="rounds")
        async with app.run_test(size=size, notifications=True) as pilot:
            await settled(pilot)
            yield app, pilot

    return run


async def test_the_views_and_the_ways_down(opened: Open) -> None:
    async with opened() as (app, pilot):
        seen = []
        for _ in range(7):
            seen.append(where(app).removeprefix("Rounds › "))
            await press(pilot, "a")
        assert seen == ["unresolved", "movers", "by model", "weeks", "calendar", "record", "resolved"]
        await press(pilot, "j", "enter")
        assert where(app) == "Rounds › 1344"
        await press(pilot, "j", "j", "enter")
        assert where(app) == "Rounds › 1344 › demo_cinder › rounds"
        assert table(app).cursor_key == "1344"
        await press(pilot, "enter")
        assert where(app) == "Rounds › 1344 › demo_cinder › 1344"
        assert app.screen.query_one(PathChart).display
        await press(pilot, "escape", "escape", "escape", "a", "enter")
        assert where(app).startswith("Rounds › demo_") and where(app).endswith(" › rounds")
        await press(pilot, "enter")
        assert app.screen.query_one(PathChart).display
        await press(pilot, "escape", "escape", "a", "j", "j", "enter")
        assert where(app) == "Rounds › demo_cinder › summary"
        await press(pilot, "enter")
        assert where(app).startswith("Rounds › demo_cinder › 13")
        await press(pilot, "escape", "escape", "escape", "escape")
        assert app.is_running


async def test_a_week_and_a_day_open_the_rounds_that_resolve_then(opened: Open) -> None:
    async with opened(WIDE) as (app, pilot):
        await press(pilot, *"aaa")
        names = [column.name for column in table(app).source.columns]
        weeks = [dict(zip(names, row, strict=True)) for row in table(app).source.page(0, 99)]
        for place, week in enumerate(weeks):
            await press(pilot, "g", *["j"] * place, "enter")
            assert where(app) == f"Rounds › {'all weeks' if week['week'] == 'all' else 'week of ' + str(week['week'])}"
            assert len(table(app).source) == week["rounds"]
            await press(pilot, "escape")
        await press(pilot, "a")
        names = [column.name for column in table(app).source.columns]
        day = dict(zip(names, table(app).source.page(0, 1)[0], strict=True))
        await press(pilot, "enter")
        assert where(app) == f"Rounds › {day['date']}"
        rounds = [row[0] for row in table(app).source.page(0, 99)]
        assert sorted(str(number) for number in rounds) == str(day["rounds"]).split(", ")
        await press(pilot, "enter")
        assert where(app).startswith(f"Rounds › {day['date']} › {rounds[0]}")
        await press(pilot, "escape", "]")
        assert where(app).startswith("Rounds › 20") and str(day["date"]) not in where(app)


async def test_left_and_right_tell_the_values_of_a_day(opened: Open) -> None:
    async with opened() as (app, pilot):
        await press(pilot, *VIEWS["path"])
        chart = app.screen.query_one(PathChart)
        assert chart.path is not None and chart.day is None
        newest = max(day for day, value in enumerate(chart.path.values, 1) if value is not None)
        await press(pilot, "left")
        before = chart.path.values[newest - 2]
        assert before is not None
        assert f"day {newest - 1}  ━ return {before:+.2%}" in str(chart.content)
        await press(pilot, "right", "right", "right")
        assert f"day {newest + 2}  ━ expected " in str(chart.content)
        await press(pilot, *["right"] * chart.path.days)
        assert chart.day == chart.path.days


async def test_the_screen_shows_the_exported_digits(opened: Open, drifting: Settings) -> None:
    with closing(open_reader(drifting.db)) as cache:
        table_of = forecast_table(cache, Tournament.CLASSIC, Models(("demo_breeze",)), Rounds())
        place = {column.name: index for index, column in enumerate(table_of.columns)}
        rows = {row[place["round"]]: row for row in table_of.rows}
    async with opened(WIDE) as (app, pilot):
        await press(pilot, "a", "a", "slash", *"breeze", "enter", "enter", "a")
        assert where(app) == "Rounds › demo_breeze › rounds"
        shown = table(app)
        columns = [column.name for column in shown.source.columns]
        checked = 0
        for at, row in enumerate(shown.source.page(0, len(shown.source))):
            same = rows.get(row[0])
            for name in ("value", "expected", "p05", "p95"):
                if same is not None and row[columns.index("value")] is not None:
                    assert row[columns.index(name)] == same[place[name]]
                    assert at > 20 or f"{same[place[name]]:+.2%}" in line(app, 3 + at)
                    checked += 1
        assert checked > 4 * 50


async def test_sums_hide_and_change_into_money(opened: Open, drifting: Settings) -> None:
    async with opened() as (app, pilot):
        with closing(open_reader(drifting.db)) as cache:
            at_risk = monitor(cache, Tournament.CLASSIC, DAYS["saturday"])[1].rows
        amount = next(iter(at_risk))[0]
        assert isinstance(amount, Decimal)
        sums = next(one for one in text(app).splitlines() if one.startswith(" at risk"))
        assert sums.startswith(f" at risk {amount:,.2f}  worst -{amount:,.2f}  now +")
        assert "forecast +" in text(app) and " to +" in text(app)
        assert line(app, 21).startswith(" by week 23 Nov +")
        await press(pilot, "dollar_sign")
        assert " at risk •••  worst •••  now •••" in text(app)
        assert f"{amount:,.2f}" not in text(app)
        await press(pilot, "dollar_sign", "c")
        price = app.cache.price()
        assert price is not None
        assert f"at risk USD {amount * price:,.2f}" in text(app)


async def test_sorting_and_filtering_rounds(opened: Open) -> None:
    async with opened() as (app, pilot):
        await press(pilot, "slash", *"days_to_go<20", "enter", "S", "S")
        shown = [table(app).row(at) for at in range(len(table(app).source))]
        left = [column.name for column in table(app).source.columns].index("days_to_go")
        numbers = [row[0] for row in shown if row is not None and row[left] < 20]  # type: ignore[operator]  # a number
        assert len(numbers) == len(shown) == 12
        assert numbers == sorted(numbers, reverse=True)  # type: ignore[type-var]  # numbers
        await press(pilot, "escape")
        assert len(table(app).source) == 62


async def test_a_new_scoring_day_appears_without_a_key(opened: Open, site: Caches, drifting: Settings) -> None:
    async with opened(WIDE) as (app, pilot):
        before = line(app, 3)
        assert "59/60" in before
        await press(pilot, "a")
        assert "scoring run 2026-11-21" in line(app, 37)
        replacement = drifting.db.with_name("new")
        shutil.copy(site.folder / "tuesday.sqlite", replacement)
        replacement.replace(drifting.db)
        app.look()
        await settled(pilot)
        assert "scoring run 2026-11-24" in line(app, 37)
        assert "resolved" in text(app)
        await press(pilot, "a", "a", "a", "a", "a", "a")
        assert line(app, 3).split()[0] == "1344"
        assert "59/60" in line(app, 3)
        write(drifting, "UPDATE positions SET at_risk = '100' WHERE round = 1344")
        app.look()
        await settled(pilot)
        assert "00.00" in line(app, 3)


async def test_the_record_says_what_it_proves(opened: Open) -> None:
    async with opened() as (app, pilot):
        await press(pilot, *"aaaaa")
        assert CAVEAT in text(app)
        assert "independent rounds" in text(app)


async def test_the_heatmap_scrolls_to_the_newest_rounds(opened: Open) -> None:
    async with opened() as (app, pilot):
        await press(pilot, "a", "a")
        assert "newest>" in line(app, 2)
        first = line(app, 3)
        await press(pilot, *["right"] * 4)
        assert "newest>" not in line(app, 2) and "<" in line(app, 2)
        assert line(app, 3) != first
        await press(pilot, *["left"] * 4)
        assert line(app, 3) == first
        await press(pilot, "S")
        assert "model" in line(app, 2)


async def test_numpy_is_loaded_off_the_event_loop_only() -> None:
    import subprocess
    import sys

    code = "import numtui.tui.rounds.screen, numtui.tui.app, sys; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("value", "expected"), [(None, " "), (0.0, "·"), (0.004, "·"), (0.01, "+"), (0.2, "▲"), (-0.03, "-"), (-0.06, "▼")]
)
def test_a_cell_says_its_sign_without_colour(value: float | None, expected: str) -> None:
    assert mark(value, MARKS) == expected
    assert value is None or level(value) == level(-value)


def test_curves_are_connected() -> None:
    canvas = Canvas(6, 4, ascii_only=True)
    canvas.curve([(0, 0), (5, 3)])
    rows = ["".join(canvas.text(row, column) or " " for column in range(6)) for row in range(4)]
    assert "".join(rows).count("*") >= 6
    assert all("*" in row for row in rows)
    braille = Canvas(1, 1, ascii_only=False)
    braille.dot(0, 0)
    braille.dot(1, 3)
    braille.dot(9, 9)
    assert braille.text(0, 0) == chr(0x2800 + 0x01 + 0x80)
    assert UNICODE.more != ASCII.more


VIEWS = {
    "unresolved": (),
    "movers": ("a",),
    "by_model": ("a", "a"),
    "record": ("a", "a", "a", "a", "a"),
    "round": ("j", "enter"),
    "path": ("pagedown", "enter", "j", "j", "enter", "enter"),
}


PLAIN = [("by_model", {"no_color": True}), ("path", {"ascii": True}), ("path", {"no_color": True})]
BOTH = ("unresolved", "by_model", "path")  # what uses a wide terminal otherwise than by more columns
PICTURES = [(view, NARROW) for view in VIEWS] + [(view, WIDE) for view in BOTH]


@pytest.mark.parametrize(("view", "size"), PICTURES, ids=[f"{view}-{w}x{h}" for view, (w, h) in PICTURES])
def test_pictures(snap_compare: Compare, drifting: Settings, view: str, size: tuple[int, int]) -> None:
    assert snap_compare(_app(drifting), terminal_size=size, run_before=_pressing(VIEWS[view]))


@pytest.mark.parametrize(("view", "changes"), PLAIN, ids=["by_model-no_color", "path-ascii", "path-no_color"])
def test_pictures_without(snap_compare: Compare, drifting: Settings, view: str, changes: dict[str, bool]) -> None:
    app = _app(replace(drifting, **changes))  # type: ignore[arg-type]  # flags by name
    assert snap_compare(app, terminal_size=NARROW, run_before=_pressing(VIEWS[view]))


def _app(settings: Settings) -> NumtuiApp:
    return make_app(settings, FixedClock(DAYS["saturday"]), start_poller=False, screen="rounds")


def _pressing(keys: tuple[str, ...]) -> Callable[[Pilot[Any]], Any]:
    async def before(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        await press(pilot, *keys)

    return before
