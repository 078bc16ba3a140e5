"""Caches of a simulated market on successive scoring days, polled with the forecast hook; made once a process."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from numtui import demo
from numtui.config import PUBLIC_ID, SECRET_KEY, Settings
from numtui.demo.market.market import Market
from numtui.demo.server.server import DemoServer
from numtui.poller.jobs.record_forecasts import record_forecasts
from numtui.poller.service import Service
from tests.by_day import days_table, paths_from_table

# Friday, Saturday, Tuesday: each after the day's scores. Round 1343 has its last score on Tuesday and resolves then.
DAYS = {
    "friday": datetime(2026, 11, 20, 16, 50, tzinfo=UTC),
    "saturday": datetime(2026, 11, 21, 16, 50, tzinfo=UTC),
    "tuesday": datetime(2026, 11, 24, 18, 0, tzinfo=UTC),
}
MODELS, ROUNDS = 30, 160


@dataclass
class Hands:
    """A clock that is set."""

    at: datetime

    def now(self) -> datetime:
        return self.at


@dataclass(frozen=True)
class Caches:
    """The cache after each of `DAYS`, and the market behind it (its clock stands at the last)."""

    folder: Path
    market: Market

    def copy(self, day: str, folder: Path) -> Settings:
        """Settings of a copy of that day's cache in `folder`."""
        shutil.copy(self.folder / f"{day}.sqlite", folder / "cache.sqlite")
        return settings_of(folder)


def settings_of(folder: Path, **changes: object) -> Settings:
    """Settings whose cache lies in `folder`."""
    known: dict[str, object] = {
        "db": folder / "cache.sqlite",
        "state_dir": folder / "state",
        "config_file": folder / "numtui.toml",
        "simulated": True,
    }
    return Settings(**(known | changes))  # type: ignore[arg-type]  # by name, as the tests need them


@cache
def caches() -> Caches:
    """Poll the market on each day, with the forecast hook."""
    folder = Path(tempfile.mkdtemp(prefix="numtui-drift-"))
    clock = Hands(DAYS["friday"])
    market = Market(clock=clock, models=MODELS, rounds=ROUNDS)
    keys = {PUBLIC_ID: demo.DEMO_PUBLIC, SECRET_KEY: demo.DEMO_SECRET}
    before = {name: os.environ.get(name) for name in keys}
    os.environ.update(keys)
    try:
        with DemoServer(market) as server:
            settings = settings_of(folder, api_urls=(server.url,))
            for day, at in DAYS.items():
                clock.at = at
                service = Service(settings, clock, once=True, hooks=(record_forecasts,))
                assert asyncio.run(service.run()) == 0
                shutil.copy(settings.db, folder / f"{day}.sqlite")
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value
    return Caches(folder, market)


def write(settings: Settings, *statements: str) -> None:
    """Change a cache by hand, and count it as the store does."""
    with closing(sqlite3.connect(settings.db)) as connection, connection:
        of_days = any(" scores " in statement for statement in statements)
        if of_days:
            days_table(connection)
        for statement in statements:
            connection.execute(statement)
        if of_days:
            paths_from_table(connection)
        connection.execute("UPDATE changes SET version = version + 1")
