"""Models beside each other: the same figures as the exports on matched rounds, and what can be marked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from textual.pilot import Pilot

from numtui.analysis.risk import correlations, underwater
from numtui.clock import FixedClock
from numtui.config import Settings
from numtui.model import Tournament
from numtui.reports.backtest.query import BacktestQuery
from numtui.reports.backtest.risk import risk
from numtui.reports.page.comparison import comparison
from numtui.store.database import open_reader
from numtui.store.queries.selection import Models, Rounds
from numtui.tui.app import NumtuiApp, make_app
from numtui.tui.models.comparison_panel import ComparisonChart
from numtui.tui.models.comparison_screen import ComparisonScreen
from tests.reports.drift.site import DAYS, caches
from tests.tui.shown import press, settled, table, text, where

pytestmark = pytest.mark.xdist_group("drift")

NOW = DAYS["saturday"]
CLASSIC = Tournament.CLASSIC
NARROW, WIDE = (80, 24), (120, 40)
THREE = ("demo_breeze", "demo_cinder", "demo_ember")
Open = Callable[..., AbstractAsyncContextManager[tuple[NumtuiApp, Pilot[Any]]]]
Compare = Callable[..., bool]


@pytest.fixture
def drifting(tmp_path: Path) -> Settings:
    return caches().copy("saturday", tmp_path)


@pytest.fixture
def opened(drifting: Settings) -> Open:
    @asynccontextmanager
    async def run(size: tuple[int, int] = WIDE, screen: str = "models") -> AsyncIterator[tuple[NumtuiApp, Pilot[Any]]]:
        app = make_app(drifting, FixedClock(NOW), start_poller=False, screen=screen)
        async with app.run_test(size=size, notifications=True) as pilot:
            await settled(pilot)
            yield app, pilot

    return run


def mark(app: NumtuiApp, *keys: str) -> None:
    table(app).marks.update(keys)


def test_the_figures_are_those_of_the_export_on_matched_rounds(drifting: Settings) -> None:
    with closing(open_reader(drifting.db)) as connection:
        shown = comparison(connection, CLASSIC, THREE)
        exported = risk(connection, CLASSIC, BacktestQuery(Models(THREE), matched=True), Rounds())
    by_model = {row[0]: row for row in exported.rows}
    for row in shown.table.rows:
        figures = {column.name: value for column, value in zip(shown.table.columns, row, strict=True)}
        same = by_model[figures["model"]]
        for name in ("rounds", "mean", "std", "sharpe", "max_drawdown", "cvar_5", "burn_rate"):
            assert figures[name] == pytest.approx(same[exported.column(name)], rel=1e-12)
    curves = [np.diff([0.0, *(point.cumulated for point in model.curve)]) for model in shown.models]
    assert len({tuple(point.round for point in model.curve) for model in shown.models}) == 1
    known = np.array([model.correlations for model in shown.models], dtype=np.float64)
    assert known == pytest.approx(np.corrcoef(curves), abs=1e-9)


def test_a_model_without_rounds_is_left_out_and_said(drifting: Settings) -> None:
    with closing(open_reader(drifting.db)) as connection:
        shown = comparison(connection, CLASSIC, ("demo_breeze", "nobody", "demo_ember"))
        none = comparison(connection, CLASSIC, ("nobody", "no_one"))
    assert [model.model for model in shown.models] == ["demo_breeze", "demo_ember"]
    assert shown.missing == ("nobody",) and shown.rounds > 90
    assert none.models == () and none.missing == ("nobody", "no_one")


def test_correlations_and_losses_of_series() -> None:
    r = np.random.default_rng(1).normal(size=(4, 30))
    assert correlations(r) == pytest.approx(np.corrcoef(r))
    r[2] = 0.5
    assert np.isnan(correlations(r)[2]).all()
    assert np.isnan(correlations(np.ones((2, 1)))).all()
    losses = underwater(np.array([0.1, -0.5, 0.2, 1.5]))
    assert losses == pytest.approx([0.0, 0.5, 0.4, 0.0])
    assert underwater(np.zeros(0)).size == 0


async def test_marked_models_are_compared_and_enter_leads_on(opened: Open) -> None:
    async with opened() as (app, pilot):
        mark(app, *THREE)
        await press(pilot, "equals_sign")
        assert isinstance(app.screen, ComparisonScreen)
        assert where(app).startswith("Models › 3 models")
        shown = text(app)
        assert "correlation" in shown and shown.count("+1.00") == 3
        assert "━ 1 demo_breeze" in shown and " matched rounds 1" in shown
        await press(pilot, "left", "left")
        chart = app.screen.query_one(ComparisonChart)
        assert chart.comparison is not None
        point = chart.comparison.models[0].curve[-3]
        assert f"round {point.round}" in text(app) and f"{point.cumulated:+.1%}" in text(app)
        await press(pilot, "j", "enter")
        assert where(app).startswith("Models › 3 models › demo_cinder › summary")
        await press(pilot, "]")
        assert where(app).startswith("Models › 3 models › demo_ember › summary")
        await press(pilot, "escape", "escape")
        assert table(app).marks == set(THREE)


async def test_too_few_and_too_many_are_said(opened: Open) -> None:
    async with opened() as (app, pilot):
        await press(pilot, "equals_sign")
        assert "= compares 2 to 6 of them: none is marked." in text(app)
        mark(app, "demo_breeze")
        await press(pilot, "equals_sign")
        assert "1 is marked." in text(app)
        mark(app, *(table(app).source.key(place) for place in range(7)))
        await press(pilot, "equals_sign")
        assert "7 are marked." in text(app)
        assert where(app).startswith("Models")


async def test_models_of_several_tournaments_are_not_compared(opened: Open) -> None:
    async with opened(screen="overview") as (app, pilot):
        keys = [table(app).source.key(place) for place in range(len(table(app).source))]
        classic = [key for key in keys if key.startswith("classic ")][:2]
        other = next(key for key in keys if not key.startswith("classic "))
        mark(app, *classic, other)
        await press(pilot, "equals_sign")
        assert "Models of one tournament can be compared; these are of several." in text(app)
        table(app).marks.discard(other)
        await press(pilot, "equals_sign")
        assert where(app).startswith("Overview › 2 models")


async def test_six_models_fit_a_small_terminal(opened: Open) -> None:
    async with opened(NARROW) as (app, pilot):
        mark(app, *(table(app).source.key(place) for place in range(6)))
        await press(pilot, "equals_sign")
        shown = text(app).splitlines()
        assert all(any(row.strip().startswith(f"{place} ") for row in shown) for place in range(1, 7))
        assert len(table(app).source) == 6 and table(app).size.height == 7
        assert app.screen.query_one(ComparisonChart).size.height >= 5
        assert shown[-1].strip().startswith("enter open")


@pytest.mark.parametrize(
    ("size", "theme", "changes"),
    [(NARROW, "", {}), (WIDE, "", {}), (WIDE, "ansi-dark", {}), (WIDE, "", {"ascii": True, "no_color": True})],
    ids=["80x24", "120x40", "16_colours", "ascii"],
)
def test_pictures(
    snap_compare: Compare, drifting: Settings, size: tuple[int, int], theme: str, changes: dict[str, bool]
) -> None:
    app = make_app(replace(drifting, **changes), FixedClock(NOW), start_poller=False, screen="models")  # type: ignore[arg-type]  # flags by name
    if theme:
        app.theme = theme

    async def before(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        mark(app, *THREE, "demo_flint")
        await press(pilot, "equals_sign")

    assert snap_compare(app, terminal_size=size, run_before=before)
