"""The Models screen with `w`: risk of a window beside each model, as the export has it; percentiles of the field."""

from __future__ import annotations

from contextlib import closing

import numpy as np
import pytest

from numtui.clock import FixedClock
from numtui.config import Settings
from numtui.model import Table, Tournament
from numtui.reports.backtest.query import BacktestQuery
from numtui.reports.backtest.risk import risk
from numtui.reports.epochs import noted_rounds
from numtui.reports.page.model_risks import SHOWN
from numtui.reports.page.risk import LEFT_OUT, model_risk
from numtui.store.database import open_reader, open_writer
from numtui.store.notes.notes import Notes
from numtui.store.queries.selection import Models, Rounds
from numtui.store.writes.field import FieldRound, put_field
from numtui.tui.app import make_app
from numtui.tui.models.model_screen import ModelScreen
from tests.reports.drift.site import DAYS
from tests.tui.shown import line, press, settled, table, text

from .test_model_page import BREEZE
from .test_model_page import drifting as drifting  # noqa: PLC0414  a fixture

pytestmark = pytest.mark.xdist_group("drift")

NOW = DAYS["saturday"]
CLASSIC = Tournament.CLASSIC


def put_rounds(settings: Settings, values: dict[int, list[float]]) -> None:
    """The field of these rounds alone: four models, demo_anchor the first."""
    names = ["demo_anchor", "one", "other", "third"]
    with closing(open_writer(settings.db)) as connection:
        for table in ("field_columns", "field_rounds"):
            connection.execute(f"DELETE FROM {table}")
        for number, of_round in values.items():
            scores = {"v2_corr20": np.array(of_round)}
            row = FieldRound(number, True, names, np.ones(4), scores, {"v2_corr20": 1.0}, *[None] * 7)
            put_field(connection, CLASSIC, row, NOW)


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


async def test_a_note_is_a_window_of_its_own(drifting: Settings) -> None:
    """On the Models screen and on the model's page: from the round that the newest note on a model names."""
    first = 1310
    notes = Notes.of(drifting)
    notes.add("an older one", NOW, tournament=CLASSIC, model=BREEZE, round_number=first - 20)
    notes.add("another target", NOW, tournament=CLASSIC, model=BREEZE.upper(), round_number=first)
    with closing(open_reader(drifting.db)) as connection:
        noted = noted_rounds(drifting, CLASSIC)
        of_note = risk(connection, CLASSIC, BacktestQuery(), Rounds(), noted)
        whole = risk(connection, CLASSIC, BacktestQuery(), Rounds())
        from_there = risk(connection, CLASSIC, BacktestQuery(models=Models((BREEZE,))), Rounds(first))
        by_window, _ = model_risk(connection, CLASSIC, BREEZE, (), noted)
    rounds = whole.column("rounds")
    mine = {str(row[0]): row for row in of_note.rows}
    (alone,) = from_there.rows
    for place, column in enumerate(whole.columns):
        if column.name not in LEFT_OUT:
            assert mine[BREEZE][place] == pytest.approx(alone[from_there.column(column.name)]), column.name
    counts = {str(row[0]): row[rounds] for row in whole.rows}
    assert mine[BREEZE][rounds] != counts[BREEZE]
    others = {name: row[rounds] for name, row in mine.items() if name != BREEZE}
    assert others == {name: count for name, count in counts.items() if name != BREEZE}, "all rounds without a note"
    label = f"note: {first} on"
    assert [row[1] for row in by_window.rows if row[0] == label] == [mine[BREEZE][rounds]]

    app = make_app(drifting, FixedClock(NOW), start_poller=False, screen="models")
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await press(pilot, *"wwwww")
        assert "risk from the newest note on" in line(app, 2)
        await press(pilot, "w")
        assert "risk from" not in line(app, 2)
        app.push_screen(ModelScreen(BREEZE))
        await settled(pilot)
        await press(pilot, "a", "a", "a")
        assert label in text(app)


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


@pytest.mark.parametrize("here", [False, True])
async def test_the_percentile_of_the_field_stands_where_the_field_is_here(drifting: Settings, here: bool) -> None:
    put_rounds(drifting, {1300: [0.3, 0.2, 0.1, 0.0], 1301: [-0.3, 0.2, 0.1, 0.0]} if here else {})
    app = make_app(drifting, FixedClock(NOW), start_poller=False, screen="models")
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        source = table(app).source
        names = [column.name for column in source.columns]
        assert ("field_percentile" in names) is here
        if here:
            place = names.index("field_percentile")
            shares = {row[names.index("model")]: row[place] for row in source.page(0, len(source))}
            assert shares.pop("demo_anchor") == 0.5, "the best of four, then the worst"
            assert {*shares.values()} == {None}
