"""A small simulated tournament behind a server, and a client that knows nothing of ours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from numtui.demo import DEMO_PUBLIC, DEMO_SECRET
from numtui.demo.market.market import Market
from numtui.demo.server.server import DemoServer

HTTP = httpx.Client(timeout=20, verify=False)  # one for all; nothing here speaks TLS
FRIDAY = datetime(2026, 11, 20, 13, 30, tzinfo=UTC)  # round 1403 is open
SATURDAY_NIGHT = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)  # between rounds


@dataclass(frozen=True)
class Client:
    """Posts GraphQL to a server; keys of the demo account unless others are given."""

    url: str
    public: str | None = DEMO_PUBLIC
    secret: str = DEMO_SECRET

    def post(self, query: str, **variables: Any) -> httpx.Response:
        headers = {} if self.public is None else {"Authorization": f"Token {self.public}${self.secret}"}
        return HTTP.post(self.url, json={"query": query, "variables": variables}, headers=headers)

    def body(self, query: str, **variables: Any) -> Any:
        response = self.post(query, **variables)
        assert response.status_code == 200
        return response.json()

    def data(self, query: str, **variables: Any) -> Any:
        body = self.body(query, **variables)
        assert "errors" not in body, body
        return body["data"]

    def error(self, query: str, **variables: Any) -> str:
        errors = self.body(query, **variables)["errors"]
        return str(errors[-1]["message"])


@pytest.fixture(scope="session")
def _server() -> Iterator[DemoServer]:
    with DemoServer(Market(seed=1, now=FRIDAY, models=300)) as running:
        yield running


@pytest.fixture
def server(_server: DemoServer) -> DemoServer:
    _server.faults.clear()
    _server.log.clear()
    _server.market.state.reset()
    return _server


@pytest.fixture
def market(server: DemoServer) -> Market:
    return server.market


@pytest.fixture
def client(server: DemoServer) -> Client:
    return Client(server.url)
