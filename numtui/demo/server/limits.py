"""The published limits of requests a minute, kept to by the server on request."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import cycle
from typing import Literal

MINUTE = 60.0  # seconds
A_MINUTE: Mapping[str, int] = {
    "pipelineStatus": 20,
    "accountLeaderboard": 20,
    "signalsLeaderboard": 20,
    "cryptosignalsLeaderboard": 20,
    "v3StakeConfig": 60,
    "v3StakeRound": 100,
    "v3StakeClaim": 100,
    "v3StakeClaims": 100,
    "roundDetails": 100,
    "accountProfile": 100,
    "pendingModelPayouts": 100,
    "v2Leaderboard": 200,
    "rounds": 250,
    "submissionScores": 300,
    "v3UserProfile": 300,
    "v2RoundModelPerformances": 500,
}
MUTATION_PAUSE = 0.5  # seconds from one stake mutation to the next

Form = Literal["retry_after", "text", "bare"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request above a limit: the seconds until it would be taken, and how it is refused.

    "retry_after" is HTTP 429 with that header, "bare" without it, "text" is HTTP 200 with an error.
    """

    field: str
    wait: float
    form: Form


class Limits:
    """Counts root fields over the last minute of a clock in seconds: aliased fields one each, refused ones not.

    The forms of refusals take turns, as the service refuses now so and now so.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._taken: dict[str, deque[float]] = {name: deque() for name in A_MINUTE}
        self._mutated: float | None = None
        self._forms: Iterator[Form] = cycle(("retry_after", "text", "bare"))

    def take(self, fields: list[str], mutation: bool) -> Refusal | None:
        """Count a request's root fields, or refuse it whole."""
        now = self._clock()
        if mutation:
            ready = now if self._mutated is None else self._mutated + MUTATION_PAUSE
            if now < ready:
                return Refusal(fields[0], ready - now, next(self._forms))
            self._mutated = now
            return None
        counts = Counter(name for name in fields if name in A_MINUTE)
        for name, count in counts.items():
            taken = self._taken[name]
            while taken and taken[0] <= now - MINUTE:
                taken.popleft()
            above = len(taken) + count - A_MINUTE[name]
            if above > 0:
                freed = taken[min(above, len(taken)) - 1] + MINUTE if taken else now + MINUTE
                return Refusal(name, freed - now, next(self._forms))
        for name, count in counts.items():
            self._taken[name].extend([now] * count)
        return None
