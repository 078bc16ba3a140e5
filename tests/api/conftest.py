"""A scripted server, and a client on it that never really waits."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from numtui.api.client import ApiClient
from numtui.api.settings import ApiSettings
from numtui.config import Credentials

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
