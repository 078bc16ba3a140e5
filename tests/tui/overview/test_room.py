"""The lines that the parts of the Overview get."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult

from numtui.format import Formatter
from numtui.reports.overview.latest import Event
from numtui.reports.overview.money import MONEY_COLUMNS
from numtui.tui.overview.extremes_line import ExtremesLine
from numtui.tui.overview.latest_panel import LatestPanel
from numtui.tui.overview.room import FRAME, LEAST, MODELS, TALL, room_for
from numtui.tui.screens.help import column_entries
from tests.tui.overview.opened import Open, screen
from tests.tui.shown import press, table, text


@given(st.integers(24, 200), st.integers(0, 7), st.integers(0, 100), st.integers(0, 100))
def test_all_models_have_room_before_anything_grows(height: int, money: int, models: int, needs: int) -> None:
    room = room_for(height, money, models, needs)
    rows = height - FRAME - money - sum(room)
    assert room.needs <= max(needs, 4)
    if height >= TALL and room != LEAST._replace(needs=min(needs, LEAST.needs)):
        assert rows >= min(models, MODELS)
    taller = room_for(height + 1, money, models, needs)
    assert height + 1 == TALL or all(more >= less for more, less in zip(taller, room, strict=True))


async def test_twelve_models_are_on_one_screen_without_scrolling(opened: Open) -> None:
    async with opened((120, 40)) as (app, _):
        read = screen(app).overview
        assert read is not None and len(read.models) == 12
        assert table(app).size.height > 12
        assert app.screen.query_one(ExtremesLine).display and read.extremes is not None
        assert f"worst forecast {read.extremes.worst.model} {read.extremes.worst.outlook:+,.4f}" in text(app)
        assert f"best {read.extremes.best.model} {read.extremes.best.outlook:+,.4f}" in text(app)
        week = read.weeks[0]
        assert f"resolves by week {week.week:%d %b} {week.outlook:+,.4f}" in text(app)


class Latest(App[None]):
    def compose(self) -> ComposeResult:
        yield LatestPanel()


async def test_what_settled_stands_before_what_moved_whatever_the_amounts() -> None:
    events = [
        Event("2026-11-25", "moved", "classic", "grove", None, Decimal(9)),
        Event("2026-11-25", "moved", "classic", "ember", None, Decimal(-8)),
        Event("2026-11-25", "increase", "signals", "anchor", None, Decimal(5)),
        Event("2026-11-25", "settled", "signals", None, 1344, Decimal("-0.25")),
        Event("2026-11-25", "settled", "crypto", None, 1384, Decimal("0.5")),
    ]
    app = Latest()
    async with app.run_test(size=(140, 24)):
        app.query_one(LatestPanel).show(events, Formatter(datetime(2026, 11, 26, tzinfo=UTC)), 2)
        said = "settled signals 1344 -0.2500, crypto 1384 +0.5000   increase anchor +5.0000   moved grove +9.0000"
        assert str(app.query_one(LatestPanel).render()).startswith(f"2026-11-25   {said}, ember -8.0000")


async def test_money_says_where_columns_have_no_room_and_the_help_explains_all_of_them(opened: Open) -> None:
    async with opened((80, 24)) as (app, pilot):
        head = next(row for row in text(app).splitlines() if row.startswith(" tournament"))
        assert head.rstrip().endswith("›") and "burn %" in head and "worst case" in head
        await press(pilot, "question_mark")
        entries = {(group, about) for group, _, about in column_entries(app.screen_stack[0])}
        assert {("Columns of money", column.doc) for column in MONEY_COLUMNS} <= entries


async def test_needs_have_headings_for_amount_and_time(opened: Open) -> None:
    async with opened((80, 24)) as (app, pilot):
        head = next(row for row in text(app).splitlines() if row.startswith(" Needs you"))
        assert head.split()[-2:] == ["NMR", "left"]
        await press(pilot, "c")
        head = next(row for row in text(app).splitlines() if row.startswith(" Needs you"))
        assert head.split()[-2:] == ["USD", "left"]
