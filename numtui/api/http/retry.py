"""Retries of reads: when another try is worth it, and after which pause. tenacity runs the loop.

(stamina, which builds on it, is shorter to write but sleeps by itself and cannot be told the time.)
"""

from __future__ import annotations

from collections.abc import Callable

import tenacity

from numtui.api.errors import BadAnswer, Paused, RateLimited, ServerFault, Unreachable
from numtui.api.settings import ApiSettings


def is_passing(error: BaseException) -> bool:
    """Whether the same question may well be answered later: network, time-out, 5xx, rate limit, an unreadable body."""
    if isinstance(error, BadAnswer):
        return error.passing
    return isinstance(error, RateLimited | Unreachable) and not isinstance(error, Paused)


def pause_before_retry(
    settings: ApiSettings, chance: Callable[[], float]
) -> Callable[[tenacity.RetryCallState], float]:
    """The pause before the next try in seconds: the server's Retry-After, else one that doubles.

    A random part of it, half at most, is taken away, so that many requests do not come back at once.
    """

    def pause(state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        if isinstance(error, RateLimited | ServerFault) and error.retry_after is not None:
            return error.retry_after
        longest = min(settings.backoff * 2.0 ** (state.attempt_number - 1), settings.longest_backoff)
        return longest * (0.5 + 0.5 * chance())

    return pause


def out_of_budget(
    settings: ApiSettings, attempts: int, monotonic: Callable[[], float]
) -> Callable[[tenacity.RetryCallState], bool]:
    """Whether to give up: after `attempts` tries, or when the next pause would end beyond the budget, begun now."""
    started = monotonic()

    def spent(state: tenacity.RetryCallState) -> bool:
        return state.attempt_number >= attempts or monotonic() - started + state.upcoming_sleep > settings.budget

    return spent
