"""Settled payouts, and the scores that they were paid on."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from numtui.model import Tournament, time_of, time_text


class SettledPayout(NamedTuple):
    """The payout of one score of a model's round, NMR; a burn is negative."""

    model: str
    round: int
    payout: Decimal


class ScoreResult(NamedTuple):
    """The newest value of a model's score (its cache number and displayName) in a round, and its settled payout, NMR.

    None where unknown.
    """

    round: int
    score: int
    name: str
    value: float | None
    settled: Decimal | None


def settled_scores(connection: sqlite3.Connection, tournament: Tournament) -> list[SettledPayout]:
    """The settled payouts of every model of the tournament, one a score that has one."""
    sql = """SELECT m.name, l.round, l.payout_settled FROM latest l JOIN models m USING (model)
      WHERE m.tournament = ? AND l.payout_settled IS NOT NULL"""
    rows = connection.execute(sql, (int(tournament),))
    return [SettledPayout(name, number, Decimal(payout)) for name, number, payout in rows]


class RoundPayout(NamedTuple):
    """What a resolved round paid a model, NMR; `own`: of the account and not archived."""

    model: str
    own: bool
    round: int
    resolved: datetime
    payout: Decimal


def payouts_since(connection: sqlite3.Connection, tournament: Tournament, since: datetime) -> list[RoundPayout]:
    """The settled payouts of own and watched models in the rounds that resolved since then, the newest round first."""
    sql = """SELECT m.name, m.mine AND NOT m.archived, l.round, r.resolve_time, dsum(l.payout_settled)
      FROM latest l JOIN models m USING (model) JOIN rounds r ON r.tournament = m.tournament AND r.round = l.round
      WHERE m.tournament = ? AND (m.mine AND NOT m.archived OR m.watched) AND r.resolved AND r.resolve_time >= ?
        AND l.payout_settled IS NOT NULL
      GROUP BY m.model, l.round ORDER BY l.round DESC, m.name"""
    return [
        RoundPayout(name, bool(own), number, time, Decimal(payout))
        for name, own, number, resolved, payout in connection.execute(sql, (int(tournament), since))
        if (time := time_of(resolved)) is not None
    ]


class SettledRound(NamedTuple):
    """What a round that resolved on `date` (as text) paid the account: NMR, a burn is negative."""

    date: str
    round: int
    payout: Decimal


def settled_rounds(connection: sqlite3.Connection, tournament: Tournament, since: datetime) -> list[SettledRound]:
    """The settled payouts of the account's models by round, of those that resolved from `since` on; by round."""
    sql = """SELECT substr(r.resolve_time, 1, 10), r.round, dsum(l.payout_settled)
      FROM rounds r JOIN latest l ON l.round = r.round
        JOIN models m ON m.model = l.model AND m.tournament = r.tournament
      WHERE r.tournament = ? AND r.resolved AND r.resolve_time >= ? AND m.mine AND l.payout_settled IS NOT NULL
      GROUP BY r.round ORDER BY r.round"""
    rows = connection.execute(sql, (int(tournament), time_text(since)))
    return [SettledRound(date, number, Decimal(payout)) for date, number, payout in rows]


def score_results(connection: sqlite3.Connection, model: int) -> list[ScoreResult]:
    """The newest scores of a model (the cache's number) in all of its rounds."""
    sql = "SELECT round, score, name, value, payout_settled FROM latest JOIN score_names USING (score) WHERE model = ?"
    return [
        ScoreResult(number, score, name, value, None if settled is None else Decimal(settled))
        for number, score, name, value, settled in connection.execute(sql, (model,))
    ]


def round_totals(connection: sqlite3.Connection, tournament: Tournament, model: int) -> dict[int, Decimal]:
    """Settled payouts of whole rounds as another place of the API states them, NMR by round (own models only)."""
    sql = """SELECT p.round, p.payout FROM payouts p JOIN models m ON m.id = p.model_id AND m.tournament = p.tournament
      WHERE p.tournament = ? AND m.model = ? AND p.settled = 1 AND p.payout IS NOT NULL"""
    return {number: Decimal(payout) for number, payout in connection.execute(sql, (int(tournament), model))}


def positioned_rounds(connection: sqlite3.Connection, tournament: Tournament) -> list[int]:
    """The rounds in which any model of the tournament has a position."""
    sql = "SELECT DISTINCT round FROM positions JOIN models USING (model) WHERE tournament = ?"
    return [number for (number,) in connection.execute(sql, (int(tournament),))]
