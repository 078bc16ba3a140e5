"""A snapshot from the cache: what the poller last saw of the account. Reads only."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from decimal import Decimal

from numtui.analysis.regimes import round_payout
from numtui.model import Tournament, time_of, time_text
from numtui.money import ZERO, decimal_of
from numtui.stake.errors import PlanError
from numtui.stake.snapshot import ModelState, OpenRound, Pending, Snapshot
from numtui.staking_system import System, system_in_force
from numtui.store.queries.stakes import newest_resolve, stake_figures
from numtui.store.queries.terms import newest_stated, round_payouts


def open_round(connection: sqlite3.Connection, tournament: Tournament, now: datetime) -> OpenRound | None:
    """The newest round that takes stakes at `now`."""
    sql = """SELECT round, open_time, coalesce(close_staking_time, close_time) FROM rounds
      WHERE tournament = ? ORDER BY round DESC LIMIT 10"""
    for number, opens, closes in connection.execute(sql, (tournament,)):
        opened, closed = time_of(opens), time_of(closes)
        if opened is not None and opened <= now and (closed is None or now < closed):
            return OpenRound(number, closed)
    return None


def exposures(connection: sqlite3.Connection, tournament: Tournament) -> dict[int, list[tuple[int, Decimal, Decimal]]]:
    """By model key: (round, at risk, clip) of its unresolved rounds, the newest first.

    A round without a known clip counts in full.
    """
    payouts = round_payouts(connection, tournament)
    sql = """SELECT p.model, p.round, p.at_risk
      FROM positions p JOIN models m USING (model) JOIN rounds r ON r.tournament = m.tournament AND r.round = p.round
      WHERE m.tournament = ? AND m.mine AND NOT coalesce(r.resolved, 0) AND p.at_risk IS NOT NULL
      ORDER BY p.round DESC"""
    found: dict[int, list[tuple[int, Decimal, Decimal]]] = {}
    for model, number, at_risk in connection.execute(sql, (tournament,)):
        clip = payouts[number].clip
        found.setdefault(model, []).append((number, Decimal(at_risk), Decimal(1) if clip is None else clip))
    return found


def pending_of(
    kind: str | None, amount: str | None, due: str | None, drain: int | None, key: str | None
) -> Pending | None:
    """The pending change of a row of `stakes`; None where there is none."""
    if kind is None or amount is None:
        return None
    return Pending(kind.lower(), abs(Decimal(amount)), time_of(due), bool(drain), key)


def cached_models(
    connection: sqlite3.Connection, tournament: Tournament, system: System, now: datetime
) -> tuple[ModelState, ...]:
    """The account's models that are not archived, by name, with their stakes and what is at risk.

    A stake that is not known counts as none here: nothing can be released of it.
    """
    risks = exposures(connection, tournament)
    sql = """SELECT m.model, m.name, m.id, s.earliest_release,
        s.pending_type, s.pending_amount, s.pending_due, s.pending_drain, s.pending_id
      FROM models m LEFT JOIN stakes s USING (model)
      WHERE m.tournament = ? AND m.mine AND NOT m.archived AND m.id IS NOT NULL ORDER BY m.name"""
    rows = connection.execute(sql, (tournament,)).fetchall()
    figures = stake_figures(connection, tournament, system, [row[0] for row in rows], now)
    return tuple(
        ModelState(
            name=name,
            id=identity,
            stake=figures[key].stake or ZERO,
            pending=pending_of(*pending),
            earliest_release=time_of(earliest),
            at_risk=figures[key].at_risk,
            worst_case=sum((risked * clip for _, risked, clip in risks[key]), ZERO) if key in risks else None,
            per_round=figures[key].per_round,
        )
        for key, name, identity, earliest, *pending in rows
    )


def cached_snapshot(connection: sqlite3.Connection, tournament: Tournament, now: datetime) -> Snapshot:
    """The account's tournament as the cache has it. PlanError where no account was read yet."""
    wallet = connection.execute("SELECT username, available_nmr, on_chain FROM wallet").fetchone()
    if wallet is None:
        raise PlanError("the cache has no account yet: set the API keys and run `numtui poll --once`")
    sql = """SELECT count(*), max(round) FROM rounds
      WHERE tournament = ? AND NOT coalesce(resolved, 0) AND (open_time IS NULL OR open_time <= ?)"""
    count, newest = connection.execute(sql, (tournament, time_text(now))).fetchone()
    stated = newest_stated(connection, tournament)
    system = system_in_force([stated] if stated else [])
    return Snapshot(
        account=wallet[0],
        tournament=tournament,
        system=system,
        models=cached_models(connection, tournament, system, now),
        available=decimal_of(wallet[1]),
        taken_at=now.replace(microsecond=0),
        wallet=decimal_of(wallet[2]),
        open_round=open_round(connection, tournament, now),
        newest_round=newest,
        last_resolve=newest_resolve(connection, tournament, now),
        unresolved=count,
        clip=round_payout(tournament, stated).clip if stated else None,
    )
