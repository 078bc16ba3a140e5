"""The simulated account behind the screens: a server that counts changes, a cache that its poller filled, and hands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from numtui.api.client import ApiClient
from numtui.api.queries import Queries
from numtui.api.settings import ApiSettings
from numtui.config import Settings
from numtui.demo.server import DemoServer
from numtui.model import Tournament
from numtui.poller.context import Work
from numtui.poller.sync import poll_once
from numtui.store.database import open_writer
from numtui.tui.app import NumtuiApp, make_app
from numtui.tui.screens.stake_dialog import StakeDialog
from numtui.tui.widgets.confirm import MOMENT, SendKey
from tests.stake.helpers import KEYS, MovableClock

from .shown import press, settled, text

SECONDS = 0.02


def poll(server: DemoServer, clock: MovableClock, settings: Settings) -> None:
    """The poller's own work on Signals and Crypto."""

    async def fetch() -> None:
        with closing(open_writer(settings.db)) as connection:
            async with ApiClient(ApiSettings((server.url,)), KEYS) as client:
                work = Work(settings, clock, Queries(client), connection)
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
    )


def dialog(app: NumtuiApp) -> StakeDialog:
    """The dialog in front."""
    assert isinstance(app.screen, StakeDialog)
    return app.screen


async def waited(pilot: Pilot[Any], state: str) -> StakeDialog:
    """Wait until the dialog is in that state."""
    for _ in range(500):
        await pilot.pause(SECONDS)
        shown = dialog(pilot.app)  # type: ignore[arg-type]  # the app of these tests
        if shown.state == state:
            await settled(pilot)
            return shown
    raise AssertionError(text(pilot.app))  # type: ignore[arg-type]  # as above


async def reviewed(pilot: Pilot[Any], target: str = "40", wish: str = "s") -> StakeDialog:
    """From the table to the review, and past the moment in which keys do not count."""
    await press(pilot, wish)
    if wish == "s":
        await press(pilot, *target, "enter")
    shown = await waited(pilot, "review")
    await pilot.pause(MOMENT + 0.02)
    return shown


async def filled_in(pilot: Pilot[Any], shown: StakeDialog) -> None:
    """Type model and amount, and tab to Send."""
    assert shown.review is not None
    await press(pilot, "shift+tab", "shift+tab", "shift+tab")
    fields = [shown.query_one("#typed-model"), shown.query_one("#typed-amount")]
    fields[0].focus()
    await pilot.press(*keys(shown.review.step.model), "tab", *keys(shown.review.amount_to_type), "tab")
    while not isinstance(pilot.app.focused, SendKey):
        await pilot.press("tab")
    await pilot.pause(MOMENT + 0.02)


def keys(word: str) -> list[str]:
    """The keys that write a word."""
    names = {".": "full_stop", "_": "underscore", "-": "minus"}
    return [names.get(letter, letter) for letter in word]
