"""The second step of a sync: the scores of every day, of unresolved rounds first, then of resolved ones.

What is here of a model stands in `models.days_from`, so that it goes on wherever it was stopped.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Sequence

from numtui.api.documents import HEAVY_ALIASES
from numtui.api.errors import ApiError
from numtui.model import Tournament
from numtui.poller.sync.context import Poll, PollContext, polling, seen_key
from numtui.poller.sync.histories import Asked, fetch, fetch_dates
from numtui.store.queries.meta import get_meta
from numtui.store.queries.models import CachedModel, followed_models
from numtui.store.queries.rounds import newest_round, oldest_unresolved, usual_days_from
from numtui.store.queries.scores.missing_days import may_have_scores, oldest_scored
from numtui.store.writes.models import mark_days

MOST_UNRESOLVED = 200  # more than are ever unresolved: a round that never says that it has resolved holds up nothing
TOGETHER = 300  # resolved rounds of a model in one answer, which has no other model then: some megabytes unpacked


def steps_back(connection: sqlite3.Connection, tournament: Tournament, first: int) -> list[int]:
    """The rounds from which on days are fetched, step by step, until those of `first` are here; none without rounds."""
    newest = newest_round(connection, tournament)
    if newest is None:
        return []
    unresolved = oldest_unresolved(connection, tournament)
    number = newest if unresolved is None else max(unresolved, newest - MOST_UNRESOLVED + 1)
    steps, oldest = [number], max(first, oldest_scored(connection, tournament) or 0)
    while number > max(first, 1):
        number = first if number - oldest < 1.5 * TOGETHER else number - TOGETHER  # no step for a short rest
        steps.append(number)
    return steps


def lacking(
    connection: sqlite3.Connection, tournament: Tournament, first: int, names: Sequence[str] | None = None
) -> list[CachedModel]:
    """The models (followed ones, or those of `names`) of whose rounds from `first` on not every day is here."""
    return [
        model
        for model in followed_models(connection, tournament, names)
        if model.synced is not None and not model.has_days(first)
    ]


def has_usual_days(connection: sqlite3.Connection, tournament: Tournament) -> bool:
    """Whether every day that is fetched unasked is here of every followed model."""
    return not lacking(connection, tournament, usual_days_from(connection, tournament))


async def fill_days(
    context: PollContext,
    tournament: Tournament,
    *,
    first: int | None = None,
    names: Sequence[str] | None = None,
    enough: Callable[[], bool] = lambda: False,
) -> AsyncIterator[Poll]:
    """Fetches the days that are not here of the rounds from `first` on (None: the usual ones) of followed models, or of
    those of `names`; yields a poll for each step back that had anything to fetch, until one failed or there was
    `enough`.

    Raises ApiErrors where nothing could be asked, StoreErrors where nothing can be written.
    """
    connection = context.connection
    if get_meta(connection, seen_key(tournament, "rounds")) is None:
        return  # which rounds are unresolved is not known yet
    back_to = usual_days_from(connection, tournament) if first is None else first
    for place, step in enumerate(steps_back(connection, tournament, back_to)):
        models = _with_scores(connection, lacking(connection, tournament, step, names), step)
        if not models:
            continue
        if enough():
            return
        async with polling(context, tournament, "days") as poll:
            poll.progress.models_total = len(models)
            poll.step("days of unresolved rounds" if place == 0 else f"days of rounds from {step} on")
            if place == 0:
                await _fetch_dates(poll)
            for asked, group in _by_end(models, step, HEAVY_ALIASES if place == 0 else 1):
                await fetch(poll, group, asked)
        yield poll
        if poll.problems:
            return


async def _fetch_dates(poll: Poll) -> None:
    """The dates of scoring days; days are worth fetching without them."""
    try:
        await fetch_dates(poll)
    except ApiError as error:
        poll.failed("dates", error)


def _end(model: CachedModel) -> int | None:
    """The last round whose days are not here; None: the newest."""
    return None if model.days_from is None else model.days_from - 1


def _with_scores(connection: sqlite3.Connection, models: Sequence[CachedModel], first: int) -> list[CachedModel]:
    """The models that have scores between `first` and the rounds whose days are here; of the others none is missing."""
    scored = [model for model in models if may_have_scores(connection, model.model, first, _end(model))]
    for model in models:
        if model not in scored:
            mark_days(connection, model.model, first)
    return scored


def _by_end(models: Sequence[CachedModel], first: int, together: int) -> Iterator[tuple[Asked, list[CachedModel]]]:
    """What is asked of which models, `together` in a request: the rounds from `first` on, up to those whose days are
    here."""
    for end in dict.fromkeys(map(_end, models)):
        asked = Asked(first or None, end, days=True, fills=True, together=together)
        yield asked, [model for model in models if _end(model) == end]
