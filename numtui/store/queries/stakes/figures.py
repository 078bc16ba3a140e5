"""Stakes, positions and changes under way: the figures that every table, screen and command shows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from numtui.analysis.stakes import change_due, settled_stake, signed_change
from numtui.analysis.staking_system import System
from numtui.calendar import ROUNDS_AT_ONCE
from numtui.model import Tournament, time_of
from numtui.money import ZERO, decimal_of
from numtui.store.queries.rounds import newest_resolve, oldest_unresolved


class StakeFigures(NamedTuple):
    """One model; NMR, None where unknown.

    `stake`: what is staked without unsettled earnings; Atomic: per round x rounds at once; of others the leaderboard's.
    `at_risk` and `pending_payout` are summed over the unresolved rounds, `rounds` counts those with something at risk.
    `per_round` is what it puts on the newest round that it has something in. `pending` is the change under way, a
    release negative, and `due` when it takes effect.
    """

    stake: Decimal | None
    at_risk: Decimal | None
    rounds: int
    per_round: Decimal | None
    pending_payout: Decimal | None
    pending: Decimal | None
    due: datetime | None
    take_profit: bool | None
    status: str | None

    def on_a_round(self, system: System) -> Decimal | None:
        """What it puts on a round: the legacy stake backs each with all of it."""
        return (system is System.ATOMIC and self.per_round) or self.stake


def stake_figures(
    connection: sqlite3.Connection, tournament: Tournament, system: System, models: Iterable[int], now: datetime
) -> dict[int, StakeFigures]:
    """The figures by model number, under the staking system that is in force."""
    last = newest_resolve(connection, tournament, now)
    scope = {"of": int(tournament), "from": oldest_unresolved(connection, tournament)}
    at_once = ROUNDS_AT_ONCE[tournament] if system is System.ATOMIC else None
    return {model: _figures(connection, scope | {"m": model}, system, at_once, last) for model in models}


def _figures(
    connection: sqlite3.Connection,
    values: dict[str, int | None],
    system: System,
    rounds_at_once: int | None,
    last: datetime | None,
) -> StakeFigures:
    mine, settled, stated, kind, moved, due, profit, status, listed = connection.execute(_STAKE, values).fetchone()
    risked = [Decimal(at_risk) for (at_risk,) in connection.execute(_AT_RISK, values)]
    payout = connection.execute(_PENDING, values).fetchone()[0]
    per_round = next((amount for amount in risked if amount > 0), ZERO) if risked else None
    pending_payout = decimal_of(payout)
    if not mine:
        stake = decimal_of(listed)
    elif rounds_at_once is not None:
        stake = None if per_round is None else per_round * rounds_at_once
    else:
        stake = settled_stake(decimal_of(settled), decimal_of(stated), pending_payout)
    if not stake and per_round and (not mine or system is System.UNDECIDED):
        stake = None  # the fields of a legacy stake can read 0 once a tournament has moved to Atomic staking
    change = None if kind is None or moved is None else signed_change(kind, Decimal(moved))
    return StakeFigures(
        stake=stake,
        at_risk=sum(risked, ZERO) if risked else None,
        rounds=sum(amount > 0 for amount in risked),
        per_round=per_round,
        pending_payout=pending_payout,
        pending=change,
        due=None if change is None else change_due(time_of(due), change, last),
        take_profit=None if profit is None else bool(profit),
        status=status,
    )


_STAKE = """SELECT m.mine, s.settled, s.stake, s.pending_type, s.pending_amount, s.pending_due, s.take_profit, s.status,
    (SELECT l.nmr_staked FROM leaderboard l
      WHERE l.tournament = m.tournament AND l.kind = 'model' AND l.name = m.name)
  FROM models m LEFT JOIN stakes s USING (model) WHERE m.model = :m"""
_AT_RISK = """SELECT p.at_risk FROM positions p JOIN rounds r ON r.tournament = :of AND r.round = p.round
  WHERE p.model = :m AND p.round >= :from AND NOT coalesce(r.resolved, 0) AND p.at_risk IS NOT NULL
  ORDER BY p.round DESC"""
_PENDING = """SELECT dsum(l.payout_pending) FROM latest l JOIN rounds r ON r.tournament = :of AND r.round = l.round
  WHERE l.model = :m AND l.round >= :from AND NOT coalesce(r.resolved, 0) AND l.payout_settled IS NULL"""


class OwnStake(NamedTuple):
    """A model of the account that is not archived, and the change of its stake under way as the API states it.

    `model` is the cache's number, `id` the API's; `drain`: a release of the whole stake.
    """

    model: int
    name: str
    id: str
    earliest_release: datetime | None
    pending_type: str | None
    pending_amount: Decimal | None
    pending_due: datetime | None
    drain: bool
    pending_id: str | None


def own_stakes(connection: sqlite3.Connection, tournament: Tournament) -> list[OwnStake]:
    """The account's models that are not archived and whose id is known, by name, with the changes under way."""
    sql = """SELECT m.model, m.name, m.id, s.earliest_release,
        s.pending_type, s.pending_amount, s.pending_due, s.pending_drain, s.pending_id
      FROM models m LEFT JOIN stakes s USING (model)
      WHERE m.tournament = ? AND m.mine AND NOT m.archived AND m.id IS NOT NULL ORDER BY m.name"""
    return [
        OwnStake(model, name, identity, time_of(earliest), kind, decimal_of(amount), time_of(due), bool(drain), key)
        for model, name, identity, earliest, kind, amount, due, drain, key in connection.execute(sql, (tournament,))
    ]


class Position(NamedTuple):
    """NMR at risk of a model (the cache's number) in a round."""

    model: int
    round: int
    at_risk: Decimal


def open_positions(connection: sqlite3.Connection, tournament: Tournament) -> list[Position]:
    """What the account's models have at risk in unresolved rounds, where it is known; the newest round first."""
    sql = """SELECT p.model, p.round, p.at_risk
      FROM positions p JOIN models m USING (model) JOIN rounds r ON r.tournament = m.tournament AND r.round = p.round
      WHERE m.tournament = ? AND m.mine AND NOT coalesce(r.resolved, 0) AND p.at_risk IS NOT NULL
      ORDER BY p.round DESC"""
    return [Position(model, number, Decimal(risk)) for model, number, risk in connection.execute(sql, (tournament,))]


class SettledPosition(NamedTuple):
    """A model's resolved round: when it opened and resolved, NMR at risk and paid out (a burn is negative)."""

    model: str
    round: int
    opened: datetime
    resolved: datetime
    at_risk: Decimal
    payout: Decimal


def settled_positions(connection: sqlite3.Connection, tournament: Tournament) -> list[SettledPosition]:
    """The settled rounds of the account's models with something at risk, by round and name."""
    sql = """SELECT m.name, p.round, r.open_time, r.resolve_time, p.at_risk, dsum(l.payout_settled)
      FROM positions p JOIN models m USING (model) JOIN rounds r ON r.tournament = m.tournament AND r.round = p.round
        JOIN latest l ON l.model = p.model AND l.round = p.round
      WHERE m.tournament = ? AND m.mine AND r.resolved AND r.open_time IS NOT NULL AND r.resolve_time IS NOT NULL
        AND l.payout_settled IS NOT NULL AND p.at_risk IS NOT NULL
      GROUP BY m.model, p.round ORDER BY p.round, m.name"""
    return [
        SettledPosition(name, number, start, end, risk, Decimal(payout))
        for name, number, opened, resolved, at_risk, payout in connection.execute(sql, (tournament,))
        if (start := time_of(opened)) and (end := time_of(resolved)) and (risk := decimal_of(at_risk))
    ]


def first_stakes(connection: sqlite3.Connection, tournament: Tournament) -> dict[str, Decimal]:
    """NMR at risk of each of the account's models, by name, in the first of its settled rounds in the cache."""
    sql = """SELECT m.name, p.at_risk, min(p.round) FROM positions p JOIN models m USING (model)
        JOIN rounds r ON r.tournament = m.tournament AND r.round = p.round
        JOIN latest l ON l.model = p.model AND l.round = p.round AND l.payout_settled IS NOT NULL
      WHERE m.tournament = ? AND m.mine AND r.resolved AND CAST(p.at_risk AS REAL) > 0 GROUP BY m.model"""
    return {name: Decimal(at_risk) for name, at_risk, _ in connection.execute(sql, (tournament,))}


class StakeTransaction(NamedTuple):
    """A recorded change, payout or burn of a stake: its `type` in the API's words, NMR as the API states them."""

    time: datetime
    type: str | None
    amount: Decimal


def stake_transactions(connection: sqlite3.Connection, tournament: Tournament, model_id: str) -> list[StakeTransaction]:
    """The recorded transactions of a model (the API's id) that were not cancelled, the newest first."""
    sql = """SELECT time, type, amount FROM transactions
      WHERE source = 'stake' AND tournament = ? AND model_id = ? AND time IS NOT NULL AND amount IS NOT NULL
        AND coalesce(note, '') <> 'cancelled' ORDER BY time DESC, key DESC"""
    return [
        StakeTransaction(moment, kind, Decimal(amount))
        for time, kind, amount in connection.execute(sql, (tournament, model_id))
        if (moment := time_of(time)) is not None
    ]


class Diversity(NamedTuple):
    """Signals: churn and turnover of the week before against their limits; at a limit at-risk becomes 0."""

    churn: float | None
    churn_limit: float | None
    turnover: float | None
    turnover_limit: float | None

    @property
    def over(self) -> bool:
        """Whether one has reached its limit."""
        return _reached(self.churn, self.churn_limit) or _reached(self.turnover, self.turnover_limit)


def diversity(connection: sqlite3.Connection, model: int) -> Diversity | None:
    """Churn and turnover of the newest round of a model that states them; None where none does."""
    sql = """SELECT churn, churn_limit, turnover, turnover_limit FROM positions
      WHERE model = ? AND (churn IS NOT NULL OR turnover IS NOT NULL) ORDER BY round DESC LIMIT 1"""
    row = connection.execute(sql, (model,)).fetchone()
    return None if row is None else Diversity(*row)


def _reached(value: float | None, limit: float | None) -> bool:
    return value is not None and limit is not None and value >= limit
