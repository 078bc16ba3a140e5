"""Writing what models scored: every day, the newest of each, positions in rounds, multipliers and scoring days.

This is where a first sync spends its writes: 1.6 million rows in some seconds.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import chain
from typing import NamedTuple

from numtui.model import Tournament
from numtui.store.database import placeholders, transaction
from numtui.store.queries.scores.scoring_days import shared_date
from numtui.store.writes.finals import Finals, Key
from numtui.store.writes.score_paths import PathWriter, ScoreDays, spans_of
from numtui.store.writes.upsert import mark_changed, put_many, upsert

SCORE_TABLES = ("score_paths", "odd_days", "latest", "multipliers")


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


def put_scores(
    connection: sqlite3.Connection,
    days: Iterable[ScoreDays],
    latest: Iterable[LatestRow] = (),
    *,
    paths_from: int | None = 0,
) -> int:
    """Scores of every day, and the row that counts of each round and score (finals.py) with its payouts; returns how
    many paths and rows changed.

    What `latest` does not state follows from `days`, so that the two tables never disagree. Fastest when the rounds
    come in their order: then SQLite only appends. `paths_from`: the round from which on every day is here, so that the
    newest goes into the path too; before it (None: everywhere) a path of one day would be no path.
    """
    stated = sorted(latest, key=_in_order)
    paths = [item.ordered() for item in days]
    counting: dict[Key, LatestRow] = {}
    with transaction(connection):
        on_path = [row for row in stated if paths_from is not None and row.round >= paths_from]
        if not paths and not on_path and _put_first(connection, stated):
            return len(stated)
        finals = Finals(connection, spans_of(chain((item[:3] for item in paths), (row[:3] for row in stated))))
        writer = PathWriter(connection, spans_of(chain((item[:3] for item in paths), (row[:3] for row in on_path))))
        for item in paths:
            if stated or not finals.is_here(
                item[:3], item.days[-1], item.resolved, (item.values[-1], item.percentiles[-1])
            ):
                _choose_day(finals, counting, item, writer.newest(item[:3]))
            writer.put(item)
        of_days = dict(counting)
        for row in stated:
            key = row[:3]
            if finals.is_first(key, row.day, row.resolved, settled=row.payout_settled is not None):
                counting[key] = row
                continue
            if key in of_days and _is_same_day(row, counting[key]):
                finals.count(key, row.day, row.resolved, settled=row.payout_settled is not None)
                counting[key] = row
                continue
            _choose_stated(finals, counting, row, key in of_days, writer.newest(key))
        for row in on_path:
            key = row[:3]
            if key in of_days and _is_same_day(row, of_days[key]) and row.resolved in {None, of_days[key].resolved}:
                continue
            if row.day is not None:
                writer.put_day(key, row.day, row.value, row.percentile, row.resolved)
            elif row.resolved and key not in of_days:
                writer.resolve(key)
        _keep_dates(connection, writer, finals, counting, on_path)
        changed = mark_changed(connection, "score_paths", writer.write())
        before = connection.total_changes
        put_many(connection, _PUT_LATEST, counting.values())
        finals.say_later()
        return changed + mark_changed(connection, "latest", connection.total_changes - before)


def _put_first(connection: sqlite3.Connection, stated: Sequence[LatestRow]) -> bool:
    """Writes rows of models of which no score is here, if each of them counts as it is: a row a score, none after its
    last scoring day. Whether it did."""
    models = {row.model for row in stated}
    if any(connection.execute(_HAS_SCORES, (model,)).fetchone()[0] for model in models):
        return False
    if len({row[:3] for row in stated}) < len(stated):
        return False
    connection.execute("SAVEPOINT first")
    put_many(connection, _INSERT_LATEST, stated)
    late = any(connection.execute(_ANY_LATE, (model,)).fetchone()[0] for model in models)
    if late:
        connection.execute("ROLLBACK TO first")
    connection.execute("RELEASE first")
    if not late:
        mark_changed(connection, "latest", len(stated))
    return not late


def _is_same_day(row: LatestRow, other: LatestRow) -> bool:
    """Whether both say the same of the same day."""
    return row.day is not None and row[3:6] == other[3:6]


def _in_order(row: LatestRow) -> tuple[int, int, int]:
    return row.model, row.round, row.day or 0


def _choose_day(finals: Finals, counting: dict[Key, LatestRow], item: ScoreDays, written: int | None) -> None:
    """Takes the day of a path that counts, if it takes the place of what counted so far."""
    key, last = item[:3], item.days[-1]
    resolved = None if item.resolved is None else bool(item.resolved)
    if finals.is_first(key, last, None, settled=False):
        counting[key] = LatestRow(*key, last, item.values[-1], item.percentiles[-1], resolved)
        return
    if finals.is_later(key, last):
        finals.note_later(key, written)
    day = finals.newest(key, item.days)
    if finals.counts(key, day, None):
        finals.count(key, day, None, settled=False)
        place = -1 if day == item.days[-1] else item.days.index(day)
        counting[key] = LatestRow(*key, day, item.values[place], item.percentiles[place], resolved)
    else:
        counting.setdefault(key, LatestRow(*key, resolved=resolved))


def _choose_stated(
    finals: Finals, counting: dict[Key, LatestRow], row: LatestRow, of_days: bool, written: int | None
) -> None:
    """Takes a stated row; one of another day than what counts brings its payouts, and a later one only those missing.

    The payouts stand on the round's score and not on a day.
    """
    key = row[:3]
    known = finals.held(key)
    later = row.day is not None and finals.is_later(key, row.day)
    if later:
        finals.note_later(key, written)
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


def _keep_dates(
    connection: sqlite3.Connection,
    writer: PathWriter,
    finals: Finals,
    counting: dict[Key, LatestRow],
    stated: Iterable[LatestRow],
) -> None:
    """Keeps the dates of days that `latest` does not hold, or no longer, where they are not those of all models."""
    dates = [
        (key, *finals.dated[key])
        for key, row in counting.items()
        if key in finals.dated and row.day is not None and writer.newest(key) is not None
    ]
    dates += [(row[:3], row.day, row.date) for row in stated if row.day is not None and row.date is not None]
    shared: dict[tuple[int, int, int], str | None] = {}
    for key, day, date in dates:
        if day == counting[key].day:
            writer.put_own_date(key, day, None)
            continue
        place = (key[0], key[1], day)
        if place not in shared:
            shared[place] = shared_date(connection, *place)
        writer.put_own_date(key, day, None if date == shared[place] else date)


_HAS_SCORES = "SELECT EXISTS (SELECT 1 FROM latest WHERE model = ?)"
_ANY_LATE = """SELECT EXISTS (SELECT 1 FROM models m JOIN latest l USING (model)
  JOIN score_configs c ON c.tournament = m.tournament AND c.round = l.round AND c.score = l.score
  WHERE m.model = ? AND l.day > c.total_score_days AND c.total_score_days > 0)"""
_INSERT_LATEST = f"INSERT INTO latest ({', '.join(LatestRow._fields)}) VALUES {{rows}}"

# Which day counts is settled before; a row without its day brings what it states of the known one, and a later day's
# date is not the former's. The payouts sum to
# the round's: where the settled part is stated, no pending one means none, not that it is unknown.
_PUT_LATEST = """
INSERT INTO latest (model, round, score, day, value, percentile, resolved, date, payout_pending, payout_settled)
VALUES {rows}
ON CONFLICT (model, round, score) DO UPDATE SET
  day = coalesce(excluded.day, day), value = coalesce(excluded.value, value),
  percentile = coalesce(excluded.percentile, percentile),
  date = coalesce(excluded.date, iif(coalesce(excluded.day, day) IS day, date, NULL)),
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
