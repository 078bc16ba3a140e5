"""How the cached rounds are staked and paid: staking system, payout scores, multipliers, clip and factor."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from numtui.analysis.regimes import RoundPayout, round_payout
from numtui.analysis.staking_system import PayoutTerms, StatedRound, System, newest_round, system_in_force
from numtui.model import Tournament
from numtui.money import decimal_of
from numtui.store.database import placeholders

LAST = 1 << 60  # beyond any round
RECENT = 20  # rounds, one of which usually says how it is staked


class OwnTerms(NamedTuple):
    """A model's own row in a round: NMR at risk and the payout factor it states, None where unknown."""

    round: int
    at_risk: Decimal | None
    factor: Decimal | None


class OwnMultiplier(NamedTuple):
    """The multiplier of a score (the cache's number) that a model lists for itself in a round."""

    round: int
    score: int
    multiplier: Decimal


class ScoreDefinition(NamedTuple):
    """The definition of a score in a round: version, the configuration's name, scoring days."""

    round: int
    name: str
    version: str
    config_name: str | None
    days: int | None


def stated_rounds(connection: sqlite3.Connection, tournament: Tournament, first: int = 0) -> dict[int, StatedRound]:
    """Every round of the cache from `first` on by its number."""
    payouts: dict[int, list[PayoutTerms]] = {}
    sql = """SELECT round, clip_threshold, payout_factor FROM score_configs
      WHERE tournament = ? AND round >= ? AND is_payout"""
    for number, clip, factor in connection.execute(sql, (tournament, first)):
        payouts.setdefault(number, []).append(PayoutTerms(decimal_of(clip), decimal_of(factor)))
    rounds = {number: StatedRound(number, None, tuple(terms)) for number, terms in payouts.items()}
    sql = "SELECT round, v3_staking, payout_factor FROM rounds WHERE tournament = ? AND round >= ?"
    for number, v3_staking, factor in connection.execute(sql, (tournament, first)):
        atomic = None if v3_staking is None else bool(v3_staking)
        rounds[number] = StatedRound(number, atomic, tuple(payouts.get(number, ())), decimal_of(factor))
    return rounds


def staking_system(connection: sqlite3.Connection, tournament: Tournament) -> System:
    """The staking system in force, as far as the cache tells."""
    newest = newest_stated(connection, tournament)
    return system_in_force([newest] if newest else [])


def newest_stated(connection: sqlite3.Connection, tournament: Tournament) -> StatedRound | None:
    """The newest round of the tournament that says how it is staked or what it pays."""
    newest = connection.execute("SELECT max(round) FROM rounds WHERE tournament = ?", (tournament,)).fetchone()[0] or 0
    recent = newest_round(stated_rounds(connection, tournament, newest - RECENT).values())
    return recent or newest_round(stated_rounds(connection, tournament).values())


def own_terms(connection: sqlite3.Connection, model: int, first: int = 0, last: int = LAST) -> list[OwnTerms]:
    """The model's rows of rounds `first` to `last`, by round."""
    sql = "SELECT round, at_risk, payout_factor FROM positions WHERE model = ? AND round BETWEEN ? AND ? ORDER BY round"
    rows = connection.execute(sql, (model, first, last))
    return [OwnTerms(number, decimal_of(at_risk), decimal_of(factor)) for number, at_risk, factor in rows]


def own_multipliers(
    connection: sqlite3.Connection, model: int, first: int = 0, last: int = LAST
) -> list[OwnMultiplier]:
    """The multipliers that a model lists in rounds `first` to `last`, by round and score."""
    sql = """SELECT round, score, multiplier FROM multipliers
      WHERE model = ? AND round BETWEEN ? AND ? ORDER BY round, score"""
    rows = connection.execute(sql, (model, first, last))
    return [OwnMultiplier(number, score, Decimal(multiplier)) for number, score, multiplier in rows]


def score_definitions(
    connection: sqlite3.Connection, tournament: Tournament, names: Sequence[str], first: int, last: int
) -> list[ScoreDefinition]:
    """The definitions, in rounds `first` to `last`, of the scores of these displayNames."""
    sql = f"""SELECT c.round, n.name, n.version, c.config_name, c.total_score_days
      FROM score_configs c JOIN score_names n USING (score)
      WHERE c.tournament = ? AND c.round BETWEEN ? AND ? AND n.name IN ({placeholders(names)})"""
    return [ScoreDefinition(*row) for row in connection.execute(sql, (int(tournament), first, last, *names))]


def round_payouts(
    connection: sqlite3.Connection, tournament: Tournament, numbers: Sequence[int] | None = None
) -> dict[int, RoundPayout]:
    """How rounds pay: of `numbers`, known to the cache or not; None: of every round of the cache."""
    stated = stated_rounds(connection, tournament, min(numbers, default=LAST) if numbers is not None else 0)
    return {
        number: round_payout(tournament, stated.get(number, StatedRound(number)))
        for number in (stated if numbers is None else numbers)
    }
