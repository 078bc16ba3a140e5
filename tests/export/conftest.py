"""One small simulated tournament, polled once a test run, for all tests of exports."""

from __future__ import annotations

import shutil
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
from tests.once import made_once
from tests.poller.site import NOW, Hands, Site


@dataclass(frozen=True)
class Polled:
    """A market, its server, and a cache that holds what the server held."""

    market: Market
    site: Site
    settings: Settings


@pytest.fixture(scope="module")
def polled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Polled]:
    """A copy a module: what one test file writes, no other one sees."""
    folder = tmp_path_factory.mktemp("polled")
    shutil.copytree(made_once(tmp_path_factory, "polled", _poll_into), folder, dirs_exist_ok=True)
    with _served(folder) as polled:
        yield polled


def _poll_into(folder: Path) -> None:
    with polled_in(folder):
        pass


@contextmanager
def polled_in(folder: Path, dialect: Dialect = "live", **changes: object) -> Iterator[Polled]:
    """A small market, served and polled once into a cache in `folder`; `changes` of the settings."""
    with _served(folder, dialect, **changes) as polled:
        assert polled.site.poll(polled.settings) == 0, polled.site.said
        yield polled


@contextmanager
def _served(folder: Path, dialect: Dialect = "live", **changes: object) -> Iterator[Polled]:
    clock = Hands(NOW)
    market = Market(clock=clock, models=300, rounds=90)
    with DemoServer(market, dialect=dialect) as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv(PUBLIC_ID, demo.DEMO_PUBLIC)
        patch.setenv(SECRET_KEY, demo.DEMO_SECRET)
        site = Site(server, folder, clock)
        settings = site.settings("cache", watch={Tournament.CLASSIC: ("integration_test",)}, **changes)
        yield Polled(market, site, settings)
