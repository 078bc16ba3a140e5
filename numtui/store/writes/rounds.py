"""Writing rounds with what they score and pay, and the identities of scores."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from numtui.model import Tournament
from numtui.store.database import transaction
from numtui.store.queries.rounds import last_scoring_days
from numtui.store.queries.scores.values import ScoreKey, score_numbers
from numtui.store.writes.finals import settle_finals
from numtui.store.writes.upsert import mark_changed, upsert


class RoundRow(NamedTuple):
    """A round of `rounds`; None is unknown."""

    round: int
    id: str | None = None
    target: str | None = None
    open_time: datetime | None = None
    close_time: datetime | None = None
    close_staking_time: datetime | None = None
    score_time: datetime | None = None
    resolve_time: datetime | None = None
    resolved: bool | None = None
    resolved_staking: bool | None = None
    is_daily: bool | None = None
    payout_factor: Decimal | None = None
    stake_threshold: float | None = None
    data_datestamp: int | None = None
    v3_staking: bool | None = None


class ConfigRow(NamedTuple):
    """A score of a round, of `roundScoreConfigs`; None is unknown."""

    round: int
    score: ScoreKey
    id: str | None = None
    score_config_id: str | None = None
    config_name: str | None = None
    universe: str | None = None
    total_score_days: int | None = None
    returns_lag_days: int | None = None
    data_delay_days: int | None = None
    is_canon: bool | None = None
    is_payout: bool | None = None
    scoring_start: datetime | None = None
    scoring_end: datetime | None = None
    min_multiplier: Decimal | None = None
    max_multiplier: Decimal | None = None
    default_multiplier: Decimal | None = None
    clip_threshold: Decimal | None = None
    stake_threshold: float | None = None
    payout_factor: Decimal | None = None


def score_ids(connection: sqlite3.Connection, wanted: Iterable[ScoreKey]) -> dict[ScoreKey, int]:
    """The numbers of scores by displayName and version; new ones are added."""
    known = score_numbers(connection)
    new = sorted(set(wanted) - known.keys())
    if not new:
        return known
    with transaction(connection):
        connection.executemany("INSERT INTO score_names (name, version) VALUES (?, ?) ON CONFLICT DO NOTHING", new)
        mark_changed(connection, "score_names")
        return score_numbers(connection)


def put_rounds(
    connection: sqlite3.Connection,
    tournament: Tournament,
    rounds: Iterable[RoundRow],
    configs: Iterable[ConfigRow] = (),
) -> int:
    """Rounds and their score configurations, in one transaction; returns how many rows changed."""
    configs = list(configs)
    with transaction(connection):
        changed = upsert(
            connection,
            "rounds",
            ("tournament", *RoundRow._fields),
            ("tournament", "round"),
            ((int(tournament), *row) for row in rounds),
        )
        if configs:
            ids = score_ids(connection, (row.score for row in configs))
            last_days = last_scoring_days(connection, tournament)
            changed += upsert(
                connection,
                "score_configs",
                ("tournament", *ConfigRow._fields),
                ("tournament", "round", "score"),
                ((int(tournament), *row._replace(score=ids[row.score])) for row in configs),  # type: ignore[arg-type]  # the key becomes its number
            )
            settle_finals(connection, tournament, last_days)
    return changed
