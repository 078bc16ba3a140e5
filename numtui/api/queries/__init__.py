"""All questions to the API in one object: `Queries(client)`."""

from __future__ import annotations

from numtui.api.queries.account import AccountQueries
from numtui.api.queries.history import HistoryQueries
from numtui.api.queries.market import Idle, LeaderboardPage, MarketQueries
from numtui.api.queries.staking import StakingQueries

__all__ = ["Idle", "LeaderboardPage", "Queries"]


class Queries(MarketQueries, HistoryQueries, AccountQueries, StakingQueries):
    """Typed coroutines on an ApiClient; histories and leaderboard pages come as they arrive. Errors: errors.py."""
