"""What the cached rounds state on how they are staked and paid, and what follows from it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from numtui.analysis.regimes import RoundPayout, round_payout
from numtui.model import Tournament
from numtui.money import decimal_of
from numtui.staking_system import PayoutTerms, StatedRound, System, newest_round, system_in_force


def stated_rounds(connection: sqlite3.Connection, tournament: Tournament) -> dict[int, StatedRound]:
    """Every round of the cache by its number."""
    payouts: dict[int, list[PayoutTerms]] = {}
    sql = "SELECT round, clip_threshold, payout_factor FROM score_configs WHERE tournament = ? AND is_payout"
    for number, clip, factor in connection.execute(sql, (tournament,)):
        payouts.setdefault(number, []).append(PayoutTerms(decimal_of(clip), decimal_of(factor)))
    rounds = {number: StatedRound(number, None, tuple(terms)) for number, terms in payouts.items()}
    sql = "SELECT round, v3_staking, payout_factor FROM rounds WHERE tournament = ?"
    for number, v3_staking, factor in connection.execute(sql, (tournament,)):
        atomic = None if v3_staking is None else bool(v3_staking)
        rounds[number] = StatedRound(number, atomic, tuple(payouts.get(number, ())), decimal_of(factor))
    return rounds


def staking_system(connection: sqlite3.Connection, tournament: Tournament) -> System:
    """The staking system in force, as far as the cache tells."""
    return system_in_force(stated_rounds(connection, tournament).values())


def newest_stated(connection: sqlite3.Connection, tournament: Tournament) -> StatedRound | None:
    """The newest round of the tournament that says how it is staked or what it pays."""
    return newest_round(stated_rounds(connection, tournament).values())


def newest_payout_scores(connection: sqlite3.Connection, tournament: Tournament) -> dict[int, str]:
    """What the newest configured round of the tournament pays: the cache's number -> displayName, by name."""
    sql = """SELECT n.score, n.name FROM score_configs c JOIN score_names n USING (score)
      WHERE c.tournament = ?1 AND c.is_payout
        AND c.round = (SELECT max(round) FROM score_configs WHERE tournament = ?1 AND is_payout) ORDER BY n.name"""
    return dict(connection.execute(sql, (int(tournament),)).fetchall())


def round_payouts(
    connection: sqlite3.Connection, tournament: Tournament, numbers: Sequence[int] | None = None
) -> dict[int, RoundPayout]:
    """How rounds pay: of `numbers`, known to the cache or not; None: of every round of the cache."""
    stated = stated_rounds(connection, tournament)
    return {
        number: round_payout(tournament, stated.get(number, StatedRound(number)))
        for number in (stated if numbers is None else numbers)
    }
