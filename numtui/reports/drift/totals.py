"""Sums over unresolved rounds: of all of them, by week of resolution, and by the day on which they resolve."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from numtui.analysis.arrays import number
from numtui.analysis.drift.draws import Interval
from numtui.analysis.drift.scoring_dates import date_text
from numtui.model import Column, Kind, Row, Table, Tournament
from numtui.money import ZERO, exact_or_none, exact_sum
from numtui.reports.drift.compute import Drift, drift_of
from numtui.reports.drift.rows import counted_models, drift_row, in_round, missing_reason, nmr, share
from numtui.store.queries.selection import Models

SUM_COLUMNS = (
    Column("at_risk", Kind.NMR, "at risk", "NMR at risk in unresolved rounds"),
    Column("worst_case", Kind.NMR, "worst", "what is lost when every round burns as far as its clip allows"),
    Column("payout", Kind.NMR, "now", "projected payout as the scores stand"),
    Column("expected_payout", Kind.NMR, "forecast", "expected final payout"),
    Column("payout_p05", Kind.NMR, "p05", "5 % quantile of the final payout"),
    Column("payout_p95", Kind.NMR, "p95", "95 % quantile of the final payout"),
    Column("burn_probability", Kind.PERCENTILE, "burn %", "probability that it ends below 0"),
)
WEEK_COLUMNS = (Column("week", Kind.TEXT, "week of", "its Monday"), Column("rounds", Kind.INT), *SUM_COLUMNS)
CALENDAR_COLUMNS = (
    Column("date", Kind.TEXT, "resolves", "the day on which rounds resolve"),
    Column("weekday", Kind.TEXT, "day"),
    Column("days_to_go", Kind.INT, "left", "days until then"),
    Column("rounds", Kind.TEXT, doc="the rounds that resolve"),
    Column("at_risk", Kind.NMR, "at risk", "NMR at risk in them"),
    Column("share", Kind.PERCENTILE, "% of all", "share of everything at risk"),
    Column("payout", Kind.NMR, "now", "projected payout as the scores stand"),
    Column("expected_payout", Kind.NMR, "forecast", "expected final payout"),
    Column("worst_case", Kind.NMR, "worst case", "what is lost when they burn as far as the clip allows"),
)
UNKNOWN = "unknown"  # a day of resolution that is not stated


class Sums(NamedTuple):
    """Money of models in rounds, as `SUM_COLUMNS` say; NMR, what is forecast None where nothing is. As long as days of
    one of the rounds are still to come, what they stand at and will come to is None."""

    at_risk: Decimal
    worst_case: Decimal
    payout: Decimal | None
    expected_payout: Decimal | None
    payout_p05: Decimal | None
    payout_p95: Decimal | None
    burn_probability: float | None


NOTHING = Sums(ZERO, ZERO, None, None, None, None, None)  # is known


class CalendarRow(NamedTuple):
    """The rounds that resolve on one day, as `CALENDAR_COLUMNS` say."""

    date: str
    weekday: str | None
    days_to_go: int | None
    rounds: str
    at_risk: Decimal
    share: float | None
    payout: Decimal | None
    expected_payout: Decimal | None
    worst_case: Decimal


def sums_table(drift: Drift, models: Sequence[int], missing: int) -> Table:
    """One row: the sums of all unresolved rounds, the expected (else projected) payout of each week of resolution, and
    why `missing` rounds have no forecast."""
    columns = [*SUM_COLUMNS]
    cells: list[object] = [*money_sums(drift, models, drift.open_rounds, drift.portfolio)]
    for start, _, sums in week_sums(drift, models):
        title = f"{date.fromordinal(start):%d %b}" if start else "later"
        columns.append(Column(f"week_{_day(start)}", Kind.NMR, title, "resolves in that week"))
        cells.append(outlook(sums.payout, sums.expected_payout))
    columns.append(Column("reason", Kind.TEXT, "no forecast for", "why there is none"))
    cells.append(f"{missing} round{'s' * (missing > 1)}: {missing_reason(drift)}" if missing else None)
    return Table("sums", tuple(columns), [tuple(cells)])


def weeks(connection: sqlite3.Connection, tournament: Tournament) -> Table:
    """A row a week of resolution (by its Monday), and one for all."""
    drift = drift_of(connection, tournament)
    models = counted_models(connection, drift, Models())
    rows: list[Row] = [(_day(start), count, *sums) for start, count, sums in week_sums(drift, models)]
    if rows:
        rounds = drift.open_rounds
        rows.append(("all", len(rounds), *money_sums(drift, models, rounds, drift.portfolio)))
    return Table("weeks", WEEK_COLUMNS, rows)


def calendar(connection: sqlite3.Connection, tournament: Tournament, now: datetime) -> Table:
    """A row a day on which rounds resolve, with the money on them."""
    drift = drift_of(connection, tournament)
    models = counted_models(connection, drift, Models())
    rounds = drift.inputs.rounds
    everything = exact_sum(drift.inputs.at_risk.get((m, r)) for r in drift.open_rounds for m in models)
    rows: list[Row] = []
    for ordinal in np.unique(rounds.resolve_on[rounds.open]).tolist():
        resolving = np.flatnonzero(rounds.open & (rounds.resolve_on == ordinal)).tolist()
        sums = money_sums(drift, models, resolving, drift.portfolio)
        rows.append(
            CalendarRow(
                date=_day(ordinal),
                weekday=f"{date.fromordinal(ordinal):%a}" if ordinal else None,
                days_to_go=ordinal - now.date().toordinal() if ordinal else None,
                rounds=", ".join(str(rounds.numbers[r]) for r in resolving),
                at_risk=sums.at_risk,
                share=share(sums.at_risk, everything),
                payout=sums.payout,
                expected_payout=_expected(drift, models, resolving),
                worst_case=sums.worst_case,
            )
        )
    return Table("calendar", CALENDAR_COLUMNS, rows)


def money_sums(drift: Drift, models: Iterable[int], rounds: Iterable[int], forecast: Interval) -> Sums:
    """The sums over models in rounds (positions); `forecast` is the single Interval, in NMR, of their payout."""
    at_risk = drift.inputs.at_risk
    models = list(models)
    pairs = [(m, r) for r in rounds for m in models if in_round(drift, m, r)]
    mean, low, _, _, high, burn = (number(float(column)) for column in forecast.columns())
    if not drift.inputs.has_days(pairs):
        mean = low = high = burn = None
    return Sums(
        at_risk=exact_sum(at_risk.get(pair) for pair in pairs),
        worst_case=exact_sum(nmr(at_risk.get((m, r)), number(-drift.inputs.terms.clip[r])) for m, r in pairs),
        payout=projected_payout(drift, pairs),
        expected_payout=exact_or_none(mean),
        payout_p05=exact_or_none(low),
        payout_p95=exact_or_none(high),
        burn_probability=burn,
    )


def outlook(stands: Decimal | None, forecast: Decimal | None) -> Decimal | None:
    """What rounds will probably pay; without a forecast, what they stand at."""
    return stands if forecast is None else forecast


def projected_payout(drift: Drift, pairs: Collection[tuple[int, int]]) -> Decimal | None:
    """What models in rounds (positions) come to as the scores stand, NMR; None where days are still to come."""
    if not drift.inputs.has_days(pairs):
        return None
    return exact_sum(drift_row(drift, m, r).payout for m, r in pairs)


def _expected(drift: Drift, models: Sequence[int], rounds: Iterable[int]) -> Decimal | None:
    """The expected payout of rounds; None where one of them has no forecast."""
    payouts = []
    rounds = list(rounds)
    if not drift.inputs.has_days((m, r) for m in models for r in rounds):
        return None
    for r in rounds:
        at_risk = exact_sum(drift.inputs.at_risk.get((m, r)) for m in models if in_round(drift, m, r))
        payouts.append(nmr(at_risk, number(drift.by_round.expected[r])))
    return None if None in payouts else exact_sum(payouts)


def week_sums(drift: Drift, models: Sequence[int]) -> Iterator[tuple[int, int, Sums]]:
    """The weeks of resolution: the ordinal of their Monday (0: unknown), how many rounds resolve, and their money."""
    for week, start in enumerate(drift.week_starts):
        rounds = np.flatnonzero(drift.week_of == week).tolist()
        yield start, len(rounds), money_sums(drift, models, rounds, drift.weeks.pick(week))


def _day(ordinal: int) -> str:
    return date_text(ordinal) if ordinal else UNKNOWN
