"""The other server and programs on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from .other_habits import Habits
from .other_market import Market
from .other_server import OtherServer, serve
from .program import DONE, Program

WATCHED = {"classic": ["fox_0003", "fox_0010"], "crypto": ["elk_0004"]}


@dataclass
class Scene:
    """A server and a program on it."""

    server: OtherServer
    program: Program

    @property
    def market(self) -> Market:
        return self.server.market


MakeScene = Callable[..., Scene]


@pytest.fixture(scope="session")
def market() -> Market:
    """The market of most tests; nothing changes it."""
    return Market()


@pytest.fixture
def scene(tmp_path: Path, market: Market) -> Iterator[MakeScene]:
    """Makes a server with these habits and a program on it; at the end no server may have broken."""
    with ExitStack() as stack:
        servers: list[OtherServer] = []

        def make(habits: Habits | None = None, *, of: Market | None = None, **program: object) -> Scene:
            server = stack.enter_context(serve(of or market, habits))
            servers.append(server)
            folder = tmp_path / f"run{len(servers)}"
            return Scene(server, Program(folder, server.url, **program))  # type: ignore[arg-type]  # the test's own words

        yield make
        assert [server.broken for server in servers] == [[] for _ in servers]
        assert [server.mutations for server in servers] == [[] for _ in servers]


@pytest.fixture(scope="session")
def synced(tmp_path_factory: pytest.TempPathFactory, market: Market) -> Iterator[Scene]:
    """A friendly server and a program that has polled once, for tests that only read."""
    with serve(market) as server:
        program = Program(tmp_path_factory.mktemp("synced"), server.url, watch=WATCHED)
        polled = program("poll", "--once")
        assert polled.code == DONE, polled
        yield Scene(server, program)
        assert server.broken == []
        assert server.mutations == []
