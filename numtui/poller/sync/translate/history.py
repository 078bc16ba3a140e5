"""A model's history as it came, read once: this sees every score of a first sync, beside the event loop."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec

from numtui.api.records.public import Performance, RoundScore, ScorePoint
from numtui.poller.sync.plausible import LARGEST_SCORE, LAST_DAY, is_day, is_round, say
from numtui.poller.sync.translate.scores import NameAndVersion, finals_of, name_and_version, score_keys
from numtui.store.queries.scores.values import ScoreKey
from numtui.store.writes.score_paths import ScoreDays

_day = attrgetter("day")


class StatedPath(NamedTuple):
    """The days of one score of a round, as the API states them: day, value and percentile in the same places."""

    round: int
    score: NameAndVersion
    days: list[int]
    values: list[float]
    percentiles: list[float | None]


@dataclass(frozen=True, slots=True)
class History:
    """What came of a model: `rounds` by number (of one that came twice the last) and the `paths` of their scores.

    `scores` and `multipliers` are the names that occur. `whole`: every row says of which round it is, every score which
    one it is and of which day. `dayless`: the API left out the scores of every day. `points`: how many scores came.
    """

    rounds: list[tuple[int, Performance]]
    paths: list[StatedPath]
    scores: set[NameAndVersion]
    multipliers: set[NameAndVersion]
    whole: bool
    dayless: bool
    points: int


def read_history(rows: Sequence[Performance]) -> History:
    """The history that these rows are."""
    rounds = sorted({item.round_number: item for item in rows if is_round(item.round_number)}.items())
    paths: list[StatedPath] = []
    scores: set[NameAndVersion] = set()
    multipliers: set[NameAndVersion] = set()
    points, whole = 0, all(is_round(item.round_number) for item in rows)
    for number, item in rounds:
        stated, daily = item.submission_scores or (), item.intra_round_submission_scores or ()
        points += len(stated) + len(daily)
        scores.update(map(name_and_version, stated))
        multipliers.update(map(name_and_version, item.payout_multipliers or ()))
        whole = whole and all(day is None or is_day(day) for day in set(map(_day, stated)))
        known: dict[NameAndVersion, StatedPath] = {}
        for score, group in groupby(daily, name_and_version):
            path, usual = _path(number, score, list(group))
            whole = whole and usual
            if score in known:
                for together, more in zip(known[score][2:], path[2:], strict=True):
                    together.extend(more)  # type: ignore[attr-defined]  # lists
            else:
                known[score] = path
        scores.update(known)
        paths += [path for path in known.values() if path.days]
    whole = whole and all(len(score_keys(stated)) == len(stated) for stated in (scores, multipliers))
    scored = [item for _, item in rounds if item.submission_scores]
    dayless = bool(scored) and all(item.intra_round_submission_scores is None for item in scored)
    return History(rounds, paths, scores, multipliers, whole, dayless, points)


def _path(number: int, score: NameAndVersion, points: Sequence[ScorePoint]) -> tuple[StatedPath, bool]:
    """The days of one score, and whether every one of them says which day it is."""
    days = [point.day for point in points]
    values = [point.value for point in points]
    shares = [point.percentile for point in points]
    if _are_usual(days, values, shares):
        return StatedPath(number, score, days, values, shares), True  # type: ignore[arg-type]  # none is None
    path = StatedPath(number, score, [], [], [])
    for point in points:
        _add(path, point)
    return path, all(map(is_day, days))


def _are_usual(days: Sequence[Any], values: Sequence[Any], shares: Sequence[Any]) -> bool:
    """Whether all are there and within their bounds: some steps in C instead of some for each score."""
    try:
        total = sum(values) + sum(shares)
        return bool(
            total == total  # noqa: PLR0124  NaN differs from itself
            and min(days) >= 1
            and max(days) <= LAST_DAY
            and min(values) > -LARGEST_SCORE
            and max(values) < LARGEST_SCORE
            and min(shares) >= 0
            and max(shares) <= 1
        )
    except TypeError:  # one is None
        return False


def _add(path: StatedPath, point: ScorePoint) -> None:
    """Adds a day that has a value; odd values are taken as missing."""
    day, value, share = point.day, point.value, point.percentile
    if day is None or value is None:
        return
    if not (1 <= day <= LAST_DAY and -LARGEST_SCORE < value < LARGEST_SCORE):
        say("a score is not plausible, taken as missing", (day, value))
        return
    if share is not None and not 0 <= share <= 1:
        say("percentile is not plausible, taken as missing", share)
        share = None
    path.days.append(day)
    path.values.append(value)
    path.percentiles.append(share)


def with_days(rounds: Iterable[tuple[int, Performance]], points: Iterable[RoundScore]) -> History:
    """The history with the daily scores that came apart from it."""
    days: dict[int | None, list[ScorePoint]] = {}
    for point in points:
        days.setdefault(point.round_number, []).append(point)
    return read_history(
        [msgspec.structs.replace(item, intra_round_submission_scores=days.get(number, [])) for number, item in rounds]
    )


def score_days(model: int, history: History, ids: Mapping[ScoreKey, int]) -> Iterator[ScoreDays]:
    """The scores of every day, round by round; they are final when the round's newest score of that kind is."""
    rounds = dict(history.rounds)
    final: dict[ScoreKey, bool] = {}
    number: int | None = None
    default: int | None = None
    for path in history.paths:
        if path.round != number:
            number, item = path.round, rounds[path.round]
            final, default = finals_of(item), None if item.round_resolved is None else int(item.round_resolved)
        key = (path.score[0] or "", path.score[1] or "")
        score = ids.get(key)
        if score is not None:
            resolved = int(final[key]) if key in final else default
            yield ScoreDays(model, path.round, score, resolved, path.days, path.values, path.percentiles)
