"""The score histories of models: stakes, payouts and scores by round, and those of every scoring day."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import partial

from numtui.api import documents
from numtui.api.client import ApiClient
from numtui.api.errors import ApiError, BadAnswer
from numtui.api.records import Performance, RoundScore
from numtui.api.splitting import ask_each
from numtui.model import Tournament

NO_HISTORY = BadAnswer("the API answered null instead of a model's rounds: try again in some minutes")


class HistoryQueries:
    """Histories of any model, public, on a client. Both yield (model id, rows or the error in their place)."""

    client: ApiClient

    async def performances(
        self,
        tournament: Tournament,
        model_ids: Sequence[str],
        *,
        rounds_from: int | None = None,
        rounds_to: int | None = None,
        days: bool,
        dates: bool = False,
    ) -> AsyncIterator[tuple[str, list[Performance] | ApiError]]:
        """Each model's rounds (within the numbers given, ends included): stake, multipliers, latest scores and payouts.

        `days`: the scores of every day too, `dates`: with their dates. At most 3 models a request. A null in the place
        of a model's rows is an error: it does not say that there are none.
        """
        variables = {"tournament": int(tournament), "from": rounds_from, "to": rounds_to}
        build = partial(documents.performances, days=days, dates=dates)
        async for model, rows in ask_each(
            self.client, build, model_ids, variables, list[Performance], size=documents.HEAVY_ALIASES
        ):
            yield model, NO_HISTORY if rows is None else rows

    async def submission_scores(
        self,
        model_ids: Sequence[str],
        display_name: str | None = None,
        *,
        tournament: Tournament | None = None,
        version: str | None = None,
        day: int | None = None,
        resolved: bool | None = None,
        last_n_rounds: int | None = None,
        distinct_on_round: bool | None = None,
    ) -> AsyncIterator[tuple[str, list[RoundScore] | ApiError]]:
        """Each model's scores by round and day, without stakes and payouts. At most 20 models a request."""
        variables = {
            "tournament": None if tournament is None else int(tournament),
            "name": display_name,
            "version": version,
            "day": day,
            "resolved": resolved,
            "last": last_n_rounds,
            "distinct": distinct_on_round,
        }
        build = documents.submission_scores
        async for model, rows in ask_each(
            self.client, build, model_ids, variables, list[RoundScore], size=documents.SCORE_ALIASES
        ):
            yield model, [] if rows is None else rows
