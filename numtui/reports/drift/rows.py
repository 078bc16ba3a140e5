"""Where rounds and models stand: scoring days done, and sums of money at risk, pending and settled."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from numtui.calendar import scoring_days_between
from numtui.model import Tournament, time_of

ROOM = 0.8  # of the scoring days must fit between start and resolution, holidays aside: else it is no start


@dataclass(frozen=True, slots=True)
class Money:
    """NMR at risk, pending and settled; None where nothing is known. A burn is negative."""

    at_risk: Decimal | None = None
    pending: Decimal | None = None
    settled: Decimal | None = None

    def plus(self, other: Money) -> Money:
        """The sums; unknown counts as nothing unless both are."""
        return Money(
            _plus(self.at_risk, other.at_risk), _plus(self.pending, other.pending), _plus(self.settled, other.settled)
        )


@dataclass(frozen=True, slots=True)
class Days:
    """A round's scoring: `days` in all until it resolves, `done` so far; None where unknown."""

    done: int | None
    days: int | None

    @property
    def bar(self) -> tuple[int, int] | None:
        """(done, all) for a bar."""
        return None if self.done is None or self.days is None else (self.done, self.days)


def _plus(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    if one is None or other is None:
        return other if one is None else one
    return one + other


def status(now: datetime, opens: datetime | None, closes: datetime | None, resolved: bool) -> str:
    """The round's status from its times and `resolvedGeneral`: upcoming, open, resolving or resolved."""
    if resolved:
        return "resolved"
    if opens is not None and now < opens:
        return "upcoming"
    if closes is not None and now < closes:
        return "open"
    return "resolving"


def money(connection: sqlite3.Connection, models: Iterable[int]) -> dict[tuple[int, int], Money]:
    """At risk, pending and settled payout by (model, round), exact; payouts are the sum over the payout scores.

    What has settled is pending no more.
    """
    sums: dict[tuple[int, int], Money] = {}
    for model in models:
        for number, at_risk in connection.execute("SELECT round, at_risk FROM positions WHERE model = ?", (model,)):
            sums[model, number] = Money(at_risk=_decimal(at_risk))
        sql = """SELECT round, iif(payout_settled IS NULL, payout_pending, NULL), payout_settled FROM latest
          WHERE model = ? AND (payout_pending IS NOT NULL OR payout_settled IS NOT NULL)"""
        for number, pending, settled in connection.execute(sql, (model,)):
            known = sums.get((model, number), Money())
            sums[model, number] = known.plus(Money(None, _decimal(pending), _decimal(settled)))
    return sums


def scoring_days(connection: sqlite3.Connection, tournament: Tournament, now: datetime) -> dict[int, Days]:
    """The scoring days of every round that has a configuration: of the scores that it pays, else of all that it has.

    Days done are those of the scores here; without any they are counted on the calendar (scores come Tuesday to
    Saturday) from the start of scoring or, where no start is stated that leaves room for them all, back from the
    resolution.
    """
    sql = """SELECT c.round, coalesce(max(c.total_score_days) FILTER (WHERE c.is_payout), max(c.total_score_days)),
        coalesce(min(c.scoring_start) FILTER (WHERE c.is_payout), min(c.scoring_start), r.score_time), r.resolve_time,
        r.resolved
      FROM score_configs c JOIN rounds r USING (tournament, round) WHERE tournament = ? GROUP BY c.round"""
    configured = connection.execute(sql, (tournament,)).fetchall()
    scored = _scored_days(connection, tournament)
    return {
        number: Days(days if resolved else scored.get(number, _counted(days, time_of(start), time_of(end), now)), days)
        for number, days, start, end, resolved in configured
    }


def _scored_days(connection: sqlite3.Connection, tournament: Tournament) -> dict[int, int]:
    sql = """SELECT l.round, max(l.day) FROM latest l JOIN models m USING (model)
      JOIN score_configs c ON c.tournament = m.tournament AND c.round = l.round AND c.score = l.score
      WHERE m.tournament = ? AND c.is_payout GROUP BY l.round"""
    return {number: day for number, day in connection.execute(sql, (tournament,)) if day is not None}


def _counted(days: int | None, start: datetime | None, end: datetime | None, now: datetime) -> int | None:
    """Scoring days so far by the calendar alone; None where neither start nor end tells."""
    if start is not None and (days is None or end is None or _scoring_dates(start, end) >= days * ROOM):
        passed = _scoring_dates(start, now)
        return passed if days is None else min(passed, days)
    if end is None or days is None:
        return None
    return min(max(days - _scoring_dates(now + timedelta(days=1), end), 0), days)


def _scoring_dates(first: datetime, last: datetime) -> int:
    """How many days with scores lie between two times, theirs included."""
    return scoring_days_between(first.date(), last.date())


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
