"""Requests kept below the API's limits a minute, counted by root field over all requests of a client.

aiolimiter's leaky bucket lets its capacity through at once and then as much as leaks. Whatever window of a minute is
looked at, no more than capacity + a minute's leak can fall in it, so these two share what is allowed.

Each process counts for itself. They fetch one after the other, so what can pass a limit is two large fetches within one
minute; the API's 429 is waited for then.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

from aiolimiter import AsyncLimiter

# The published limits a minute and key.
PUBLISHED: Mapping[str, int] = {
    **dict.fromkeys(("pipelineStatus", "accountLeaderboard", "signalsLeaderboard", "cryptosignalsLeaderboard"), 20),
    "v3StakeConfig": 60,
    **dict.fromkeys(("v3StakeRound", "v3StakeClaim", "v3StakeClaims", "roundDetails", "accountProfile"), 100),
    "pendingModelPayouts": 100,
    "v2Leaderboard": 200,
    "rounds": 250,
    **dict.fromkeys(("submissionScores", "v3UserProfile"), 300),
    "v2RoundModelPerformances": 500,
}
MINUTE = 60.0
AT_ONCE = 0.6  # of a limit: enough for the leaderboards of all tournaments, and for 100 models in each
A_MINUTE = 0.35  # of a limit, from then on. What is left is for requests that reach the API closer together than sent
FIELD = re.compile(r"(\w+)\s*\(")


class Pace:
    """The pace of requests: each waits for its turn. `limits`: fields and how often a minute they may be asked for.

    Time is that of the event loop.
    """

    def __init__(self, limits: Mapping[str, int]) -> None:
        leak_time = MINUTE * AT_ONCE / A_MINUTE
        self._limiters = {_plain(name): AsyncLimiter(AT_ONCE * limit, leak_time) for name, limit in limits.items()}

    async def wait(self, query: str) -> None:
        """Returns when the document `query` may be sent. Each alias of a field counts."""
        for name, count in fields_in(query).items():
            limiter = self._limiters.get(name)
            if limiter is not None:
                await limiter.acquire(min(count, limiter.max_rate))


@lru_cache(maxsize=256)
def fields_in(query: str) -> Counter[str]:
    """The count of each field with arguments in a document; names as `_plain` makes them."""
    _, _, selections = query.partition("{")
    return Counter(_plain(name) for name in FIELD.findall(selections))


def _plain(name: str) -> str:
    """A field's name in any of its spellings: v2Leaderboard and v2_leaderboard are one."""
    return name.replace("_", "").lower()
