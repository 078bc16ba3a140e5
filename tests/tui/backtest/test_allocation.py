"""Weights on screen: those of the export, by every method, with the verdict; nothing is sent."""

from __future__ import annotations

from contextlib import closing

from numtui.analysis.allocation.methods import METHODS
from numtui.config import Settings
from numtui.reports.backtest.allocation import allocation
from numtui.reports.backtest.query import AllocationQuery, BacktestQuery
from numtui.store.database import open_reader
from numtui.store.queries.selection import Rounds
from numtui.tui.app import NumtuiApp
from numtui.tui.backtest.allocation_screen import AllocationScreen
from tests.tui.backtest.test_backtest import app_of, backtested, settings
from tests.tui.backtested import NOW
from tests.tui.shown import press, settled, table, text, where

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
