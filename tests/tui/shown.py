"""What a test sees of the app: the screen as text."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot

from numtui.tui.app import NumtuiApp
from numtui.tui.screens.base import ReportScreen
from numtui.tui.widgets.table import ReportTable


def text(app: NumtuiApp) -> str:
    """The screen, line by line."""
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


def line(app: NumtuiApp, number: int) -> str:
    """One line of it."""
    return text(app).splitlines()[number]


def table(app: NumtuiApp) -> ReportTable:
    """The table in front."""
    assert isinstance(app.screen, ReportScreen)
    return app.screen.table


async def settled(pilot: Pilot[Any]) -> None:
    """Wait until reports are read and painted."""
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys one by one, each to its end."""
    for key in keys:
        await pilot.press(key)
        await settled(pilot)
