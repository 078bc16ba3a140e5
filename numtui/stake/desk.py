"""The desk of a session: made of its settings and the keys of the environment, alike for screens and commands."""

from __future__ import annotations

import sys
import time

from numtui import clock as clocks
from numtui import config
from numtui.api.settings import ApiSettings
from numtui.clock import Clock, SystemClock
from numtui.config import Settings
from numtui.stake.account_client import Live
from numtui.stake.service import Desk


def open_desk(settings: Settings, clock: Clock) -> Desk:
    """Where this session reviews, sends and reconciles. ConfigError for half a key.

    A review ages by the machine's clock, however fast the simulated one runs.
    """
    asked = ApiSettings(
        urls=settings.api_urls,
        connect_timeout=settings.connect_timeout,
        read_timeout=settings.read_timeout,
        total_timeout=settings.total_timeout,
        concurrency=settings.concurrency,
        fiat=settings.fiat,
        insecure_keys=settings.insecure_keys,
    )
    live = Live(asked, config.credentials(), allow_stake=settings.allow_stake, clock=clock)
    uptime = (
        machine_uptime if isinstance(clock, clocks.SystemClock) else None
    )  # a simulated clock is the only time there
    return Desk(live, settings.state_dir, review_clock=SystemClock(), uptime=uptime, simulated=settings.simulated)


def machine_uptime() -> float:
    """Seconds since this machine began, suspended ones included where the system counts them."""
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()
