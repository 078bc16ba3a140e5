"""Scoring days are Tuesday to Saturday, counted from what is known."""

from __future__ import annotations

from datetime import date

import pytest

from numtui.analysis.drift.scoring_dates import date_text, filled_dates, ordinal_of

FRIDAY = "2026-11-20"
WEEK = ["2026-11-17", "2026-11-18", "2026-11-19", FRIDAY, "2026-11-21", "2026-11-24"]


@pytest.mark.parametrize("known", [1, 2, 4, 6])
def test_days_are_counted_on_and_back_from_a_known_one(known: int) -> None:
    filled = filled_dates({known: ordinal_of(WEEK[known - 1])}, len(WEEK))
    assert [date_text(ordinal) for ordinal in filled.tolist()] == WEEK


def test_a_day_does_not_pass_the_next_known_one() -> None:
    """A scoring day was left out: the fourth known one came a day late."""
    filled = filled_dates({1: ordinal_of(WEEK[0]), 4: ordinal_of(WEEK[4])}, 5)
    texts = [date_text(ordinal) for ordinal in filled.tolist()]
    assert texts[0] == WEEK[0]
    assert texts[3:] == [WEEK[4], WEEK[5]]
    assert texts == sorted(texts)


def test_without_any_known_day_there_is_none() -> None:
    assert filled_dates({}, 3).tolist() == [0, 0, 0]
    assert ordinal_of(None) == 0
    assert ordinal_of("2026-11-20T13:00:00Z") == date(2026, 11, 20).toordinal()
