"""The list of commands finds the tables of every screen, and the pages that a key of a screen opens."""

from __future__ import annotations

import asyncio
from functools import cache, partial
from importlib import import_module
from typing import NamedTuple

from textual.command import Hit, Hits, Provider

from numtui.tui.monitor import MonitorApp
from numtui.tui.screens import SCREENS, ScreenEntry


class Place(NamedTuple):
    """A table of a screen by its name, or what a `key` opens there."""

    title: str
    screen: ScreenEntry
    view: str = ""
    key: str = ""

    @property
    def about(self) -> str:
        """Where it is found without this list."""
        return f"{self.screen.title} ({self.screen.key}), {f'key {self.key}' if self.key else f'table {self.view}'}"


# What is looked for by another word, or lies behind a key: title, screen, table, key.
OTHERS = (
    ("Claims", "stake", "", "v"),
    ("Atomic staking", "stake", "", "v"),
    ("Wallet movements", "stake", "history", ""),
    ("Allocation of the stake", "backtest", "", "W"),
    ("Submissions board", "models", "submissions", ""),
)


@cache
def places() -> tuple[Place, ...]:
    """All of them. Imports every screen."""
    screens = {entry.name: entry for entry in SCREENS}
    listed = []
    for entry in SCREENS:
        module, name = entry.where.split(":")
        views = getattr(import_module(module), name).views
        listed += [Place(f"{entry.title}: {view.name}", entry, view.name) for view in views]
    return (*listed, *(Place(title, screens[screen], view, key) for title, screen, view, key in OTHERS))


class ViewSearch(Provider):
    """Tables and pages by name."""

    async def search(self, query: str) -> Hits:
        """Those that have the letters of `query` in this order."""
        app = self.app
        assert isinstance(app, MonitorApp)
        matcher = self.matcher(query)
        for place in await asyncio.to_thread(places):
            score = matcher.match(place.title)
            if score > 0:
                yield Hit(score, matcher.highlight(place.title), partial(_open, app, place), help=place.about)


def _open(app: MonitorApp, place: Place) -> None:
    """Show the screen, then the table or the page."""
    app.lead_to(place.screen.name, view=place.view)
    if place.key:
        app.call_after_refresh(app.simulate_key, place.key)
