"""A poll of one tournament: it asks what is new, fetches what follows from it, and notes what the cache reflects.

The same code makes the first sync, goes on with an interrupted one, and follows the scoring runs: a dataset is due when
it was never whole, or when the API has scored or resolved something since.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
from collections.abc import Callable, Collection, Coroutine, Sequence

from numtui.api.wire import OddValues
from numtui.model import Tournament
from numtui.poller.sync import datasets, histories
from numtui.poller.sync.context import Poll, PollContext, polling
from numtui.poller.sync.probe import DATASETS, Changes, Dataset, ask_idle
from numtui.poller.sync.scoring_run import is_due, missed_days
from numtui.poller.sync.together import side_by_side
from numtui.store.errors import StoreError
from numtui.store.queries.meta import get_meta
from numtui.store.queries.models import followed_models, watched_models
from numtui.store.writes import models, polls
from numtui.store.writes.meta import set_meta
from numtui.store.writes.polls import PollKind

log = logging.getLogger(__name__)

# What is asked for again after odd values, and its dataset of the cache; scores are doubted model by model.
ASKED_AGAIN: dict[str, Dataset] = {"rounds": "rounds", "leaderboard": "boards", "account": "account"}
EVERY_DAY_FROM = 2  # missed scoring days; a single one shows as a gap in the days of the models that it concerns


def datasets_of(context: PollContext) -> tuple[Dataset, ...]:
    """What there is to fetch: without keys there is no account."""
    keys = context.queries.client.has_keys
    return tuple(dataset for dataset in DATASETS if keys or dataset != "account")


async def poll_once(
    context: PollContext,
    tournament: Tournament,
    *,
    only: Collection[Dataset] | None = None,
    force: bool = False,
    names: Sequence[str] = (),
    kind: PollKind = "idle",
    answered: Callable[[], None] = lambda: None,
) -> Poll:
    """Polls one tournament and returns what it did; `problems` says what failed and will be tried again.

    `only` these datasets (default all), due or (`force`) not; `names`: models whose histories are fetched beside the
    followed ones. `answered` is called once the API has answered. Raises ApiErrors where nothing could be asked,
    StoreErrors where nothing can be written.
    """
    wanted = [dataset for dataset in datasets_of(context) if only is None or dataset in only]
    async with polling(context, tournament, kind) as poll:
        watch_configured(poll)
        if kind == "idle" and any(poll.seen(dataset) is None for dataset in wanted):
            poll.become("first")
        run = PollRun(poll, await ask_idle(poll), force)
        answered()
        if "boards" not in wanted:
            run.boards_read.set()
        await side_by_side(
            run.boards() if "boards" in wanted else None,
            run.others([dataset for dataset in wanted if dataset != "boards"], names),
        )
        run.conclude()
        poll.step("")
    return poll


def watch_configured(poll: Poll) -> None:
    """Marks the models of the settings as watched."""
    for name in poll.context.settings.watch.get(poll.tournament, ()):
        models.set_watched(poll.connection, poll.tournament, name, True, ask_poller=False)


def _names(text: str | None) -> list[str]:
    """The names that a note in `meta` holds; none where it cannot be read."""
    try:
        names = json.loads(text or "[]")
    except (ValueError, RecursionError):
        return []
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


class PollRun:
    """The datasets of one poll, each fetched when it is due."""

    def __init__(self, poll: Poll, changes: Changes, force: bool) -> None:
        self.poll, self.changes, self.force = poll, changes, force
        self.boards_read = asyncio.Event()

    def due(self, dataset: Dataset) -> bool:
        """Whether a dataset is not here, or older than the newest scoring run."""
        seen = self.poll.seen(dataset)
        return self.force or seen is None or is_due(seen, self.changes.run)

    def done(self, dataset: Dataset) -> None:
        """Remembers that a dataset is here. Days without a run are remembered too: they need no fetch tomorrow."""
        self.poll.mark_seen(dataset, self.changes.run)

    def conclude(self) -> None:
        """The run is ingested when every dataset is here as of it."""
        run = self.changes.run
        if run.at is None:
            return
        seen = [self.poll.seen(dataset) for dataset in datasets_of(self.poll.context)]
        if all(item is not None and not is_due(item, run) for item in seen):
            polls.mark_ingested(self.poll.connection, self.poll.tournament, run.day.isoformat(), run.at)

    async def boards(self) -> None:
        """Leaderboards."""
        try:
            if not self.due("boards") or await self._fetch("leaderboard", datasets.fetch_boards(self.poll)):
                self.done("boards")
        finally:
            self.boards_read.set()

    async def others(self, wanted: Collection[Dataset], names: Sequence[str]) -> None:
        """The account, and rounds before scores."""
        await side_by_side(
            self._account() if "account" in wanted else None,
            self._rounds_and_scores(wanted, names),
        )

    async def _rounds_and_scores(self, wanted: Collection[Dataset], names: Sequence[str]) -> None:
        if "rounds" in wanted and (
            not (self.due("rounds") or self.changes.new_rounds)
            or await self._fetch("rounds", datasets.fetch_rounds(self.poll))
        ):
            self.done("rounds")
        if "scores" in wanted:
            await self._scores()
        if names:
            await self._named(names)

    async def _account(self) -> None:
        due = self.due("account")
        if self.changes.account_changed and not due:
            datasets.forget_wide(self.poll)
            due = True
        if not due or await self._fetch("account", datasets.fetch_account(self.poll)):
            self.done("account")

    async def _scores(self) -> None:
        poll, due = self.poll, self.due("scores")
        await self._find_watched(again=due)
        selection = followed_models(poll.connection, poll.tournament)
        new = [model for model in selection if not model.synced]
        old = [model for model in selection if model.synced] if due else []
        poll.progress.models_total = len(new) + len(old)
        if new:
            await self._fetch("scores", histories.fetch_whole(poll, new))
        if old:
            seen, run = poll.seen("scores"), self.changes.run
            missed = missed_days(seen, run.day) if seen is not None else 0
            every_day = missed >= EVERY_DAY_FROM
            await self._fetch("scores", histories.fetch_changes(poll, old, every_day=every_day))
            await self._fetch("dates", histories.fetch_dates(poll))
        if not poll.failed_datasets & {"scores", "dates", "watched models"}:
            self.done("scores")

    async def _find_watched(self, *, again: bool) -> None:
        """Looks up watched models that are known by name only; those that do not exist only after a scoring run."""
        poll = self.poll
        key = f"no such model {poll.tournament.label}"
        gone = [] if again else _names(get_meta(poll.connection, key))
        unknown = [model.name for model in watched_models(poll.connection, poll.tournament) if model.id is None]
        asked = [name for name in unknown if name not in gone]
        if asked:
            await self._wait_for_ids(asked)
            if not await self._fetch("watched models", histories.resolve_names(poll, asked)):
                return
            gone = [name for name in unknown if name in gone or name.lower() in poll.no_such_model]
            set_meta(poll.connection, key, json.dumps(gone))
        if gone:
            poll.remarks.append(f"no model of that name in {poll.tournament.label}: {', '.join(gone)}")

    async def _wait_for_ids(self, names: Sequence[str]) -> None:
        """Lets the leaderboard come first where its ids may save many requests."""
        if len(names) > histories.PROVEN_BY:
            await self.boards_read.wait()

    async def _named(self, names: Sequence[str]) -> None:
        """The histories of models by name, followed or not."""
        poll = self.poll
        cached = {model.name.lower() for model in followed_models(poll.connection, poll.tournament, names)}
        unknown = [name for name in names if name.lower() not in cached]
        await self._wait_for_ids(unknown)
        if unknown and not await self._fetch("models", histories.resolve_names(poll, unknown)):
            return
        selection = followed_models(poll.connection, poll.tournament, names)
        poll.progress.models_total += len(selection)
        new = [model for model in selection if not model.synced]
        old = [model for model in selection if model.synced]
        await self._fetch("scores", histories.fetch_whole(poll, new))
        await self._fetch("scores", histories.fetch_changes(poll, old, every_day=True))

    async def _fetch(self, dataset: str, fetch: Coroutine[object, object, None]) -> bool:
        """Fetches a dataset; whether it came whole. Its failure is noted, the other datasets go on."""
        poll = self.poll
        poll.become("scored" if poll.kind == "idle" else poll.kind)
        poll.step(dataset)
        with OddValues() as oddities:
            try:
                await fetch
            except (StoreError, sqlite3.Error):
                raise
            except Exception as error:  # noqa: BLE001  whatever is in an answer, the others go on; it is logged in full
                poll.failed(dataset, error)
        if dataset in poll.failed_datasets:
            return False
        if dataset in ASKED_AGAIN and poll.doubts(dataset, oddities.met()):
            poll.forget_seen(ASKED_AGAIN[dataset])  # it may have been here whole, before an export asked again
            return False
        return True
