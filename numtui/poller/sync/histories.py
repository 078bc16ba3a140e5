"""Fetching models' histories: whole ones of new models, and what a scoring run changed of all the others."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from numtui.api.documents import HEAVY_ALIASES
from numtui.api.errors import ApiError
from numtui.api.records.public import Performance
from numtui.api.wire import OddValues
from numtui.poller.sync.ahead import ahead
from numtui.poller.sync.context import Poll
from numtui.poller.sync.datasets import SETTLING
from numtui.poller.sync.translate.boards import profile_row
from numtui.poller.sync.translate.history import History, read_history, score_days, with_days
from numtui.poller.sync.translate.scores import date_rows, latest_rows, multiplier_rows, position_rows, score_keys
from numtui.store.database import transaction
from numtui.store.errors import StoreError
from numtui.store.queries.leaderboards import listed_ids
from numtui.store.queries.models import CachedModel
from numtui.store.queries.rounds import newest_round
from numtui.store.queries.scores.values import newest_days, newest_position, oldest_changing_round, undated_rounds
from numtui.store.writes import models, scores
from numtui.store.writes.rounds import score_ids

PROVEN_BY = 3  # profiles that a request holds
LONGEST_SCORING = timedelta(days=120)  # from a round's opening to the last day of its longest score, with room
DATE_REQUESTS = 4  # at most, for the dates of scoring days: one model knows nearly all of them


async def resolve_names(poll: Poll, names: Sequence[str]) -> None:
    """Looks up models by name and writes them; names that no model has are noted in the poll. Raises ApiErrors.

    A profile tells a model's id, at a request for three. Where the leaderboard's ids prove to be the same for the first
    three, they serve for all others of many names.
    """
    listed = listed_ids(poll.connection, poll.tournament, names)
    spelling = {name.lower(): name for name in listed}
    names = [name if name in listed else spelling.get(name.lower(), name) for name in names]
    first = sorted(names, key=lambda name: name not in listed)[:PROVEN_BY]
    ids = await _look_up(poll, first)
    others = [name for name in names if name not in first]
    if len(first) == PROVEN_BY and all(ids.get(name) == listed.get(name) for name in first):
        rows = [models.ModelRow(name, listed[name]) for name in others if name in listed]
        models.put_models(poll.connection, poll.tournament, rows)
        others = [name for name in others if name not in listed]
    await _look_up(poll, others)


async def _look_up(poll: Poll, names: Sequence[str]) -> dict[str, str]:
    """Asks for the profiles of `names`, writes the models, and returns their ids. A name that no model has as it is
    written is asked for once more in lower case: most names are."""
    ids: dict[str, str] = {}
    profiles = await poll.queries.profiles(poll.tournament, names)
    lower = {name: name.lower() for name, profile in profiles.items() if profile is None and name != name.lower()}
    again = await poll.queries.profiles(poll.tournament, list(dict.fromkeys(lower.values()))) if lower else {}
    for name, exact in profiles.items():
        profile = exact or again.get(lower.get(name, ""))
        if profile is None or profile.id is None:
            poll.no_such_model.add(name.lower())
        else:
            spelled = name if exact is not None else lower[name]
            models.put_models(poll.connection, poll.tournament, [profile_row(spelled, profile)])
            ids[name] = profile.id
    poll.write()
    return ids


def oldest_changing(poll: Poll, selection: Sequence[CachedModel]) -> int | None:
    """The oldest round of these models that may still change: unresolved, its payouts are not settled yet, or a score
    that it does not pay goes on (Classic's 60-day scores outlived its 20-day rounds).

    None when there is none: then nothing but the newest rounds can be new.
    """
    now = poll.context.clock.now()
    rounds = [
        oldest_changing_round(
            poll.connection,
            poll.tournament,
            model.model,
            resolved_since=now - SETTLING,
            opened_since=now - LONGEST_SCORING,
        )
        for model in selection
    ]
    return min((number for number in rounds if number is not None), default=None)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of models' histories: the rounds `first` to `last` (None: open), and whether with every day.

    `fills`: days that were not here before, of models whose histories are. `together`: models in one request.
    """

    first: int | None = None
    last: int | None = None
    days: bool = False
    fills: bool = False
    together: int = HEAVY_ALIASES

    def paths_from(self, model: CachedModel) -> int | None:
        """The round from which on every day of the model is here with this answer; None: of no round."""
        held = model.days_from if model.synced is not None else None
        if not self.days:
            return held
        first = self.first or 0
        return first if held is None else min(first, held)


async def fetch_whole(poll: Poll, selection: Sequence[CachedModel]) -> None:
    """The full histories without days of models that are new here; each is committed when it is whole."""
    if selection:
        await fetch(poll, selection, Asked())


async def fetch_changes(poll: Poll, selection: Sequence[CachedModel], *, every_day: bool) -> None:
    """What scoring runs changed: the rounds that are not settled here.

    With `every_day` the scores of all their days; else only the newest, and all days of the models that lag behind.
    Models whose days are not here get their newest scores only.
    """
    if not selection:
        return
    first = oldest_changing(poll, selection)
    if first is None:
        first = newest_position(poll.connection, poll.tournament)
    with_days = [model for model in selection if every_day and model.days_from is not None]
    without = [model for model in selection if model not in with_days]
    lagging = await fetch(poll, without, Asked(first))
    await fetch(poll, [*with_days, *lagging], Asked(first, days=True))


async def fetch(poll: Poll, selection: Sequence[CachedModel], asked: Asked) -> list[CachedModel]:
    """Fetches and writes rounds of models, failures noted per model; returns the models that need every day.

    These are not written: the newest day alone would hide that days before it are missing.
    """
    by_id = {model.id: model for model in selection if model.id is not None}
    lagging: list[CachedModel] = []
    dayless: dict[str, History] = {}
    async for key, history, odd in ahead(_read(poll, list(by_id), asked)):
        model = by_id[key]
        if isinstance(history, Exception):
            poll.failed("scores", history, f"scores of {model.name}")
        elif not asked.days and _has_gaps(poll, model, history):
            lagging.append(model)
        elif asked.days and history.dayless:
            dayless[key] = history
        else:
            _written(poll, model, history, asked, odd=odd)
    await _fetch_days_apart(poll, by_id, dayless, asked)
    return lagging


async def _read(poll: Poll, ids: Sequence[str], asked: Asked) -> AsyncGenerator[tuple[str, History | Exception, str]]:
    """The histories of models by the API's id, read, or what kept us from it; each with a text on the odd values that
    were met in it."""
    with OddValues() as oddities:
        async for key, history in poll.queries.histories(
            poll.tournament,
            ids,
            _history_or_error,
            rounds_from=asked.first,
            rounds_to=asked.last,
            newest=newest_round(poll.connection, poll.tournament),
            days=asked.days,
            together=asked.together,
        ):
            yield key, history, oddities.met()


def _history_or_error(rows: list[Performance]) -> History | Exception:
    try:
        return read_history(rows)
    except Exception as error:  # noqa: BLE001  whatever is in an answer, the other models go on; it is logged in full
        return error


def _written(poll: Poll, model: CachedModel, history: History, asked: Asked, *, odd: str = "") -> None:
    """Writes a model's history; one that cannot be written, whatever is in it, leaves the other models'."""
    try:
        write_history(poll, model, history, asked, odd=odd)
    except (StoreError, sqlite3.Error):
        raise
    except Exception as error:  # noqa: BLE001  as in sync: the other models go on; it is logged in full
        poll.failed("scores", error, f"scores of {model.name}")
        return
    poll.progress.models_done += 1
    poll.write()


async def _fetch_days_apart(
    poll: Poll, by_id: Mapping[str, CachedModel], dayless: Mapping[str, History], asked: Asked
) -> None:
    """Asks `submissionScores` for the days that these histories came without, and writes them together."""
    if not dayless:
        return
    async for key, points in poll.queries.submission_scores(list(dayless), tournament=poll.tournament):
        model = by_id[key]
        if isinstance(points, ApiError):
            poll.failed("scores", points, f"daily scores of {model.name}")
        else:
            _written(poll, model, with_days(dayless[key].rounds, points), asked)


def write_history(poll: Poll, model: CachedModel, history: History, asked: Asked, *, odd: str = "") -> None:
    """Writes rounds of a model and notes what is complete of it, in one transaction.

    Of an answer with holes it keeps what came; the model is not complete then and will be asked again. One with odd
    values (`odd`: some were left out when it was decoded) is asked for once more. Where it `fills` in days, the rest
    is here as of the last scoring run and stays for the next poll to change.
    """
    connection = poll.connection
    with OddValues() as oddities, transaction(connection):
        if not history.whole:
            poll.failed("scores", "rows came without their round or score", f"scores of {model.name}")
        keys = score_keys(history.scores) | score_keys(history.multipliers)
        known = score_ids(connection, keys)
        ids = {key: known[key] for key in keys}
        rounds = history.rounds
        days = score_days(model.model, history, ids)
        if asked.fills:
            scores.put_scores(connection, days)
        else:
            latest = latest_rows(model.model, rounds, ids)
            scores.put_score_dates(connection, poll.tournament, date_rows(rounds))
            scores.put_scores(connection, days, latest, paths_from=asked.paths_from(model))
            scores.put_positions(connection, model.model, position_rows(rounds))
            scores.put_multipliers(connection, model.model, multiplier_rows(rounds, ids))
        scores.forget_versionless(connection, model.model, {ids[key] for key in keys})
        again = poll.doubts(f"scores of {model.name}", odd + oddities.met())
        if history.whole and not asked.fills:
            models.mark_synced(connection, model.model, None if again else poll.context.clock.now())
        elif history.whole and not again:
            models.mark_days(connection, model.model, asked.first or 0)
    poll.progress.rounds += len(rounds)
    poll.progress.rows += history.points


def _has_gaps(poll: Poll, model: CachedModel, history: History) -> bool:
    """Whether a score's newest day comes more than a day after the newest here, where every day should be here."""
    held = Asked().paths_from(model)
    if held is None:
        return False
    rounds = [(number, item) for number, item in history.rounds if number >= held]
    known = newest_days(poll.connection, model.model, rounds[0][0]) if rounds else {}
    return any(
        (point.day or 0) > known.get((number, point.display_name or "", point.version or ""), 0) + 1
        for number, item in rounds
        for point in item.submission_scores or []
    )


async def fetch_dates(poll: Poll) -> None:
    """The dates of scoring days of rounds that may still change, from as few models as know them all.

    Every later scoring run brings its own; the days of rounds long settled are worth no request.
    """
    for _ in range(DATE_REQUESTS):
        undated = undated_rounds(poll.connection, poll.tournament, poll.context.clock.now() - SETTLING)
        if undated is None:
            return
        answers = poll.queries.performances(
            poll.tournament,
            [undated.model_id],
            rounds_from=undated.first,
            rounds_to=undated.last,
            newest=newest_round(poll.connection, poll.tournament),
            days=True,
            dates=True,
        )
        async for _, answer in answers:
            if isinstance(answer, ApiError):
                raise answer
            if not scores.put_score_dates(poll.connection, poll.tournament, date_rows(read_history(answer).rounds)):
                return
