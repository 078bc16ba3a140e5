"""The tournament's calendar, day by day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from numtui.calendar import SCORING_WEEK, is_scoring_day, next_opening, next_run, rounds_opened, scoring_days_between

days = st.dates(date(2020, 1, 1), date(2030, 12, 31))


def test_scores_come_tuesday_to_saturday() -> None:
    week = [date(2026, 11, 23) + timedelta(days=day) for day in range(7)]  # from a Monday on
    assert [is_scoring_day(day) for day in week] == [False, True, True, True, True, True, False]
    assert SCORING_WEEK == "0111110"


@given(days, st.integers(-5, 100))
def test_scoring_days_are_those_that_numpy_counts(first: date, length: int) -> None:
    last = first + timedelta(days=length)
    counted = np.busday_count(first, last + timedelta(days=1), weekmask=SCORING_WEEK) if length >= 0 else 0
    assert scoring_days_between(first, last) == counted


def test_the_round_of_the_day_itself_has_opened() -> None:
    tuesday = date(2026, 11, 24)
    assert rounds_opened(tuesday, tuesday) == 0
    assert rounds_opened(tuesday, tuesday + timedelta(days=7)) == 5


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(lambda time: time.replace(tzinfo=UTC)))
def test_the_next_run_is_at_most_two_days_away(time: datetime) -> None:
    run = next_run(time)
    assert is_scoring_day(run)
    assert run - time <= timedelta(days=2)
    assert is_scoring_day(time) == (run == time)


def test_the_next_round_opens_on_the_next_scoring_day_at_the_same_time() -> None:
    friday, saturday = datetime(2026, 11, 27, 12, tzinfo=UTC), datetime(2026, 11, 28, 12, tzinfo=UTC)
    assert next_opening(friday) == saturday
    assert next_opening(saturday) == datetime(2026, 12, 1, 12, tzinfo=UTC)  # Tuesday
