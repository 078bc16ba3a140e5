"""Rounds, scores and multipliers that a backtest is computed from."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from numtui.model import Tournament
from numtui.store.database import placeholders


class BacktestRound(NamedTuple):
    """A round: whether it is resolved, when its stakes are fixed and when it resolves; None where unknown."""

    resolved: bool | None
    opens: datetime | None
    resolves: datetime | None


class PaidMultiplier(NamedTuple):
    """A payout score of a round (the cache's number) and its default multiplier."""

    round: int
    score: int
    multiplier: Decimal


def backtest_rounds(connection: sqlite3.Connection, tournament: Tournament) -> dict[int, BacktestRound]:
    """The rounds of the cache by their number."""
    sql = """SELECT round, resolved, coalesce(close_staking_time, close_time, open_time), resolve_time
      FROM rounds WHERE tournament = ?"""
    return {
        number: BacktestRound(None if resolved is None else bool(resolved), _time(opens), _time(resolves))
        for number, resolved, opens, resolves in connection.execute(sql, (tournament,))
    }


def scored_rounds(connection: sqlite3.Connection, models: Sequence[int]) -> dict[int, bool | None]:
    """The rounds in which any of the models (the cache's numbers) has a score, and whether its scores are final."""
    sql = f"SELECT round, max(resolved) FROM latest WHERE model IN ({placeholders(models)}) GROUP BY round"
    return {
        number: None if resolved is None else bool(resolved)
        for number, resolved in connection.execute(sql, tuple(models))
    }


def stated_days(
    connection: sqlite3.Connection, tournament: Tournament, scores: Sequence[int], first: int, last: int
) -> dict[int, int]:
    """For rounds `first` to `last` the longest scoring, in days, that a configuration of these scores states."""
    sql = f"""SELECT round, max(total_score_days) FROM score_configs
      WHERE tournament = ? AND round BETWEEN ? AND ? AND score IN ({placeholders(scores)}) GROUP BY round"""
    return {number: days or 0 for number, days in connection.execute(sql, (tournament, first, last, *scores))}


def scored_days(
    connection: sqlite3.Connection, models: Sequence[int], scores: Sequence[int], first: int, last: int
) -> dict[int, int]:
    """For rounds `first` to `last` the greatest scoring day that these scores of these models have reached."""
    sql = f"""SELECT round, max(day) FROM latest
      WHERE round BETWEEN ? AND ? AND score IN ({placeholders(scores)}) AND model IN ({placeholders(models)})
      GROUP BY round"""
    return {number: day or 0 for number, day in connection.execute(sql, (first, last, *scores, *models))}


def paid_multipliers(
    connection: sqlite3.Connection, tournament: Tournament, first: int, last: int | None, *, unresolved: bool
) -> list[PaidMultiplier]:
    """The payout scores of a range of resolved rounds (and `unresolved` ones) that state a multiplier."""
    sql = """SELECT c.round, c.score, c.default_multiplier FROM score_configs c JOIN rounds r USING (tournament, round)
      WHERE tournament = ?1 AND c.is_payout AND c.default_multiplier IS NOT NULL AND (r.resolved = 1 OR ?2)
      AND round >= ?3 AND (?4 IS NULL OR round <= ?4)"""
    rows = connection.execute(sql, (tournament, unresolved, first, last))
    return [PaidMultiplier(number, score, Decimal(multiplier)) for number, score, multiplier in rows]


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
