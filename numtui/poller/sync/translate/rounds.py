"""Rounds with what they score and pay, and the state of scoring runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from numtui.api.records.public import PipelineStatus, Round, RoundScoreConfig, RoundTimes
from numtui.poller.sync.plausible import is_round, plausible, say
from numtui.poller.sync.translate.scores import exact, name_and_version, score_key, score_keys
from numtui.store.queries.scores.values import ScoreKey
from numtui.store.writes.polls import PipelineRow
from numtui.store.writes.rounds import ConfigRow, RoundRow

LONGEST_RUN = timedelta(days=3)  # between the day of a scoring run and what happens in it


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
    keys = score_keys(name_and_version(config) for _, config in configs)
    return [
        _config_row(number, score_key(config), config)
        for number, config in configs
        if is_round(number) and score_key(config) in keys
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
