"""Sending: the simulated API counts the POSTs of mutations. One for each confirmed change, none for anything else."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from numtui.api.bridge import Bridge
from numtui.api.errors import ApiError, KeysMissing, MutationsForbidden, Unreachable
from numtui.config import Credentials
from numtui.demo import DEMO_LIMITED_PUBLIC, DEMO_LIMITED_SECRET
from numtui.demo.server import DemoServer
from numtui.model import Tournament
from numtui.stake.act import Desk, Review, cancel_plan, drain_plan, render
from numtui.stake.errors import JournalFailed, LockHeld, ModelLocked, PlanError, StakeError, StateChanged, Stopped
from numtui.stake.journal import Outcome
from numtui.stake.live import Live, dispatch
from numtui.stake.lock import account_lock
from numtui.stake.plan_file import plan_digest, plan_text, read_plan
from numtui.stake.reconcile import reconcile
from numtui.stake.steps import Action, Plan, State

from .helpers import DeskMaker, MovableClock, planned

ACCOUNT = "demo_account"


def reviewed(desk: Desk, plan: Plan) -> Review:
    return desk.review(plan, plan.steps[0])


def sent(desk: Desk, review: Review) -> Outcome:
    return desk.send(review, review.step.model, review.amount_to_type).outcome


def outcomes(desk: Desk) -> list[str]:
    return [str(row.outcome) for row in desk.journal(ACCOUNT).entries()]


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


def test_a_refusal_is_known_and_locks_nothing(desk: Desk, server: DemoServer) -> None:
    plan = planned(desk, a="20", b="1")
    server.faults.add("rate_limit", mutations_only=True)
    assert [result.outcome for result in desk.apply(plan, plan_digest(plan))] == [Outcome.REFUSED]
    assert server.log.mutations == 1
    assert desk.journal(ACCOUNT).unknown() == []


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


def impatient(desk: Desk) -> Callable[[Tournament], Bridge]:
    """The desk's way to a bridge, with a time-out so short that only the change runs into it, not the reads."""
    settings = replace(desk.live._settings, read_timeout=0.2)
    quick = Live(settings, desk.live._credentials, allow_stake=True, clock=desk.live.clock)
    return quick.bridge


UNKNOWN = ("500", "502", "429", "html", "truncated", "drop", "lost_answer", "nulls", "delay")


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
        monkeypatch.setattr(desk.live, "bridge", impatient(desk))
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


def test_read_only_sends_nothing(make_desk: DeskMaker, server: DemoServer) -> None:
    plan = planned(make_desk(), a="1")
    review = reviewed(make_desk(), plan)
    locked = make_desk(allow=False)
    for attempt in (
        lambda: locked.review(plan, plan.steps[0]),
        lambda: sent(locked, review),
        lambda: locked.apply(plan, plan_digest(plan)),
        lambda: dispatch(locked.live.bridge(Tournament.SIGNALS), plan.steps[0]),
    ):
        with pytest.raises(MutationsForbidden, match="--allow-stake"):
            attempt()
    with pytest.raises(KeysMissing):
        make_desk(keys=None).apply(plan, plan_digest(plan))
    assert server.log.mutations == 0
    assert outcomes(locked) == []


def test_wrong_words_send_nothing(desk: Desk, server: DemoServer) -> None:
    review = reviewed(desk, planned(desk, a="1.5"))
    for model, amount in (
        ("", ""),
        ("demo_signal_a", ""),
        ("demo_signal_b", "1.5"),
        ("demo_signal_a", "15"),
        ("1.5", "x"),
    ):
        with pytest.raises(Stopped, match=r"type the model demo_signal_a and the amount 1\.5"):
            desk.send(review, model, amount)
    with pytest.raises(Stopped, match="not this plan's"):
        desk.apply(review.plan, "0123456789abcdef")
    assert server.log.mutations == 0


def test_an_expired_review_sends_nothing(desk: Desk, server: DemoServer, clock: MovableClock) -> None:
    review = reviewed(desk, planned(desk, a="1"))
    clock.move(timedelta(seconds=120))
    with pytest.raises(Stopped, match="expired"):
        sent(desk, review)
    clock.move(timedelta(hours=-1))
    with pytest.raises(Stopped, match="expired"):
        sent(desk, review)
    assert server.log.mutations == 0


@pytest.mark.parametrize("change", ["other model", "same model", "round", "system"])
def test_a_changed_state_sends_nothing(
    desk: Desk, make_desk: DeskMaker, server: DemoServer, clock: MovableClock, change: str
) -> None:
    plan = planned(desk, a="1")
    review = reviewed(desk, plan)
    match change:
        case "other model" | "same model":
            other = make_desk(state="elsewhere")
            second = planned(other, **({"b": "1"} if change == "other model" else {"a": "-1"}))
            other.apply(second, plan_digest(second))
        case "round":
            clock.move(timedelta(minutes=31))  # it closes
            review = replace(review, expires_at=clock.at + timedelta(minutes=1))
        case "system":
            server.faults.add("nulls", field="rounds", times=9)
    before = server.log.mutations
    said = {"other model": "available", "same model": "pending", "round": "open round", "system": "staking system"}
    with pytest.raises(StateChanged, match=said[change]):
        sent(desk, review)
    if change != "system":
        server.faults.clear()
    with pytest.raises(StateChanged, match=said[change]):
        desk.apply(plan, plan_digest(plan))
    assert server.log.mutations == before
    assert outcomes(desk) == []


def test_a_state_that_cannot_be_read_sends_nothing(desk: Desk, server: DemoServer) -> None:
    plan = planned(desk, a="1")
    server.faults.add("500", field="account", times=9)
    with pytest.raises(Unreachable):
        desk.apply(plan, plan_digest(plan))
    assert server.log.mutations == 0
    assert outcomes(desk) == []


HOLDER = """
import sys
from pathlib import Path
from numtui.stake.lock import account_lock
with account_lock(Path(sys.argv[1]), "demo_account"):
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_a_second_process_with_the_lock_keeps_us_out(desk: Desk, server: DemoServer) -> None:
    plan = planned(desk, a="1")
    review = reviewed(desk, plan)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(desk.state_dir)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        for attempt in (lambda: sent(desk, review), lambda: desk.apply(plan, plan_digest(plan))):
            with pytest.raises(LockHeld):
                attempt()
        holder.kill()
    assert server.log.mutations == 0
    assert sent(desk, review) is Outcome.DONE


def test_steps_that_wait_or_are_made_up_send_nothing(desk: Desk, server: DemoServer) -> None:
    plan = planned(desk, a="999999")
    assert plan.steps[0].state is State.BLOCKED
    with pytest.raises(Stopped, match="NMR short"):
        desk.review(plan, plan.steps[0])
    assert desk.apply(plan, plan_digest(plan)) == []
    forced = replace(plan, steps=(replace(plan.steps[0], state=State.NOW),))
    huge = replace(planned(desk, a="out").steps[0], amount=Decimal(11_000_000))
    for forged in (forced, replace(plan, steps=(huge,))):
        with pytest.raises(PlanError, match="does not follow"):
            desk.apply(forged, plan_digest(forged))
        with pytest.raises(PlanError, match="does not follow"):
            desk.review(forged, forged.steps[0])
    assert server.log.mutations == 0


def test_atomic_stakes_are_never_sent(desk: Desk, server: DemoServer) -> None:
    snapshot = desk.live.read(Tournament.CLASSIC).snapshot
    for make in (cancel_plan, drain_plan):
        with pytest.raises(PlanError):
            make(snapshot, "demo_anchor")
    assert server.log.mutations == 0


def test_without_a_journal_nothing_is_sent(desk: Desk, server: DemoServer) -> None:
    plan = planned(desk, a="1")
    desk.journal(ACCOUNT).path.parent.mkdir()
    desk.journal(ACCOUNT).path.write_bytes(b"damaged" * 500)
    with pytest.raises(JournalFailed):
        desk.apply(plan, plan_digest(plan))
    assert server.log.mutations == 0


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


def test_a_dry_run_shows_documents_and_variables_and_sends_nothing(desk: Desk, server: DemoServer) -> None:
    plan = planned(desk, a="1.5", b="-2", c="out")
    before = server.log.requests
    shown = render(desk.live, plan)
    assert server.log.requests == before
    assert [one.variables for one in shown[::2]] == [
        {"value": "2", "type": "decrease", "modelId": shown[0].step.model_id, "tournamentNumber": 11},
        {"value": "1.5", "type": "increase", "modelId": shown[2].step.model_id, "tournamentNumber": 11},
    ]
    assert all(one.document.lstrip().startswith("mutation") for one in shown)
    assert "DEMO" not in repr(shown)


KILLED = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from numtui.api.settings import ApiSettings
from numtui.clock import FixedClock
from numtui.config import Credentials
from numtui.demo import DEMO_PUBLIC, DEMO_SECRET
from numtui.stake import act
from numtui.stake.live import Live
from numtui.stake.plan_file import plan_digest, read_plan
url, state, now, when = sys.argv[1:]
if when == "before":
    act.dispatch = lambda bridge, step: os.kill(os.getpid(), signal.SIGKILL)
plan = read_plan(sys.stdin.read())
keys, clock = Credentials(DEMO_PUBLIC, DEMO_SECRET), FixedClock(datetime.fromisoformat(now))
live = Live(ApiSettings((url,)), keys, allow_stake=True, clock=clock)
act.Desk(live, Path(state)).apply(plan, plan_digest(plan))
"""


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_process_killed_after_its_intent_leaves_the_model_locked(
    desk: Desk, server: DemoServer, clock: MovableClock, when: str
) -> None:
    plan = planned(desk, a="3")
    server.faults.add("delay", mutations_only=True, delay=0.5)
    command = [sys.executable, "-c", KILLED, server.url, str(desk.state_dir), clock.at.isoformat(), when]
    with subprocess.Popen(command, stdin=subprocess.PIPE, text=True) as child:
        assert child.stdin is not None
        child.stdin.write(plan_text(plan))
        child.stdin.close()
        if when == "after":
            wait_until(lambda: server.log.mutations == 1)
            child.kill()
        child.wait(20)
    if when == "after":
        wait_until(lambda: len(server.market.state.changes) == 1)
    assert child.returncode == -9
    assert server.log.mutations == (when == "after")
    assert outcomes(desk) == ["INTENT"]
    with pytest.raises(ModelLocked):
        desk.apply(plan, plan_digest(plan))
    with account_lock(desk.state_dir, ACCOUNT):
        pass
    expected = Outcome.RECONCILED_DONE if when == "after" else Outcome.UNKNOWN
    assert [found.outcome for found in reconcile(desk)] == [expected]


def wait_until(true: object) -> None:
    assert callable(true)
    for _ in range(400):
        if true():
            return
        time.sleep(0.02)
    pytest.fail("it did not happen")


def test_every_error_is_one_line(desk: Desk) -> None:
    plan = planned(desk, a="1")
    try:
        desk.apply(plan, "wrong")
    except (StakeError, ApiError) as error:
        assert "\n" not in str(error)
