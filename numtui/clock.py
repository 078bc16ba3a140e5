"""Clocks: the time comes from one that is passed in, never from `datetime.now()` in the middle of the code.

The demo hands its clock to every process of a session in the variable NUMTUI_CLOCK, so that countdowns, ages and
what is due follow the simulated tournament.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol

VARIABLE = "NUMTUI_CLOCK"
MINUTES_A_DAY = 24 * 60


class Clock(Protocol):
    """Anything that tells the time as an aware UTC datetime."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return datetime.now(UTC)


class FixedClock(NamedTuple):
    """A clock that stands still at `at` (aware)."""

    at: datetime

    def now(self) -> datetime:
        """Always `at`."""
        return self.at


class ScaledClock(NamedTuple):
    """A clock that showed `sim_origin` at `real_origin` and runs `days_per_minute` simulated days a real minute."""

    real_origin: datetime
    sim_origin: datetime
    days_per_minute: float

    def now(self) -> datetime:
        """The simulated instant, aware, in UTC."""
        real = datetime.now(UTC) - self.real_origin
        return self.sim_origin + timedelta(seconds=real.total_seconds() * self.days_per_minute * MINUTES_A_DAY)


def real_seconds(clock: Clock, seconds: float) -> timedelta:
    """The time that `clock` moves on in so many real seconds: a poll interval or a time-out on a running clock."""
    speed = clock.days_per_minute * MINUTES_A_DAY if isinstance(clock, ScaledClock) else 1.0
    return timedelta(seconds=seconds * speed)


def parse_time(text: str) -> datetime:
    """An ISO 8601 date or time as an aware UTC datetime; without a zone it is UTC. ValueError when it is neither."""
    time = datetime.fromisoformat(text)
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


SPAN = re.compile(r"([0-9]{1,5})\s*(m|min|h|d|w)?")
UNITS = {"m": "minutes", "min": "minutes", "h": "hours", "d": "days", "w": "weeks", None: "minutes"}


def parse_span(text: str) -> timedelta:
    """A span such as `30m`, `2h`, `1d`, `1w`; a plain number is minutes. ValueError says what one looks like."""
    match = SPAN.fullmatch(text.strip().lower())
    if match is None or int(match[1]) == 0:
        raise ValueError(f"{text!r} is no span of time: write 30m, 2h, 1d or 1w")
    return timedelta(**{UNITS[match[2]]: int(match[1])})


def clock_to_text(clock: Clock) -> str | None:
    """The value of NUMTUI_CLOCK that makes another process read `clock`; None for the machine's clock."""
    match clock:
        case FixedClock(instant):
            return f"fixed {instant.isoformat()}"
        case ScaledClock(real, sim, speed):
            return f"scaled {real.isoformat()} {sim.isoformat()} {speed!r}"
        case _:
            return None


def clock_from_env() -> Clock:
    """The clock that NUMTUI_CLOCK describes, else the machine's. ValueError when the variable is not understood."""
    words = os.environ.get(VARIABLE, "").split()
    match words:
        case []:
            return SystemClock()
        case ["fixed", instant]:
            return FixedClock(parse_time(instant))
        case ["scaled", real, sim, speed]:
            return ScaledClock(parse_time(real), parse_time(sim), float(speed))
        case _:
            raise ValueError(f"{VARIABLE} is not understood: {' '.join(words)!r}")
