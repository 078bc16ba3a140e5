"""The Models screen with `w`: risk of a window beside each model, as the export has it; percentiles of the field."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from numtui.clock import FixedClock
from numtui.config import Settings
from numtui.model import Table, Tournament
from numtui.reports.backtest.query import BacktestQuery
from numtui.reports.backtest.risk import risk
from numtui.reports.page.model_risks import SHOWN
from numtui.store.database import open_reader, open_writer
from numtui.store.queries.selection import Rounds
from numtui.store.writes.field import FieldRound, put_field
from numtui.tui.app import make_app
from tests.reports.drift.site import DAYS
from tests.tui.shown import line, press, settled, table

from .test_model_page import drifting as drifting  # noqa: PLC0414  a fixture

pytestmark = pytest.mark.xdist_group("drift")

NOW = DAYS["saturday"]
CLASSIC = Tournament.CLASSIC


@pytest.fixture
def with_field(drifting: Settings, tmp_path: Path) -> Iterator[Settings]:
    """The same cache with the field of two rounds: demo_anchor is the best of four, then the worst."""
    shutil.copytree(drifting.db.parent, tmp_path / "cache")
    settings = replace(drifting, db=tmp_path / "cache" / drifting.db.name)
    names = ["demo_anchor", "one", "other", "third"]
    with closing(open_writer(settings.db)) as connection:
        for number, values in ((1300, [0.3, 0.2, 0.1, 0.0]), (1301, [-0.3, 0.2, 0.1, 0.0])):
            scores = {"v2_corr20": np.array(values)}
            row = FieldRound(number, True, names, np.ones(4), scores, {"v2_corr20": 1.0}, *[None] * 7)
            put_field(connection, CLASSIC, row, NOW)
    yield settings


def exported(settings: Settings, window: int | None) -> dict[str, dict[str, object]]:
    with closing(open_reader(settings.db)) as connection:
        found: Table = risk(connection, CLASSIC, BacktestQuery(), Rounds(), window)
    names = [column.name for column in found.columns]
    return {str(row[0]): dict(zip(names, row, strict=True)) for row in found.rows}


async def test_w_shows_the_risk_of_each_window_in_turn(drifting: Settings) -> None:
    app = make_app(drifting, FixedClock(NOW), start_poller=False, screen="models")
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        plain = [column.name for column in table(app).source.columns]
        assert not {*SHOWN} & {*plain}
        for window in (20, 60, 250, None):
            said = "all rounds" if window is None else f"newest {window} rounds"
            await press(pilot, "w")
            source = table(app).source
            assert f"risk {said}" in line(app, 2)
            place = {column.name: k for k, column in enumerate(source.columns)}
            rows = source.page(0, len(source))
            expected = exported(drifting, window)
            assert {row[place["model"]] for row in rows} >= expected.keys()
            for row in rows:
                figures = expected.get(str(row[place["model"]]), {})
                assert [row[place[name]] for name in SHOWN] == [figures.get(name) for name in SHOWN]
                assert row[place["risk_rounds"]] == figures.get("rounds")
        await press(pilot, "w")
        assert [column.name for column in table(app).source.columns] == plain


async def test_the_risk_is_sorted_like_everything_else(drifting: Settings) -> None:
    app = make_app(drifting, FixedClock(NOW), start_poller=False, screen="models")
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "w", ">", ">")
        source = table(app).source
        order = app.screen.state.order  # type: ignore[attr-defined]
        assert order.column == "mean"
        place = next(k for k, column in enumerate(source.columns) if column.name == "mean")
        values = [float(str(row[place])) for row in source.page(0, len(source)) if row[place] is not None]
        assert values == sorted(values, reverse=order.descending) and len(values) > 1
        await press(pilot, "a", "w")
        assert app.screen.view.name == "submissions", "w is of the first view alone"  # type: ignore[attr-defined]


async def test_the_percentile_of_the_field_stands_where_the_field_is_here(
    drifting: Settings, with_field: Settings
) -> None:
    for settings, percentile in ((drifting, None), (with_field, 0.5)):
        app = make_app(settings, FixedClock(NOW), start_poller=False, screen="models")
        async with app.run_test(size=(120, 40)) as pilot:
            await settled(pilot)
            source = table(app).source
            names = [column.name for column in source.columns]
            assert ("field_percentile" in names) is (percentile is not None)
            if percentile is not None:
                place = names.index("field_percentile")
                shares = {row[names.index("model")]: row[place] for row in source.page(0, len(source))}
                assert shares.pop("demo_anchor") == percentile
                assert {*shares.values()} == {None}
