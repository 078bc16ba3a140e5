"""The score histories of models: stakes, payouts and scores by round, and those of every scoring day."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from typing import TypeVar

from numtui.api import documents
from numtui.api.client import ApiClient
from numtui.api.errors import ApiError, BadAnswer
from numtui.api.records.public import Performance, RoundScore
from numtui.api.splitting import ask_each
from numtui.model import Tournament

H = TypeVar("H")

PERFORMANCES = "v2RoundModelPerformances"
SPARE_ROUNDS = 3  # the service may have opened some since the newest known
NO_HISTORY = BadAnswer("the API answered null instead of a model's rounds: try again in some minutes")


class HistoryQueries:
    """Histories of any model, public, on a client. All yield (model id, rows or the error in their place)."""

    client: ApiClient

    def performances(
        self,
        tournament: Tournament,
        model_ids: Sequence[str],
        *,
        rounds_from: int | None = None,
        rounds_to: int | None = None,
        newest: int | None = None,
        days: bool,
        dates: bool = False,
    ) -> AsyncIterator[tuple[str, list[Performance] | ApiError]]:
        """The rows of `histories` as they are."""
        return self.histories(
            tournament,
            model_ids,
            list[Performance],
            rounds_from=rounds_from,
            rounds_to=rounds_to,
            newest=newest,
            days=days,
            dates=dates,
        )

    async def histories(
        self,
        tournament: Tournament,
        model_ids: Sequence[str],
        read: Callable[[list[Performance]], H],
        *,
        rounds_from: int | None = None,
        rounds_to: int | None = None,
        newest: int | None = None,
        days: bool,
        dates: bool = False,
        together: int = documents.HEAVY_ALIASES,
    ) -> AsyncIterator[tuple[str, H | ApiError]]:
        """What `read` makes, in a thread where they are many, of each model's rounds within the numbers given, ends
        included: stake, multipliers, latest scores and payouts.

        `days`: the scores of every day too, `dates`: with their dates. `together`: how many models a request is for, 3
        at most. A null in the place of a model's rows is an error: it does not say that there are none. `newest`: the
        newest round known, to bound what is asked of a service that takes no first round.
        """
        last = self._rounds_back(rounds_from, newest)
        variables = {"tournament": int(tournament), "from": rounds_from, "to": rounds_to, "last": last}
        build = partial(documents.performances, days=days, dates=dates)

        def read_rows(rows: list[Performance] | None) -> H | ApiError:
            if rows is None or (not rows and self._of_another(tournament)):
                return NO_HISTORY
            return read(self._windowed(rows, rounds_from, rounds_to))

        async for model, history in ask_each(
            self.client, build, model_ids, variables, list[Performance], read=read_rows, size=together
        ):
            yield model, history

    def _windowed(self, rows: list[Performance], first: int | None, last: int | None) -> list[Performance]:
        """The rounds of the window asked for: the service may not take its ends."""
        if self.client.dialect.lacks(PERFORMANCES, "roundNumber__gte"):
            rows = [row for row in rows if first is None or row.round_number is None or row.round_number >= first]
        if self.client.dialect.lacks(PERFORMANCES, "roundNumber__lte"):
            rows = [row for row in rows if last is None or row.round_number is None or row.round_number <= last]
        return rows

    def _rounds_back(self, first: int | None, newest: int | None) -> int | None:
        """How many of the last rounds hold all from `first` on; None where the service takes the first itself."""
        if first is None or newest is None or not self.client.dialect.lacks(PERFORMANCES, "roundNumber__gte"):
            return None
        return max(newest - first + 1, 1) + SPARE_ROUNDS

    def _of_another(self, tournament: Tournament) -> bool:
        """Whether no rows may mean that the service answered for another tournament, its default."""
        return tournament is not Tournament.CLASSIC and self.client.dialect.lacks(PERFORMANCES, "tournament")

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
            self.client, build, model_ids, variables, list[RoundScore], read=_rows, size=documents.SCORE_ALIASES
        ):
            if isinstance(rows, ApiError):
                yield model, rows
                continue
            kept = [row for row in rows if _asked_for(row, display_name, version, day)]
            if last_n_rounds is not None and self.client.dialect.lacks("submissionScores", "lastNRounds"):
                numbers = sorted({row.round_number for row in kept if row.round_number is not None})
                kept = [row for row in kept if row.round_number in numbers[-last_n_rounds:]]
            yield model, kept


def _rows(rows: list[RoundScore] | None) -> list[RoundScore]:
    return rows or []


def _asked_for(row: RoundScore, name: str | None, version: str | None, day: int | None) -> bool:
    """Whether a score is one of those asked for: the service may not take the filter."""
    pairs = ((row.display_name, name), (row.version, version), (row.day, day))
    return all(wanted is None or have in (None, wanted) for have, wanted in pairs)
