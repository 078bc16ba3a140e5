"""An event loop whose time passes only when there is nothing else to do, and then jumps to the next timer."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

TICK = 1e-6  # each turn of the loop takes that long: a timer set for now must not come for ever


class _Impatient(selectors.DefaultSelector):
    """Never waits; what it would have waited is added to `skipped`, in seconds."""

    skipped = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        self.skipped += TICK if ready or not timeout else timeout + TICK
        return ready


class LeapingLoop(asyncio.SelectorEventLoop):
    """For coroutines that wait for timers only: threads and other processes have no time to answer."""

    def __init__(self) -> None:
        self.impatient = _Impatient()
        super().__init__(self.impatient)

    def time(self) -> float:
        return self.impatient.skipped


def run_leaping(main: Coroutine[Any, Any, T]) -> T:
    """The result of `main`, without waiting for any of its timers."""
    with asyncio.Runner(loop_factory=LeapingLoop) as runner:
        return runner.run(main)
