"""From the API's records to the cache's rows: public data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from operator import attrgetter, itemgetter
from typing import Any

import msgspec

from numtui.api.records import (
    LeaderboardEntry,
    Performance,
    PipelineStatus,
    Profile,
    Round,
    RoundScore,
    RoundScoreConfig,
    RoundTimes,
    ScorePoint,
)
from numtui.store.leaderboards import EntryRow
from numtui.store.models import LatestRow, ModelRow, MultiplierRow, PositionRow, ScoreDay, ScoreDays
from numtui.store.polls import PipelineRow
from numtui.store.rounds import ConfigRow, RoundRow, ScoreKey

_FIRST, _NAME = itemgetter(0), attrgetter("display_name", "version")

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
    return None if number is None else Decimal(repr(number))


def round_row(found: RoundTimes) -> RoundRow:
    """A round; one without a number must be left out before."""
    if found.number is None:
        raise ValueError("a round without its number")
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
    return (
        row._replace(is_daily=found.is_daily, data_datestamp=found.data_datestamp) if isinstance(found, Round) else row
    )


def round_rows(found: Iterable[RoundTimes]) -> list[RoundRow]:
    """The rounds that state their number."""
    return [round_row(one) for one in found if one.number is not None]


def config_rows(found: Iterable[Round]) -> list[ConfigRow]:
    """What these rounds score and pay."""
    return [
        _config_row(one.number, config)
        for one in found
        if one.number is not None
        for config in one.round_score_configs or []
        if config.display_name is not None
    ]


def _config_row(number: int, found: RoundScoreConfig) -> ConfigRow:
    return ConfigRow(
        round=number,
        score=(found.display_name or "", found.version or ""),
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


def entry_row(found: LeaderboardEntry) -> EntryRow | None:
    """A leaderboard's row with each score in the column of its displayName; None for one without a name."""
    if found.username is None:
        return None
    values: dict[str, Any] = {}
    for field in found.__struct_fields__:
        name = field.removesuffix("_rep")
        name = RENAMED.get(name, name)
        value = getattr(found, field)
        if name in EntryRow._fields and (value is not None or name not in values):
            values[name] = value
    return EntryRow(**values)


def entry_rows(found: Iterable[LeaderboardEntry]) -> list[EntryRow]:
    """A page's rows that have a name."""
    return [row for one in found if (row := entry_row(one)) is not None]


def pipeline_row(found: PipelineStatus, date: str) -> PipelineRow:
    """The scoring run of `date`."""
    return PipelineRow(
        date, found.is_scoring_day, found.started_at, found.data_ready_at, found.scored_at, found.resolved_at
    )


def profile_row(name: str, found: Profile) -> ModelRow:
    """A model by its public page, under the API's spelling of the `name` that it was asked by."""
    stated = found.username
    spelled = stated if stated is not None and stated.lower() == name.lower() else name
    return ModelRow(spelled, found.id, found.account_name, None, found.team, found.start_date)


def with_days(found: Iterable[Performance], points: Iterable[RoundScore]) -> list[Performance]:
    """Rounds with the daily scores that came apart from them."""
    days: dict[int | None, list[ScorePoint]] = {}
    for point in points:
        days.setdefault(point.round_number, []).append(point)
    return [msgspec.structs.replace(one, intra_round_submission_scores=days.get(one.round_number, [])) for one in found]


NameAndVersion = tuple[str | None, str | None]  # of a score, as the API states them


def score_names(found: Iterable[Performance]) -> set[NameAndVersion]:
    """Every score that occurs in these rounds."""
    names: set[NameAndVersion] = set()
    for one in found:
        for points in (one.submission_scores, one.intra_round_submission_scores, one.payout_multipliers):
            names.update(map(_NAME, points or ()))
    return names


def score_keys(names: Iterable[NameAndVersion]) -> set[ScoreKey]:
    """The keys of those scores that have a name."""
    return {(name, version or "") for name, version in names if name}


def is_whole(found: Iterable[Performance], names: Iterable[NameAndVersion]) -> bool:
    """Whether every row says of which round it is, and every score which one it is."""
    return all(one.round_number is not None for one in found) and all(name for name, _ in names)


def score_days(model: int, found: Iterable[Performance], ids: dict[ScoreKey, int]) -> Iterator[ScoreDays]:
    """The scores of every day, round by round; they are final when the round's newest score of that kind is."""
    for number, one in sorted([(one.round_number, one) for one in found if one.round_number is not None], key=_FIRST):
        final = {ids[key]: int(done) for key, done in _finals(one).items()}
        default = None if one.round_resolved is None else int(one.round_resolved)
        for (name, version), days in _by_score(one.intra_round_submission_scores or ()).items():
            if name:
                score = ids[name, version or ""]
                yield ScoreDays(model, number, score, final.get(score, default), days)


def _by_score(points: Iterable[ScorePoint]) -> dict[NameAndVersion, list[ScoreDay]]:
    days: defaultdict[NameAndVersion, list[ScoreDay]] = defaultdict(list)
    for point in points:
        if point.day is not None and point.value is not None:
            days[point.display_name, point.version].append((point.day, point.value, point.percentile))
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
        LatestRow(
            model,
            one.round_number,
            ids[point.display_name, point.version or ""],
            point.day,
            point.value,
            point.percentile,
            one.round_resolved if point.resolved is None else point.resolved,
            point.date,
            point.payout_pending,
            point.payout_settled,
        )
        for one in found
        if one.round_number is not None
        for point in one.submission_scores or []
        if point.display_name
    ]


def date_rows(found: Iterable[Performance]) -> set[tuple[int, int, str]]:
    """When the scoring days of these rounds were, as far as dates were asked for."""
    return {
        (one.round_number, point.day, point.date)
        for one in found
        if one.round_number is not None
        for point in _points(one)
        if point.day is not None and point.date is not None
    }


def _points(found: Performance) -> list[ScorePoint]:
    return [*(found.intra_round_submission_scores or []), *(found.submission_scores or [])]


def position_rows(found: Iterable[Performance]) -> list[PositionRow]:
    """The model in its rounds."""
    return [
        PositionRow(
            one.round_number,
            one.at_risk,
            one.submission_id,
            one.round_payout_factor,
            one.round_resolved,
            one.prev_week_churn_max,
            one.churn_threshold,
            one.prev_week_turnover_max,
            one.turnover_threshold,
        )
        for one in found
        if one.round_number is not None
    ]


def multiplier_rows(found: Iterable[Performance], ids: dict[ScoreKey, int]) -> list[MultiplierRow]:
    """The model's own payout multipliers in its rounds."""
    return [
        (one.round_number, ids[item.display_name, item.version or ""], Decimal(repr(item.multiplier)))
        for one in found
        if one.round_number is not None
        for item in one.payout_multipliers or []
        if item.display_name and item.multiplier is not None
    ]
