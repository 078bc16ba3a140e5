"""The simulated account behind the screens: a server that counts changes, a cache that its poller filled, and hands."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.app import App
from textual.pilot import Pilot

from numtui.api.client import ApiClient
from numtui.api.queries import Queries
from numtui.api.settings import ApiSettings
from numtui.config import PUBLIC_ID, SECRET_KEY, Settings
from numtui.demo import DEMO_STAKERS
from numtui.demo.market.market import Market
from numtui.demo.server.server import DemoServer
from numtui.model import Tournament
from numtui.poller.sync.context import PollContext
from numtui.poller.sync.poll import poll_once
from numtui.stake.plan.file import plan_digest
from numtui.stake.plan.planner import make_plan
from numtui.stake.service import open_service
from numtui.store.database import open_writer
from numtui.tui.app import NumtuiApp, make_app
from numtui.tui.stake.dialog import StakeDialog
from numtui.tui.stake.guarded import MOMENT, GuardedButton, SendButton
from tests.once import made_once
from tests.stake.helpers import KEYS, START, MovableClock

from .shown import press, settled, text

SECONDS = 0.02


def poll(server: DemoServer, clock: MovableClock, settings: Settings) -> None:
    """The poller's own work on Signals and Crypto."""

    async def fetch() -> None:
        with closing(open_writer(settings.db)) as connection:
            async with ApiClient(ApiSettings((server.url,)), KEYS) as client:
                work = PollContext(settings, clock, Queries(client), connection)
                for tournament in (Tournament.SIGNALS, Tournament.CRYPTO):
                    done = await poll_once(work, tournament, only=("rounds", "account", "scores"))
                    assert not done.problems

    asyncio.run(fetch())


@dataclass(frozen=True)
class Bench:
    """A server, its clock, and settings whose cache tells of it."""

    server: DemoServer
    clock: MovableClock
    settings: Settings

    @property
    def posts(self) -> int:
        """How many changes the server was asked for."""
        return self.server.log.mutations

    def refill(self) -> None:
        """Let the poller look again."""
        in_thread(lambda: poll(self.server, self.clock, self.settings))

    def change_elsewhere(self, model: str, amount: str) -> None:
        """The owner increases a stake on the website; not counted among our requests."""
        in_thread(lambda: self._change(model, amount))

    def _change(self, model: str, amount: str) -> None:
        service = open_service(
            replace(self.settings, allow_stake=True, state_dir=self.settings.db.parent / "web"), self.clock
        )
        snapshot = service.client.read(Tournament.SIGNALS).snapshot
        state = snapshot.model(model)
        assert state is not None
        plan = make_plan(snapshot, {model: state.stake + Decimal(amount)})
        assert service.apply(plan, plan_digest(plan))[0].plain_success
        self.server.log.clear()

    @asynccontextmanager
    async def screen(
        self, *, size: tuple[int, int] = (120, 40), screen: str = "stake", **changes: Any
    ) -> AsyncIterator[tuple[NumtuiApp, Pilot[Any]]]:
        """The app on the stake screen of Signals, allowed to change stakes."""
        given = {"allow_stake": True, "tournament": Tournament.SIGNALS} | changes
        app = make_app(replace(self.settings, **given), self.clock, start_poller=False, screen=screen)
        async with app.run_test(size=size, notifications=True) as pilot:
            await settled(pilot)
            yield app, pilot


def in_thread(work: Callable[[], None]) -> None:
    """Outside of the event loop of the test."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result()


def settings_for(server: DemoServer, folder: Path) -> Settings:
    """Settings that know the server alone; time-outs are short, so that a lost answer is not waited for."""
    return Settings(
        db=folder / "cache.sqlite",
        state_dir=folder / "state",
        config_file=folder / "numtui.toml",
        api_urls=(server.url,),
        read_timeout=5.0,
        connect_timeout=5.0,
        simulated=True,
        staker={Tournament.from_label(label): address for label, address in DEMO_STAKERS.items()},
    )


def dialog(app: NumtuiApp) -> StakeDialog:
    """The dialog in front."""
    assert isinstance(app.screen, StakeDialog)
    return app.screen


def said(app: App[Any]) -> str:
    """The words on screen, without frames and line breaks."""
    return " ".join(text(app).replace("│", " ").split())


async def shows(pilot: Pilot[Any], words: str) -> None:
    """Wait until the words are on screen."""
    for _ in range(500):
        if words in said(pilot.app):
            return
        await pilot.pause(SECONDS)
    raise AssertionError(text(pilot.app))


async def waited(pilot: Pilot[Any], state: str) -> StakeDialog:
    """Wait until the dialog is in that state."""
    for _ in range(500):
        await pilot.pause(SECONDS)
        shown = dialog(pilot.app)  # type: ignore[arg-type]  # the app of these tests
        if shown.state == state:
            await settled(pilot)
            return shown
    raise AssertionError(text(pilot.app))


async def reviewed(pilot: Pilot[Any], target: str = "40", change: str = "s") -> StakeDialog:
    """From the table to the review, and past the moment in which keys do not count."""
    await press(pilot, change)
    if change == "s":
        await typed(pilot, target)
        await press(pilot, "enter")
    shown = await waited(pilot, "review")
    await pilot.pause(MOMENT + 0.02)
    return shown


async def filled_in(pilot: Pilot[Any], shown: StakeDialog, *, model: str = "", amount: str = "") -> None:
    """Type model and amount (or what is given instead), tab to Send, and wait for the moment in which keys count."""
    assert shown.review is not None
    assert isinstance(pilot.app.focused, GuardedButton), "Cancel has the focus at first"
    await press(pilot, "shift+tab", "shift+tab")
    await typed(pilot, model or shown.review.step.model)
    await press(pilot, "tab")
    await typed(pilot, amount or shown.review.amount_to_type)
    await press(pilot, "tab", "tab")
    assert isinstance(pilot.app.focused, SendButton)
    await pilot.pause(MOMENT + 0.02)


async def typed(pilot: Pilot[Any], word: str) -> None:
    """A word, key by key."""
    for letter in word:
        pilot.app.post_message(events.Key(letter, letter))
    await settled(pilot)


async def space(pilot: Pilot[Any]) -> None:
    """The space bar, as a terminal sends it."""
    pilot.app.post_message(events.Key("space", " "))
    await settled(pilot)


async def sent(pilot: Pilot[Any], target: str = "40", change: str = "s") -> StakeDialog:
    """All the way to the result."""
    shown = await reviewed(pilot, target, change)
    await filled_in(pilot, shown)
    await space(pilot)
    return await waited(pilot, "result")


@pytest.fixture(scope="session")
def staking_origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One server a worker, and one filled cache, for all tests of stakes on a screen or a command line."""
    clock = MovableClock()
    with DemoServer(Market(seed=0, clock=clock, models=100)) as server:
        folder = made_once(
            tmp_path_factory, "staking", lambda folder: poll(server, clock, settings_for(server, folder))
        )
        yield Bench(server, clock, settings_for(server, folder))


def at_rest(server: DemoServer, longest: float = 20.0) -> None:
    """Wait until the server works on no request: a change that an earlier test gave up on would land in the next."""
    until = time.monotonic() + longest
    while time.monotonic() < until and server.log.working:
        time.sleep(0.02)


@pytest.fixture
def bench(staking_origin: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """As on the first day: server, clock, keys, a copy of the cache, and no journal."""
    monkeypatch.setenv(PUBLIC_ID, KEYS.public_id)
    monkeypatch.setenv(SECRET_KEY, KEYS.secret_key)
    origin = staking_origin
    at_rest(origin.server)
    origin.clock.at = START
    origin.server.faults.clear()
    origin.server.market.state.reset()
    origin.server.log.clear()
    settings = settings_for(origin.server, tmp_path)
    shutil.copy(origin.settings.db, settings.db)
    return Bench(origin.server, origin.clock, settings)
