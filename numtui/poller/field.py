"""Fetching rounds with everybody in them: some 1.5 MB a live Classic round, so only those that are asked for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from datetime import timedelta

import numpy as np

from numtui.analysis.arrays import Floats
from numtui.api.queries import Queries
from numtui.api.records.account import ModelDetail, RoundDetails
from numtui.clock import Clock
from numtui.config import Settings
from numtui.model import time_text
from numtui.poller.client import make_client
from numtui.poller.process import say_to_stderr
from numtui.poller.turns import fetching
from numtui.store.database import open_writer
from numtui.store.queries.rounds import scored_rounds
from numtui.store.queries.scores.field import field_rounds
from numtui.store.queries.selection import Rounds
from numtui.store.writes.field import FieldRound, put_field

log = logging.getLogger(__name__)

UNASKED = 20  # newest resolved rounds, and the newest with scores, where no range is named
FRESH = timedelta(hours=20)  # a scoring run a day changes an unresolved round
AT_ONCE = 3  # requests: each answer is large
# Display names of scores, which the record's fields bear.
SCORES = ("corr", "corr20", "v2_corr20", "corr60", "mmc", "mmc60", "alpha", "mpc", "corr_w_meta_model")


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
            queries, limit = Queries(client), asyncio.Semaphore(AT_ONCE)

            async def read(number: int) -> RoundDetails | None:
                async with limit:
                    return await queries.round_details(tournament, number)

            tasks = [asyncio.ensure_future(read(number)) for number in lacking]
            try:
                for done, (number, task) in enumerate(zip(lacking, tasks, strict=True), start=1):
                    details = await task
                    if details is None or not details.models:
                        log.warning("round %s: the API lists no models of it", number)
                        continue
                    put_field(connection, tournament, field_round(number, details), clock.now())
                    say(f"field of {tournament.label}: {done} of {len(lacking)} rounds")
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
    return len(lacking)


def field_round(number: int, details: RoundDetails) -> FieldRound:
    """The round as it is kept; models without a name are left out."""
    models = list(_named(details.models or []))
    return FieldRound(
        round=number,
        resolved=bool(details.round_resolved),
        names=[name for name, _ in models],
        stake=np.array([float(model.selected_stake_value or 0) for _, model in models]),
        scores=_scores([model for _, model in models]),
        multipliers=_multipliers(details),
        submitted=details.total_submitted,
        stakes=details.total_stakes,
        at_stake=details.total_at_stake,
        payout=details.total_payout,
        earned=details.total_earned,
        burned=details.total_burned,
        factor=details.payout_factor,
    )


def _named(models: Iterable[ModelDetail]) -> Iterable[tuple[str, ModelDetail]]:
    seen: set[str] = set()
    for model in models:
        name = model.model_name
        if name and name.lower() not in seen:
            seen.add(name.lower())
            yield name, model


def _scores(models: Sequence[ModelDetail]) -> Mapping[str, Floats]:
    columns = {}
    for name in SCORES:
        values = [getattr(model, name) for model in models]
        columns[name] = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    return columns


def _multipliers(details: RoundDetails) -> dict[str, float]:
    return {
        item.display_name: item.multiplier
        for item in details.payout_multipliers or []
        if item.display_name and item.multiplier is not None
    }
