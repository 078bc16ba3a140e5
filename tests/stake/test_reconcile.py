"""Reconcile finds out what became of a change whose answer was lost, and says so only when it knows."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numtui.analysis.staking_system import System
from numtui.demo.server.server import DemoServer
from numtui.model import Tournament
from numtui.reports.stake.snapshot import ModelState, Pending, Snapshot
from numtui.stake.account_client import AccountReading, Movement
from numtui.stake.amounts import canonical
from numtui.stake.errors import JournalFailed, LockHeld, ModelLocked, StakeError
from numtui.stake.journal.journal import JournalEntry, Outcome
from numtui.stake.lock import account_lock
from numtui.stake.plan.file import plan_digest
from numtui.stake.plan.planner import cancel_plan
from numtui.stake.plan.steps import StakePlan
from numtui.stake.reconcile import Sign, _sign_of_cancel, reading_before, reconcile, settle, sign_of
from numtui.stake.service import StakeService
from tests.stake.states import model

from .helpers import MovableClock, ServiceMaker, planned

D = Decimal
ACCOUNT = "demo_account"
TEN = timedelta(minutes=10)


def lose(service: StakeService, server: DemoServer, plan: StakePlan, fault: str) -> None:
    """Send the plan's first step into `fault`."""
    server.faults.add(fault, mutations_only=True)
    (result,) = service.apply(plan, plan_digest(plan))
    assert result.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(("change", "days"), [("4", 0), ("-4", 0), ("out", 0), ("cancel", 0), ("4", 5), ("out", 5)])
def test_a_change_that_took_effect_is_found(
    service: StakeService, server: DemoServer, clock: MovableClock, change: str, days: int
) -> None:
    if change == "cancel":
        release = planned(service, a="-7")
        service.apply(release, plan_digest(release))
        plan = cancel_plan(service.client.read(Tournament.SIGNALS).snapshot, "demo_signal_a")
    else:
        plan = planned(service, a=change)
    lose(service, server, plan, "lost_answer")
    clock.move(timedelta(days=days))  # rounds resolve and pay meanwhile, the next one opens
    (found,) = reconcile(service)
    assert found.outcome is Outcome.RECONCILED_DONE, found.message
    assert service.journal(ACCOUNT).unknown() == []
    assert reconcile(service) == []


@pytest.mark.parametrize("fault", ["500", "429", "drop"])
def test_a_change_that_did_not_needs_two_reads_ten_minutes_apart(
    service: StakeService, server: DemoServer, clock: MovableClock, fault: str
) -> None:
    plan = planned(service, a="4")
    lose(service, server, plan, fault)
    (first,) = reconcile(service)
    assert (first.outcome, first.next_read) == (Outcome.UNKNOWN, clock.at + TEN)
    clock.move(TEN - timedelta(seconds=1))
    (second,) = reconcile(service)
    assert (second.outcome, second.next_read) == (Outcome.UNKNOWN, first.next_read)
    with pytest.raises(ModelLocked):
        service.apply(plan, plan_digest(plan))
    clock.move(timedelta(seconds=1))
    (third,) = reconcile(service)
    assert third.outcome is Outcome.RECONCILED_NOT
    assert server.log.mutations == 1, "reconcile only reads"
    assert [str(row.outcome) for row in service.journal(ACCOUNT).entries()] == [
        "INTENT", "UNKNOWN", "CHECKED", "CHECKED", "RECONCILED_NOT",
    ]  # fmt: skip
    again = planned(service, a="4")
    assert service.apply(again, plan_digest(again))[0].outcome is Outcome.DONE


@pytest.mark.parametrize("case", ["clock set forward", "restarted", "clock set back"])
def test_a_clock_that_was_set_is_no_ten_minutes(
    service: StakeService, server: DemoServer, clock: MovableClock, case: str
) -> None:
    """The clock alone says nothing: the machine must have run on for ten minutes too."""
    running = [5000.0]
    service.uptime = lambda: running[0]
    lose(service, server, planned(service, a="4"), "500")
    assert reconcile(service)[0].outcome is Outcome.UNKNOWN
    match case:
        case "clock set forward":
            clock.move(timedelta(hours=1))
        case "restarted":
            clock.move(TEN)
            running[0] = 3.0
        case "clock set back":
            clock.move(-timedelta(hours=1))
            running[0] += 700
    (second,) = reconcile(service)
    assert second.outcome is Outcome.UNKNOWN
    clock.move(TEN)
    running[0] += 600
    assert reconcile(service)[0].outcome is Outcome.RECONCILED_NOT


def test_payouts_in_between_are_no_sign(service: StakeService, server: DemoServer, clock: MovableClock) -> None:
    lose(service, server, planned(service, a="-4"), "500")
    before = service.client.read(Tournament.SIGNALS).snapshot.model("demo_signal_a")
    clock.move(timedelta(days=4))
    now = service.client.read(Tournament.SIGNALS).snapshot.model("demo_signal_a")
    assert before is not None and now is not None and before.stake != now.stake
    assert reconcile(service)[0].outcome is Outcome.UNKNOWN
    clock.move(TEN)
    assert reconcile(service)[0].outcome is Outcome.RECONCILED_NOT


def test_what_somebody_else_did_stays_unknown_until_it_is_settled_by_hand(
    service: StakeService, make_service: ServiceMaker, server: DemoServer, clock: MovableClock
) -> None:
    lose(service, server, planned(service, a="4"), "500")
    other = make_service(state="elsewhere")
    foreign = planned(other, a="-9")
    other.apply(foreign, plan_digest(foreign))
    for _ in range(3):
        (found,) = reconcile(service)
        assert found.outcome is Outcome.UNKNOWN
        assert "not the change that was asked for" in found.message
        clock.move(TEN)
    (intent,) = service.journal(ACCOUNT).unknown()
    assert intent.entry is not None
    with pytest.raises(StakeError, match="say in a note"):
        settle(service, ACCOUNT, intent.entry, took_effect=False, note=" ")
    settle(service, ACCOUNT, intent.entry, took_effect=False, note="the website lists no increase")
    assert service.journal(ACCOUNT).unknown() == []
    assert service.journal(ACCOUNT).entries()[-1].note == "settled by hand: the website lists no increase"
    with pytest.raises(StakeError, match="no change whose outcome is unknown"):
        settle(service, ACCOUNT, intent.entry, took_effect=True, note="x")


def test_reconcile_needs_the_lock_and_no_permission(
    service: StakeService, make_service: ServiceMaker, server: DemoServer
) -> None:
    lose(service, server, planned(service, a="4"), "lost_answer")
    read_only = make_service(allow=False)
    with account_lock(service.state_dir, ACCOUNT), pytest.raises(LockHeld):
        reconcile(read_only)
    assert reconcile(read_only)[0].outcome is Outcome.RECONCILED_DONE


def test_a_reading_comes_back_from_the_journal(service: StakeService, server: DemoServer) -> None:
    plan = planned(service, a="-4")
    service.apply(plan, plan_digest(plan))
    model = plan.steps[0].model_id
    reading = service.client.read(Tournament.SIGNALS, (model,))
    intent = replace(service.journal(ACCOUNT).entries()[0], snapshot=canonical(reading))
    assert reading_before(intent) == reading
    assert json.loads(intent.snapshot or "")["movements"][model]
    with pytest.raises(JournalFailed, match="no usable snapshot"):
        reading_before(replace(intent, snapshot="{}"))


NOW = datetime(2026, 11, 21, 13, tzinfo=UTC)


def reading(stake: Decimal, pending: Pending | None = None, *movements: Movement) -> AccountReading:
    model = ModelState("a", "id", stake, pending)
    snapshot = Snapshot("owner", Tournament.SIGNALS, System.LEGACY, (model,), D(100), NOW)
    return AccountReading(snapshot, {"id": movements})


def asked(action: str, amount: str) -> JournalEntry:
    return JournalEntry(NOW, "owner", Tournament.SIGNALS, "a", "id", action, Outcome.INTENT, "50", amount, "0")


def moved(kind: str, amount: str, source: str = "stake") -> Movement:
    return Movement(source, kind, D(amount), NOW)


@pytest.mark.parametrize(
    ("intent", "now", "sign"),
    [
        (asked("increase", "5"), reading(D(50)), Sign.NONE),
        (asked("increase", "5"), reading(D(55)), Sign.DONE),
        (asked("increase", "5"), reading(D(50), Pending("increase", D(5))), Sign.DONE),
        (asked("increase", "5"), reading(D(50), None, moved("increase", "5")), Sign.DONE),
        (asked("increase", "5"), reading(D(50), None, moved("increase", "5", "scheduled")), Sign.DONE),
        (asked("increase", "5"), reading(D(50), Pending("decrease", D(5))), Sign.UNCLEAR),
        (asked("increase", "5"), reading(D(50), None, moved("decrease", "-5")), Sign.NONE),
        (asked("increase", "5"), reading(D(54)), Sign.UNCLEAR),
        (asked("increase", "5"), reading(D(54), None, moved("payout", "4")), Sign.NONE),
        (asked("increase", "5"), reading(D(55), None, moved("payout", "5")), Sign.NONE),
        (asked("increase", "5"), reading(D(52), None, moved("burn", "3")), Sign.DONE),
        (asked("increase", "5"), reading(D(52), None, moved("burn", "-3")), Sign.DONE),
        (asked("release", "5"), reading(D(45)), Sign.DONE),
        (asked("release", "5"), reading(D(50), Pending("decrease", D(5), NOW)), Sign.DONE),
        (asked("release", "5"), reading(D(50), Pending("decrease", D(6), NOW)), Sign.UNCLEAR),
        (asked("drain", "50"), reading(D(51), Pending("decrease", D(51), NOW, True), moved("payout", "1")), Sign.DONE),
        (asked("drain", "50"), reading(D(0)), Sign.DONE),
        (asked("cancel", "5"), reading(D(50)), Sign.NONE),
        (asked("cancel", "5"), reading(D(50), Pending("decrease", D(5))), Sign.UNCLEAR),
    ],
)
def test_what_a_reading_says(intent: JournalEntry, now: AccountReading, sign: Sign) -> None:
    assert sign_of(intent, reading(D(50)), now)[0] is sign


def test_what_a_reading_says_of_a_cancellation() -> None:
    release = Pending("decrease", D(5), NOW)
    before, intent = reading(D(50), release), asked("cancel", "5")
    assert sign_of(intent, before, reading(D(50), release))[0] is Sign.NONE
    assert sign_of(intent, before, reading(D(50)))[0] is Sign.DONE
    assert sign_of(intent, before, reading(D(45)))[0] is Sign.UNCLEAR, "it was released, not taken back"
    assert sign_of(intent, before, reading(D(52), None, moved("payout", "2")))[0] is Sign.DONE


def test_a_model_that_is_gone_is_unclear() -> None:
    gone = AccountReading(replace(reading(D(1)).snapshot, models=()), {})
    assert sign_of(asked("increase", "5"), reading(D(50)), gone)[0] is Sign.UNCLEAR


@given(st.lists(st.integers(-(10**19), 10**19).filter(bool), max_size=5), st.sampled_from(["increase", "release"]))
def test_payouts_alone_never_pass_for_the_change(payouts: list[int], action: str) -> None:
    amounts = [D(wei) / 10**18 for wei in payouts]
    rows = [moved("payout" if amount > 0 else "burn", str(amount)) for amount in amounts]
    now = reading(D(50) + sum(amounts, D(0)), None, *rows)
    assert sign_of(asked(action, "5"), reading(D(50)), now) == (Sign.NONE, "no sign of the change")


def test_a_cancellation_beside_another_change_names_both() -> None:
    release = Pending("decrease", D(5))
    sign, words = _sign_of_cancel(model("a", "50", release), model("a", "48"), D(-2))
    assert sign is Sign.UNCLEAR
    assert words == "pending is nothing, and the stake has changed by -2 NMR"
    sign, words = _sign_of_cancel(model("a", "50", release), model("a", "50", Pending("increase", D(3))), D(0))
    assert sign is Sign.UNCLEAR
    assert words.startswith("pending is ") and "3" in words
