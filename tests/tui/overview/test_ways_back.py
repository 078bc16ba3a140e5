"""Where a need or a row leads, and the way back: to the same row, in the same tournament."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from numtui.model import Tournament
from numtui.reports.overview.needs import Need, NeedKind
from numtui.stake.atomic.claims import CLAIM_COLUMNS
from numtui.tui.app import NumtuiApp
from numtui.tui.overview.needs_list import NeedsList
from numtui.tui.overview.screen import OverviewScreen
from numtui.tui.screens.pages import model_page
from tests.tui.overview.opened import Open, screen
from tests.tui.shown import press, settled, table, text, where

CLAIMABLE = [column.name for column in CLAIM_COLUMNS].index("claimable")
LEADS = {
    NeedKind.KEY: "Status",
    NeedKind.CHANGE: "Stake",
    NeedKind.SUBMISSION: "Models",
    NeedKind.RELEASE: "Stake",
    NeedKind.ALERT: "Alerts",
    NeedKind.RULE: "Stake › plan by rules",
}


def first(app: NumtuiApp, kind: NeedKind) -> int:
    """The place of the first need of a kind."""
    needs = app.screen.query_one(NeedsList).needs
    return next(place for place, need in enumerate(needs) if need.kind is kind)


@pytest.mark.parametrize("kind", LEADS)
async def test_esc_comes_back_from_the_screen_that_a_need_led_to(opened: Open, kind: NeedKind) -> None:
    async with opened() as (app, pilot):
        needs = app.screen.query_one(NeedsList)
        assert needs.formatter is not None
        listed = [Need(NeedKind.SUBMISSION, "another", "classic"), Need(kind, "this one", "signals", "demo_signal_a")]
        needs.show(listed, needs.formatter, 3)
        await press(pilot, "j", "enter")
        assert where(app).startswith(LEADS[kind])
        assert app.cache.tournament.label == "signals"
        assert "esc back" in text(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, OverviewScreen)
        assert app.cache.tournament.label == "classic"


async def test_esc_clears_the_filter_before_it_goes_back(opened: Open) -> None:
    async with opened() as (app, pilot):
        await press(pilot, *["j"] * first(app, NeedKind.SUBMISSION), "enter", "slash", *"demo", "enter")
        assert where(app).startswith("Models")
        await press(pilot, "escape")
        assert where(app).startswith("Models") and "/ demo" not in text(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, OverviewScreen)


async def test_a_digit_ends_the_way_back(opened: Open) -> None:
    async with opened() as (app, pilot):
        await press(pilot, *["j"] * first(app, NeedKind.SUBMISSION), "enter", "1", "4")
        assert where(app).startswith("Models") and "esc back" not in text(app)
        await press(pilot, "escape")
        assert where(app).startswith("Models")


async def test_a_need_of_alerts_leads_to_that_alert(opened: Open) -> None:
    async with opened() as (app, pilot):
        needs = app.screen.query_one(NeedsList)
        place = first(app, NeedKind.ALERT)
        need = needs.needs[place]
        await press(pilot, *["j"] * place, "enter")
        row = dict(zip((column.name for column in table(app).source.columns), table(app).current or (), strict=False))
        assert (row["rule"], row["tournament"], row["alert"]) == (need.rule, need.tournament, need.alert)
        await press(pilot, "escape")
        assert isinstance(app.screen, OverviewScreen)
        assert app.screen.query_one(NeedsList).cursor == place


async def test_the_way_back_leads_through_all_screens_that_led_on(opened: Open) -> None:
    async with opened() as (app, pilot):
        app.lead_to("alerts", Tournament.SIGNALS)
        await settled(pilot)
        app.lead_to("stake", Tournament.CRYPTO)
        await settled(pilot)
        seen = []
        for _ in range(3):
            seen.append((where(app).split(" › ")[0], app.cache.tournament.label))
            await press(pilot, "escape")
        assert seen == [("Stake", "crypto"), ("Alerts", "signals"), ("Overview", "classic")]


async def test_a_page_that_was_left_open_there_does_not_change_the_tournament(opened: Open) -> None:
    async with opened() as (app, pilot):
        await press(pilot, "4")
        app.open_page(model_page("demo_signal_a"), Tournament.SIGNALS)
        await settled(pilot)
        await press(pilot, "0")
        app.lead_to("models", Tournament.CRYPTO)
        await settled(pilot)
        assert where(app).startswith("Models") and app.cache.tournament is Tournament.CRYPTO
        assert table(app).source.key(0).startswith("demo_coin")


async def test_a_row_of_another_tournament_changes_it_only_while_it_is_open(opened: Open) -> None:
    async with opened() as (app, pilot):
        await press(pilot, *["j"] * len(app.screen.query_one(NeedsList).needs), "G", "slash", *"signal", "enter", "j")
        key = table(app).cursor_key
        assert key is not None and key.startswith("signals")
        await press(pilot, "enter")
        assert app.cache.tournament.label == "signals"
        await press(pilot, "[")
        assert where(app).startswith("Overview › demo_signal") and app.cache.tournament.label == "signals"
        await press(pilot, "]", "escape")
        assert app.cache.tournament.label == "classic"
        assert table(app).cursor_key == key, "the cursor is where it was"


async def test_claims_of_the_cache_are_shown_where_the_api_cannot_be_asked(opened: Open) -> None:
    async with opened() as (app, pilot):
        place = first(app, NeedKind.CLAIM)
        need = app.screen.query_one(NeedsList).needs[place]
        app.settings = replace(app.settings, offline=True)
        await press(pilot, *["j"] * place, "enter")
        assert "Claims as of the last poll." in text(app) and "offline session" in text(app)
        amounts = [row[column] for row in table(app).source.page(0, 99) for column in [CLAIMABLE]]
        assert amounts and sum(Decimal(str(amount)) for amount in amounts) == need.amount


async def test_a_tournament_chosen_on_a_page_stays(opened: Open) -> None:
    async with opened() as (app, pilot):
        await press(pilot, *["j"] * len(app.screen.query_one(NeedsList).needs), "enter")
        assert not isinstance(app.screen, OverviewScreen)
        app.choose_tournament(Tournament.CRYPTO)
        await settled(pilot)
        assert screen(app).is_mounted and app.cache.tournament is Tournament.CRYPTO
