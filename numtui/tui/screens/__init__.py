"""The list of screens, and what all of them are made of: a new screen is one more line in `SCREENS`."""

from __future__ import annotations

from importlib import import_module
from typing import NamedTuple, cast

from textual.screen import Screen


class ScreenEntry(NamedTuple):
    """A screen that a number key opens: the class `where` (module:class) is imported when it is first opened."""

    key: str
    name: str
    title: str
    where: str

    def open(self) -> Screen[None]:
        """A new screen of this kind."""
        module, name = self.where.split(":")
        return cast("Screen[None]", getattr(import_module(module), name)())


SCREENS = (
    ScreenEntry("0", "overview", "Overview", "numtui.tui.overview.screen:OverviewScreen"),
    ScreenEntry("1", "leaderboard", "Leaderboard", "numtui.tui.leaderboard.screen:LeaderboardScreen"),
    ScreenEntry("2", "rounds", "Rounds", "numtui.tui.rounds.screen:RoundsScreen"),
    ScreenEntry("3", "backtest", "Backtest", "numtui.tui.backtest.screen:BacktestScreen"),
    ScreenEntry("4", "models", "Models", "numtui.tui.models.screen:ModelsScreen"),
    ScreenEntry("5", "stake", "Stake", "numtui.tui.stake.screen:StakeScreen"),
    ScreenEntry("6", "alerts", "Alerts", "numtui.tui.alerts.screen:AlertsScreen"),
    ScreenEntry("7", "status", "Status", "numtui.tui.status.screen:StatusScreen"),
)
