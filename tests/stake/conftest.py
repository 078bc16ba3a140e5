"""The simulated tournament in this process, on a clock that the tests move, set back to its beginning for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from numtui.api.settings import ApiSettings
from numtui.config import Credentials
from numtui.demo.market.market import Market
from numtui.demo.server.server import DemoServer
from numtui.stake.account_client import AccountClient
from numtui.stake.service import StakeService

from .helpers import KEYS, START, MovableClock, ServiceMaker


@pytest.fixture(scope="session")
def clock_of_all() -> MovableClock:
    return MovableClock()


@pytest.fixture(scope="session")
def server_of_all(clock_of_all: MovableClock) -> Iterator[DemoServer]:
    with DemoServer(Market(seed=0, clock=clock_of_all, models=300)) as server:
        yield server


@pytest.fixture
def clock(clock_of_all: MovableClock) -> MovableClock:
    clock_of_all.at = START
    return clock_of_all


@pytest.fixture
def server(server_of_all: DemoServer, clock: MovableClock) -> DemoServer:
    server_of_all.faults.clear()
    server_of_all.market.state.reset()
    server_of_all.log.clear()
    return server_of_all


@pytest.fixture
def make_service(server: DemoServer, clock: MovableClock, tmp_path: Path) -> ServiceMaker:
    """Services on the server, with the state folder of the test."""

    def make(
        *, allow: bool = True, keys: Credentials | None = KEYS, urls: tuple[str, ...] = (), state: str = "state"
    ) -> StakeService:
        settings = ApiSettings(urls or (server.url,), read_timeout=60.0, attempts=1)
        return StakeService(AccountClient(settings, keys, allow_stake=allow, clock=clock), tmp_path / state)

    return make


@pytest.fixture
def service(make_service: ServiceMaker) -> StakeService:
    return make_service()
