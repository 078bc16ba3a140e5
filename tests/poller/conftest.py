"""A simulated tournament behind a real server for each test."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest

from numtui import demo
from numtui.api import settings as api_settings
from numtui.api.settings import ApiSettings
from numtui.config import PUBLIC_ID, SECRET_KEY
from numtui.demo.market.market import Market
from numtui.demo.server.server import DemoServer

from .site import NOW, Dump, Hands, MakeSite, Site, dump


@pytest.fixture
def make_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeSite]:
    """Starts a server on a small market, with a clock that stands; options as Market's."""
    monkeypatch.setenv(PUBLIC_ID, demo.DEMO_PUBLIC)
    monkeypatch.setenv(SECRET_KEY, demo.DEMO_SECRET)
    monkeypatch.setattr(api_settings, "ApiSettings", partial(ApiSettings, backoff=0.001, longest_backoff=0.01))
    running: list[DemoServer] = []

    def make(at: datetime = NOW, latency_ms: float = 0, **options: object) -> Site:
        clock = Hands(at)
        market = Market(clock=clock, **{"models": 60, "rounds": 24, **options})  # type: ignore[arg-type]  # as above
        server = DemoServer(market, latency_ms=latency_ms)
        running.append(server.__enter__())
        return Site(server, tmp_path, clock)

    yield make
    for server in running:
        server.__exit__(None, None, None)


@pytest.fixture
def calm(make_site: MakeSite) -> Dump:
    """The content of a cache after a first sync of `site` that nothing disturbed."""
    if "calm" not in _CALM:
        site = make_site()
        settings = site.settings("calm")
        assert site.poll(settings) == 0
        _CALM["calm"] = dump(settings)
    return _CALM["calm"]


_CALM: dict[str, Dump] = {}  # made once a process: the market is the same each time


@pytest.fixture
def site(make_site: MakeSite) -> Site:
    """A small market of 12 own models, 60 in Classic, 30 rounds."""
    return make_site()
