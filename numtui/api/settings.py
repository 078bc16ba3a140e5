"""Settings of the API client, and the sources of its time and chance."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from numtui.api.http.pacing import PUBLISHED
from numtui.config import Settings
from numtui.version import __version__

USER_AGENT = f"numtui/{__version__}"


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """`urls`: the endpoint, then its alternatives (reads only). Times in seconds.

    A read is tried at most `attempts` times within `budget` seconds; between two tries it waits about `backoff`, then
    twice that, up to `longest_backoff`, or as long as the server's Retry-After says. After `breaker_failures` failures
    in a row an endpoint is left alone for `breaker_pause` seconds, then for twice that. `fiat`: the currency of prices.
    `total_timeout` is for one request from its first byte to the last of its answer. `insecure_keys`: keys may go to
    http:// on another machine. `limits`: how often a minute a field may be asked for; empty, requests are not paced.
    """

    urls: tuple[str, ...]
    connect_timeout: float = 10.0
    read_timeout: float = 60.0
    total_timeout: float = 180.0
    concurrency: int = 8
    attempts: int = 5
    budget: float = 120.0
    backoff: float = 0.5
    longest_backoff: float = 20.0
    breaker_failures: int = 24
    breaker_pause: float = 30.0
    fiat: str = "USD"
    insecure_keys: bool = False
    limits: Mapping[str, int] = field(default_factory=lambda: PUBLISHED)


def api_settings(settings: Settings) -> ApiSettings:
    """The client's settings of a session. Requests to a simulated tournament are not paced."""
    return ApiSettings(
        urls=settings.api_urls,
        connect_timeout=settings.connect_timeout,
        read_timeout=settings.read_timeout,
        total_timeout=settings.total_timeout,
        concurrency=settings.concurrency,
        fiat=settings.fiat,
        insecure_keys=settings.insecure_keys,
        limits={} if settings.simulated else PUBLISHED,
    )


@dataclass(frozen=True, slots=True)
class Timing:
    """The sources of waiting, time and chance, so that tests wait for nothing.

    `sleep` waits for seconds; `monotonic` and `wall` tell seconds; `chance` is uniform in 0..1.
    """

    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    chance: Callable[[], float] = random.random
