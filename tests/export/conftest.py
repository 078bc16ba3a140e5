"""One small simulated tournament, polled once, for all tests of exports."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from numtui import demo
from numtui.config import PUBLIC_ID, SECRET_KEY, Settings
from numtui.demo.market.market import Market
from numtui.demo.options import Dialect
from numtui.demo.server.server import DemoServer
from numtui.model import Tournament
from tests.poller.site import NOW, Hands, Site


@dataclass(frozen=True)
class Polled:
    """A market, its server, and a cache that holds what the server held."""

    market: Market
    site: Site
    settings: Settings


@pytest.fixture(scope="module")
def polled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Polled]:
    with polled_in(tmp_path_factory.mktemp("polled")) as found:
        yield found


@contextmanager
def polled_in(folder: Path, dialect: Dialect = "live", **changes: object) -> Iterator[Polled]:
    """A small market, served and polled once into a cache in `folder`; `changes` of the settings."""
    clock = Hands(NOW)
    market = Market(clock=clock, models=300, rounds=90)
    with DemoServer(market, dialect=dialect) as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv(PUBLIC_ID, demo.DEMO_PUBLIC)
        patch.setenv(SECRET_KEY, demo.DEMO_SECRET)
        site = Site(server, folder, clock)
        settings = site.settings("cache", watch={Tournament.CLASSIC: ("integration_test",)}, **changes)
        assert site.poll(settings) == 0, site.said
        yield Polled(market, site, settings)
