"""The dialog that changes a stake: the simulated API counts the requests. One for what was confirmed, none else."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from textual import events
from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.widgets import Input

from numtui.api.numerapi_adapter import NumerapiAdapter
from numtui.config import PUBLIC_ID, SECRET_KEY
from numtui.demo import DEMO_ACCOUNT, DEMO_LIMITED_PUBLIC, DEMO_LIMITED_SECRET
from numtui.model import Tournament
from numtui.stake.account_client import AccountClient
from numtui.stake.journal.journal import Journal, Outcome
from numtui.stake.lock import lock_path
from numtui.tui.screens import SCREENS
from numtui.tui.screens.report_screen import ReportScreen
from numtui.tui.stake.calls import Failure, Result, left_behind, send
from numtui.tui.stake.dialog import StakeDialog
from numtui.tui.stake.guarded import MOMENT, SendButton, TypedField
from tests.stake.helpers import MovableClock, wait_until
from tests.tui.shown import press, settled, table, until, where, worked
from tests.tui.staking import Bench, dialog, filled_in, reviewed, said, sent, shows, space, typed, waited
from tests.tui.staking import bench as bench  # noqa: PLC0414  a fixture
from tests.tui.staking import staking_origin as staking_origin  # noqa: PLC0414  likewise


def outcomes(bench: Bench) -> list[str]:
    return [str(row.outcome) for row in Journal(bench.settings.state_dir, DEMO_ACCOUNT).entries()]


async def held(pilot: Pilot[Any], key: str, character: str | None, times: int = 30) -> None:
    """A key held down: the terminal repeats it."""
    for _ in range(times):
        pilot.app.post_message(events.Key(key, character))
    await settled(pilot)


# Exactly one request


@pytest.mark.parametrize(
    ("target", "kind"),
    [("40", "increase"), ("20.5", "decrease"), ("0", "decrease"), ("+10", "increase"), ("-2.5", "decrease")],
)
async def test_a_confirmed_change_is_one_request(bench: Bench, target: str, kind: str) -> None:
    async with bench.screen() as (app, pilot):
        shown = await reviewed(pilot, target)
        assert bench.posts == 0
        assert shown.review is not None
        words = said(app)
        for word in ("REVIEW: nothing is sent yet", "demo_account", "signals", "demo_signal_a", "USD", "->"):
            assert word in words
        assert ("leaves at" in words and "it earns nothing" in words) == (kind == "decrease")
        assert ("counts from" in words) == (kind == "increase")
        await filled_in(pilot, shown)
        await space(pilot)
        assert (await waited(pilot, "result")).outcome is Outcome.DONE
        assert "DONE" in said(app)
        await held(pilot, "space", " ")
    assert bench.posts == 1
    (made,) = bench.server.market.state.changes
    assert (made.type, made.nmr, made.drain) == (kind, shown.review.step.amount, target == "0")
    assert outcomes(bench) == ["INTENT", "DONE"]


async def test_drain_and_taking_it_back_are_dialogs_of_their_own(bench: Bench) -> None:
    async with bench.screen() as (app, pilot):
        await press(pilot, "j")
        shown = await sent(pilot, change="D")
        assert shown.review is not None
        assert shown.review.step.amount == shown.review.step.before, "the real amount"
        assert bench.posts == 1
        await press(pilot, "escape", "x")
        assert "no release under way" in said(app), "the cache does not know of it yet"
        bench.refill()
        app.look()
        await settled(pilot)
        await sent(pilot, change="x")
        assert "DONE" in said(app)
    assert bench.posts == 2
    assert bench.server.market.state.changes[0].cancelled


UNKNOWN = ("500", "502", "429", "drop", "lost_answer", "delay")


@pytest.mark.parametrize("fault", UNKNOWN)
async def test_without_an_answer_it_is_unknown_after_one_request(
    bench: Bench, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if fault == "delay":
        monkeypatch.setattr(AccountClient, "adapter", impatient(AccountClient.adapter))
    async with bench.screen() as (app, pilot):
        shown = await reviewed(pilot)
        await filled_in(pilot, shown)
        bench.server.faults.add(fault, mutations_only=True, delay=0.6)
        await space(pilot)
        assert (await waited(pilot, "result")).outcome is Outcome.UNKNOWN
        assert "Do not send it again" in said(app)
        await press(pilot, "r")
        await waited(pilot, "result")
        if fault in ("lost_answer", "delay"):  # the change took effect although nobody heard of it
            if "still unknown" in said(app):
                await press(pilot, "r")
                await waited(pilot, "result")
            assert "it was made" in said(app)
        else:
            assert "still unknown; no sign of the change yet" in said(app)
            await press(pilot, "escape", "s")
            await press(pilot, *"41", "enter")
            await waited(pilot, "result")
            assert "demo_signal_a is locked" in said(app)
            bench.clock.move(timedelta(minutes=11))
            await press(pilot, "escape", "R")
            await shows(pilot, "it was not made")
    assert bench.posts == 1


def impatient(adapter: Any) -> Any:
    """`AccountClient.adapter` with a time-out so short that the change runs into it, while reads do not."""

    def quick(client: AccountClient, tournament: Tournament) -> NumerapiAdapter:
        settings = replace(client._settings, read_timeout=0.2)
        found = AccountClient(settings, client._credentials, allow_stake=True, clock=client.clock)
        return adapter(found, tournament)  # type: ignore[no-any-return]  # what AccountClient.adapter returns

    return quick


async def test_a_key_without_the_scope_is_refused(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PUBLIC_ID, DEMO_LIMITED_PUBLIC)
    monkeypatch.setenv(SECRET_KEY, DEMO_LIMITED_SECRET)
    async with bench.screen() as (app, pilot):
        shown = await sent(pilot)
        assert shown.outcome is Outcome.REFUSED
        assert "scope stake" in said(app)
    assert bench.server.market.state.changes == []


async def test_esc_does_not_leave_while_the_request_is_on_its_way(bench: Bench) -> None:
    async with bench.screen() as (app, pilot):
        shown = await reviewed(pilot)
        await filled_in(pilot, shown)
        bench.server.faults.add("delay", mutations_only=True, delay=2.0)
        app.post_message(events.Key("space", " "))
        await until(pilot, lambda: shown.state == "sending")
        await worked(pilot, "escape")
        assert dialog(app) is shown
        assert (await waited(pilot, "result")).outcome is Outcome.DONE
    assert bench.posts == 1


async def test_the_dialog_can_be_left_while_an_answer_does_not_come(bench: Bench) -> None:
    async with bench.screen() as (app, pilot):
        shown = await reviewed(pilot)
        await filled_in(pilot, shown)
        bench.server.faults.add("delay", mutations_only=True, delay=2.0)
        app.post_message(events.Key("space", " "))
        await until(pilot, lambda: shown.state == "sending")
        await worked(pilot, "escape")
        assert "esc again leaves" in said(app)
        await worked(pilot, "escape")
        assert isinstance(app.screen, ReportScreen)
        await shows(pilot, "DONE. increase of")
    assert bench.posts == 1
    assert outcomes(bench) == ["INTENT", "DONE"]


@pytest.mark.parametrize("key", ["ctrl+q", "ctrl+c"])
@pytest.mark.parametrize("when", ["checking", "review", "sending"])
async def test_quitting_ends_the_program_from_any_state(bench: Bench, key: str, when: str) -> None:
    """Though the answer does not come: no thread is waited for, and what is on its way is told."""
    began = time.monotonic()
    async with bench.screen() as (app, pilot):
        if when == "checking":
            bench.server.faults.add("delay", delay=15)
            await press(pilot, "s", *"40")
            app.post_message(events.Key("enter", None))
            await waited(pilot, "checking")
        else:
            shown = await reviewed(pilot)
            if when == "sending":
                await filled_in(pilot, shown)
                bench.server.faults.add("delay", mutations_only=True, delay=2)
                app.post_message(events.Key("space", " "))
                await until(pilot, lambda: shown.state == "sending")
        app.post_message(events.Key(key, None))
        await until(pilot, lambda: app._exit or not app.is_running)
        assert app._exit
        assert ("stake reconcile" in left_behind()) == (when == "sending")
    assert time.monotonic() - began < 14
    if when == "sending":  # the server makes the change all the same: not in the middle of the next test
        wait_until(lambda: len(bench.server.market.state.changes) == 1)
        wait_until(lambda: outcomes(bench) == ["INTENT", "DONE"])


async def test_typing_on_cancel_is_answered_and_leaving_says_that_nothing_was_sent(bench: Bench) -> None:
    async with bench.screen() as (app, pilot):
        shown = await reviewed(pilot)
        await typed(pilot, "d")
        assert "shift+tab leads up to the fields, tab to Send" in said(app)
        assert [field.value for field in shown.query(TypedField)] == ["", ""]
        await press(pilot, "enter")
        assert isinstance(app.screen, ReportScreen)
        assert "Nothing was sent." in said(app)
    assert bench.posts == 0


async def test_a_change_that_reads_do_not_show_is_said_in_the_next_review(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the old review is never sent twice, whatever the reads say."""
    async with bench.screen() as (app, pilot):
        shown = await reviewed(pilot)
        assert shown.review is not None
        stale = shown.review.reading
        await filled_in(pilot, shown)
        monkeypatch.setattr(AccountClient, "read", lambda *_: stale)
        await space(pilot)
        await waited(pilot, "result")
        again = send_again(bench, shown)
        assert isinstance(again, Failure)
        assert "an order is sent once" in again.message
        await press(pilot, "escape")
        bench.clock.move(timedelta(minutes=4))
        await reviewed(pilot)
        assert "was sent 4 minutes ago (entry 1 of the journal: done), not yet visible" in said(app)
    assert bench.posts == 1


def send_again(bench: Bench, shown: StakeDialog) -> Result | Failure:
    """The confirmed review once more, from a thread as the dialog does it."""
    review = shown.review
    assert review is not None
    return send(shown.session, review, review.step.model, review.amount_to_type)


# Exactly none


async def test_esc_leaves_every_state_before_sending(bench: Bench) -> None:
    async with bench.screen() as (app, pilot):
        await press(pilot, "s", "escape")
        assert isinstance(app.screen, ReportScreen)
        await press(pilot, "s", *"40")
        app.post_message(events.Key("enter", "\r"))
        await press(pilot, "escape")
        assert isinstance(app.screen, ReportScreen)
        shown = await reviewed(pilot)
        await filled_in(pilot, shown)
        await press(pilot, "escape")
        assert isinstance(app.screen, ReportScreen)
    assert bench.posts == 0
    assert outcomes(bench) == []


async def test_enter_and_keys_held_down_confirm_nothing(bench: Bench) -> None:
    async with bench.screen() as (app, pilot):
        shown = await reviewed(pilot)
        await filled_in(pilot, shown)
        await held(pilot, "enter", "\r")
        assert dialog(app).state == "review"
        await press(pilot, "tab")
        for key, character in (("enter", "\r"), ("space", " "), ("tab", "\t"), ("y", "y")):
            app.screen.query_one("#typed-model", TypedField).focus()
            await held(pilot, key, character, times=11)
        if isinstance(app.screen, StakeDialog):
            assert dialog(app).state == "review"
    assert bench.posts == 0


async def test_space_held_down_from_before_does_not_reach_send(bench: Bench) -> None:
    async with bench.screen() as (app, pilot):
        shown = await reviewed(pilot)
        await filled_in(pilot, shown)
        await press(pilot, "shift+tab")
        app.post_message(events.Key("tab", "\t"))
        for _ in range(20):  # in step with a terminal's repetition, well past the first moment
            app.post_message(events.Key("space", " "))
            await pilot.pause(0.03)
        assert dialog(app).state == "review"
    assert bench.posts == 0


async def test_enter_held_down_from_the_form_stays_in_the_review(bench: Bench) -> None:
    async with bench.screen() as (app, pilot):
        await press(pilot, "s", *"40")
        await held(pilot, "enter", "\r", times=5)
        shown = await waited(pilot, "review")
        for _ in range(20):
            app.post_message(events.Key("enter", "\r"))
            await pilot.pause(0.03)
        assert dialog(app) is shown
        assert shown.state == "review"
    assert bench.posts == 0


async def test_clicks_confirm_nothing(bench: Bench) -> None:
    async with bench.screen() as (app, pilot):
        shown = await reviewed(pilot)
        await filled_in(pilot, shown)
        await pilot.click("#send", times=2)
        await pilot.click("#send", times=3)
        await settled(pilot)
        assert dialog(app).state == "review"
        await pilot.click("#cancel")
        await settled(pilot)
        assert isinstance(app.screen, ReportScreen)
    assert bench.posts == 0


async def test_a_paste_is_not_taken(bench: Bench) -> None:
    async with bench.screen() as (app, pilot):
        shown = await reviewed(pilot)
        assert shown.review is not None
        for field in shown.query(TypedField):
            field.focus()
            await settled(pilot)
            app.post_message(events.Paste(shown.review.step.model))
            await settled(pilot)
            assert field.value == ""
        assert "A paste is not taken here" in said(app)
        app._clipboard = shown.review.step.model
        await press(pilot, "ctrl+v", "ctrl+shift+v", "shift+insert")
        assert [field.value for field in shown.query(TypedField)] == ["", ""]
        shown.query_one(SendButton).focus()
        await pilot.pause(MOMENT + 0.02)
        app.post_message(events.Paste(" "))
        await space(pilot)
        assert "both fields must be right" in said(app)
    assert bench.posts == 0


async def test_what_was_typed_ahead_does_not_count(bench: Bench) -> None:
    async with bench.screen() as (app, pilot):
        bench.server.faults.add("delay", delay=0.3)
        await press(pilot, "s", *"40")
        app.post_message(events.Key("enter", None))
        await waited(pilot, "checking")
        ahead = ["enter", "tab", *"demo_signal_a", "tab", *"6.240717638006581547", "tab", "tab", " "]
        for key in ahead:
            app.post_message(events.Key("space" if key == " " else key, key if len(key) == 1 else None))
        shown = await waited(pilot, "review")
        assert [field.value for field in shown.query(TypedField)] == ["", ""]
        assert shown.state == "review"
    assert bench.posts == 0


@pytest.mark.parametrize(("model", "amount"), [("demo_signal_b", ""), ("", "6.24"), ("", "40")])
async def test_wrong_words_send_nothing(bench: Bench, model: str, amount: str) -> None:
    async with bench.screen() as (app, pilot):
        shown = await reviewed(pilot)
        await filled_in(pilot, shown, model=model, amount=amount)
        await space(pilot)
        assert shown.state == "review"
        assert "both fields must be right" in said(app)
    assert bench.posts == 0


async def test_resizing_confirms_nothing(bench: Bench) -> None:
    async with bench.screen() as (app, pilot):
        shown = await reviewed(pilot)
        await filled_in(pilot, shown)
        for size in ((80, 24), (40, 10), (200, 60), (120, 40)):
            await pilot.resize_terminal(*size)
            await settled(pilot)
        assert dialog(app).state == "review"
        assert "REVIEW: nothing is sent yet" in said(app)
    assert bench.posts == 0


async def test_the_palette_confirms_nothing(bench: Bench) -> None:
    async with bench.screen() as (app, pilot):
        shown = await reviewed(pilot)
        await filled_in(pilot, shown)
        await press(pilot, "ctrl+p")
        if isinstance(app.screen, CommandPalette):
            titles = [command.title for command in app.get_system_commands(shown)]
            assert not [title for title in titles if "send" in title.lower()]
            await press(pilot, *"send", "enter", "escape")
        for key in ("space", "enter", "colon"):
            app.simulate_key(key)  # as the palette and the footer press keys
            await settled(pilot)
        assert bench.posts == 0
        assert shown.state == "review"


async def test_a_changed_state_stops_it(bench: Bench) -> None:
    async with bench.screen() as (app, pilot):
        shown = await reviewed(pilot)
        await filled_in(pilot, shown)
        bench.change_elsewhere("demo_signal_a", "1")
        await space(pilot)
        await waited(pilot, "result")
        assert "NOTHING WAS SENT" in said(app)
        assert "available are" in said(app)
    assert bench.posts == 0


async def test_an_expired_review_stops_it(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = MovableClock()
    monkeypatch.setattr("numtui.stake.service.SystemClock", lambda: watch)
    async with bench.screen() as (app, pilot):
        shown = await reviewed(pilot)
        await filled_in(pilot, shown)
        watch.move(timedelta(seconds=121))
        await space(pilot)
        await waited(pilot, "result")
        assert "the review has expired" in said(app)
    assert bench.posts == 0


HOLD = "import sys, filelock\nwith filelock.FileLock(sys.argv[1]): print('held', flush=True), sys.stdin.read()"


async def test_another_process_that_holds_the_lock_stops_it(bench: Bench) -> None:
    path = lock_path(bench.settings.state_dir, DEMO_ACCOUNT)
    async with bench.screen() as (app, pilot):
        shown = await reviewed(pilot)
        await filled_in(pilot, shown)
        path.parent.mkdir(exist_ok=True)
        other = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert other.stdout is not None and other.stdout.readline() == "held\n"
        await space(pilot)
        await waited(pilot, "result")
        other.communicate()
        assert "another numtui is changing" in said(app)
    assert bench.posts == 0
    assert outcomes(bench) == []


@pytest.mark.parametrize("screen", [entry.name for entry in SCREENS])
async def test_no_key_of_any_screen_sends_anything_when_read_only(bench: Bench, screen: str) -> None:
    async with bench.screen(screen=screen, allow_stake=False) as (app, pilot):
        keys = {binding.binding.key for binding in app.screen.active_bindings.values()} - {"q", "ctrl+q", "ctrl+c"}
        assert "READ-ONLY" in said(app)
        for key in sorted(keys):
            await press(pilot, key)
            assert not isinstance(app.screen, StakeDialog)
            for _ in range(3):
                if app.screen is not app.screen_stack[0]:
                    await press(pilot, "escape")
            if app.current_mode != screen:
                app.switch_mode(screen)
                await settled(pilot)
    assert bench.posts == 0


@pytest.mark.parametrize("key", ["s", "D", "x"])
async def test_read_only_keys_say_why_nothing_happens(bench: Bench, key: str) -> None:
    async with bench.screen(allow_stake=False) as (app, pilot):
        await press(pilot, key)
        await shows(pilot, "Read-only: nothing was done")
        assert "READ-ONLY" in said(app)


async def test_atomic_stakes_are_not_changed_here(bench: Bench) -> None:
    async with bench.screen(tournament=Tournament.CRYPTO) as (app, pilot):
        await shows(pilot, "Atomic (v3)")
        assert "idle NMR is unknown" in said(app)
        await press(pilot, "s")
        assert isinstance(app.screen, ReportScreen)
        assert "https://crypto.numer.ai" in said(app)
        await press(pilot, "t")  # Classic was never polled here: nothing tells which system is in force
        await press(pilot, "s")
        assert isinstance(app.screen, ReportScreen)
    assert bench.posts == 0


async def test_an_amount_that_cannot_be_is_said_in_the_form(bench: Bench) -> None:
    async with bench.screen() as (app, pilot):
        await press(pilot, "s")
        for amount, answer in (
            ("", "not a number"),
            ("much", "not a number"),
            ("--1", "cannot be negative"),
            ("0." + "1" * 19, "18 decimal"),
        ):
            app.screen.query_one(Input).value = amount
            await press(pilot, "enter")
            assert answer in said(app)
        app.screen.query_one(Input).value = "100000"
        await press(pilot, "enter")
        await waited(pilot, "result")
        assert "short" in said(app)
    assert bench.posts == 0


async def test_the_journal_view_tells_of_it(bench: Bench) -> None:
    async with bench.screen() as (app, pilot):
        await sent(pilot)
        await press(pilot, "escape", "a", "a", "a", "a")
        assert where(app) == "Stake › journal"
        assert len(table(app).source) == 2
        assert "DONE" in said(app)
