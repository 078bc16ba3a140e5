"""The demo's account in a cache, polled once for these tests, and its overview."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from sqlite3 import Connection

import pytest

from numtui.demo import DEMO_STAKERS
from numtui.model import Tournament
from numtui.reports.overview.overview import Overview, overview
from numtui.store.database import open_reader
from tests.export.conftest import Polled, polled_in
from tests.poller.site import NOW

STRATEGIES = {Tournament.from_label(label): address for label, address in DEMO_STAKERS.items()}


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Polled]:
    with polled_in(tmp_path_factory.mktemp("overview"), staker=STRATEGIES) as polled:
        yield polled


@pytest.fixture
def cache(account: Polled) -> Iterator[Connection]:
    with closing(open_reader(account.settings.db)) as connection:
        yield connection


@pytest.fixture
def read(cache: Connection) -> Overview:
    return overview(cache, NOW, fiat="USD")
