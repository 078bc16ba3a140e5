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
from numtui.stake.account_client import AccountClient
from numtui.stake.errors import AlreadySent, JournalFailed, ModelLocked, PlanError
from numtui.stake.journal.journal import Journal, JournalEntry, Outcome
from numtui.stake.journal.known import as_new_order
from numtui.stake.plan.file import plan_digest, plan_text, read_plan
from numtui.stake.plan.planner import cancel_plan, drain_plan, make_plan
from numtui.stake.plan.steps import Action
from numtui.stake.reconcile import settle
from numtui.stake.review import StepResult
from numtui.stake.service import StakeService, render
from tests.stake.helpers import ACCOUNT, MovableClock, ServiceMaker, outcomes, planned, reviewed, sent, wait_until


@pytest.mark.parametrize(
    ("change", "action", "kind"),
    [("12.5", Action.INCREASE, "increase"), ("-3.25", Action.RELEASE, "decrease"), ("out", Action.DRAIN, "decrease")],
)
def test_a_confirmed_change_is_one_post(
    service: StakeService, server: DemoServer, change: str, action: Action, kind: str
) -> None:
    plan = planned(service, a=change)
    review = reviewed(service, plan)
    assert server.log.mutations == 0
    assert sent(service, review) is Outcome.DONE
    assert server.log.mutations == 1
    (made,) = server.market.state.changes
    assert (plan.steps[0].action, made.type, made.nmr, made.drain) == (
        action, kind, plan.steps[0].amount, action is Action.DRAIN,
    )  # fmt: skip
    intent, done = service.journal(ACCOUNT).entries()
    assert (intent.outcome, done.outcome, done.intent) == (Outcome.INTENT, Outcome.DONE, intent.entry)
    assert Decimal(intent.requested or "0") == plan.steps[0].amount
    assert (intent.plan, intent.step) == (plan_digest(plan), 1)


def test_a_drain_names_the_real_amount(service: StakeService, server: DemoServer) -> None:
    snapshot = service.client.read(Tournament.SIGNALS).snapshot
    plan = drain_plan(snapshot, "demo_signal_b")
    (rendered,) = render(service.client, plan)
    assert "releaseStake" in rendered.document
    assert rendered.variables["amount"] == f"{plan.steps[0].before:f}"
    assert service.apply(plan, plan_digest(plan))[0].outcome is Outcome.DONE
    assert server.market.state.changes[0].nmr == plan.steps[0].before
    with pytest.raises(PlanError, match="no stake to drain"):
        drain_plan(snapshot, "nobody")


def test_a_pending_release_is_taken_back(service: StakeService, server: DemoServer) -> None:
    release = planned(service, a="-5")
    service.apply(release, plan_digest(release))
    plan = cancel_plan(service.client.read(Tournament.SIGNALS).snapshot, "demo_signal_a")
    assert sent(service, reviewed(service, plan)) is Outcome.DONE
    assert server.log.mutations == 2
    assert server.market.state.changes[0].cancelled
    with pytest.raises(PlanError, match="no release under way"):
        cancel_plan(service.client.read(Tournament.SIGNALS).snapshot, "demo_signal_a")


def test_a_plan_is_sent_step_by_step(service: StakeService, server: DemoServer) -> None:
    plan = planned(service, a="20", b="30", c="-5")
    results = service.apply(read_plan(plan_text(plan)), plan_digest(plan))
    assert [(result.step.model[-1], result.outcome) for result in results] == [
        ("c", Outcome.DONE),
        ("a", Outcome.DONE),
        ("b", Outcome.DONE),
    ]
    assert server.log.mutations == 3
    assert outcomes(service) == ["INTENT", "DONE"] * 3


def test_a_plan_stops_at_the_first_step_that_is_no_plain_success(service: StakeService, server: DemoServer) -> None:
    plan = planned(service, a="20", b="30", c="-5")
    server.faults.add("500", mutations_only=True, after=1)
    results = service.apply(plan, plan_digest(plan))
    assert [result.outcome for result in results] == [Outcome.DONE, Outcome.UNKNOWN]
    assert server.log.mutations == 2
    assert outcomes(service) == ["INTENT", "DONE", "INTENT", "UNKNOWN"]


def test_a_refusal_is_known_and_locks_nothing(
    service: StakeService, server: DemoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned(service, a="20", b="1")

    def refuse(*_: object) -> object:
        raise SaidByTheApi("Insufficient NMR available")

    with monkeypatch.context() as patched:
        patched.setattr("numtui.demo.server.resolvers.staking._increase", refuse)
        assert [result.outcome for result in service.apply(plan, plan_digest(plan))] == [Outcome.REFUSED]
    assert server.log.mutations == 1
    assert service.journal(ACCOUNT).unknown() == []
    assert [one.outcome for one in service.apply(plan, plan_digest(plan))] == [Outcome.DONE] * 2, (
        "what was refused may be"
    )


def test_an_order_is_sent_once_whatever_reads_say(
    service: StakeService,
    make_service: ServiceMaker,
    server: DemoServer,
    clock: MovableClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The service takes the change, and its reads do not show it yet."""
    plan = planned(service, a="5")
    review = reviewed(service, plan)
    stale = service.client.read(Tournament.SIGNALS, (plan.steps[0].model_id,))
    monkeypatch.setattr(AccountClient, "read", lambda *_: stale)
    assert service.apply(plan, plan_digest(plan))[0].outcome is Outcome.DONE
    clock.move(timedelta(minutes=4))
    for again in (
        lambda: service.apply(plan, plan_digest(plan)),
        lambda: make_service().apply(read_plan(plan_text(plan)), plan_digest(plan)),
        lambda: sent(service, replace(review, made_at=clock.at, expires_at=clock.at + timedelta(minutes=2))),
        lambda: reviewed(service, plan),
    ):
        with pytest.raises(AlreadySent, match=r"nothing was sent.*sent 4 minutes ago \(entry 1 of the journal: done\)"):
            again()
    assert server.log.mutations == 1
    fresh = as_new_order(make_plan(stale.snapshot, plan.targets), service.journal(ACCOUNT), clock.at)
    assert plan_digest(fresh) != plan_digest(plan), "a new plan is a new order, though the state looks the same"
    (said,) = fresh.notes
    assert "increase of 5 NMR was sent 4 minutes ago" in said
    assert "not yet visible" in said
    assert service.apply(fresh, plan_digest(fresh))[0].outcome is Outcome.DONE
    assert server.log.mutations == 2


def test_an_order_found_not_to_be_made_needs_a_new_plan(
    service: StakeService, server: DemoServer, clock: MovableClock
) -> None:
    plan = planned(service, a="5")
    server.faults.add("500", mutations_only=True)
    service.apply(plan, plan_digest(plan))
    settle(service, ACCOUNT, 1, took_effect=False, note="the website shows nothing")
    with pytest.raises(AlreadySent, match="not made"):
        service.apply(plan, plan_digest(plan))
    assert server.log.mutations == 1


def test_a_journal_that_fails_between_steps_loses_no_result(
    service: StakeService, server: DemoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned(service, a="1", b="1")
    append = Journal.append
    told: list[StepResult] = []

    def full(journal: Journal, entry: JournalEntry) -> int:
        if len(told) == 1:
            raise JournalFailed("the disk is full")
        return append(journal, entry)

    monkeypatch.setattr(Journal, "append", full)
    results = service.apply(plan, plan_digest(plan), tell=told.append)
    assert [one.outcome for one in results] == [Outcome.DONE, Outcome.NOT_SENT]
    assert "the disk is full" in results[1].message
    assert told == results
    assert server.log.mutations == 1


def test_a_key_without_the_scope_is_refused(make_service: ServiceMaker, server: DemoServer) -> None:
    limited = make_service(keys=Credentials(DEMO_LIMITED_PUBLIC, DEMO_LIMITED_SECRET))
    plan = planned(limited, a="1")
    (result,) = limited.apply(plan, plan_digest(plan))
    assert result.outcome is Outcome.REFUSED
    assert "scope stake" in result.message
    assert server.market.state.changes == []


def test_no_connection_is_not_sent(make_service: ServiceMaker, server: DemoServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        dead = f"http://127.0.0.1:{closed.getsockname()[1]}"
    service = make_service(urls=(dead, server.url))  # reads find the alternative, a change goes to the first alone
    plan = planned(service, a="1")
    (result,) = service.apply(plan, plan_digest(plan))
    assert result.outcome is Outcome.NOT_SENT
    assert server.log.mutations == 0
    assert service.journal(ACCOUNT).unknown() == []


def impatient(service: StakeService) -> Callable[[Tournament], NumerapiAdapter]:
    """The service's way to an adapter, with a time-out so short that only the change runs into it, not the reads."""
    settings = replace(service.client._settings, read_timeout=0.2)
    quick = AccountClient(settings, service.client._credentials, allow_stake=True, clock=service.client.clock)
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
    make_service: ServiceMaker, server: DemoServer, monkeypatch: pytest.MonkeyPatch, fault: str, change: str
) -> None:
    service = make_service()
    plan = planned(service, a=change)
    review = reviewed(service, plan)
    if fault == "delay":
        monkeypatch.setattr(service.client, "adapter", impatient(service))
    server.faults.add(fault, mutations_only=True, delay=0.6, **({"objects": True} if fault == "nulls" else {}))
    assert sent(service, review) is Outcome.UNKNOWN
    assert server.log.mutations == 1
    assert outcomes(service) == ["INTENT", "UNKNOWN"]
    for again in (
        lambda: sent(service, review),
        lambda: service.apply(plan, plan_digest(plan)),
        lambda: reviewed(service, plan),
    ):
        with pytest.raises(ModelLocked, match="demo_signal_a is locked"):
            again()
    elsewhere = make_service()  # another program, another cache: the lock is the account's
    with pytest.raises(ModelLocked):
        elsewhere.apply(plan, plan_digest(plan))
    assert server.log.mutations == 1
    if fault == "delay":
        wait_until(lambda: len(server.market.state.changes) == 1)  # it took effect although nobody heard of it


def test_an_outcome_that_cannot_be_written_is_unknown(
    service: StakeService, server: DemoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned(service, a="1", b="1")
    written = []
    append = type(service.journal(ACCOUNT)).append

    def full(journal: object, entry: object) -> int:
        written.append(entry)
        if len(written) == 2:
            raise JournalFailed("the disk is full")
        return append(journal, entry)  # type: ignore[arg-type]  # the very journal and entry that were given

    monkeypatch.setattr(type(service.journal(ACCOUNT)), "append", full)
    (result,) = service.apply(plan, plan_digest(plan))
    assert (result.outcome, server.log.mutations) == (Outcome.UNKNOWN, 1)
    assert "the disk is full" in result.message
    assert len(service.journal(ACCOUNT).unknown()) == 1
