"""Fetching for exports: what a table needs and the cache lacks, or has older than one poll interval."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime, timedelta

from numtui.api.errors import ApiError
from numtui.api.queries import Queries
from numtui.clock import Clock, real_seconds
from numtui.config import Settings
from numtui.model import Tournament, time_text
from numtui.poller.client import make_client
from numtui.poller.field import keep_rounds
from numtui.poller.process import say_to_stderr
from numtui.poller.sync.context import Poll, PollContext, seen_key
from numtui.poller.sync.days import fill_days
from numtui.poller.sync.poll import datasets_of, poll_once
from numtui.poller.sync.probe import DATASETS, Dataset
from numtui.poller.turns import Busy, fetching
from numtui.store.database import open_writer
from numtui.store.queries.meta import get_meta
from numtui.store.queries.models import model_named
from numtui.store.queries.polls import last_done
from numtui.store.queries.rounds import scored_rounds
from numtui.store.queries.scores.field import field_rounds
from numtui.store.queries.selection import Rounds

log = logging.getLogger(__name__)

UNASKED = 20  # newest resolved rounds, and the newest with scores, where no range is named
FRESH = timedelta(hours=20)  # a scoring run a day changes an unresolved round

NEEDS: dict[str, tuple[Dataset, ...]] = {
    "leaderboard": ("boards",),
    "accounts": ("boards",),
    "rounds": ("rounds", "scores"),
    "scores": ("rounds", "scores"),
    "drift": ("rounds", "scores"),
    "backtest": ("rounds", "scores"),
    "ranking": ("rounds", "scores"),
    "risk": ("rounds", "scores"),
    "allocation": ("boards", "rounds", "account", "scores"),  # the weights of today are those of the stakes
    "field": ("rounds", "scores"),
    "tournament": ("rounds",),
    "models": ("boards", "rounds", "account", "scores"),  # stakes of others are on the leaderboard only
    "stakes": ("rounds", "account"),
    "payouts": ("rounds", "account", "scores"),
    "submissions": ("rounds", "account", "scores"),
    "prices": ("rounds",),  # the question about rounds asks for the price too
    "journal": (),
    "notes": (),
    "alerts": (),  # as they were last evaluated
    "alert rules": DATASETS,  # to evaluate them
}


class NoSuchModel(ApiError):  # noqa: N818  like the errors of the API
    """The API knows no model of a name that was asked for."""


async def freshen(
    settings: Settings, clock: Clock, *, table: str, names: Sequence[str] = (), refresh: bool = False
) -> None:
    """Brings the cache up to what `table` needs, for the models `names` (any public ones) beside own and watched ones.

    Fetches what is missing or older than one poll interval, with `refresh` in any case. Where the API fails and the
    cache has an older state, it stays with that and says so in the log. NoSuchModel, other ApiErrors when the cache has
    nothing; StoreErrors.
    """
    needed = [dataset for dataset in NEEDS.get(table, DATASETS) if dataset != "scores" or not names]
    if not needed and not names:
        return
    with closing(open_writer(settings.db)) as connection:
        async with make_client(settings, connection) as client:
            context = PollContext(settings, clock, Queries(client), connection)
            due = [dataset for dataset in needed if dataset in datasets_of(context)]
            if not _is_needed(context, due, names, refresh):
                return
            try:
                async with fetching(settings.db, say_to_stderr):  # another one may have brought it meanwhile
                    await _poll_lacking(context, due, names, refresh)
            except Busy as error:
                _older_state(context, due, names, error)


async def fetch_days(settings: Settings, clock: Clock, *, first: int | None = None, names: Sequence[str] = ()) -> None:
    """Brings every day of the rounds from `first` on (None: those that are fetched unasked), for the models `names`, by
    default own and watched ones.

    Raises the ApiErrors that keep it from that, and StoreErrors.
    """
    with closing(open_writer(settings.db)) as connection:
        async with make_client(settings, connection) as client:
            context = PollContext(settings, clock, Queries(client), connection)
            async with fetching(settings.db, say_to_stderr):
                polls = fill_days(context, settings.tournament, first=first, names=names or None)
                async for done in polls:
                    if done.errors:
                        raise done.errors[0]
                    for problem in done.problems:
                        log.warning("%s", problem)


async def fetch_field(settings: Settings, clock: Clock, rounds: Rounds, say: Callable[[str], None]) -> int:
    """Fetch the field of the scored rounds of a range (open at both ends: of the newest UNASKED resolved ones and the
    newest of all) that is not here, or that may have changed since; returns how many. `say` is told how far it is.

    Each round is kept as it comes: a fetch that is stopped goes on where it was. ApiErrors end it; StoreErrors.
    """
    tournament = settings.tournament
    with closing(open_writer(settings.db)) as connection:
        now = clock.now()
        wanted = scored_rounds(connection, tournament, rounds, now)
        if rounds.first is None and rounds.last is None:
            resolved = scored_rounds(connection, tournament, Rounds(resolved=True), now)
            wanted = sorted({*resolved[-UNASKED:], *wanted[-1:]})
        stale = time_text(now - FRESH) or ""
        here = field_rounds(connection, tournament, Rounds())
        fresh = {row.round for row in here if row.resolved or row.time > stale}
        lacking = [number for number in wanted if number not in fresh]
        if not lacking:
            return 0
        async with make_client(settings, connection) as client, fetching(settings.db, say_to_stderr):
            await keep_rounds(PollContext(settings, clock, Queries(client), connection), tournament, lacking, say)
    return len(lacking)


def _is_needed(context: PollContext, needed: Sequence[Dataset], names: Sequence[str], refresh: bool) -> bool:
    """Whether anything is missing or older than one poll interval."""
    tournament = context.settings.tournament
    oldest = context.clock.now() - real_seconds(context.clock, context.settings.poll_interval)
    return (
        refresh
        or any(not _is_cached(context, tournament, dataset) for dataset in needed)
        or any(not _synced_since(context, tournament, name, oldest) for name in names)
        or not _polled_since(context, tournament, oldest)
    )


def _older_state(context: PollContext, needed: Sequence[Dataset], names: Sequence[str], error: ApiError) -> None:
    """Goes on with what the cache has, in words; raises `error` where it has nothing."""
    tournament = context.settings.tournament
    if any(not _is_cached(context, tournament, dataset) for dataset in needed):
        raise error
    if any(not _synced_since(context, tournament, name, None) for name in names):
        raise error
    log.warning("%s; the cache's older state is used", error)


async def _poll_lacking(context: PollContext, needed: Sequence[Dataset], names: Sequence[str], refresh: bool) -> None:
    tournament = context.settings.tournament
    oldest = context.clock.now() - real_seconds(context.clock, context.settings.poll_interval)
    lacking = [dataset for dataset in needed if not _is_cached(context, tournament, dataset)]
    stale = list(names) if refresh else [name for name in names if not _synced_since(context, tournament, name, oldest)]
    if not _is_needed(context, needed, names, refresh):
        return
    try:
        done = await poll_once(context, tournament, only=needed, force=refresh, names=stale, kind="export")
    except ApiError as error:
        _older_state(context, lacking, names, error)
        return
    _check(done, lacking, names)


def _check(done: Poll, lacking: Sequence[Dataset], names: Sequence[str]) -> None:
    context, tournament = done.context, done.tournament
    unknown = [name for name in names if name.lower() in done.no_such_model]
    if unknown:
        also = f", or the API is in trouble: {done.errors[0]}" if done.errors else ""
        raise NoSuchModel(f"there is no model {', '.join(unknown)} in {tournament.label}{also}")
    still = [dataset for dataset in lacking if not _is_cached(context, tournament, dataset)]
    absent = [name for name in names if not _synced_since(context, tournament, name, None)]
    if done.errors and (still or absent):
        raise done.errors[0]
    for problem in done.problems:
        log.warning("%s; the cache's older state is used", problem)


def _is_cached(context: PollContext, tournament: Tournament, dataset: Dataset) -> bool:
    return get_meta(context.connection, seen_key(tournament, dataset)) is not None


def _polled_since(context: PollContext, tournament: Tournament, oldest: datetime) -> bool:
    finished = last_done(context.connection, tournament)
    return finished is not None and finished >= oldest


def _synced_since(context: PollContext, tournament: Tournament, name: str, oldest: datetime | None) -> bool:
    """Whether a model's history is here: complete at all (`oldest` None), or as of that time.

    An own or watched one is as fresh as the polls are.
    """
    model = model_named(context.connection, tournament, name)
    if model is None or model.synced is None:
        return False
    return oldest is None or model.followed or model.synced >= oldest
