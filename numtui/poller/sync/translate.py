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
from numtui.store.queries.scores.values import ScoreKey
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


def round_row(item: RoundTimes) -> RoundRow | None:
    """A round; None for one without its number."""
    if not is_round(item.number):
        return None
    row = RoundRow(
        round=item.number,
        id=item.id,
        target=item.target,
        open_time=item.open_time,
        close_time=item.close_time,
        close_staking_time=item.close_staking_time,
        score_time=item.score_time,
        resolve_time=item.resolve_time,
        resolved=item.resolved_general,
        resolved_staking=item.resolved_staking,
        payout_factor=item.payout_factor,
        stake_threshold=item.stake_threshold,
        v3_staking=item.v3_staking,
    )
    if isinstance(item, Round):
        row = row._replace(is_daily=item.is_daily, data_datestamp=item.data_datestamp)
    return plausible(row)


def round_rows(rounds: Iterable[RoundTimes]) -> list[RoundRow]:
    """The rounds that state their number."""
    return [row for item in rounds if (row := round_row(item)) is not None]


def config_rows(rounds: Sequence[Round]) -> list[ConfigRow]:
    """What these rounds score and pay; without those that do not say of which score they are."""
    configs = [(item.number, config) for item in rounds for config in item.round_score_configs or []]
    keys = score_keys(_NAME(config) for _, config in configs)
    return [
        _config_row(number, _key(config), config)
        for number, config in configs
        if is_round(number) and _key(config) in keys
    ]


def config_count(rounds: Iterable[Round]) -> int:
    """How many score configurations these rounds came with."""
    return sum(len(item.round_score_configs or ()) for item in rounds)


def _config_row(number: int, score: ScoreKey, config: RoundScoreConfig) -> ConfigRow:
    row = ConfigRow(
        round=number,
        score=score,
        id=config.id,
        score_config_id=config.score_config_id,
        config_name=config.name,
        universe=config.universe,
        total_score_days=config.total_score_days,
        returns_lag_days=config.returns_lag_days,
        data_delay_days=config.data_delay_days,
        is_canon=config.is_canon_score,
        is_payout=config.is_payout,
        scoring_start=config.scoring_start,
        scoring_end=config.scoring_end,
        min_multiplier=exact(config.min_multiplier),
        max_multiplier=exact(config.max_multiplier),
        default_multiplier=exact(config.default_multiplier),
        clip_threshold=exact(config.clip_threshold),
        stake_threshold=config.stake_threshold,
        payout_factor=exact(config.payout_factor),
    )
    return plausible(row)


def entry_row(entry: LeaderboardEntry) -> EntryRow | None:
    """A leaderboard's row with each score in the column of its displayName; None for one without a name."""
    if not entry.username or not fits("name", entry.username):
        return None
    values: dict[str, Any] = {}
    for field in entry.__struct_fields__:
        name = field.removesuffix("_rep")
        name = RENAMED.get(name, name)
        value = getattr(entry, field)
        if name in EntryRow._fields and (value is not None or name not in values):
            values[name] = value
    return plausible(EntryRow(**values))


def entry_rows(page: Iterable[LeaderboardEntry]) -> list[EntryRow]:
    """A page's rows that have a name."""
    return [row for entry in page if (row := entry_row(entry)) is not None]


def pipeline_row(status: PipelineStatus, date: str) -> PipelineRow:
    """The scoring run of `date`; a time of another day says nothing about it."""
    day = datetime.fromisoformat(date).replace(tzinfo=UTC)
    times = (status.started_at, status.data_ready_at, status.scored_at, status.resolved_at)
    return PipelineRow(date, status.is_scoring_day, *(_near(day, time) for time in times))


def _near(day: datetime, time: datetime | None) -> datetime | None:
    if time is None or -LONGEST_RUN <= time - day <= LONGEST_RUN:
        return time
    say(f"a time of the scoring run of {day:%Y-%m-%d} is not plausible, taken as missing", time)
    return None


def profile_row(name: str, profile: Profile) -> ModelRow:
    """A model by its public page, under the API's spelling of the `name` that it was asked by."""
    stated = profile.username
    spelled = stated if stated is not None and stated.lower() == name.lower() else name
    return plausible(ModelRow(spelled, profile.id, profile.account_name, None, profile.team, profile.start_date))


def with_days(rounds: Iterable[Performance], points: Iterable[RoundScore]) -> list[Performance]:
    """Rounds with the daily scores that came apart from them."""
    days: dict[int | None, list[ScorePoint]] = {}
    for point in points:
        days.setdefault(point.round_number, []).append(point)
    return [
        msgspec.structs.replace(item, intra_round_submission_scores=days.get(item.round_number, [])) for item in rounds
    ]


def _key(item: ScorePoint | RoundScoreConfig | PayoutMultiplier) -> ScoreKey:
    return item.display_name or "", item.version or ""


NameAndVersion = tuple[str | None, str | None]  # of a score, as the API states them


def score_names(rounds: Iterable[Performance]) -> set[NameAndVersion]:
    """Every score that occurs in these rounds."""
    names: set[NameAndVersion] = set()
    for item in rounds:
        for points in (item.submission_scores, item.intra_round_submission_scores):
            names.update(map(_NAME, points or ()))
    return names


def multiplier_names(rounds: Iterable[Performance]) -> set[NameAndVersion]:
    """Every score that has a multiplier in these rounds: a service may state versions there alone."""
    return {_NAME(item) for performance in rounds for item in performance.payout_multipliers or ()}


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
                ids[_key(point)],
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
        if _key(point) in ids
    ]


def date_rows(rounds: Iterable[Performance]) -> set[tuple[int, int, str]]:
    """When the scoring days of these rounds were, as far as dates were asked for."""
    return {
        (number, point.day, point.date)
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
        (number, ids[_key(item)], multiplier)
        for number, performance in of_rounds(rounds)
        for item in performance.payout_multipliers or []
        if _key(item) in ids and (multiplier := exact(item.multiplier)) is not None and fits("multiplier", multiplier)
    ]
