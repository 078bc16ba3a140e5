"""What models scored: every day, the newest of each, positions and multipliers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from math import isfinite
from operator import attrgetter

import msgspec

from numtui.api.records.public import PayoutMultiplier, Performance, RoundScore, RoundScoreConfig, ScorePoint
from numtui.money import exact_or_none
from numtui.poller.sync.plausible import LARGEST_SCORE, LAST_DAY, fits, is_date, is_day, is_round, plausible, say
from numtui.store.queries.scores.values import ScoreKey
from numtui.store.writes.score_paths import ScoreDays
from numtui.store.writes.scores import LatestRow, MultiplierRow, PositionRow, ScoreDateRow

ScoreDay = tuple[int, float, float | None]  # day, value, percentile
NameAndVersion = tuple[str | None, str | None]  # of a score, as the API states them
name_and_version = attrgetter("display_name", "version")  # of a record that states them: in C, for every score's sake


def exact(number: float | None) -> Decimal | None:
    """A multiplier or threshold as it stands in the JSON: 0.75, not the binary fraction next to it."""
    if number is None or isfinite(number):
        return exact_or_none(number)
    say("not a finite number", number)
    return None


def with_days(rounds: Iterable[Performance], points: Iterable[RoundScore]) -> list[Performance]:
    """Rounds with the daily scores that came apart from them."""
    days: dict[int | None, list[ScorePoint]] = {}
    for point in points:
        days.setdefault(point.round_number, []).append(point)
    return [
        msgspec.structs.replace(item, intra_round_submission_scores=days.get(item.round_number, [])) for item in rounds
    ]


def score_key(item: ScorePoint | RoundScoreConfig | PayoutMultiplier) -> ScoreKey:
    """The key of a score: its displayName and version, empty where the API states none."""
    return item.display_name or "", item.version or ""


def score_names(rounds: Iterable[Performance]) -> set[NameAndVersion]:
    """Every score that occurs in these rounds."""
    names: set[NameAndVersion] = set()
    for item in rounds:
        for points in (item.submission_scores, item.intra_round_submission_scores):
            names.update(map(name_and_version, points or ()))
    return names


def multiplier_names(rounds: Iterable[Performance]) -> set[NameAndVersion]:
    """Every score that has a multiplier in these rounds: a service may state versions there alone."""
    return {name_and_version(item) for performance in rounds for item in performance.payout_multipliers or ()}


def score_keys(names: Iterable[NameAndVersion]) -> set[ScoreKey]:
    """The keys of those scores that say which one they are: by a version too, unless the answer states none at all."""
    stated = list(names)
    versions = any(version for _, version in stated)
    keys = {(name, version or "") for name, version in stated if name and (version or not versions)}
    return {key for key in keys if fits("score", key[0]) and fits("version", key[1])}


def is_whole(rounds: Iterable[Performance], *names: set[NameAndVersion]) -> bool:
    """Whether every row says of which round it is, and every score which one it is and of which day."""
    return (
        all(is_round(item.round_number) for item in rounds)
        and all(len(score_keys(stated)) == len(stated) for stated in names)
        and all(is_day(point.day) for item in rounds for point in item.intra_round_submission_scores or ())
        and all(point.day is None or is_day(point.day) for item in rounds for point in item.submission_scores or ())
    )


def of_rounds(rounds: Iterable[Performance]) -> list[tuple[int, Performance]]:
    """The rows that say of which round they are, in the order of the rounds; of a round that came twice the last."""
    return sorted({item.round_number: item for item in rounds if is_round(item.round_number)}.items())


def score_days(model: int, rounds: Iterable[Performance], ids: dict[ScoreKey, int]) -> Iterator[ScoreDays]:
    """The scores of every day, round by round; they are final when the round's newest score of that kind is."""
    for number, item in of_rounds(rounds):
        final = {ids[key]: int(done) for key, done in _finals(item).items() if key in ids}
        default = None if item.round_resolved is None else int(item.round_resolved)
        for (name, version), days in _by_score(item.intra_round_submission_scores or ()).items():
            score = ids.get((name or "", version or ""))
            if score is not None and days:
                yield ScoreDays(model, number, score, final.get(score, default), *map(list, zip(*days, strict=True)))


def _by_score(points: Iterable[ScorePoint]) -> dict[NameAndVersion, list[ScoreDay]]:
    """The days by score. The bounds stand here once more, spelt out: this sees every score of a first sync."""
    days: defaultdict[NameAndVersion, list[ScoreDay]] = defaultdict(list)
    for point in points:
        day, value, share = point.day, point.value, point.percentile
        if day is None or value is None:
            continue
        if not (1 <= day <= LAST_DAY and -LARGEST_SCORE < value < LARGEST_SCORE):
            say("a score is not plausible, taken as missing", (day, value))
            continue
        if share is not None and not 0 <= share <= 1:
            say("percentile is not plausible, taken as missing", share)
            share = None
        days[point.display_name, point.version].append((day, value, share))
    return days


def _finals(performance: Performance) -> dict[ScoreKey, bool]:
    """Which scores are final: in a round of 60 days, one of 20 days is before the round has resolved."""
    return {
        (point.display_name, point.version or ""): point.resolved
        for point in performance.submission_scores or []
        if point.display_name and point.resolved is not None
    }


def latest_rows(model: int, rounds: Iterable[Performance], ids: dict[ScoreKey, int]) -> list[LatestRow]:
    """The newest official score of each round, with its payouts."""
    return [
        plausible(
            LatestRow(
                model,
                number,
                ids[score_key(point)],
                point.day,
                point.value,
                point.percentile,
                item.round_resolved if point.resolved is None else point.resolved,
                point.date,
                point.payout_pending,
                point.payout_settled,
            )
        )
        for number, item in of_rounds(rounds)
        for point in item.submission_scores or []
        if score_key(point) in ids
    ]


def date_rows(rounds: Iterable[Performance]) -> set[ScoreDateRow]:
    """When the scoring days of these rounds were, as far as dates were asked for."""
    return {
        ScoreDateRow(number, point.day, point.date)
        for number, item in of_rounds(rounds)
        for point in _points(item)
        if is_day(point.day) and point.date is not None and is_date(point.date)
    }


def _points(performance: Performance) -> list[ScorePoint]:
    return [*(performance.intra_round_submission_scores or []), *(performance.submission_scores or [])]


def position_rows(rounds: Iterable[Performance]) -> list[PositionRow]:
    """The model in its rounds."""
    return [
        plausible(
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
        )
        for number, item in of_rounds(rounds)
    ]


def multiplier_rows(rounds: Iterable[Performance], ids: dict[ScoreKey, int]) -> list[MultiplierRow]:
    """The model's own payout multipliers in its rounds."""
    return [
        MultiplierRow(number, ids[score_key(item)], multiplier)
        for number, performance in of_rounds(rounds)
        for item in performance.payout_multipliers or []
        if score_key(item) in ids
        and (multiplier := exact(item.multiplier)) is not None
        and fits("multiplier", multiplier)
    ]
