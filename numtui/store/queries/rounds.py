"""Rounds: which one is open, which are unresolved, and what their score configurations say."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from numtui.model import Tournament, time_of, time_text
from numtui.money import decimal_of
from numtui.store.queries.selection import Rounds

NEWEST_RESOLVED = 300  # resolved rounds whose days are fetched unasked: what forecasts learn from


class RoundTimes(NamedTuple):
    """A round and its times, None where unknown.

    `closes` is the end of submissions and `staking_closes` that of stakes; where the API states one of them only, it
    stands for both.
    """

    round: int
    opens: datetime | None
    closes: datetime | None
    staking_closes: datetime | None
    resolves: datetime | None
    resolved: bool

    def takes_stakes(self, now: datetime) -> bool:
        """Whether it is known to have opened and its stakes have not closed at `now`."""
        return (
            self.opens is not None and self.opens <= now and (self.staking_closes is None or now < self.staking_closes)
        )


class RoundNumber(NamedTuple):
    """A round of a tournament."""

    tournament: Tournament
    round: int


class ListedRound(NamedTuple):
    """A round as the API states it; None where it does not."""

    round: int
    target: str | None
    open_time: datetime | None
    close_time: datetime | None
    close_staking_time: datetime | None
    resolve_time: datetime | None
    resolved: bool
    payout_factor: Decimal | None


def open_round(connection: sqlite3.Connection, tournament: Tournament, now: datetime) -> RoundTimes | None:
    """The newest round that has opened, whether it still takes submissions and stakes or has just closed.

    Whether it still takes stakes says `RoundTimes.takes_stakes`. None: no round is known.
    """
    sql = f"SELECT {_TIMES} FROM rounds WHERE tournament = ? AND {_OPENED} ORDER BY round DESC LIMIT 1"
    row = connection.execute(sql, (int(tournament), time_text(now))).fetchone()
    return None if row is None else _times(row)


def next_opening(connection: sqlite3.Connection, tournament: Tournament, now: datetime) -> datetime | None:
    """When the next round opens, as far as one is known that has not opened yet."""
    sql = "SELECT min(open_time) FROM rounds WHERE tournament = ? AND open_time > ?"
    return time_of(connection.execute(sql, (int(tournament), time_text(now))).fetchone()[0])


def newest_round(connection: sqlite3.Connection, tournament: Tournament) -> int | None:
    """The number of the newest round, which may not have opened yet; None when none is known."""
    sql = "SELECT max(round) FROM rounds WHERE tournament = ?"
    return _number(connection.execute(sql, (int(tournament),)).fetchone())


def newest_resolved(connection: sqlite3.Connection, tournament: Tournament) -> int | None:
    """The number of the newest resolved round; None when none is known."""
    sql = "SELECT max(round) FROM rounds WHERE tournament = ? AND resolved = 1"
    return _number(connection.execute(sql, (int(tournament),)).fetchone())


def unresolved_rounds(connection: sqlite3.Connection, tournament: Tournament) -> list[RoundTimes]:
    """The rounds that have not resolved, the newest first; one that has not opened yet is among them."""
    sql = f"SELECT {_TIMES} FROM rounds WHERE tournament = ? AND NOT coalesce(resolved, 0) ORDER BY round DESC"
    return [_times(row) for row in connection.execute(sql, (int(tournament),))]


def rounds_under_way(connection: sqlite3.Connection, tournament: Tournament, now: datetime) -> list[RoundTimes]:
    """The unresolved rounds that have opened, the newest first."""
    return [
        times
        for times in unresolved_rounds(connection, tournament)
        if times.opens is None or times.opens <= now.replace(microsecond=0)
    ]


def round_times(connection: sqlite3.Connection, tournament: Tournament) -> list[RoundTimes]:
    """Every round of the tournament, the newest first."""
    sql = f"SELECT {_TIMES} FROM rounds WHERE tournament = ? ORDER BY round DESC"
    return [_times(row) for row in connection.execute(sql, (int(tournament),))]


def scored_rounds(
    connection: sqlite3.Connection, tournament: Tournament, selection: Rounds, now: datetime
) -> list[int]:
    """The selected rounds whose first score is out by `now`, ascending; one without that time once it is resolved."""
    condition, values = selection.condition("round", "resolved")
    sql = f"""SELECT round FROM rounds WHERE tournament = ? AND {condition}
      AND (score_time <= ? OR (score_time IS NULL AND resolved = 1)) ORDER BY round"""
    return [number for (number,) in connection.execute(sql, (int(tournament), *values, time_text(now)))]


def listed_rounds(connection: sqlite3.Connection, tournament: Tournament, selection: Rounds) -> list[ListedRound]:
    """The selected rounds as the API states them, the newest first."""
    condition, values = selection.condition("round", "resolved")
    sql = f"""SELECT round, target, open_time, close_time, close_staking_time, resolve_time, resolved, payout_factor
      FROM rounds WHERE tournament = ? AND {condition} ORDER BY round DESC"""
    return [
        ListedRound(
            number,
            target,
            time_of(opens),
            time_of(closes),
            time_of(staking_closes),
            time_of(resolves),
            bool(resolved),
            decimal_of(factor),
        )
        for number, target, opens, closes, staking_closes, resolves, resolved, factor in connection.execute(
            sql, (int(tournament), *values)
        )
    ]


def newest_resolve(connection: sqlite3.Connection, tournament: Tournament, now: datetime) -> datetime | None:
    """When the newest unresolved round that has opened resolves: a release asked for now leaves then."""
    sql = f"""SELECT max(resolve_time) FROM rounds
      WHERE tournament = ? AND NOT coalesce(resolved, 0) AND {_OPENED}"""
    return time_of(connection.execute(sql, (int(tournament), time_text(now))).fetchone()[0])


def oldest_unresolved(connection: sqlite3.Connection, tournament: Tournament) -> int | None:
    """The number of the oldest round that has not resolved; None when all have."""
    sql = "SELECT min(round) FROM rounds WHERE tournament = ? AND NOT coalesce(resolved, 0)"
    return _number(connection.execute(sql, (int(tournament),)).fetchone())


def usual_days_from(connection: sqlite3.Connection, tournament: Tournament) -> int:
    """The oldest round whose days are fetched unasked: of the newest resolved ones; 0 when those of all rounds are."""
    sql = "SELECT round FROM rounds WHERE tournament = ? AND resolved = 1 ORDER BY round DESC LIMIT 2 OFFSET ?"
    rows = connection.execute(sql, (int(tournament), NEWEST_RESOLVED - 1)).fetchall()
    return int(rows[0][0]) if len(rows) > 1 else 0


def oldest_unsettled(connection: sqlite3.Connection, tournament: Tournament, since: datetime) -> int | None:
    """The oldest round that is unresolved or resolved after `since`; None when none is known, or all are settled."""
    sql = "SELECT min(round) FROM rounds WHERE tournament = ? AND (resolved IS NOT 1 OR resolve_time > ?)"
    return _number(connection.execute(sql, (int(tournament), since)).fetchone())


def configured_rounds(connection: sqlite3.Connection, tournament: Tournament) -> set[int]:
    """The numbers of the rounds whose score configurations are in the cache."""
    sql = "SELECT DISTINCT round FROM score_configs WHERE tournament = ?"
    return {number for (number,) in connection.execute(sql, (int(tournament),))}


def last_scoring_days(connection: sqlite3.Connection, tournament: Tournament) -> dict[tuple[int, int], int]:
    """The last scoring day of each round and score number, where a configuration states it."""
    sql = "SELECT round, score, total_score_days FROM score_configs WHERE tournament = ? AND total_score_days > 0"
    return {(number, score): day for number, score, day in connection.execute(sql, (int(tournament),))}


_TIMES = """round, open_time, coalesce(close_time, close_staking_time), coalesce(close_staking_time, close_time),
    resolve_time, coalesce(resolved, 0)"""
_OPENED = "(open_time IS NULL OR open_time <= ?)"


def _times(row: tuple[int, str | None, str | None, str | None, str | None, int]) -> RoundTimes:
    number, opens, closes, staking_closes, resolves, resolved = row
    return RoundTimes(
        number, time_of(opens), time_of(closes), time_of(staking_closes), time_of(resolves), bool(resolved)
    )


def _number(row: tuple[int | None]) -> int | None:
    return row[0]


def rounds_like(connection: sqlite3.Connection, tournament: Tournament, digits: str, limit: int) -> list[RoundNumber]:
    """The rounds whose numbers begin with `digits`, of `tournament` before the others, the newest first."""
    sql = """SELECT tournament, round FROM rounds WHERE CAST(round AS TEXT) LIKE ? || '%'
      ORDER BY tournament <> ?, round DESC LIMIT ?"""
    rows = connection.execute(sql, (digits, int(tournament), limit))
    return [RoundNumber(Tournament(found), number) for found, number in rows]
