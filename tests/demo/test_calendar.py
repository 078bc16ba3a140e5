"""Rounds open and resolve on the days that the real ones did."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numtui.demo.market import calendar


@pytest.mark.parametrize(
    ("number", "day"),
    [
        (311, date(2022, 4, 9)),
        (340, date(2022, 10, 25)),
        (474, date(2023, 4, 29)),
        (589, date(2023, 10, 7)),
        (650, date(2024, 1, 2)),
        (714, date(2024, 3, 30)),
        (1085, date(2025, 9, 2)),
        (1172, date(2026, 1, 1)),
        (1292, date(2026, 6, 18)),
        (1343, date(2026, 8, 28)),
    ],
)
def test_known_rounds_open_on_their_dates(number: int, day: date) -> None:
    assert calendar.round_times(number, 20).open.date() == day


@given(st.dates(date(2016, 1, 5), date(2040, 1, 1)))
def test_scoring_day_indices_and_dates_are_inverse(day: date) -> None:
    back = calendar.index_date(calendar.day_index(day))
    assert (back == day) == calendar.is_scoring_day(day)
    assert timedelta(0) <= day - back <= timedelta(days=2)


@given(st.integers(340, 2500), st.sampled_from([20, 60]))
def test_every_round_keeps_the_rules(number: int, days: int) -> None:
    times = calendar.round_times(number, days)
    assert times.open.weekday() in range(1, 6)
    assert times.open.hour >= 12
    assert times.close - times.open >= timedelta(hours=1)
    assert (times.close - times.open > timedelta(days=1)) == (times.open.weekday() == 5)
    assert timedelta(days=2.5) <= times.score - times.close <= timedelta(days=5.5)
    length = (times.resolve - times.open).days
    assert length in (range(30, 34) if days == 20 else range(85, 90))
    assert calendar.newest_round(times.open) == number
    assert calendar.newest_round(times.open - timedelta(seconds=1)) == number - 1


def test_days_are_scored_one_by_one_and_then_the_round_resolves() -> None:
    times = calendar.round_times(1380, 60)
    assert times.days_scored(times.score - timedelta(seconds=1)) == 0
    assert times.days_scored(times.score) == 1
    assert times.status(times.open) == "OPEN"
    assert times.status(times.close) == "RESOLVING"
    assert times.days_scored(times.resolve) == 60
    assert times.status(times.resolve) == "RESOLVED"
    assert times.days_scored(datetime(2040, 1, 1, tzinfo=UTC)) == 60


def test_about_24_and_64_rounds_are_unresolved_at_once() -> None:
    now = datetime(2026, 11, 20, 20, tzinfo=UTC)
    newest = calendar.newest_round(now)
    for days, expected in ((20, 24), (60, 64)):
        count = sum(calendar.round_times(n, days).resolve > now for n in range(newest - 100, newest + 1))
        assert abs(count - expected) <= 2
