"""The list of commands finds models, accounts and rounds, of all tournaments, and opens them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from importlib import import_module

import pytest

from numtui.clock import FixedClock
from numtui.config import Settings
from numtui.model import Tournament
from numtui.store.database import open_reader
from numtui.store.queries.leaderboards import names_like
from numtui.store.queries.rounds import rounds_like
from numtui.tui.app import NumtuiApp, make_app
from numtui.tui.commands.view_search import places

from .filled import insert
from .shown import press, settled, table, text, until, where


def app_of(settings: Settings, clock: FixedClock, screen: str = "leaderboard") -> NumtuiApp:
    return make_app(settings, clock, start_poller=False, screen=screen)


async def test_a_model_is_found_by_some_of_its_letters(settings: Settings, clock: FixedClock) -> None:
    app = app_of(settings, clock, "status")
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        await press(pilot, "colon", *"encldus")
        assert "Model, Classic" in text(app)
        await press(pilot, "enter")
        assert where(app) == "Status › enceladus › summary"


async def test_an_account_and_a_round(settings: Settings, clock: FixedClock) -> None:
    app = app_of(settings, clock)
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        await press(pilot, "slash", *"zzz", "enter", "colon", *"account_033", "enter")
        assert where(app) == "Leaderboard › accounts"
        assert table(app).cursor_key == "account_033"
        await press(pilot, "ctrl+p", *"1395", "enter")
        assert where(app) == "Leaderboard › 1395"


async def test_a_name_of_another_tournament_changes_to_it(settings: Settings, clock: FixedClock) -> None:
    with closing(sqlite3.connect(settings.db)) as connection, connection:
        insert(connection, "leaderboard", tournament=11, kind="model", name="signal_fox", rank=1, snapshot=1)
    app = app_of(settings, clock)
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        await press(pilot, "colon", *"signal_f")
        assert "Model, Signals" in text(app)
        await press(pilot, "enter")
        assert app.cache.tournament is Tournament.SIGNALS
        assert where(app) == "Leaderboard › signal_fox › summary"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("calendar", "Rounds › calendar"),
        ("submissions", "Models › submissions"),
        ("wallet", "Stake › history"),
        ("claims", "Stake › Atomic (v3) › claims"),
        ("rounds: weeks", "Rounds › weeks"),
        ("alerts: rules", "Alerts › rules"),
    ],
)
async def test_a_table_is_found_by_its_name(settings: Settings, clock: FixedClock, typed: str, shown: str) -> None:
    app = app_of(replace(settings, offline=True), clock)
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        await press(pilot, "colon", *typed)
        await until(pilot, lambda: any(words in text(app) for words in (", table ", ", key ")))
        await press(pilot, "enter")
        await until(pilot, lambda: where(app) == shown)
        await press(pilot, *["escape"] * (2 if "v3" in shown else 1))
        assert where(app).startswith("Leaderboard")


def test_every_place_is_on_its_screen() -> None:
    listed = places()
    assert {"Claims", "Wallet movements", "Rounds: calendar", "Stake: payouts"} <= {place.title for place in listed}
    for place in listed:
        module, name = place.screen.where.split(":")
        screen = getattr(import_module(module), name)
        views = [view.name for view in screen.views]
        assert place.view in views or place.key in {binding.key for binding in screen.BINDINGS}


def test_the_likeliest_names_come_first(settings: Settings) -> None:
    with closing(sqlite3.connect(settings.db)) as connection, connection:
        for place, name in enumerate(("rex", "a_rex", "r_e_x", "rexona", "r%x", "REX_2")):
            insert(connection, "leaderboard", tournament=8, kind="model", name=name, rank=900 + place, snapshot=1)
    with closing(open_reader(settings.db)) as connection:
        found = [row.name for row in names_like(connection, Tournament.CLASSIC, "rex", 10)]
        assert found == ["rex", "REX_2", "rexona", "a_rex", "r_e_x"]
        assert [row.name for row in names_like(connection, Tournament.CLASSIC, "r%", 10)] == ["r%x"]
        assert [row.name for row in names_like(connection, Tournament.CLASSIC, "l_00", 2)] == [
            "model_0001",
            "model_0002",
        ]
        assert [row.round for row in rounds_like(connection, Tournament.CLASSIC, "139", 3)] == [1399, 1398, 1397]
