"""The Alerts screen at work: states, rules made on screen, what enter leads to, the count in every header."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from numtui.alert_rules import checked_rule
from numtui.analysis.alerts.checking import check_rules
from numtui.analysis.alerts.facts import AtRiskFact, ClaimFact, Facts, TournamentFacts
from numtui.analysis.alerts.states import State, changes
from numtui.clock import FixedClock
from numtui.config import Settings
from numtui.config_file import Notify
from numtui.model import Tournament
from numtui.store.database import open_reader, open_writer, transaction
from numtui.store.queries.alerts import alerts, screen_rules
from numtui.store.writes.alerts import put_changes, put_checks
from numtui.tui.app import NumtuiApp, make_app
from tests.tui.filled import NOW
from tests.tui.shown import looked, press, settled, table, text, until, where

RULES = (checked_rule({"rule": "at_risk_share", "above": 0.4}), checked_rule({"rule": "claim_due"}))


def put(settings: Settings, *shares: float, claims: bool = True) -> None:
    """An evaluation of RULES: so much of all at risk for the first own models, and a claim of one in Crypto."""
    names = ("aurora", "borealis", "cassini")
    facts = tuple(AtRiskFact(name, True, Decimal(5), share) for name, share in zip(names, shares, strict=False))
    due = (ClaimFact("dione", True, 1390, Decimal("1.5"), NOW + timedelta(days=2)),) if claims else ()
    parts = (
        TournamentFacts(Tournament.CLASSIC, at_risk=facts, claims=()),
        TournamentFacts(Tournament.CRYPTO, at_risk=(), claims=due),
    )
    found = check_rules(RULES, Facts(NOW, parts))
    with closing(open_writer(settings.db)) as connection, transaction(connection):
        known = {alert.identity: alert for alert in alerts(connection)}
        put_changes(connection, changes(known, found, NOW), NOW)
        put_checks(connection, found, NOW)


def app_of(settings: Settings, clock: FixedClock, screen: str = "alerts") -> NumtuiApp:
    return make_app(replace(settings, alerts=RULES), clock, start_poller=False, screen=screen)


def said(app: NumtuiApp) -> list[str]:
    """The toasts."""
    return [notification.message for notification in app._notifications]


def states(settings: Settings) -> dict[str, State]:
    with closing(open_reader(settings.db)) as connection:
        return {str(alert.identity.model): alert.state for alert in alerts(connection)}


async def test_alerts_are_listed_by_deadline_and_counted_on_every_screen(settings: Settings, clock: FixedClock) -> None:
    put(settings, 0.5, 0.6)
    app = app_of(settings, clock, "leaderboard")
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        assert " 3 alerts (6) " in text(app).splitlines()[0]
        await press(pilot, "6")
        assert [row[0] for row in table(app).source.page(0, 3)] == [3, 1, 2]
        await until(pilot, lambda: "a claim of 1.5 NMR of round 1390 is open" in text(app))


async def test_states_change_by_keys(settings: Settings, clock: FixedClock) -> None:
    put(settings, 0.5, 0.6)
    app = app_of(settings, clock)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await press(pilot, "x")
        assert states(settings)["dione"] is State.ACKNOWLEDGED
        assert " 2 alerts (6) " in text(app).splitlines()[0]
        await press(pilot, "g", "space", "space", "z")
        assert "Snooze for:" in text(app)
        await press(pilot, "enter")
        await looked(app, pilot)
        assert states(settings) == {"dione": "acknowledged", "aurora": "snoozed", "borealis": "snoozed"}
        assert "alerts (6)" not in text(app)
        await press(pilot, "G", "w")
        assert sorted(states(settings).values()) == ["acknowledged", "firing", "snoozed"]


async def test_a_snooze_of_no_length_is_refused(settings: Settings, clock: FixedClock) -> None:
    put(settings, 0.5)
    app = app_of(settings, clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "z", "ctrl+u", *"soon", "enter")
        assert "write 30m, 2h, 1d or 1w" in text(app)
        await press(pilot, "escape")
        assert states(settings)["dione"] is State.FIRING


@pytest.mark.parametrize(("down", "title"), [(0, "Stake"), (1, "aurora")])
async def test_enter_leads_to_what_it_is_about(settings: Settings, clock: FixedClock, down: int, title: str) -> None:
    put(settings, 0.5)
    app = app_of(settings, clock)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await press(pilot, *["j"] * down, "enter")
        assert title in where(app)
        assert app.cache.tournament is (Tournament.CLASSIC if down else Tournament.CRYPTO)


async def test_a_rule_is_made_and_taken_away_on_screen(settings: Settings, clock: FixedClock) -> None:
    app = app_of(settings, clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "N", "j", "j", "enter")
        assert "drawdown: The return on the whole stake" in text(app)
        await press(pilot, "ctrl+u", *"30", "enter")
        assert "above = '30' is not allowed, but a share" in text(app)
        await press(pilot, "ctrl+u", *"0.3", "down", *"nobody", "enter")
        assert "no model nobody" in text(app)
        await press(pilot, "ctrl+u", *"Aurora", "enter")
        await looked(app, pilot)
        with closing(open_reader(settings.db)) as connection:
            (rule,) = screen_rules(connection)
        assert rule.content == '{"rule": "drawdown", "above": 0.3, "models": ["Aurora"]}'
        await press(pilot, "a", "a", "D")
        assert "this one is in the settings file" in said(app)[-1]
        await press(pilot, "G", "D")
        await looked(app, pilot)
        with closing(open_reader(settings.db)) as connection:
            assert screen_rules(connection) == []


async def test_history_says_who(settings: Settings, clock: FixedClock) -> None:
    put(settings, 0.5, claims=False)
    app = app_of(settings, clock)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await press(pilot, "x", "a")
        assert [row[3] for row in table(app).source.page(0, 2)] == ["you", "poller"]
        await press(pilot, "enter")
        assert "aurora" in text(app).splitlines()[1]


async def test_without_rules_it_says_how_to_make_one(settings: Settings, clock: FixedClock) -> None:
    app = make_app(settings, clock, start_poller=False, screen="alerts")
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert "There are no rules yet: N makes one here" in text(app)


@pytest.mark.parametrize("bell", [True, False])
async def test_the_terminal_rings_once_for_what_begins_to_fire(
    settings: Settings, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, bell: bool
) -> None:
    put(settings, 0.5, claims=False)
    app = app_of(replace(settings, notify=Notify(bell=bell)), clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        rung: list[str] = []
        assert app._driver is not None
        monkeypatch.setattr(app._driver, "write", rung.append)
        app.look()
        put(settings, 0.5, 0.6, claims=False)
        app.look()
        app.look()
        await press(pilot, "x")
        app.look()
    assert [word for word in rung if "\a" in word] == (
        ["\a\x1b]9;numtui: at_risk_share classic borealis\x1b\\"] if bell else []
    )
