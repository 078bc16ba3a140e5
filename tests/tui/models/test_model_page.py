"""The page of a model: its numbers are those of the exports, its views, its neighbours, and anybody's model."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from textual.pilot import Pilot

from numtui.analysis.risk import underwater
from numtui.clock import FixedClock
from numtui.config import Settings
from numtui.model import Table, Tournament
from numtui.reports.backtest.query import BacktestQuery
from numtui.reports.backtest.risk import risk
from numtui.reports.drift.monitor import by_model, model_forecasts
from numtui.reports.models.model_rounds import model_rounds
from numtui.reports.models.models import models
from numtui.reports.page.returns import settled_returns
from numtui.reports.page.risk import model_risk
from numtui.reports.page.rounds import rounds_with_forecasts
from numtui.reports.page.summary import ModelPage, model_page
from numtui.reports.terms import stake_shares
from numtui.store.database import open_reader
from numtui.store.notes.notes import Notes
from numtui.store.queries.selection import Models, Rounds
from numtui.tui.app import NumtuiApp, make_app
from numtui.tui.models.model_screen import ModelScreen
from numtui.tui.models.return_chart import ReturnChart
from numtui.tui.models.summary_panel import UNKNOWN
from tests.reports.drift.site import DAYS, caches
from tests.tui.shown import press, settled, table, text, where

pytestmark = pytest.mark.xdist_group("drift")

NOW = DAYS["saturday"]
CLASSIC = Tournament.CLASSIC
BREEZE = "demo_breeze"
NARROW, WIDE = (80, 24), (120, 40)
Open = Callable[..., AbstractAsyncContextManager[tuple[NumtuiApp, Pilot[Any]]]]
Compare = Callable[..., bool]


@pytest.fixture
def drifting(tmp_path: Path) -> Settings:
    return caches().copy("saturday", tmp_path)


@pytest.fixture
def opened(drifting: Settings) -> Open:
    @asynccontextmanager
    async def run(
        size: tuple[int, int] = WIDE, screen: str = "models", **changes: Any
    ) -> AsyncIterator[tuple[NumtuiApp, Pilot[Any]]]:
        app = make_app(replace(drifting, **changes), FixedClock(NOW), start_poller=False, screen=screen)
        async with app.run_test(size=size, notifications=True) as pilot:
            await settled(pilot)
            yield app, pilot

    return run


async def find(app: NumtuiApp, pilot: Pilot[Any], model: str) -> None:
    """Put the cursor on a model and open it."""
    place = table(app).source.position(model)
    assert place is not None
    table(app).move_to(place)
    await press(pilot, "enter")


def page_of(settings: Settings, model: str) -> ModelPage:
    with closing(open_reader(settings.db)) as connection:
        return model_page(connection, CLASSIC, model, NOW)


def values(table_of: Table, name: str, key: object) -> dict[str, Any]:
    """The row of a table whose column `name` is `key`, by column."""
    row = next(row for row in table_of.rows if row[table_of.column(name)] == key)
    return {column.name: value for column, value in zip(table_of.columns, row, strict=True)}


def test_its_numbers_are_those_of_the_reports_they_come_from(drifting: Settings) -> None:
    page = page_of(drifting, BREEZE)
    with closing(open_reader(drifting.db)) as connection:
        stake = values(models(connection, CLASSIC, NOW, Models()), "model", BREEZE)
        drift = values(by_model(connection, CLASSIC), "model", BREEZE)
        figures = values(risk(connection, CLASSIC, BacktestQuery(Models((BREEZE,))), Rounds()), "model", BREEZE)
        forecasts = model_forecasts(connection, CLASSIC, BREEZE, NOW)
        returns = settled_returns(connection, CLASSIC, (BREEZE,), ())
        assert returns is not None
        settled = returns.values[0][~np.isnan(returns.values[0])]
        shares = stake_shares(connection, CLASSIC, [point.round for point in page.curve.settled])
        open_shares = stake_shares(connection, CLASSIC, [point.round for point in page.curve.pending[1:]])
    assert (page.money.stake, page.money.at_risk) == (stake["stake"], stake["at_risk"])
    assert page.money.pending == drift["payout"]
    for name in ("expected_payout", "payout_p05", "payout_p95", "burn_probability"):
        assert getattr(page.money, name) == drift[name] is not None
    assert page.curve.figures is not None
    for name, figure in page.curve.figures._asdict().items():
        assert figure == figures[name]
    assert settled.sum() == pytest.approx(figures["mean"] * figures["rounds"])
    assert underwater(settled).max() == pytest.approx(figures["max_drawdown"])
    assert page.curve.settled[-1].cumulated == pytest.approx((settled * shares).sum())
    assert page.curve.max_drawdown == pytest.approx(underwater(settled * shares).max())
    standing = [row[forecasts.column("value")] for row in forecasts.rows]
    assert [one.value for one in page.open_rounds] == standing
    known = [value for value in standing if isinstance(value, float)]
    rise = page.curve.pending[-1].cumulated - page.curve.settled[-1].cumulated
    by_round = sorted(page.open_rounds, key=lambda one: one.round)
    stood = [one.value for one in by_round if one.value is not None]
    assert rise == pytest.approx((np.array(stood) * open_shares).sum()) and len(known) == len(page.curve.pending) - 1
    for score in page.scores[:2]:
        assert score.value == stake[score.score]


def test_the_rounds_are_those_of_both_reports(drifting: Settings) -> None:
    with closing(open_reader(drifting.db)) as connection:
        merged, known, forecasts = (
            report(connection, CLASSIC, BREEZE, NOW)
            for report in (rounds_with_forecasts, model_rounds, model_forecasts)
        )
    assert [row[0] for row in merged.rows] == [row[0] for row in known.rows]
    checked = 0
    for row in forecasts.rows:
        cells = values(merged, "round", row[forecasts.column("round")])
        money = values(known, "round", cells["round"])
        forecast = values(forecasts, "round", cells["round"])
        assert all(cells[name] == money[name] for name in ("status", "at_risk", "pending", "corr60"))
        assert all(cells[name] == forecast[name] for name in ("value", "expected", "p05", "burn_probability"))
        checked += 1
    assert checked > 50


async def test_the_views_and_the_ways_down(opened: Open) -> None:
    async with opened() as (app, pilot):
        await find(app, pilot, BREEZE)
        seen = []
        views = ("summary", "rounds", "scores", "risk", "field", "payouts", "stake")
        for _ in views:
            seen.append(where(app))
            await press(pilot, "a")
        assert seen == [f"Models › {BREEZE} › {view}" for view in views]
        await press(pilot, "enter")
        assert where(app).startswith(f"Models › {BREEZE} › 1342")
        await press(pilot, "escape", "escape")
        assert where(app) == "Models › models"


async def test_the_summary_says_it_all_at_one_look(opened: Open, drifting: Settings) -> None:
    Notes.of(drifting).add("lgbm v5.2", NOW, tournament=CLASSIC, model=BREEZE, round_number=1290, tags=["lgbm"])
    page = page_of(drifting, BREEZE)
    for size in (NARROW, WIDE):
        async with opened(size) as (app, pilot):
            await find(app, pilot, BREEZE)
            shown = text(app)
            money = page.money
            assert money.pending is not None and money.payout_p05 is not None
            for said in (
                f"at risk {money.at_risk:,.2f}",
                f"pending {money.pending:+,.4f}",
                f"forecast {money.expected_payout:+,.4f} (90% {money.payout_p05:+,.4f} to {money.payout_p95:+,.4f})",
                f"open {len(page.open_rounds)} ",
                "note lgbm v5.2 #lgbm @1290",
                "terms 3 corr60 + 15 mmc60, clip 1, factor 1, Atomic",
                "missed ",
            ):
                assert said in shown
            assert app.screen.query_one(ReturnChart).display is (size == WIDE)
            assert table(app).size.height >= 7
            await press(pilot, "$")
            assert f"{money.pending:+,.4f}" not in text(app)


async def test_neighbours_of_the_table_behind_in_the_same_view(opened: Open) -> None:
    async with opened() as (app, pilot):
        names = [table(app).source.key(place) for place in range(len(table(app).source))]
        await press(pilot, "enter", "a", "]")
        assert where(app).startswith(f"Models › {names[1]} › rounds")
        await press(pilot, "]", "[", "[")
        assert where(app).startswith(f"Models › {names[0]} › rounds")
        await press(pilot, "[")
        assert where(app).startswith(f"Models › {names[0]} › rounds")
        assert "This is the first one of Models." in text(app)
        await press(pilot, "j", "enter")
        first = where(app).split(" › ")[-1]
        await press(pilot, "]")
        assert where(app).split(" › ")[-1] == str(int(first) - 1)
        await press(pilot, "escape")
        assert table(app).cursor_key == str(int(first) - 1)
        await press(pilot, "]", "escape")
        assert table(app).cursor_key == names[1]


async def test_enter_on_a_stake_and_on_a_payout_opens_the_page(opened: Open) -> None:
    async with opened(screen="stake") as (app, pilot):
        model = table(app).cursor_key
        await press(pilot, "enter")
        assert where(app) == f"Stake › {model} › summary"
        await press(pilot, "escape", "a")
        key = table(app).cursor_key
        assert key is not None
        name, number = key.split(" ")
        await press(pilot, "enter")
        assert where(app) == f"Stake › {name} › rounds"
        assert table(app).cursor_key == number


async def test_a_round_has_neighbours_too(opened: Open) -> None:
    async with opened(screen="rounds") as (app, pilot):
        await press(pilot, "enter")
        assert where(app) == "Rounds › 1343"
        await press(pilot, "]")
        assert where(app) == "Rounds › 1344"


async def test_left_and_right_tell_the_values_of_a_round(opened: Open, drifting: Settings) -> None:
    page = page_of(drifting, BREEZE)
    async with opened() as (app, pilot):
        await find(app, pilot, BREEZE)
        await press(pilot, "left")
        point = page.curve.settled[-2]
        assert f"round {point.round}  ━ settled" in text(app)
        assert f"drawdown {point.drawdown:.1%}" in text(app)
        await press(pilot, *["right"] * 3)
        assert f"round {page.curve.pending[2].round}  ━ pending, as it stands" in text(app)


async def test_a_stranger_has_a_page_and_can_be_watched(opened: Open) -> None:
    async with opened(NARROW, "leaderboard") as (app, pilot):
        source = table(app).source
        columns = [column.name for column in source.columns]
        rows = source.page(0, len(source))
        place = next(
            place
            for place, row in enumerate(rows)
            if not row[columns.index("mine")] and not row[columns.index("watched")]
        )
        name = source.key(place)
        table(app).move_to(place)
        await press(pilot, "enter")
        assert where(app).startswith(f"Leaderboard › {name} › summary")
        assert UNKNOWN.split(":")[0] in text(app)
        await press(pilot, "f")
        assert f"{name} is watched." in text(app)


async def test_notes_and_epochs_stand_in_the_history_of_scores(opened: Open, drifting: Settings) -> None:
    Notes.of(drifting).add("new target", NOW, tournament=CLASSIC, model=BREEZE, round_number=1330, epoch=True)
    async with opened() as (app, pilot):
        await find(app, pilot, BREEZE)
        screen = app.screen
        assert isinstance(screen, ModelScreen) and screen.page is not None
        assert screen.page.curve.settled[0].round >= 1330
        await press(pilot, "a", "a")
        place = table(app).source.position("1330")
        assert place is not None
        row = table(app).row(place)
        assert row is not None and "new target @1330 !epoch" in row


@pytest.mark.parametrize(
    ("size", "changes"), [(NARROW, {}), (WIDE, {}), (WIDE, {"ascii": True})], ids=["80x24", "120x40", "ascii"]
)
def test_pictures(snap_compare: Compare, drifting: Settings, size: tuple[int, int], changes: dict[str, bool]) -> None:
    settings = replace(drifting, **changes)  # type: ignore[arg-type]  # flags by name
    app = make_app(settings, FixedClock(NOW), start_poller=False, screen="models")

    async def before(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        await find(app, pilot, BREEZE)

    assert snap_compare(app, terminal_size=size, run_before=before)


async def test_risk_is_that_of_the_export_by_window(opened: Open, drifting: Settings) -> None:
    with closing(open_reader(drifting.db)) as connection:
        shown, _ = model_risk(connection, CLASSIC, BREEZE, ())
        asked = BacktestQuery(models=Models(names=(BREEZE,)))
        exported = {window: risk(connection, CLASSIC, asked, Rounds(), window) for window in (20, None)}
    for window, label in ((20, "newest 20"), (None, "all")):
        of = values(shown, "window", label)
        (row,) = exported[window].rows
        whole = {column.name: row[place] for place, column in enumerate(exported[window].columns)}
        assert of["rounds"] == (window or whole["rounds"])
        assert {name: whole[name] for name in of if name != "window"} == {k: v for k, v in of.items() if k != "window"}
    async with opened() as (app, pilot):
        await find(app, pilot, BREEZE)
        await press(pilot, "a", "a", "a")
        assert where(app) == f"Models › {BREEZE} › risk"
        assert "newest 20" in text(app) and "newest 60" in text(app)


async def test_risk_of_a_stranger_says_why_there_is_none(opened: Open) -> None:
    async with opened() as (app, pilot):
        app.push_screen(ModelScreen("nobody_here"))
        await settled(pilot)
        await press(pilot, "a", "a", "a")
        assert "No round of nobody_here is resolved here" in text(app)
