"""Rounds with everybody in them: some 1.5 MB a live Classic round, so only those that are asked for, and the newest
after a scoring run."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from numtui.analysis.arrays import Floats
from numtui.api.records.account import ModelDetail, RoundDetails
from numtui.model import Tournament
from numtui.poller.sync.context import PollContext
from numtui.store.queries.rounds import scored_rounds
from numtui.store.queries.scores.field import field_rounds
from numtui.store.queries.selection import Rounds
from numtui.store.writes.field import FieldRound, put_field

log = logging.getLogger(__name__)

AT_ONCE = 3  # requests: each answer is large
# Display names of scores, which the record's fields bear.
SCORES = ("corr", "corr20", "v2_corr20", "corr60", "mmc", "mmc60", "alpha", "mpc", "corr_w_meta_model")


async def fetch_newest_field(context: PollContext, tournament: Tournament) -> int:
    """After a scoring run: fetch the field of the newest round with scores, and of the newest resolved one where it is
    not here as resolved; returns how many. ApiErrors; StoreErrors."""
    connection, now = context.connection, context.clock.now()
    newest = scored_rounds(connection, tournament, Rounds(), now)[-1:]
    resolved = scored_rounds(connection, tournament, Rounds(resolved=True), now)[-1:]
    settled = {row.round for row in field_rounds(connection, tournament, Rounds(resolved=True))}
    wanted = sorted({*newest, *resolved} - settled)
    await keep_rounds(context, tournament, wanted, lambda line: log.info("%s", line))
    return len(wanted)


async def keep_rounds(
    context: PollContext, tournament: Tournament, numbers: Sequence[int], say: Callable[[str], None]
) -> None:
    """Fetch rounds, each kept as it comes: a fetch that is stopped goes on where it was. ApiErrors; StoreErrors."""
    limit = asyncio.Semaphore(AT_ONCE)

    async def read(number: int) -> RoundDetails | None:
        async with limit:
            return await context.queries.round_details(tournament, number)

    tasks = [asyncio.ensure_future(read(number)) for number in numbers]
    try:
        for done, (number, task) in enumerate(zip(numbers, tasks, strict=True), start=1):
            details = await task
            if details is None or not details.models:
                log.warning("round %s: the API lists no models of it", number)
                continue
            put_field(context.connection, tournament, field_round(number, details), context.clock.now())
            say(f"field of {tournament.label}: {done} of {len(numbers)} rounds")
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


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
