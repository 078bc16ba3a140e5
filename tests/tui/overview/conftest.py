"""The demo's account in a cache, polled once for these tests, and the Overview opened on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from numtui.alert_rules import checked_rule
from numtui.demo import DEMO_STAKERS
from numtui.model import Tournament
from numtui.poller.alerts.evaluation import evaluate
from numtui.reports.alerts.facts import Sources
from numtui.tui.app import NumtuiApp, make_app
from tests.export.conftest import Polled, polled_in
from tests.tui.overview.opened import Open
from tests.tui.shown import settled

STRATEGIES = {Tournament.from_label(label): address for label, address in DEMO_STAKERS.items()}


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Polled]:
    """With alerts on some of its models."""
    rules = (checked_rule({"rule": "at_risk_share", "above": 0.1}), checked_rule({"rule": "claim_due"}))
    with polled_in(tmp_path_factory.mktemp("overview"), staker=STRATEGIES) as polled:
        evaluate(replace(polled.settings, alerts=rules), polled.site.clock, Sources())
        yield polled


@pytest.fixture
def opened(account: Polled) -> Open:
    @asynccontextmanager
    async def run(size: tuple[int, int] = (120, 40)) -> AsyncIterator[tuple[NumtuiApp, Pilot[Any]]]:
        app = make_app(account.settings, account.site.clock, start_poller=False, screen="overview")
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            yield app, pilot

    return run
