"""A scripted server, the simulated tournament, and clients on them that never really wait."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest

from numtui.api.client import ApiClient
from numtui.api.queries import Queries
from numtui.api.settings import ApiSettings
from numtui.config import Credentials
from numtui.demo import DEMO_PUBLIC, DEMO_SECRET
from numtui.demo.market.market import Market
from numtui.demo.server.server import DemoServer

from .scripted import SECRET, FakeTime, ScriptedServer


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    scripted = ScriptedServer()
    yield scripted
    scripted.stop()


@pytest.fixture
def fake_time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def credentials() -> Credentials:
    return Credentials("PUBLIC", SECRET)


@pytest.fixture
def settings(server: ScriptedServer, request: pytest.FixtureRequest) -> ApiSettings:
    patience = 0.3 if "time-out" in request.node.name else 20.0  # short only where the server never answers
    return ApiSettings((server.url,), read_timeout=patience)


@pytest.fixture
async def client(settings: ApiSettings, credentials: Credentials, fake_time: FakeTime) -> AsyncIterator[ApiClient]:
    async with ApiClient(settings, credentials, timing=fake_time.timing()) as opened:
        yield opened


@pytest.fixture(scope="session")
def demo() -> Iterator[DemoServer]:
    """The simulated tournament: small, an hour into the round of a Friday, without waiting faults at first."""
    market = Market(seed=3, now=datetime(2026, 11, 20, 13, 0, tzinfo=UTC), models=60, rounds=40)
    with DemoServer(market) as running:
        yield running


@pytest.fixture
async def demo_queries(demo: DemoServer, fake_time: FakeTime) -> AsyncIterator[Queries]:
    """All questions to the simulated tournament, with the demo account's keys."""
    demo.faults.clear()
    demo.log.clear()
    keys = Credentials(DEMO_PUBLIC, DEMO_SECRET)
    async with ApiClient(ApiSettings((demo.url,)), keys, timing=fake_time.timing()) as client:
        yield Queries(client)
