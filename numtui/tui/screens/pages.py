"""The pages of what a row is about, opened from any screen: a model, a model in one round, models beside each other.

Each is imported when it is first opened, by its name, so that no screen has to know another one.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any, cast

from textual.screen import Screen

MODEL = "numtui.tui.models.model_screen:ModelScreen"
DAYS = "numtui.tui.rounds.path_screen:DaysScreen"
ROUND = "numtui.tui.rounds.screen:RoundScreen"
WEEK = "numtui.tui.rounds.resolving_screen:week_page"
DAY = "numtui.tui.rounds.resolving_screen:day_page"
ACCOUNT = "numtui.tui.leaderboard.account_screen:AccountScreen"
COMPARISON = "numtui.tui.models.comparison_screen:ComparisonScreen"


def model_page(model: str, number: int | None = None) -> Screen[None]:
    """The page of a model; with a round's number its rounds, the cursor on that one."""
    return _page(MODEL, model, number)


def days_page(model: str, number: int, title: str) -> Screen[None]:
    """The days of a model in a round; `title` stands in the way there."""
    return _page(DAYS, model, number, title)


def round_page(number: int) -> Screen[None]:
    """A round by model."""
    return _page(ROUND, number)


def week_page(monday: str) -> Screen[None]:
    """The rounds that resolve in a week, as the table of weeks names it."""
    return _page(WEEK, monday)


def day_page(day: str) -> Screen[None]:
    """The rounds that resolve on a day, as the calendar names it."""
    return _page(DAY, day)


def account_page(account: str) -> Screen[None]:
    """The models of an account."""
    return _page(ACCOUNT, account)


def comparison_page(models: Sequence[str]) -> Screen[None]:
    """Models beside each other."""
    return _page(COMPARISON, tuple(models))


def _page(where: str, *about: object) -> Screen[None]:
    module, name = where.split(":")
    page: Any = getattr(import_module(module), name)
    return cast("Screen[None]", page(*about))
