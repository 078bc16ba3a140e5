"""A clock that tests move, and plans on the demo account's Signals models."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from numtui.config import Credentials
from numtui.demo import DEMO_ACCOUNT, DEMO_PUBLIC, DEMO_SECRET
from numtui.model import Tournament
from numtui.stake.journal.journal import Outcome
from numtui.stake.plan.planner import make_plan
from numtui.stake.plan.steps import StakePlan
from numtui.stake.review import Review
from numtui.stake.service import StakeService

START = datetime(2026, 11, 20, 13, 30, tzinfo=UTC)  # a Friday, while a round takes stakes
ACCOUNT = DEMO_ACCOUNT
KEYS = Credentials(DEMO_PUBLIC, DEMO_SECRET)
ServiceMaker = Callable[..., StakeService]


@dataclass(slots=True)
class MovableClock:
    """A clock that stands still until it is moved."""

    at: datetime = START

    def now(self) -> datetime:
        return self.at

    def move(self, by: timedelta) -> None:
        self.at += by


def planned(service: StakeService, **changes: str) -> StakePlan:
    """A plan that moves the named Signals models (a, b, c) by so much NMR, or to nothing with "out"."""
    snapshot = service.client.read(Tournament.SIGNALS).snapshot
    targets = {}
    for letter, change in changes.items():
        model = snapshot.model(f"demo_signal_{letter}")
        assert model is not None
        targets[model.name] = Decimal(0) if change == "out" else model.stake + Decimal(change)
    return make_plan(snapshot, targets)


def reviewed(service: StakeService, plan: StakePlan) -> Review:
    """The review of a plan's first step."""
    return service.review(plan, plan.steps[0])


def sent(service: StakeService, review: Review) -> Outcome:
    """What became of a review that was confirmed with the right words."""
    return service.send(review, review.step.model, review.amount_to_type).outcome


def outcomes(service: StakeService) -> list[str]:
    """The outcomes in the demo account's journal."""
    return [str(row.outcome) for row in service.journal(ACCOUNT).entries()]


def wait_until(true: Callable[[], bool]) -> None:
    """Wait for something that the server does by itself."""
    for _ in range(400):
        if true():
            return
        time.sleep(0.02)
    pytest.fail("it did not happen")
