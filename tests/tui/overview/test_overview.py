"""The Overview screen as it is used: needs first, enter leads where it is done, one look at all tournaments."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from numtui.model import Tournament
from numtui.reports.overview.needs import Need, NeedKind
from numtui.store.database import open_writer
from numtui.tui.app import NumtuiApp, make_app
from numtui.tui.overview.money_panel import MoneyPanel
from numtui.tui.overview.needs_list import CALM, NeedsList
from numtui.tui.overview.payout_chart import PayoutChart
from numtui.tui.overview.screen import OverviewScreen
from tests.export.conftest import Polled
from tests.tui.filled import changed
from tests.tui.overview.opened import Open, screen
from tests.tui.shown import line, looked, press, settled, table, text, where


async def test_needs_come_first_and_enter_leads_where_they_are_done(opened: Open) -> None:
    async with opened() as (app, pilot):
        needs = app.screen.query_one(NeedsList)
        assert needs.has_focus and needs.needs
        read = screen(app).overview
        assert read is not None and needs.needs == read.needs
        claim = next(place for place, need in enumerate(needs.needs) if need.kind is NeedKind.CLAIM)
        await press(pilot, *["j"] * claim, "enter")
        assert app.cache.tournament.label == needs.needs[claim].tournament
        assert "Atomic (v3)" in text(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, OverviewScreen)


async def test_the_cursor_goes_from_the_needs_into_the_table_and_back(opened: Open) -> None:
    async with opened() as (app, pilot):
        needs = app.screen.query_one(NeedsList)
        await press(pilot, *["down"] * len(needs.needs))
        assert table(app).has_focus and table(app).cursor == 0
        await press(pilot, "down", "up")
        assert table(app).has_focus
        await press(pilot, "up")
        assert needs.has_focus


async def test_enter_on_a_model_opens_it_in_its_tournament(opened: Open) -> None:
    async with opened() as (app, pilot):
        await press(pilot, *["j"] * len(app.screen.query_one(NeedsList).needs))
        key = table(app).cursor_key
        assert key is not None
        label, model = key.split(" ")
        await press(pilot, "enter")
        assert app.cache.tournament.label == label
        assert where(app).startswith(f"Overview › {model}")
        await press(pilot, "escape")
        assert table(app).cursor_key == key


async def test_t_narrows_it_to_one_tournament_after_the_other(opened: Open) -> None:
    async with opened() as (app, pilot):
        seen = []
        for _ in range(4):
            read = screen(app).overview
            assert read is not None
            seen.append([row.tournament for row in read.money])
            await press(pilot, "t")
        assert seen == [["classic", "signals", "crypto"], ["classic"], ["signals"], ["crypto"]]
        read = screen(app).overview
        assert read is not None and len(read.money) == 3


async def test_hidden_balances_are_hidden_everywhere(opened: Open) -> None:
    async with opened() as (app, pilot):
        read = screen(app).overview
        assert read is not None and read.totals.whole is not None
        amount = f"{read.totals.whole:,.2f}"
        assert amount in text(app)
        await press(pilot, "$")
        shown = text(app)
        assert amount not in shown and "•••" in shown
        assert not app.screen.query_one(PayoutChart).display
        assert not any(f"{row.pending:+,.4f}" in shown for row in read.models if row.pending)


async def test_money_in_fiat(opened: Open) -> None:
    async with opened() as (app, pilot):
        read = screen(app).overview
        assert read is not None and read.totals.price is not None and read.totals.at_risk is not None
        await press(pilot, "c")
        assert f"{read.totals.at_risk * read.totals.price:,.2f}" in text(app)
        assert read.totals.whole is not None
        worth = f"{read.totals.whole * read.totals.price:,.2f}"
        assert f"USD {worth}" in text(app) and f"NMR {worth}" not in text(app)


async def test_a_small_terminal_has_what_needs_the_user_and_the_money(opened: Open) -> None:
    async with opened((80, 24)) as (app, _):
        assert app.screen.query_one(NeedsList).has_focus
        assert app.screen.query_one(MoneyPanel).region.height == 6
        assert not app.screen.query_one(PayoutChart).display
        assert table(app).size.height >= 6
        assert all(len(row.rstrip()) <= 80 for row in text(app).splitlines())


async def test_no_account_gets_a_welcome_that_says_what_to_do(filled_no_account: NumtuiApp) -> None:
    async with filled_no_account.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        shown = text(filled_no_account)
        assert "export NUMERAI_PUBLIC_ID=" in shown and "1" in shown
        assert CALM not in shown
        await press(pilot, "1")
        assert "Leaderboard" in text(filled_no_account)


@pytest.fixture
def filled_no_account(account: Polled, tmp_path_factory: pytest.TempPathFactory) -> NumtuiApp:
    import shutil

    from numtui.store.database import open_writer
    from numtui.store.writes.accounts import forget_account

    path = tmp_path_factory.mktemp("public") / "cache.db"
    shutil.copy(account.settings.db, path)
    with closing(open_writer(path)) as connection:
        forget_account(connection)
    return make_app(replace(account.settings, db=path), account.site.clock, start_poller=False, screen="overview")


def a_need(key: str, kind: NeedKind = NeedKind.ALERT) -> Need:
    return Need(kind, f"need {key}", "classic", key)


async def test_needs_are_followed_only_after_the_cursor_was_moved(opened: Open) -> None:
    """What is more urgent and comes later stands at the top, not above what is seen."""
    async with opened((80, 24)) as (app, pilot):
        needs = app.screen.query_one(NeedsList)
        assert needs.formatter is not None
        listed = [a_need(str(number)) for number in range(8)]
        needs.show(listed, needs.formatter, 3)
        urgent = a_need("urgent", NeedKind.SUBMISSION)
        needs.show([urgent, *listed], needs.formatter, 3)
        await settled(pilot)
        assert needs.cursor == 0 and "need urgent" in text(app)
        assert "6 more: 6 alerts" in text(app)
        await press(pilot, "j")
        needs.show([a_need("more urgent", NeedKind.SUBMISSION), urgent, *listed], needs.formatter, 3)
        assert needs.needs[needs.cursor].model == "0", "the one that the user chose"
        await press(pilot, "G")
        assert needs.needs[needs.cursor].model == "7" and "need 7" in text(app)
        assert "7 more: 2 submissions, 5 alerts" in text(app)
        await press(pilot, "g")
        assert needs.cursor == 0
        cursors = []
        for key in ("ctrl+d", "pagedown", "ctrl+d", "pagedown", "ctrl+u"):
            await press(pilot, key)
            cursors.append(needs.cursor)
        assert cursors == [3, 6, 9, 9, 6]


async def test_a_need_leads_to_its_model_and_notes_are_on_it(opened: Open) -> None:
    async with opened() as (app, pilot):
        needs = app.screen.query_one(NeedsList)
        place = next(k for k, need in enumerate(needs.needs) if need.kind is NeedKind.SUBMISSION)
        need = needs.needs[place]
        rows = range(len(table(app).source))
        table(app).move_to(next(row for row in rows if str(need.model) not in table(app).source.key(row)))
        assert need.model is not None and table(app).cursor_key != f"{need.tournament} {need.model}"
        await press(pilot, "g", *["j"] * place, "n")
        assert f"Note on {need.model}" in text(app)
        await press(pilot, "escape", "enter")
        assert where(app).startswith("Models")
        assert table(app).cursor_key == need.model


async def test_what_needs_the_user_is_counted_in_the_header_of_every_screen(account: Polled) -> None:
    app = make_app(account.settings, account.site.clock, start_poller=False, screen="leaderboard")
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        for key in "1234567":
            await press(pilot, key)
            assert app.needs and f" {app.needs} needs (0) " in line(app, 0)
        await press(pilot, "0")
        read = screen(app).overview
        assert read is not None and len(read.needs) == app.needs
        with closing(open_writer(account.settings.db)) as connection, connection:
            connection.execute("UPDATE alerts SET state = 'acknowledged'")
            changed(connection, "alerts")
        before = app.needs
        account.site.clock.at += timedelta(seconds=6)
        await looked(app, pilot)
        assert app.needs is not None and before is not None and app.needs < before
        read = screen(app).overview
        assert read is not None and len(read.needs) == app.needs


async def test_calm_is_said_only_of_what_is_known(opened: Open) -> None:
    async with opened((80, 24)) as (app, pilot):
        read = screen(app).overview
        assert read is not None
        screen(app).overview = replace(read, needs=(), polled=False)
        screen(app).show_parts()
        await settled(pilot)
        assert "What needs you is not known yet" in text(app) and CALM not in text(app)
        screen(app).overview = replace(read, needs=())
        screen(app).only, app.needs = Tournament.SIGNALS, 3
        screen(app).show_parts()
        await settled(pilot)
        assert "Nothing needs you in Signals now; 3 needs elsewhere (t)." in text(app)
        screen(app).only = None
        screen(app).show_parts()
        await settled(pilot)
        assert CALM in text(app)


async def test_the_tournament_that_it_is_narrowed_to_is_that_of_the_other_screens(opened: Open) -> None:
    async with opened() as (app, pilot):
        await press(pilot, "t", "t")
        assert " numtui  Signals " in line(app, 0)
        await press(pilot, "4")
        assert table(app).source.key(0).startswith("demo_signal")


async def test_it_is_read_again_once_a_deadline_has_passed(opened: Open, account: Polled) -> None:
    """A round may close between two polls: what was to be done is missed then."""
    async with opened() as (app, pilot):
        read = screen(app).overview
        assert read is not None
        deadline = min(need.deadline for need in read.needs if need.deadline is not None)
        before = account.site.clock.at
        try:
            account.site.clock.at = deadline - timedelta(seconds=1)
            await looked(app, pilot)
            assert screen(app).overview is read
            account.site.clock.at = deadline
            await looked(app, pilot)
            again = screen(app).overview
            assert again is not read
            await looked(app, pilot)
            assert screen(app).overview is again, "once"
        finally:
            account.site.clock.at = before
