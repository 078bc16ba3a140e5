"""What drift forecasts read of models and rounds, and the state of the cache that they were computed from."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from numtui.model import Tournament
from numtui.store.database import placeholders
from numtui.store.queries.meta import table_versions

STATE_TABLES = ("rounds", "score_configs", "models", "score_paths", "latest", "score_dates", "positions", "multipliers")


class DriftModel(NamedTuple):
    """A model with scores or positions: its name, the cache's number, and whether it is an own or a watched one."""

    name: str
    model: int
    mine: bool
    watched: bool


class DriftRound(NamedTuple):
    """A round to follow: times as texts, None where unknown."""

    round: int
    target: str | None
    close_time: str | None
    resolve_time: str | None
    resolved: bool


def cache_state(connection: sqlite3.Connection) -> tuple[str, tuple[tuple[str, int], ...]]:
    """The file of the cache ("" in memory), and the versions of the tables that drift forecasts read."""
    path = connection.execute("PRAGMA database_list").fetchone()[2]
    versions = table_versions(connection)
    return path, tuple((name, versions.get(name, 0)) for name in STATE_TABLES)


def drift_models(connection: sqlite3.Connection, tournament: Tournament, limit: int) -> list[DriftModel]:
    """At most `limit` models with scores or positions, by name: own ones go first, then watched ones, then any."""
    sql = """SELECT name, model, mine = 1 AND archived = 0, watched = 1 FROM models m WHERE tournament = ?
      AND (EXISTS (SELECT 1 FROM latest l WHERE l.model = m.model)
        OR EXISTS (SELECT 1 FROM positions p WHERE p.model = m.model))
      ORDER BY (mine = 1 AND archived = 0) DESC, watched DESC, name LIMIT ?"""
    rows = connection.execute(sql, (tournament, limit)).fetchall()
    return sorted(DriftModel(name, model, bool(mine), bool(watched)) for name, model, mine, watched in rows)


def drift_rounds(connection: sqlite3.Connection, tournament: Tournament, limit: int) -> list[DriftRound]:
    """The newest `limit` of the unresolved rounds and those that resolved while the oldest was open; ascending."""
    sql = """SELECT round, target, close_time, resolve_time, coalesce(resolved, 0) FROM rounds WHERE tournament = ?
      AND (coalesce(resolved, 0) = 0 OR resolve_time >= (SELECT min(coalesce(score_time, close_time)) FROM rounds
        WHERE tournament = ? AND coalesce(resolved, 0) = 0)) ORDER BY round DESC LIMIT ?"""
    rows = connection.execute(sql, (tournament, tournament, limit)).fetchall()[::-1]
    return [
        DriftRound(number, target, close_time, resolve_time, bool(resolved))
        for number, target, close_time, resolve_time, resolved in rows
    ]


def resolved_rounds_with(
    connection: sqlite3.Connection, tournament: Tournament, scores: Sequence[int], days: int, limit: int
) -> list[int]:
    """The newest resolved rounds that had all these scores over as many days, paid or not; the newest first."""
    marks = placeholders(scores)
    sql = f"""SELECT c.round FROM score_configs c JOIN rounds r USING (tournament, round)
      WHERE tournament = ? AND r.resolved = 1 AND c.score IN ({marks}) AND c.total_score_days = ?
      GROUP BY c.round HAVING count(*) = ? ORDER BY c.round DESC LIMIT ?"""
    values = (tournament, *scores, days, len(scores), limit)
    return [number for (number,) in connection.execute(sql, values)]


def stakes_at_risk(connection: sqlite3.Connection, model: int, first: int) -> dict[int, Decimal]:
    """NMR at risk of a model by round, from round `first` on, where it is known."""
    sql = "SELECT round, at_risk FROM positions WHERE model = ? AND at_risk IS NOT NULL AND round >= ?"
    return {number: Decimal(at_risk) for number, at_risk in connection.execute(sql, (model, first))}
