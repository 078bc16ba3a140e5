"""What models scored: every day, the newest of each, positions and multipliers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from math import isfinite
from operator import attrgetter

from numtui.api.records.public import PayoutMultiplier, Performance, RoundScoreConfig, ScorePoint
from numtui.money import exact_or_none
from numtui.poller.sync.plausible import (
    all_plausible,
    fits,
    is_date,
    is_day,
    say,
)
from numtui.store.queries.scores.values import ScoreKey
from numtui.store.writes.scores import LatestRow, MultiplierRow, PositionRow, ScoreDateRow

NumberedRounds = Iterable[tuple[int, Performance]]  # in the order of their numbers
NameAndVersion = tuple[str | None, str | None]  # of a score, as the API states them
_day_and_date = attrgetter("day", "date")
name_and_version = attrgetter("display_name", "version")  # of a record that states them: in C, for every score's sake


def exact(number: float | None) -> Decimal | None:
    """A multiplier or threshold as it stands in the JSON: 0.75, not the binary fraction next to it."""
    if number is None or isfinite(number):
        return exact_or_none(number)
    say("not a finite number", number)
    return None


def score_key(item: ScorePoint | RoundScoreConfig | PayoutMultiplier) -> ScoreKey:
    """The key of a score: its displayName and version, empty where the API states none."""
    return item.display_name or "", item.version or ""


def score_keys(names: Iterable[NameAndVersion]) -> set[ScoreKey]:
    """The keys of those scores that say which one they are: by a version too, unless the answer states none at all."""
    stated = list(names)
    versions = any(version for _, version in stated)
    keys = {(name, version or "") for name, version in stated if name and (version or not versions)}
    return {key for key in keys if fits("score", key[0]) and fits("version", key[1])}


def finals_of(performance: Performance) -> dict[ScoreKey, bool]:
    """Which scores are final: in a round of 60 days, one of 20 days is before the round has resolved."""
    return {
        (point.display_name, point.version or ""): point.resolved
        for point in performance.submission_scores or []
        if point.display_name and point.resolved is not None
    }


def latest_rows(model: int, rounds: NumberedRounds, ids: Mapping[ScoreKey, int]) -> Sequence[LatestRow]:
    """The newest official score of each round, with its payouts."""
    return all_plausible(
        [
            LatestRow(
                model,
                number,
                score,
                point.day,
                point.value,
                point.percentile,
                item.round_resolved if point.resolved is None else point.resolved,
                point.date,
                point.payout_pending,
                point.payout_settled,
            )
            for number, item in rounds
            for point in item.submission_scores or ()
            if (score := ids.get((point.display_name or "", point.version or ""))) is not None
        ]
    )


def date_rows(rounds: NumberedRounds) -> list[ScoreDateRow]:
    """When the scoring days of these rounds were, as far as dates were asked for; by round and day."""
    dates: dict[tuple[int, int], str] = {}
    for number, item in rounds:
        daily = item.intra_round_submission_scores or ()
        for points in (daily if daily and daily[0].date is not None else (), item.submission_scores or ()):
            for day, date in dict.fromkeys(map(_day_and_date, points)):
                if day is not None and date is not None:
                    dates[number, day] = date
    rows = [ScoreDateRow(number, day, date) for (number, day), date in sorted(dates.items())]
    return [row for row in rows if is_day(row.day) and is_date(row.date)]


def position_rows(rounds: NumberedRounds) -> Sequence[PositionRow]:
    """The model in its rounds."""
    return all_plausible(
        [
            PositionRow(
                number,
                item.at_risk,
                item.submission_id,
                item.round_payout_factor,
                item.round_resolved,
                item.prev_week_churn_max,
                item.churn_threshold,
                item.prev_week_turnover_max,
                item.turnover_threshold,
            )
            for number, item in rounds
        ]
    )


def multiplier_rows(rounds: NumberedRounds, ids: Mapping[ScoreKey, int]) -> list[MultiplierRow]:
    """The model's own payout multipliers in its rounds."""
    return [
        MultiplierRow(number, ids[score_key(item)], multiplier)
        for number, performance in rounds
        for item in performance.payout_multipliers or []
        if score_key(item) in ids and (multiplier := _multiplier(item.multiplier)) is not None
    ]


@lru_cache(maxsize=1024)
def _multiplier(stated: float | None) -> Decimal | None:
    """A multiplier as it stands in the JSON; few values occur, in every round of every model."""
    multiplier = exact(stated)
    return multiplier if multiplier is not None and fits("multiplier", multiplier) else None
