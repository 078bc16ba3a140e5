"""Clocks of other processes, and what a real second is on them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from numtui.clock import (
    VARIABLE,
    FixedClock,
    ScaledClock,
    SystemClock,
    clock_from_env,
    clock_to_text,
    parse_time,
    real_seconds,
)

AT = datetime(2026, 11, 20, 18, tzinfo=UTC)


@pytest.mark.parametrize("clock", [FixedClock(AT), ScaledClock(AT, AT - timedelta(days=3), 2.5)])
def test_a_clock_is_handed_on_in_the_environment(
    clock: FixedClock | ScaledClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, clock_to_text(clock) or "")
    assert clock_from_env() == clock


def test_without_the_variable_it_is_the_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    assert clock_to_text(SystemClock()) is None
    assert clock_from_env() == SystemClock()
    monkeypatch.setenv(VARIABLE, "noon")
    with pytest.raises(ValueError, match="'noon'"):
        clock_from_env()


def test_a_second_of_a_running_clock() -> None:
    assert real_seconds(SystemClock(), 60) == timedelta(minutes=1)
    assert real_seconds(FixedClock(AT), 60) == timedelta(minutes=1)
    assert real_seconds(ScaledClock(AT, AT, 6.0), 60) == timedelta(days=6)


def test_times_without_a_zone_are_utc() -> None:
    assert parse_time("2026-11-20") == datetime(2026, 11, 20, tzinfo=UTC)
    assert parse_time("2026-11-20T19:00+01:00") == AT
