"""Writing what models scored: every day, the newest of each, positions in rounds, multipliers and scoring days.

This is where a first sync spends its writes: 1.6 million rows in some seconds.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import cache
from itertools import chain
from typing import NamedTuple

from numtui.model import Tournament
from numtui.store.database import placeholders, transaction
from numtui.store.writes.finals import Finals, Key
from numtui.store.writes.upsert import mark_changed, put_many, upsert

SCORE_TABLES = ("scores", "latest", "multipliers")
ScoreDay = tuple[int, float | None, float | None]  # (day, value, percentile)


class ScoreDays(NamedTuple):
    """Days of one score of a model's round, one at least, in any order. `resolved` is 0, 1 or, for unknown, None."""

    model: int
    round: int
    score: int
    resolved: int | None
    days: Sequence[ScoreDay]


class LatestRow(NamedTuple):
    """The newest official score of a model's round; `date` is the day's text, `day` may be unknown."""

    model: int
    round: int
    score: int
    day: int | None = None
    value: float | None = None
    percentile: float | None = None
    resolved: bool | None = None
    date: str | None = None
    payout_pending: Decimal | None = None
    payout_settled: Decimal | None = None


class MultiplierRow(NamedTuple):
    """A model's own payout multiplier of a score (the cache's number) in a round."""

    round: int
    score: int
    multiplier: Decimal


class ScoreDateRow(NamedTuple):
    """The date of a round's scoring day as its text, the same for all models."""

    round: int
    day: int
    date: str


class PositionRow(NamedTuple):
    """A model in a round; None is unknown. `payout_factor` is the one on the model's own row."""

    round: int
    at_risk: Decimal | None = None
    submission_id: str | None = None
    payout_factor: Decimal | None = None
    resolved: bool | None = None
    churn: float | None = None
    churn_limit: float | None = None
    turnover: float | None = None
    turnover_limit: float | None = None


def put_scores(connection: sqlite3.Connection, days: Iterable[ScoreDays], latest: Iterable[LatestRow] = ()) -> int:
    """Scores of every day, and the row that counts of each round and score (finals.py) with its payouts; returns how
    many rows changed.

    What `latest` does not state follows from `days`, so that the two tables never disagree. Fastest when the rounds
    come in their order: then SQLite only appends.
    """
    stated = sorted(latest, key=_in_order)
    counting: dict[Key, LatestRow] = {}
    finals = Finals(connection)
    with transaction(connection):
        before = connection.total_changes
        for path in days:
            _choose_day(finals, counting, path)
            _put_days(connection, path)
        of_days = set(counting)
        for row in stated:
            _choose_stated(finals, counting, row, row[:3] in of_days)
        put_many(connection, _PUT_LATEST_DAY, [row[:8] for row in stated if row.day is not None])
        connection.executemany(_RESOLVE_DAYS, [row[:3] for row in stated if row.resolved and row[:3] not in of_days])
        changed = mark_changed(connection, "scores", connection.total_changes - before)
        before = connection.total_changes
        put_many(connection, _PUT_LATEST, counting.values())
        finals.say_later()
        return changed + mark_changed(connection, "latest", connection.total_changes - before)


def _in_order(row: LatestRow) -> tuple[int, int, int]:
    return row.model, row.round, row.day or 0


DAYS_TOGETHER = 300  # in one statement; more than any score has


def _put_days(connection: sqlite3.Connection, path: ScoreDays) -> None:
    """All days in one statement, what they share bound once: half the time of a statement a day."""
    for start in range(0, len(path.days), DAYS_TOGETHER):
        days = path.days[start : start + DAYS_TOGETHER]
        connection.execute(_put_days_sql(len(days)), [*path[:4], *chain.from_iterable(days)])


@cache
def _put_days_sql(count: int) -> str:
    rows = (f"(?1, ?2, ?3, ?{place}, ?{place + 1}, ?{place + 2}, ?4)" for place in range(5, 5 + 3 * count, 3))
    return _PUT_DAY.format(rows=", ".join(rows))


def _choose_day(finals: Finals, counting: dict[Key, LatestRow], path: ScoreDays) -> None:
    """Takes the day of a path that counts, if it takes the place of what counted so far."""
    key = path[:3]
    rows = {row[0]: row for row in path.days}
    if finals.is_later(key, max(rows)):
        finals.note_later(key)
    day = finals.newest(key, rows)
    resolved = None if path.resolved is None else bool(path.resolved)
    if finals.counts(key, day, None):
        finals.count(key, day, None, settled=False)
        counting[key] = LatestRow(*key, *rows[day], resolved)
    else:
        counting.setdefault(key, LatestRow(*key, resolved=resolved))


def _choose_stated(finals: Finals, counting: dict[Key, LatestRow], row: LatestRow, of_days: bool) -> None:
    """Takes a stated row; one of another day than what counts brings its payouts, and a later one only those missing.

    The payouts stand on the round's score and not on a day.
    """
    key = row[:3]
    known = finals.held(key)
    later = row.day is not None and finals.is_later(key, row.day)
    if later:
        finals.note_later(key)
    if finals.counts(key, row.day, row.resolved) and not (row.day is None and of_days):
        counting[key] = row
        finals.count(key, row.day, row.resolved, settled=row.payout_settled is not None)
        return
    kept = counting.get(key, LatestRow(*key))
    if row.resolved is not None:
        kept = kept._replace(resolved=row.resolved)
    if not (later and known is not None and known.settled):
        kept = kept._replace(payout_pending=row.payout_pending, payout_settled=row.payout_settled)
        finals.count(key, None, None, settled=row.payout_settled is not None)
    counting[key] = kept


_PUT_DAY = """
INSERT INTO scores (model, round, score, day, value, percentile, resolved) VALUES {rows}
ON CONFLICT (model, round, score, day) DO UPDATE SET
  value = coalesce(excluded.value, value), percentile = coalesce(excluded.percentile, percentile),
  resolved = coalesce(excluded.resolved, resolved)
WHERE (value IS NOT excluded.value AND excluded.value IS NOT NULL)
  OR (percentile IS NOT excluded.percentile AND excluded.percentile IS NOT NULL)
  OR (resolved IS NOT excluded.resolved AND excluded.resolved IS NOT NULL)
"""

_PUT_LATEST_DAY = """
INSERT INTO scores (model, round, score, day, value, percentile, resolved, date) VALUES {rows}
ON CONFLICT (model, round, score, day) DO UPDATE SET
  value = coalesce(excluded.value, value), percentile = coalesce(excluded.percentile, percentile),
  resolved = coalesce(excluded.resolved, resolved), date = coalesce(excluded.date, date)
WHERE (value IS NOT excluded.value AND excluded.value IS NOT NULL)
  OR (percentile IS NOT excluded.percentile AND excluded.percentile IS NOT NULL)
  OR (resolved IS NOT excluded.resolved AND excluded.resolved IS NOT NULL)
  OR (date IS NOT excluded.date AND excluded.date IS NOT NULL)
"""

# The days before the last of a round that has just resolved.
_RESOLVE_DAYS = "UPDATE scores SET resolved = 1 WHERE model = ? AND round = ? AND score = ? AND resolved IS NOT 1"

# Which day counts is settled before; a row without its day brings what it states of the known one. The payouts sum to
# the round's: where the settled part is stated, no pending one means none, not that it is unknown.
_PUT_LATEST = """
INSERT INTO latest (model, round, score, day, value, percentile, resolved, date, payout_pending, payout_settled)
VALUES {rows}
ON CONFLICT (model, round, score) DO UPDATE SET
  day = coalesce(excluded.day, day), value = coalesce(excluded.value, value),
  percentile = coalesce(excluded.percentile, percentile), date = coalesce(excluded.date, date),
  resolved = coalesce(excluded.resolved, resolved),
  payout_pending = iif(excluded.payout_settled IS NULL, coalesce(excluded.payout_pending, payout_pending),
                       excluded.payout_pending),
  payout_settled = coalesce(excluded.payout_settled, payout_settled)
WHERE (day IS NOT excluded.day AND excluded.day IS NOT NULL)
  OR (value IS NOT excluded.value AND excluded.value IS NOT NULL)
  OR (percentile IS NOT excluded.percentile AND excluded.percentile IS NOT NULL)
  OR (date IS NOT excluded.date AND excluded.date IS NOT NULL)
  OR (resolved IS NOT excluded.resolved AND excluded.resolved IS NOT NULL)
  OR (payout_pending IS NOT excluded.payout_pending
      AND (excluded.payout_pending IS NOT NULL OR excluded.payout_settled IS NOT NULL))
  OR (payout_settled IS NOT excluded.payout_settled AND excluded.payout_settled IS NOT NULL)
"""


def put_positions(connection: sqlite3.Connection, model: int, rows: Iterable[PositionRow]) -> int:
    """The model in its rounds; returns how many rows changed."""
    columns = ("model", *PositionRow._fields)
    with transaction(connection):
        return upsert(connection, "positions", columns, ("model", "round"), ((model, *row) for row in rows))


def put_multipliers(connection: sqlite3.Connection, model: int, rows: Iterable[MultiplierRow]) -> int:
    """The model's own payout multipliers in its rounds; returns how many rows changed."""
    columns, keys = ("model", *MultiplierRow._fields), ("model", "round", "score")
    with transaction(connection):
        return upsert(connection, "multipliers", columns, keys, ((model, *row) for row in rows))


def put_score_dates(connection: sqlite3.Connection, tournament: Tournament, rows: Iterable[ScoreDateRow]) -> int:
    """The dates of scoring days; returns how many rows changed."""
    columns, keys = ("tournament", *ScoreDateRow._fields), ("tournament", "round", "day")
    with transaction(connection):
        return upsert(connection, "score_dates", columns, keys, ((int(tournament), *row) for row in rows))


def forget_versionless(connection: sqlite3.Connection, model: int, stated: Iterable[int]) -> int:
    """Takes out the model's rows of scores without a version that stand beside the same score with one.

    `stated`: numbers of the scores that the model's newest answer names. Returns how many rows went.
    """
    named = list(stated)
    places = placeholders(named)
    pairs = connection.execute(
        f"""SELECT nameless.score, named.score FROM score_names named JOIN score_names nameless
          ON nameless.name = named.name AND nameless.version = '' AND named.version <> ''
          WHERE named.score IN ({places})""",
        named,
    ).fetchall()
    gone = 0
    with transaction(connection):
        for versionless, with_version in pairs:
            for table in SCORE_TABLES:
                result = connection.execute(
                    f"""DELETE FROM {table} WHERE model = ?1 AND score = ?2 AND round IN (
                      SELECT round FROM {table} WHERE model = ?1 AND score = ?3)""",
                    (model, versionless, with_version),
                )
                gone += mark_changed(connection, table, result.rowcount)
    return gone
