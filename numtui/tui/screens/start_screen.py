"""The screen that a session begins with."""

from __future__ import annotations

from contextlib import closing

from numtui.config import Settings
from numtui.store.database import open_reader
from numtui.store.queries.stakes.account import account_name
from numtui.tui.failures import READ_ERRORS
from numtui.tui.kept import Kept
from numtui.tui.screens import SCREENS
from numtui.tui.widgets.empty_state import has_keys


def start_screen(settings: Settings, kept: Kept) -> str:
    """That of the settings, else the last one; at first Overview for who has an account, else the leaderboard."""
    names = {entry.name for entry in SCREENS}
    for name in (settings.start_screen, kept.screen):
        if name is not None and name in names:
            return name
    try:
        with closing(open_reader(settings.db)) as connection:
            known = account_name(connection) is not None
    except READ_ERRORS:
        known = False
    return "overview" if known or has_keys() else "leaderboard"
