"""For exports: fetch what a table needs and the cache lacks, or has older than one poll interval."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime

from numtui.api.errors import ApiError
from numtui.api.queries import Queries
from numtui.clock import Clock, lasting
from numtui.config import Settings
from numtui.model import Tournament
from numtui.poller.service import make_client, say_to_stderr
from numtui.poller.sync.context import Poll, Work, seen_key
from numtui.poller.sync.poll import parts_of, poll_once
from numtui.poller.sync.probe import PARTS, Part
from numtui.poller.turns import Busy, fetching
from numtui.store.database import open_writer
from numtui.store.queries.meta import get_meta
from numtui.store.queries.models import model_named
from numtui.store.queries.polls import last_done

log = logging.getLogger(__name__)

NEEDS: dict[str, tuple[Part, ...]] = {
    "leaderboard": ("boards",),
    "accounts": ("boards",),
    "rounds": ("rounds", "scores"),
    "scores": ("rounds", "scores"),
    "drift": ("rounds", "scores"),
    "backtest": ("rounds", "scores"),
    "ranking": ("rounds", "scores"),
    "risk": ("rounds", "scores"),
    "models": ("boards", "rounds", "account", "scores"),  # stakes of others are on the leaderboard only
    "stakes": ("rounds", "account"),
    "payouts": ("rounds", "account", "scores"),
    "journal": (),
    "alerts": (),
}


class NoSuchModel(ApiError):  # noqa: N818  like the errors of the API
    """The API knows no model of a name that was asked for."""


async def ensure(
    settings: Settings, clock: Clock, *, table: str, names: Sequence[str] = (), refresh: bool = False
) -> None:
    """Brings the cache up to what `table` needs, for the models `names` (any public ones) beside own and watched ones.

    Fetches what is missing or older than one poll interval, with `refresh` in any case. Where the API fails and the
    cache has an older state, it stays with that and says so in the log. NoSuchModel, other ApiErrors when the cache has
    nothing; StoreErrors.
    """
    needed = [part for part in NEEDS.get(table, PARTS) if part != "scores" or not names]
    if not needed and not names:
        return
    with closing(open_writer(settings.db)) as connection:
        async with make_client(settings, connection) as client:
            work = Work(settings, clock, Queries(client), connection)
            due = [part for part in needed if part in parts_of(work)]
            if not _is_needed(work, due, names, refresh):
                return
            try:
                async with fetching(settings.db, say_to_stderr):  # another one may have brought it meanwhile
                    await _bring_up(work, due, names, refresh)
            except Busy as error:
                _older_state(work, due, names, error)


def _is_needed(work: Work, needed: Sequence[Part], names: Sequence[str], refresh: bool) -> bool:
    """Whether anything is missing or older than one poll interval."""
    tournament = work.settings.tournament
    oldest = work.clock.now() - lasting(work.clock, work.settings.poll_interval)
    return (
        refresh
        or any(not _here(work, tournament, part) for part in needed)
        or any(not _synced_since(work, tournament, name, oldest) for name in names)
        or not _polled_since(work, tournament, oldest)
    )


def _older_state(work: Work, needed: Sequence[Part], names: Sequence[str], error: ApiError) -> None:
    """Goes on with what the cache has, in words; raises `error` where it has nothing."""
    tournament = work.settings.tournament
    if any(not _here(work, tournament, part) for part in needed):
        raise error
    if any(not _synced_since(work, tournament, name, None) for name in names):
        raise error
    log.warning("%s; the cache's older state is used", error)


async def _bring_up(work: Work, needed: Sequence[Part], names: Sequence[str], refresh: bool) -> None:
    tournament = work.settings.tournament
    oldest = work.clock.now() - lasting(work.clock, work.settings.poll_interval)
    lacking = [part for part in needed if not _here(work, tournament, part)]
    stale = list(names) if refresh else [name for name in names if not _synced_since(work, tournament, name, oldest)]
    if not _is_needed(work, needed, names, refresh):
        return
    try:
        done = await poll_once(work, tournament, only=needed, force=refresh, names=stale, kind="export")
    except ApiError as error:
        _older_state(work, lacking, names, error)
        return
    _check(done, lacking, names)


def _check(done: Poll, lacking: Sequence[Part], names: Sequence[str]) -> None:
    work, tournament = done.work, done.tournament
    unknown = [name for name in names if name.lower() in done.no_such_model]
    if unknown:
        also = f", or the API is in trouble: {done.errors[0]}" if done.errors else ""
        raise NoSuchModel(f"there is no model {', '.join(unknown)} in {tournament.label}{also}")
    still = [part for part in lacking if not _here(work, tournament, part)]
    absent = [name for name in names if not _synced_since(work, tournament, name, None)]
    if done.errors and (still or absent):
        raise done.errors[0]
    for problem in done.problems:
        log.warning("%s; the cache's older state is used", problem)


def _here(work: Work, tournament: Tournament, part: Part) -> bool:
    return get_meta(work.connection, seen_key(tournament, part)) is not None


def _polled_since(work: Work, tournament: Tournament, oldest: datetime) -> bool:
    finished = last_done(work.connection, tournament)
    return finished is not None and finished >= oldest


def _synced_since(work: Work, tournament: Tournament, name: str, oldest: datetime | None) -> bool:
    """Whether a model's history is here: complete at all (`oldest` None), or as of that time.

    An own or watched one is as fresh as the polls are.
    """
    model = model_named(work.connection, tournament, name)
    if model is None or model.synced is None:
        return False
    return oldest is None or model.followed or model.synced >= oldest
