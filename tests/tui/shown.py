"""What a test sees of the app: the screen as text."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from itertools import groupby
from typing import Any

from textual import events
from textual.app import App
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.screen import Screen
from textual.worker import WorkerCancelled

from numtui.tui.app import NumtuiApp
from numtui.tui.screens.report_screen import ReportScreen
from numtui.tui.table.report_table import ReportTable

CRUMB = " › "
HOPS = 4  # a key makes a message makes a message: so often every widget is waited for
LONGEST = 20  # hops for a screen that has nothing to read: one cannot see whether it will
PATIENCE = 30.0  # seconds: after that a test has failed
FRAME = 0.005  # seconds; longer than the 1/240 after which a changed line is styled and painted


def text(app: App[Any]) -> str:
    """The screen, line by line."""
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


def line(app: NumtuiApp, number: int) -> str:
    """One line of it."""
    return text(app).splitlines()[number]


def where(app: NumtuiApp) -> str:
    """Where the tab line says one is, the lit tabs or the way to what was opened: `Rounds › unresolved`."""
    strip = app.screen._compositor.render_strips()[1]
    lit = [list(run) for under, run in groupby(strip, lambda part: bool(part.style and part.style.underline)) if under]
    tabs = ["".join(part.text for part in run).strip().lstrip("0123456789 ") for run in lit]
    if CRUMB in strip.text:
        return CRUMB.join([strip.text.strip().split("  ")[0], *tabs[1:]])
    return CRUMB.join(tabs)


def table(app: NumtuiApp) -> ReportTable:
    """The table in front."""
    assert isinstance(app.screen, ReportScreen)
    return app.screen.table


async def settled(pilot: Pilot[Any]) -> None:
    """Wait until reports are read and painted: until every widget has done what it was told, and what that led to."""
    app, hops, all_hops = pilot.app, 0, 0
    while hops < HOPS:
        await pilot.pause(FRAME)
        works = any(not worker.is_finished for worker in app.workers)
        works = works or (isinstance(app, NumtuiApp) and app.works_on_keys)
        with suppress(WorkerCancelled):  # what esc gave up is done too
            await app.workers.wait_for_complete()
        all_hops += 1
        hops = 0 if works or (all_hops < LONGEST and is_unread(app.screen)) else hops + 1


def is_unread(screen: Screen[Any]) -> bool:
    """Whether a screen shows neither what it reads nor why it cannot."""
    return isinstance(screen, ReportScreen) and screen.data is None and not screen.failure


async def looked(app: NumtuiApp, pilot: Pilot[Any]) -> None:
    """Let the app look at the cache, as it does every second, and wait until what that leads to is done."""
    app.look()
    await settled(pilot)


async def until(pilot: Pilot[Any], condition: Callable[[], object]) -> None:
    """Wait until something is so, however busy the machine is; a screen that never gets there fails with its text."""
    limit = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < limit, text(pilot.app)
        await pilot.pause(FRAME)


async def worked(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys, each until it is acted on: a computation that one of them starts is not waited for."""
    for key in keys:
        _send(pilot, key)
        for _ in range(HOPS):
            await pilot.pause(FRAME)
            await until(pilot, lambda: not getattr(pilot.app, "works_on_keys", False))


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys one by one, each to its end. Pilot's own way waits for an idle processor, 60 ms and more a key."""
    for key in keys:
        _send(pilot, key)
        await settled(pilot)


def _send(pilot: Pilot[Any], key: str) -> None:
    named = _character_to_key(key) if len(key) == 1 else key
    pilot.app.post_message(events.Key(named, key if len(key) == 1 else None))
