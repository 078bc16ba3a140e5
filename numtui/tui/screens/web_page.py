"""The pages of models and accounts on numer.ai: copied, and opened where there is a browser."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from numtui.model import Tournament
from numtui.tui.monitor import MonitorApp
from numtui.tui.terminal import clipboard

NOT_THERE = "This is the simulated tournament: numer.ai has no page of it."


def address(tournament: Tournament, model: str | None, account: str | None = None) -> str:
    """The page of a model, else of an account, else of the tournament."""
    page = model if model is not None else f"~{account}" if account is not None else "tournament"
    return f"{tournament.site}/{page}"


def has_browser(environ: Mapping[str, str], platform: str) -> bool:
    """Whether a browser would open on the user's own screen: not over SSH, and not in the terminal itself."""
    if "SSH_CONNECTION" in environ or "SSH_TTY" in environ:
        return False
    return platform in {"darwin", "win32"} or "DISPLAY" in environ or "WAYLAND_DISPLAY" in environ


async def show(app: MonitorApp, url: str) -> None:
    """Copy the address and say it; open it where there is a browser."""
    if app.header.simulated:
        app.notify(NOT_THERE)
        return
    how = await clipboard.copy(app, url)
    opens = app.is_web or has_browser(os.environ, sys.platform)
    if opens:
        app.open_url(url)
    app.notify(f"{'Opened' if opens else 'Copied'} {url}" + ("" if opens else f" ({how})"))
