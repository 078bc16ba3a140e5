"""Sending: the simulated API counts the POSTs of mutations. One for each confirmed change, none for anything else."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from numtui.api.numerapi_adapter import NumerapiAdapter
from numtui.config import Credentials
from numtui.demo import DEMO_LIMITED_PUBLIC, DEMO_LIMITED_SECRET
from numtui.demo.server.engine import ApiError as SaidByTheApi
from numtui.demo.server.server import DemoServer
from numtui.model import Tournament
from numtui.stake.account_client import Live
from numtui.stake.errors import AlreadySent, JournalFailed, ModelLocked, PlanError
from numtui.stake.journal.journal import Entry, Journal, Outcome
from numtui.stake.journal.known import as_new_order
from numtui.stake.plan.file import plan_digest, plan_text, read_plan
from numtui.stake.plan.planner import cancel_plan, drain_plan, make_plan
from numtui.stake.plan.steps import Action
from numtui.stake.reconcile import settle
from numtui.stake.service import Desk, StepResult, render
from tests.stake.helpers import ACCOUNT, DeskMaker, MovableClock, outcomes, planned, reviewed, sent, wait_until


@pytest.mark.parametrize(
    ("change", "action", "kind"),
    [("12.5", Action.INCREASE, "increase"), ("-3.25", Action.RELEASE, "decrease"), ("out", Action.DRAIN, "decrease")],
)
def test_a_confirmed_change_is_one_post(desk: Desk, server: DemoServer, change: str, action: Action, kind: str) -> None:
    plan = planned(desk, a=change)
    review = reviewed(desk, plan)
    assert server.log.mutations == 0
    assert sent(desk, review) is Outcome.DONE
    assert server.log.mutations == 1
    (made,) = server.market.state.changes
    assert (plan.steps[0].action, made.type, made.nmr, made.drain) == (
        action, kind, plan.steps[0].amount, action is Action.DRAIN,
    )  # fmt: skip
    intent, done = desk.journal(ACCOUNT).entries()
    assert (intent.outcome, done.outcome, done.intent) == (Outcome.INTENT, Outcome.DONE, intent.entry)
    assert Decimal(intent.requested or "0") == plan.steps[0].amount
    assert (intent.plan, intent.step) == (plan_digest(plan), 1)


def test_a_drain_names_the_real_amount(desk: Desk, server: DemoServer) -> None:
    snapshot = desk.live.read(Tournament.SIGNALS).snapshot
    plan = drain_plan(snapshot, "demo_signal_b")
    (rendered,) = render(desk.live, plan)
    assert "releaseStake" in rendered.document
    assert rendered.variables["amount"] == f"{plan.steps[0].before:f}"
    assert desk.apply(plan, plan_digest(plan))[0].outcome is Outcome.DONE
    assert server.market.state.changes[0].nmr == plan.steps[0].before
    with pytest.raises(PlanError, match="no stake to drain"):
        drain_plan(snapshot, "nobody")


def test_a_pending_release_is_taken_back(desk: Desk, server: DemoServer) -> None:
    release = planned(desk, a="-5")
    desk.apply(release, plan_digest(release))
    plan = cancel_plan(desk.live.read(Tournament.SIGNALS).snapshot, "demo_signal_a")
    assert sent(desk, reviewed(desk, plan)) is Outcome.DONE
    assert server.log.mutations == 2
    assert server.market.state.changes[0].cancelled
    with pytest.raises(PlanError, match="no release under way"):
        cancel_plan(desk.live.read(Tournament.SIGNALS).snapshot, "demo_signal_a")


def test_a_plan_is_sent_step_by_step(desk: Desk, server: DemoServer) -> None:
    plan = planned(desk, a="20", b="30", c="-5")
    results = desk.apply(read_plan(plan_text(plan)), plan_digest(plan))
    assert [(result.step.model[-1], result.outcome) for result in results] == [
        ("c", Outcome.DONE),
        ("a", Outcome.DONE),
        ("b", Outcome.DONE),
    ]
    assert server.log.mutations == 3
    assert outcomes(desk) == ["INTENT", "DONE"] * 3


def test_a_plan_stops_at_the_first_step_that_is_no_plain_success(desk: Desk, server: DemoServer) -> None:
    plan = planned(desk, a="20", b="30", c="-5")
    server.faults.add("500", mutations_only=True, after=1)
    results = desk.apply(plan, plan_digest(plan))
    assert [result.outcome for result in results] == [Outcome.DONE, Outcome.UNKNOWN]
    assert server.log.mutations == 2
    assert outcomes(desk) == ["INTENT", "DONE", "INTENT", "UNKNOWN"]


def test_a_refusal_is_known_and_locks_nothing(desk: Desk, server: DemoServer, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = planned(desk, a="20", b="1")

    def refuse(*_: object) -> object:
        raise SaidByTheApi("Insufficient NMR available")

    with monkeypatch.context() as patched:
        patched.setattr("numtui.demo.server.resolvers.staking._increase", refuse)
        assert [result.outcome for result in desk.apply(plan, plan_digest(plan))] == [Outcome.REFUSED]
    assert server.log.mutations == 1
    assert desk.journal(ACCOUNT).unknown() == []
    assert [one.outcome for one in desk.apply(plan, plan_digest(plan))] == [Outcome.DONE] * 2, "what was refused may be"


def test_an_order_is_sent_once_whatever_reads_say(
    desk: Desk, make_desk: DeskMaker, server: DemoServer, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service takes the change, and its reads do not show it yet."""
    plan = planned(desk, a="5")
    review = reviewed(desk, plan)
    stale = desk.live.read(Tournament.SIGNALS, (plan.steps[0].model_id,))
    monkeypatch.setattr(Live, "read", lambda *_: stale)
    assert desk.apply(plan, plan_digest(plan))[0].outcome is Outcome.DONE
    clock.move(timedelta(minutes=4))
    for again in (
        lambda: desk.apply(plan, plan_digest(plan)),
        lambda: make_desk().apply(read_plan(plan_text(plan)), plan_digest(plan)),
        lambda: sent(desk, replace(review, made_at=clock.at, expires_at=clock.at + timedelta(minutes=2))),
        lambda: reviewed(desk, plan),
    ):
        with pytest.raises(AlreadySent, match=r"nothing was sent.*sent 4 minutes ago \(entry 1 of the journal: done\)"):
            again()
    assert server.log.mutations == 1
    fresh = as_new_order(make_plan(stale.snapshot, plan.targets), desk.journal(ACCOUNT), clock.at)
    assert plan_digest(fresh) != plan_digest(plan), "a new plan is a new order, though the state looks the same"
    (said,) = fresh.notes
    assert "increase of 5 NMR was sent 4 minutes ago" in said
    assert "not yet visible" in said
    assert desk.apply(fresh, plan_digest(fresh))[0].outcome is Outcome.DONE
    assert server.log.mutations == 2


def test_an_order_found_not_to_be_made_needs_a_new_plan(desk: Desk, server: DemoServer, clock: MovableClock) -> None:
    plan = planned(desk, a="5")
    server.faults.add("500", mutations_only=True)
    desk.apply(plan, plan_digest(plan))
    settle(desk, ACCOUNT, 1, took_effect=False, note="the website shows nothing")
    with pytest.raises(AlreadySent, match="not made"):
        desk.apply(plan, plan_digest(plan))
    assert server.log.mutations == 1


def test_a_journal_that_fails_between_steps_loses_no_result(
    desk: Desk, server: DemoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned(desk, a="1", b="1")
    append = Journal.append
    told: list[StepResult] = []

    def full(journal: Journal, entry: Entry) -> int:
        if len(told) == 1:
            raise JournalFailed("the disk is full")
        return append(journal, entry)

    monkeypatch.setattr(Journal, "append", full)
    results = desk.apply(plan, plan_digest(plan), tell=told.append)
    assert [one.outcome for one in results] == [Outcome.DONE, Outcome.NOT_SENT]
    assert "the disk is full" in results[1].message
    assert told == results
    assert server.log.mutations == 1


def test_a_key_without_the_scope_is_refused(make_desk: DeskMaker, server: DemoServer) -> None:
    limited = make_desk(keys=Credentials(DEMO_LIMITED_PUBLIC, DEMO_LIMITED_SECRET))
    plan = planned(limited, a="1")
    (result,) = limited.apply(plan, plan_digest(plan))
    assert result.outcome is Outcome.REFUSED
    assert "scope stake" in result.message
    assert server.market.state.changes == []


def test_no_connection_is_not_sent(make_desk: DeskMaker, server: DemoServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        dead = f"http://127.0.0.1:{closed.getsockname()[1]}"
    desk = make_desk(urls=(dead, server.url))  # reads find the alternative, a change goes to the first alone
    plan = planned(desk, a="1")
    (result,) = desk.apply(plan, plan_digest(plan))
    assert result.outcome is Outcome.NOT_SENT
    assert server.log.mutations == 0
    assert desk.journal(ACCOUNT).unknown() == []


def impatient(desk: Desk) -> Callable[[Tournament], NumerapiAdapter]:
    """The desk's way to an adapter, with a time-out so short that only the change runs into it, not the reads."""
    settings = replace(desk.live._settings, read_timeout=0.2)
    quick = Live(settings, desk.live._credentials, allow_stake=True, clock=desk.live.clock)
    return quick.adapter


UNKNOWN = (
    "500", "502", "429", "html", "truncated", "drop", "lost_answer", "nulls", "delay", "rate_limit", "graphql_error",
)  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "change"),
    [
        *((fault, "2") for fault in UNKNOWN),
        ("500", "-2"),
        ("500", "out"),
        ("lost_answer", "-2"),
        ("lost_answer", "out"),
    ],
)
def test_anything_but_an_answer_is_unknown_after_one_post(
    make_desk: DeskMaker, server: DemoServer, monkeypatch: pytest.MonkeyPatch, fault: str, change: str
) -> None:
    desk = make_desk()
    plan = planned(desk, a=change)
    review = reviewed(desk, plan)
    if fault == "delay":
        monkeypatch.setattr(desk.live, "adapter", impatient(desk))
    server.faults.add(fault, mutations_only=True, delay=0.6, **({"objects": True} if fault == "nulls" else {}))
    assert sent(desk, review) is Outcome.UNKNOWN
    assert server.log.mutations == 1
    assert outcomes(desk) == ["INTENT", "UNKNOWN"]
    for again in (
        lambda: sent(desk, review),
        lambda: desk.apply(plan, plan_digest(plan)),
        lambda: reviewed(desk, plan),
    ):
        with pytest.raises(ModelLocked, match="demo_signal_a is locked"):
            again()
    elsewhere = make_desk()  # another program, another cache: the lock is the account's
    with pytest.raises(ModelLocked):
        elsewhere.apply(plan, plan_digest(plan))
    assert server.log.mutations == 1
    if fault == "delay":
        wait_until(lambda: len(server.market.state.changes) == 1)  # it took effect although nobody heard of it


def test_an_outcome_that_cannot_be_written_is_unknown(
    desk: Desk, server: DemoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned(desk, a="1", b="1")
    written = []
    append = type(desk.journal(ACCOUNT)).append

    def full(journal: object, entry: object) -> int:
        written.append(entry)
        if len(written) == 2:
            raise JournalFailed("the disk is full")
        return append(journal, entry)  # type: ignore[arg-type]  # the very journal and entry that were given

    monkeypatch.setattr(type(desk.journal(ACCOUNT)), "append", full)
    (result,) = desk.apply(plan, plan_digest(plan))
    assert (result.outcome, server.log.mutations) == (Outcome.UNKNOWN, 1)
    assert "the disk is full" in result.message
    assert len(desk.journal(ACCOUNT).unknown()) == 1
