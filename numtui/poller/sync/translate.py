"""From the API's records to the cache's rows: public data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import isfinite
from operator import attrgetter
from typing import Any

import msgspec

from numtui.api.records.public import (
    LeaderboardEntry,
    PayoutMultiplier,
    Performance,
    PipelineStatus,
    Profile,
    Round,
    RoundScore,
    RoundScoreConfig,
    RoundTimes,
    ScorePoint,
)
from numtui.money import exact_or_none
from numtui.poller.sync.plausible import LARGEST_SCORE, LAST_DAY, fits, is_date, is_day, is_round, plausible, say
from numtui.store.queries.scores import ScoreKey
from numtui.store.writes.leaderboards import EntryRow
from numtui.store.writes.models import ModelRow
from numtui.store.writes.polls import PipelineRow
from numtui.store.writes.rounds import ConfigRow, RoundRow
from numtui.store.writes.scores import LatestRow, MultiplierRow, PositionRow, ScoreDay, ScoreDays

_NAME = attrgetter("display_name", "version")
LONGEST_RUN = timedelta(days=3)  # between the day of a scoring run and what happens in it

# The leaderboards spell one score in several ways; `leaderboard` has one column for it, named as `displayName` is.
RENAMED = {
    "corr20_v2": "v2_corr20",
    "cor_j60": "corj60",
    "return_1_day": "return_1d",
    "return_13_weeks": "return_3m",
    "return_52_weeks": "return_1y",
    "return_all_time": "return_all",
    "return_all_time_nmr": "return_all_nmr",
    "is_active": "active",
    "prev_rank": "stored_rank",
    "username": "name",
}


def exact(number: float | None) -> Decimal | None:
    """A multiplier or threshold as it stands in the JSON: 0.75, not the binary fraction next to it."""
    if number is None or isfinite(number):
        return exact_or_none(number)
    say("not a finite number", number)
    return None


def round_row(found: RoundTimes) -> RoundRow | None:
    """A round; None for one without its number."""
    if not is_round(found.number):
        return None
    row = RoundRow(
        round=found.number,
        id=found.id,
        target=found.target,
        open_time=found.open_time,
        close_time=found.close_time,
        close_staking_time=found.close_staking_time,
        score_time=found.score_time,
        resolve_time=found.resolve_time,
        resolved=found.resolved_general,
        resolved_staking=found.resolved_staking,
        payout_factor=found.payout_factor,
        stake_threshold=found.stake_threshold,
        v3_staking=found.v3_staking,
    )
    if isinstance(found, Round):
        row = row._replace(is_daily=found.is_daily, data_datestamp=found.data_datestamp)
    return plausible(row)


def round_rows(found: Iterable[RoundTimes]) -> list[RoundRow]:
    """The rounds that state their number."""
    return [row for one in found if (row := round_row(one)) is not None]


def config_rows(found: Sequence[Round]) -> list[ConfigRow]:
    """What these rounds score and pay; without those that do not say of which score they are."""
    configs = [(one.number, config) for one in found for config in one.round_score_configs or []]
    keys = score_keys(_NAME(config) for _, config in configs)
    return [
        _config_row(number, _key(config), config)
        for number, config in configs
        if is_round(number) and _key(config) in keys
    ]


def config_count(found: Iterable[Round]) -> int:
    """How many score configurations these rounds came with."""
    return sum(len(one.round_score_configs or ()) for one in found)


def _config_row(number: int, score: ScoreKey, found: RoundScoreConfig) -> ConfigRow:
    row = ConfigRow(
        round=number,
        score=score,
        id=found.id,
        score_config_id=found.score_config_id,
        config_name=found.name,
        universe=found.universe,
        total_score_days=found.total_score_days,
        returns_lag_days=found.returns_lag_days,
        data_delay_days=found.data_delay_days,
        is_canon=found.is_canon_score,
        is_payout=found.is_payout,
        scoring_start=found.scoring_start,
        scoring_end=found.scoring_end,
        min_multiplier=exact(found.min_multiplier),
        max_multiplier=exact(found.max_multiplier),
        default_multiplier=exact(found.default_multiplier),
        clip_threshold=exact(found.clip_threshold),
        stake_threshold=found.stake_threshold,
        payout_factor=exact(found.payout_factor),
    )
    return plausible(row)


def entry_row(found: LeaderboardEntry) -> EntryRow | None:
    """A leaderboard's row with each score in the column of its displayName; None for one without a name."""
    if not found.username or not fits("name", found.username):
        return None
    values: dict[str, Any] = {}
    for field in found.__struct_fields__:
        name = field.removesuffix("_rep")
        name = RENAMED.get(name, name)
        value = getattr(found, field)
        if name in EntryRow._fields and (value is not None or name not in values):
            values[name] = value
    return plausible(EntryRow(**values))


def entry_rows(found: Iterable[LeaderboardEntry]) -> list[EntryRow]:
    """A page's rows that have a name."""
    return [row for one in found if (row := entry_row(one)) is not None]


def pipeline_row(found: PipelineStatus, date: str) -> PipelineRow:
    """The scoring run of `date`; a time of another day says nothing about it."""
    day = datetime.fromisoformat(date).replace(tzinfo=UTC)
    times = (found.started_at, found.data_ready_at, found.scored_at, found.resolved_at)
    return PipelineRow(date, found.is_scoring_day, *(_near(day, time) for time in times))


def _near(day: datetime, time: datetime | None) -> datetime | None:
    if time is None or -LONGEST_RUN <= time - day <= LONGEST_RUN:
        return time
    say(f"a time of the scoring run of {day:%Y-%m-%d} is not plausible, taken as missing", time)
    return None


def profile_row(name: str, found: Profile) -> ModelRow:
    """A model by its public page, under the API's spelling of the `name` that it was asked by."""
    stated = found.username
    spelled = stated if stated is not None and stated.lower() == name.lower() else name
    return plausible(ModelRow(spelled, found.id, found.account_name, None, found.team, found.start_date))


def with_days(found: Iterable[Performance], points: Iterable[RoundScore]) -> list[Performance]:
    """Rounds with the daily scores that came apart from them."""
    days: dict[int | None, list[ScorePoint]] = {}
    for point in points:
        days.setdefault(point.round_number, []).append(point)
    return [msgspec.structs.replace(one, intra_round_submission_scores=days.get(one.round_number, [])) for one in found]


def _key(found: ScorePoint | RoundScoreConfig | PayoutMultiplier) -> ScoreKey:
    return found.display_name or "", found.version or ""


NameAndVersion = tuple[str | None, str | None]  # of a score, as the API states them


def score_names(found: Iterable[Performance]) -> set[NameAndVersion]:
    """Every score that occurs in these rounds."""
    names: set[NameAndVersion] = set()
    for one in found:
        for points in (one.submission_scores, one.intra_round_submission_scores):
            names.update(map(_NAME, points or ()))
    return names


def multiplier_names(found: Iterable[Performance]) -> set[NameAndVersion]:
    """Every score that has a multiplier in these rounds: a service may state versions there alone."""
    return {_NAME(item) for one in found for item in one.payout_multipliers or ()}


def score_keys(names: Iterable[NameAndVersion]) -> set[ScoreKey]:
    """The keys of those scores that say which one they are: by a version too, unless the answer states none at all."""
    stated = list(names)
    versions = any(version for _, version in stated)
    keys = {(name, version or "") for name, version in stated if name and (version or not versions)}
    return {key for key in keys if fits("score", key[0]) and fits("version", key[1])}


def is_whole(found: Iterable[Performance], *names: set[NameAndVersion]) -> bool:
    """Whether every row says of which round it is, and every score which one it is and of which day."""
    return (
        all(is_round(one.round_number) for one in found)
        and all(len(score_keys(stated)) == len(stated) for stated in names)
        and all(is_day(point.day) for one in found for point in one.intra_round_submission_scores or ())
        and all(point.day is None or is_day(point.day) for one in found for point in one.submission_scores or ())
    )


def of_rounds(found: Iterable[Performance]) -> list[tuple[int, Performance]]:
    """The rows that say of which round they are, in the order of the rounds; of a round that came twice the last."""
    return sorted({one.round_number: one for one in found if is_round(one.round_number)}.items())


def score_days(model: int, found: Iterable[Performance], ids: dict[ScoreKey, int]) -> Iterator[ScoreDays]:
    """The scores of every day, round by round; they are final when the round's newest score of that kind is."""
    for number, one in of_rounds(found):
        final = {ids[key]: int(done) for key, done in _finals(one).items() if key in ids}
        default = None if one.round_resolved is None else int(one.round_resolved)
        for (name, version), days in _by_score(one.intra_round_submission_scores or ()).items():
            score = ids.get((name or "", version or ""))
            if score is not None and days:
                yield ScoreDays(model, number, score, final.get(score, default), days)


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


def _finals(found: Performance) -> dict[ScoreKey, bool]:
    """Which scores are final: in a round of 60 days, one of 20 days is before the round has resolved."""
    return {
        (point.display_name, point.version or ""): point.resolved
        for point in found.submission_scores or []
        if point.display_name and point.resolved is not None
    }


def latest_rows(model: int, found: Iterable[Performance], ids: dict[ScoreKey, int]) -> list[LatestRow]:
    """The newest official score of each round, with its payouts."""
    return [
        plausible(
            LatestRow(
                model,
                number,
                ids[_key(point)],
                point.day,
                point.value,
                point.percentile,
                one.round_resolved if point.resolved is None else point.resolved,
                point.date,
                point.payout_pending,
                point.payout_settled,
            )
        )
        for number, one in of_rounds(found)
        for point in one.submission_scores or []
        if _key(point) in ids
    ]


def date_rows(found: Iterable[Performance]) -> set[tuple[int, int, str]]:
    """When the scoring days of these rounds were, as far as dates were asked for."""
    return {
        (number, point.day, point.date)
        for number, one in of_rounds(found)
        for point in _points(one)
        if is_day(point.day) and point.date is not None and is_date(point.date)
    }


def _points(found: Performance) -> list[ScorePoint]:
    return [*(found.intra_round_submission_scores or []), *(found.submission_scores or [])]


def position_rows(found: Iterable[Performance]) -> list[PositionRow]:
    """The model in its rounds."""
    return [
        plausible(
            PositionRow(
                number,
                one.at_risk,
                one.submission_id,
                one.round_payout_factor,
                one.round_resolved,
                one.prev_week_churn_max,
                one.churn_threshold,
                one.prev_week_turnover_max,
                one.turnover_threshold,
            )
        )
        for number, one in of_rounds(found)
    ]


def multiplier_rows(found: Iterable[Performance], ids: dict[ScoreKey, int]) -> list[MultiplierRow]:
    """The model's own payout multipliers in its rounds."""
    return [
        (number, ids[_key(item)], multiplier)
        for number, one in of_rounds(found)
        for item in one.payout_multipliers or []
        if _key(item) in ids and (multiplier := exact(item.multiplier)) is not None and fits("multiplier", multiplier)
    ]
