"""A picture of a screen, made by the real app without a terminal (`numtui screenshot`)."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from numtui.clock import Clock
from numtui.config import Settings
from numtui.tui.app import make_app
from numtui.tui.screens import SCREENS
from numtui.tui.screens.pages import model_page

WEB_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)  # a picture must not ask the network for anything


MODEL = "model"  # a page beside the screens: of the model that is named


def screens() -> tuple[str, ...]:
    """The names of the screens that there are."""
    return tuple(entry.name for entry in SCREENS)


def screenshot(
    settings: Settings, clock: Clock, screen: str, size: tuple[int, int], path: Path, *, model: str | None = None
) -> None:
    """Write `screen` at `size` (columns, lines) to `path` as SVG, or the page of a `model` on it. KeyError when there
    is no such screen."""
    path.write_text(asyncio.run(_picture(settings, clock, screen, size, model)), encoding="utf-8")


async def _picture(settings: Settings, clock: Clock, screen: str, size: tuple[int, int], model: str | None) -> str:
    app = make_app(settings, clock, start_poller=False, screen=screen)
    if not settings.no_color:
        app.theme = "textual-dark"  # a picture has all colours, wherever it is made
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await app.workers.wait_for_complete()
        await pilot.pause()
        if model is not None:
            app.push_screen(model_page(model))
            await pilot.pause()
            await app.workers.wait_for_complete()
            await pilot.pause()
        return WEB_FONT.sub("", app.export_screenshot(title=f"numtui {model or screen}"))
