"""The scores that rounds pay, as the cache has them configured."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from typing import NamedTuple

from numtui.model import Tournament
from numtui.money import decimal_of


class PayoutScore(NamedTuple):
    """A payout score of a round: the cache's number, displayName and version, default multiplier, scoring days."""

    round: int
    score: int
    name: str
    version: str
    multiplier: Decimal | None
    days: int | None


def newest_payout_scores(connection: sqlite3.Connection, tournament: Tournament) -> dict[int, str]:
    """What the newest configured round of the tournament pays: the cache's number -> displayName, by name."""
    sql = """SELECT n.score, n.name FROM score_configs c JOIN score_names n USING (score)
      WHERE c.tournament = ?1 AND c.is_payout
        AND c.round = (SELECT max(round) FROM score_configs WHERE tournament = ?1 AND is_payout) ORDER BY n.name"""
    return dict(connection.execute(sql, (int(tournament),)).fetchall())


def scores_paid_in(connection: sqlite3.Connection, tournament: Tournament, number: int) -> set[int]:
    """The cache's numbers of the scores that a round pays."""
    sql = "SELECT score FROM score_configs WHERE tournament = ? AND round = ? AND is_payout"
    return {score for (score,) in connection.execute(sql, (int(tournament), number))}


def payout_scores(connection: sqlite3.Connection, tournament: Tournament) -> list[PayoutScore]:
    """The payout scores of every configured round of the tournament."""
    sql = """SELECT c.round, c.score, n.name, n.version, c.default_multiplier, c.total_score_days
      FROM score_configs c JOIN score_names n USING (score) WHERE c.tournament = ? AND c.is_payout"""
    return [
        PayoutScore(number, score, name, version, decimal_of(multiplier), days)
        for number, score, name, version, multiplier, days in connection.execute(sql, (int(tournament),))
    ]
