"""The tournament's calendar: rounds open, scores come and rounds resolve Tuesday to Saturday."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from numtui.model import Tournament

SCORING_WEEKDAYS = frozenset({1, 2, 3, 4, 5})  # Tuesday to Saturday, Monday being 0
SCORING_WEEK = "".join("01"[day in SCORING_WEEKDAYS] for day in range(7))  # as numpy's busday functions take a week

CLAIM_WINDOW = timedelta(days=7)  # the first run after that finalises an Atomic position for its owner

# How many rounds are unresolved at once under Atomic staking, each with a stake of its own.
ROUNDS_AT_ONCE = {Tournament.CLASSIC: 64, Tournament.SIGNALS: 64, Tournament.CRYPTO: 24}


def is_scoring_day(day: date) -> bool:
    """Whether scores come on that day of the week, holidays aside."""
    return day.weekday() in SCORING_WEEKDAYS


def scoring_days_between(first: date, last: date) -> int:
    """The number of scoring days from `first` to `last`, both included; 0 where `last` is earlier."""
    days = range((last - first).days + 1)
    return sum(is_scoring_day(first + timedelta(days=day)) for day in days)


def rounds_opened(start: date, end: date) -> int:
    """The number of rounds that open after the day `start`, up to and on the day `end`: one each scoring day."""
    return scoring_days_between(start + timedelta(days=1), end)


def next_run(time: datetime) -> datetime:
    """The first scoring run on the day of `time` or later, at its time of day."""
    while not is_scoring_day(time):
        time += timedelta(days=1)
    return time


def next_opening(opened: datetime) -> datetime:
    """When the round after the one that `opened` does so, where that is at the same time of day."""
    return next_run(opened + timedelta(days=1))


def finalised_at(resolved: datetime | None) -> datetime | None:
    """When an Atomic position that was not claimed is finalised for its owner: by the first run after more than 7 days.

    Rounds resolve within a run, so later runs are taken to be at the same time of day.
    """
    return None if resolved is None else next_run(resolved + CLAIM_WINDOW + timedelta(days=1))


def days_to(time: datetime | None, now: datetime) -> float | None:
    """Days from `now` until `time`, negative when it is over; None when it is unknown."""
    return None if time is None else (time - now).total_seconds() / 86_400
