"""What models have staked, at risk and under way: the figures that every table, screen and command shows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from numtui.analysis.stakes import change_due, settled_stake, signed_change
from numtui.calendar import ROUNDS_AT_ONCE
from numtui.model import Tournament, time_of, time_text
from numtui.money import ZERO, decimal_of
from numtui.staking_system import System


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


def newest_resolve(connection: sqlite3.Connection, tournament: Tournament, now: datetime) -> datetime | None:
    """When the newest unresolved round that has opened resolves: a release asked for now leaves then."""
    sql = """SELECT max(resolve_time) FROM rounds
      WHERE tournament = ? AND NOT coalesce(resolved, 0) AND (open_time IS NULL OR open_time <= ?)"""
    return time_of(connection.execute(sql, (tournament, time_text(now))).fetchone()[0])


def stake_figures(
    connection: sqlite3.Connection, tournament: Tournament, system: System, models: Iterable[int], now: datetime
) -> dict[int, StakeFigures]:
    """The figures by model number, under the staking system that is in force."""
    last = newest_resolve(connection, tournament, now)
    oldest = connection.execute(_OLDEST, (tournament,)).fetchone()[0]
    return {
        model: _figures(connection, {"of": tournament, "m": model, "from": oldest}, system, last) for model in models
    }


def _figures(
    connection: sqlite3.Connection, values: dict[str, int], system: System, last: datetime | None
) -> StakeFigures:
    mine, settled, stated, kind, moved, due, profit, status, listed = connection.execute(_STAKE, values).fetchone()
    risked = [Decimal(at_risk) for (at_risk,) in connection.execute(_AT_RISK, values)]
    payout = connection.execute(_PENDING, values).fetchone()[0]
    per_round = next((amount for amount in risked if amount > 0), ZERO) if risked else None
    pending_payout = decimal_of(payout)
    if not mine:
        stake = decimal_of(listed)
    elif system is System.ATOMIC:
        stake = None if per_round is None else per_round * ROUNDS_AT_ONCE[Tournament(values["of"])]
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


_OLDEST = "SELECT min(round) FROM rounds WHERE tournament = ? AND NOT coalesce(resolved, 0)"
_STAKE = """SELECT m.mine, s.settled, s.stake, s.pending_type, s.pending_amount, s.pending_due, s.take_profit, s.status,
    (SELECT l.nmr_staked FROM leaderboard l
      WHERE l.tournament = m.tournament AND l.kind = 'model' AND l.name = m.name)
  FROM models m LEFT JOIN stakes s USING (model) WHERE m.model = :m"""
_AT_RISK = """SELECT p.at_risk FROM positions p JOIN rounds r ON r.tournament = :of AND r.round = p.round
  WHERE p.model = :m AND p.round >= :from AND NOT coalesce(r.resolved, 0) AND p.at_risk IS NOT NULL
  ORDER BY p.round DESC"""
_PENDING = """SELECT dsum(l.payout_pending) FROM latest l JOIN rounds r ON r.tournament = :of AND r.round = l.round
  WHERE l.model = :m AND l.round >= :from AND NOT coalesce(r.resolved, 0) AND l.payout_settled IS NULL"""
