"""The Overview as a test opens it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from textual.pilot import Pilot

from numtui.tui.app import NumtuiApp
from numtui.tui.overview.screen import OverviewScreen

Open = Callable[..., AbstractAsyncContextManager[tuple[NumtuiApp, Pilot[Any]]]]


def screen(app: NumtuiApp) -> OverviewScreen:
    assert isinstance(app.screen, OverviewScreen)
    return app.screen
