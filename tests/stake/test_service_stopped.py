"""What must not be sent is not: the simulated API counts no mutation, and what was killed in between stays locked."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from numtui.api.errors import ApiError, KeysMissing, MutationsForbidden, Unreachable
from numtui.demo.server.server import DemoServer
from numtui.model import Tournament
from numtui.stake.account_client import dispatch
from numtui.stake.errors import JournalFailed, LockHeld, ModelLocked, PlanError, StakeError, StateChanged, Stopped
from numtui.stake.journal.journal import Outcome
from numtui.stake.lock import account_lock
from numtui.stake.plan.file import plan_digest, plan_text
from numtui.stake.plan.planner import cancel_plan, drain_plan
from numtui.stake.plan.steps import State
from numtui.stake.reconcile import reconcile
from numtui.stake.service import StakeService, render
from tests.stake.helpers import ACCOUNT, MovableClock, ServiceMaker, outcomes, planned, reviewed, sent, wait_until


def test_read_only_sends_nothing(make_service: ServiceMaker, server: DemoServer) -> None:
    plan = planned(make_service(), a="1")
    review = reviewed(make_service(), plan)
    locked = make_service(allow=False)
    for attempt in (
        lambda: locked.review(plan, plan.steps[0]),
        lambda: sent(locked, review),
        lambda: locked.apply(plan, plan_digest(plan)),
        lambda: dispatch(locked.client.adapter(Tournament.SIGNALS), plan.steps[0]),
    ):
        with pytest.raises(MutationsForbidden, match="--allow-stake"):
            attempt()
    with pytest.raises(KeysMissing):
        make_service(keys=None).apply(plan, plan_digest(plan))
    assert server.log.mutations == 0
    assert outcomes(locked) == []


def test_wrong_words_send_nothing(service: StakeService, server: DemoServer) -> None:
    review = reviewed(service, planned(service, a="1.5"))
    for model, amount in (
        ("", ""),
        ("demo_signal_a", ""),
        ("demo_signal_b", "1.5"),
        ("demo_signal_a", "15"),
        ("1.5", "x"),
    ):
        with pytest.raises(Stopped, match=r"type the model demo_signal_a and the amount 1\.5"):
            service.send(review, model, amount)
    with pytest.raises(Stopped, match="not this plan's"):
        service.apply(review.plan, "0123456789abcdef")
    assert server.log.mutations == 0


def test_an_expired_review_sends_nothing(service: StakeService, server: DemoServer, clock: MovableClock) -> None:
    review = reviewed(service, planned(service, a="1"))
    clock.move(timedelta(seconds=120))
    with pytest.raises(Stopped, match="expired"):
        sent(service, review)
    clock.move(timedelta(hours=-1))
    with pytest.raises(Stopped, match="expired"):
        sent(service, review)
    assert server.log.mutations == 0


@pytest.mark.parametrize("change", ["other model", "same model", "round", "system"])
def test_a_changed_state_sends_nothing(
    service: StakeService, make_service: ServiceMaker, server: DemoServer, clock: MovableClock, change: str
) -> None:
    plan = planned(service, a="1")
    review = reviewed(service, plan)
    match change:
        case "other model" | "same model":
            other = make_service(state="elsewhere")
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
        sent(service, review)
    if change != "system":
        server.faults.clear()
    with pytest.raises(StateChanged, match=said[change]):
        service.apply(plan, plan_digest(plan))
    assert server.log.mutations == before
    assert outcomes(service) == []


def test_a_state_that_cannot_be_read_sends_nothing(service: StakeService, server: DemoServer) -> None:
    plan = planned(service, a="1")
    server.faults.add("500", field="account", times=9)
    with pytest.raises(Unreachable):
        service.apply(plan, plan_digest(plan))
    assert server.log.mutations == 0
    assert outcomes(service) == []


HOLDER = """
import sys
from pathlib import Path
from numtui.stake.lock import account_lock
with account_lock(Path(sys.argv[1]), "demo_account"):
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_a_second_process_with_the_lock_keeps_us_out(service: StakeService, server: DemoServer) -> None:
    plan = planned(service, a="1")
    review = reviewed(service, plan)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(service.state_dir)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        for attempt in (lambda: sent(service, review), lambda: service.apply(plan, plan_digest(plan))):
            with pytest.raises(LockHeld):
                attempt()
        holder.kill()
    assert server.log.mutations == 0
    assert sent(service, review) is Outcome.DONE


def test_steps_that_wait_or_are_made_up_send_nothing(service: StakeService, server: DemoServer) -> None:
    plan = planned(service, a="999999")
    assert plan.steps[0].state is State.BLOCKED
    with pytest.raises(Stopped, match="NMR short"):
        service.review(plan, plan.steps[0])
    assert service.apply(plan, plan_digest(plan)) == []
    forced = replace(plan, steps=(replace(plan.steps[0], state=State.NOW),))
    huge = replace(planned(service, a="out").steps[0], amount=Decimal(11_000_000))
    for forged in (forced, replace(plan, steps=(huge,))):
        with pytest.raises(PlanError, match="does not follow"):
            service.apply(forged, plan_digest(forged))
        with pytest.raises(PlanError, match="does not follow"):
            service.review(forged, forged.steps[0])
    assert server.log.mutations == 0


def test_atomic_stakes_are_never_sent(service: StakeService, server: DemoServer) -> None:
    snapshot = service.client.read(Tournament.CLASSIC).snapshot
    for make in (cancel_plan, drain_plan):
        with pytest.raises(PlanError):
            make(snapshot, "demo_anchor")
    assert server.log.mutations == 0


def test_without_a_journal_nothing_is_sent(service: StakeService, server: DemoServer) -> None:
    plan = planned(service, a="1")
    service.journal(ACCOUNT).path.parent.mkdir()
    service.journal(ACCOUNT).path.write_bytes(b"damaged" * 500)
    with pytest.raises(JournalFailed):
        service.apply(plan, plan_digest(plan))
    assert server.log.mutations == 0


def test_a_dry_run_shows_documents_and_variables_and_sends_nothing(service: StakeService, server: DemoServer) -> None:
    plan = planned(service, a="1.5", b="-2", c="out")
    before = server.log.requests
    shown = render(service.client, plan)
    assert server.log.requests == before
    assert [one.variables for one in shown[::2]] == [
        {"value": "2", "type": "decrease", "modelId": shown[0].step.model_id, "tournamentNumber": 11},
        {"value": "1.5", "type": "increase", "modelId": shown[2].step.model_id, "tournamentNumber": 11},
    ]
    assert all(one.document.lstrip().startswith("mutation") for one in shown)
    assert "DEMO" not in repr(shown)


def test_every_error_is_one_line(service: StakeService) -> None:
    plan = planned(service, a="1")
    try:
        service.apply(plan, "wrong")
    except (StakeError, ApiError) as error:
        assert "\n" not in str(error)


KILLED = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from numtui.api.settings import ApiSettings
from numtui.clock import FixedClock
from numtui.config import Credentials
from numtui.demo import DEMO_PUBLIC, DEMO_SECRET
from numtui.stake import service as module
from numtui.stake.account_client import AccountClient
from numtui.stake.plan.file import plan_digest, read_plan
url, state, now, when = sys.argv[1:]
if when == "before":
    module.dispatch = lambda adapter, step: os.kill(os.getpid(), signal.SIGKILL)
plan = read_plan(sys.stdin.read())
keys, clock = Credentials(DEMO_PUBLIC, DEMO_SECRET), FixedClock(datetime.fromisoformat(now))
client = AccountClient(ApiSettings((url,)), keys, allow_stake=True, clock=clock)
module.StakeService(client, Path(state)).apply(plan, plan_digest(plan))
"""


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_process_killed_after_its_intent_leaves_the_model_locked(
    service: StakeService, server: DemoServer, clock: MovableClock, when: str
) -> None:
    plan = planned(service, a="3")
    server.faults.add("delay", mutations_only=True, delay=0.5)
    command = [sys.executable, "-c", KILLED, server.url, str(service.state_dir), clock.at.isoformat(), when]
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
    assert outcomes(service) == ["INTENT"]
    with pytest.raises(ModelLocked):
        service.apply(plan, plan_digest(plan))
    with account_lock(service.state_dir, ACCOUNT):
        pass
    expected = Outcome.RECONCILED_DONE if when == "after" else Outcome.UNKNOWN
    assert [found.outcome for found in reconcile(service)] == [expected]
