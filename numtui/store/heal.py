"""Migration 004: rows that former versions wrote from broken answers are removed, and fetched again."""

from __future__ import annotations

import sqlite3

SCORE_TABLES = ("scores", "latest", "multipliers")

# Columns of times, and those that hold the text of a date; all but the cache's own clock (polls, snapshots, notes).
TIMES = {
    "rounds": ("open_time", "close_time", "close_staking_time", "score_time", "resolve_time"),
    "score_configs": ("scoring_start", "scoring_end"),
    "models": ("start_time",),
    "stakes": ("pending_due", "earliest_release"),
    "transactions": ("time", "due"),
    "payouts": ("resolve_date",),
    "submissions": ("time",),
    "prices": ("time",),
    "pipeline": ("started", "data_ready", "scored", "resolved", "ingested"),
    "latest": ("date",),
    "scores": ("date",),
}
_DAY_WRONG = "day IS NOT NULL AND day NOT BETWEEN 1 AND 250"
_VERSIONLESS = """score IN (SELECT score FROM score_names WHERE version = '') AND EXISTS (
  SELECT 1 FROM {table} other JOIN score_names named ON named.score = other.score AND named.version <> ''
  WHERE other.model = {table}.model AND other.round = {table}.round
    AND named.name = (SELECT name FROM score_names WHERE score = {table}.score))"""
_LOST_PAYOUT = """SELECT p.model FROM positions p WHERE p.resolved = 1 AND CAST(p.at_risk AS REAL) > 0
  AND coalesce(CAST(p.payout_factor AS REAL), 1) > 0
  AND NOT EXISTS (SELECT 1 FROM latest l WHERE l.model = p.model AND l.round = p.round AND l.payout_settled IS NOT NULL)
  AND EXISTS (SELECT 1 FROM latest l WHERE l.model = p.model AND l.round < p.round AND l.payout_settled IS NOT NULL)"""


def heal_old(connection: sqlite3.Connection) -> None:
    """Takes out of an old cache what is refused by now; the models and parts concerned are fetched again."""
    for table, columns in TIMES.items():
        for column in columns:
            connection.execute(
                f"UPDATE {table} SET {column} = NULL WHERE {column} IS NOT NULL "
                f"AND NOT ({column} GLOB '201[5-9]-*' OR {column} GLOB '20[2-9][0-9]-*')"
            )
    connection.execute("DELETE FROM score_dates WHERE NOT (date GLOB '201[5-9]-*' OR date GLOB '20[2-9][0-9]-*')")
    wrong = {"scores": f"{_DAY_WRONG} OR abs(value) > 1e6", "latest": f"{_DAY_WRONG} OR abs(value) > 1e6"}
    broken = {model for (model,) in connection.execute(_LOST_PAYOUT)}
    for table in SCORE_TABLES:
        conditions = [_VERSIONLESS.format(table=table), *([wrong[table]] if table in wrong else [])]
        for condition in conditions:
            broken |= {model for (model,) in connection.execute(f"SELECT model FROM {table} WHERE {condition}")}
            connection.execute(f"DELETE FROM {table} WHERE {condition}")
    connection.execute("UPDATE score_configs SET clip_threshold = NULL WHERE CAST(clip_threshold AS REAL) < 0")
    connection.execute(
        "DELETE FROM transactions WHERE source <> 'scheduled' AND (key GLOB '* #[0-9]*' OR time IS NULL)"
    )
    connection.executemany("UPDATE models SET synced_time = NULL WHERE model = ?", [(model,) for model in broken])
    connection.execute(
        "DELETE FROM meta WHERE key = 'account time' OR key GLOB 'seen * rounds' OR key GLOB 'seen * account'"
    )
