"""Weights on screen: those of the export, by every method, with the verdict; nothing is sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from numtui.analysis.allocation.methods import METHODS
from numtui.clock import FixedClock
from numtui.config import Settings
from numtui.reports.allocation.allocation import allocation
from numtui.reports.allocation.frontier import FRONTIER_COLUMNS, frontier_rows
from numtui.reports.allocation.moving import moving_notes, moving_rows
from numtui.reports.allocation.portfolio import portfolio_rows
from numtui.reports.backtest.query import AllocationQuery, BacktestQuery
from numtui.stake.plan.file import read_targets
from numtui.store.database import open_reader
from numtui.store.notes.notes import Notes
from numtui.store.queries.selection import Rounds
from numtui.tui.app import NumtuiApp, make_app
from numtui.tui.backtest.allocation_screen import AllocationScreen
from tests.export.conftest import Polled, polled_in
from tests.poller.site import NOW as SITE_NOW
from tests.tui.backtest.test_backtest import app_of, backtested, settings
from tests.tui.backtested import NOW
from tests.tui.shown import press, settled, table, text, until, where

__all__ = ["backtested", "settings"]


def weights_screen(app: NumtuiApp) -> AllocationScreen:
    assert isinstance(app.screen, AllocationScreen)
    return app.screen


async def test_the_weights_are_those_of_the_export(settings: Settings) -> None:
    app = app_of(settings)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await press(pilot, "W")
        assert where(app) == "Backtest › Allocation › weights"
        query, tournament = weights_screen(app).backtest, app.cache.tournament
        with closing(open_reader(settings.db)) as connection:
            found = allocation(connection, tournament, query, Rounds(), asked=AllocationQuery(), now=NOW)
        assert found is not None
        assert query == BacktestQuery(models=query.models)
        source = table(app).source
        place = [column.name for column in source.columns].index("weight")
        shown = {source.key(number): row[place] for number, row in enumerate(source.page(0, len(source)))}
        assert shown == dict(zip(found.models, found.weights.tolist(), strict=True))
        assert "equal ones" in text(app)


async def test_a_range_without_a_first_round_counts_from_the_models_own_epochs(settings: Settings) -> None:
    """As the study of the same choices does, from which the screen is opened."""
    app = app_of(settings)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await press(pilot, "W")
        before = weights_screen(app).found
        assert before is not None
        middle, last = before.rounds[len(before.rounds) // 2], before.rounds[-2]
        tournament, model = app.cache.tournament, before.models[0]
        Notes.of(settings).add("new target", NOW, tournament=tournament, model=model, round_number=middle, epoch=True)
        for rounds, first in ((f"..{last}", middle), (f"{before.rounds[0]}..{last}", before.rounds[0])):
            app.push_screen(AllocationScreen(replace(weights_screen(app).backtest, rounds=rounds)))
            await settled(pilot)
            found = weights_screen(app).found
            assert found is not None
            assert (found.rounds[0], found.rounds[-1]) == (first, last)


async def test_every_method_and_the_walk(settings: Settings) -> None:
    app = app_of(settings)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await press(pilot, "W")
        seen = []
        for _ in METHODS:
            seen.append(weights_screen(app).asked.method)
            assert f"o {seen[-1]}" in text(app)
            await press(pilot, "o")
        assert sorted(seen) == sorted(METHODS)
        await press(pilot, "a")
        assert where(app).endswith("walk forward")
        await press(pilot, "escape")
        assert where(app).startswith("Backtest")


@pytest.fixture
def polled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Polled]:
    with polled_in(tmp_path_factory.mktemp("weights")) as polled:
        yield polled


async def test_weights_become_targets_that_a_plan_takes(
    polled: Polled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the demo's account: the file adds up to what is staked, to the hundredth, and nothing is sent."""
    monkeypatch.chdir(tmp_path)
    app = make_app(polled.settings, FixedClock(SITE_NOW), start_poller=False, screen="backtest")
    polled.site.server.log.clear()
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await press(pilot, "W", "p", "enter")
        await until(pilot, lambda: list(tmp_path.glob("*.json")))
        found = weights_screen(app).found
    assert polled.site.server.log.requests == 0
    assert found is not None
    (path,) = tmp_path.glob("*.json")
    targets = read_targets(path.read_text())
    assert targets == found.targets()
    total = sum(stake for stake in found.stakes if stake is not None)
    assert 0 <= total - sum(targets.values()) < Decimal("0.01") * len(targets)


async def test_without_stakes_there_are_no_targets(settings: Settings, tmp_path: Path) -> None:
    app = app_of(settings)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await settled(pilot)
        await press(pilot, "W", "p")
        assert "there is nothing to spread" in text(app)
        assert not list(tmp_path.glob("*.json"))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_other_views_are_those_of_the_export(polled: Polled, size: tuple[int, int]) -> None:
    app = make_app(polled.settings, FixedClock(SITE_NOW), start_poller=False, screen="backtest")
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        await press(pilot, "W", "a", "a")
        shown = weights_screen(app)
        assert where(app).endswith("frontier")
        assert shown.found is not None
        source, columns = table(app).source, len(FRONTIER_COLUMNS)
        assert [row[:columns] for row in source.page(0, len(source))] == [*map(tuple, frontier_rows(shown.found))]
        assert ("━ frontier" in text(app)) is (size[1] > 24), "a chart where there is room"
        await press(pilot, "a")
        assert where(app).endswith("moving")
        with closing(open_reader(polled.settings.db)) as connection:
            way = moving_rows(connection, shown.found, SITE_NOW)
        source = table(app).source
        assert [*source.page(0, len(source))] == [*map(tuple, way)]
        assert moving_notes(way)[0] in text(app)
        await press(pilot, "a")
        assert where(app).endswith("portfolio")
        source = table(app).source
        assert [*source.page(0, len(source))] == [*map(tuple, portfolio_rows(shown.found))]
        assert "ensemble bound" in text(app)
        await press(pilot, "a")
        assert where(app).endswith("weights")
