"""The breaker: after repeated failures an endpoint is left alone for a while, then one request feels its way back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from numtui.api.errors import ApiError, BadAnswer, Paused, Unreachable

LONGEST_PAUSE = 600.0


class Breaker:
    """Closed: all pass. Open after `failures` in a row: none pass for `pause` seconds. Then half open: one passes, and
    its success closes the breaker, its failure opens it for twice the last pause (600 s at most).

    `monotonic` tells seconds.
    """

    def __init__(self, failures: int, pause: float, monotonic: Callable[[], float]) -> None:
        self._limit = failures
        self._first_pause = pause
        self._monotonic = monotonic
        self._failures = 0
        self._pause = pause
        self._open_until: float | None = None
        self._probing = False

    @property
    def remaining(self) -> float:
        """Seconds until the next request may pass; 0 when it may pass now."""
        if self._open_until is None:
            return 0.0
        return max(0.0, self._open_until - self._monotonic())

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Runs one request under the breaker. Paused when it may not be sent; otherwise its own errors pass through."""
        probe = self._enter()
        try:
            yield
        except (Unreachable, BadAnswer):
            self._failed(probe)
            raise
        except ApiError:  # an answer all the same: the service is alive
            self._succeeded()
            raise
        else:
            self._succeeded()
        finally:
            if probe:
                self._probing = False

    def _enter(self) -> bool:
        if self._open_until is None:
            return False
        if self.remaining > 0 or self._probing:
            raise Paused(self.remaining)
        self._probing = True
        return True

    def _succeeded(self) -> None:
        self._failures, self._pause, self._open_until = 0, self._first_pause, None

    def _failed(self, probe: bool) -> None:
        self._failures += 1
        if probe:
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
        if probe or (self._open_until is None and self._failures >= self._limit):
            self._open_until = self._monotonic() + self._pause
