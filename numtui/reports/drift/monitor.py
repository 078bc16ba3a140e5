"""The drift monitor: unresolved rounds with forecast, change and path; sums now, by week, by day of resolution."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

import numpy as np

from numtui.analysis.arrays import Floats, number
from numtui.analysis.drift.draws import Interval
from numtui.analysis.drift.projection import carry_forward
from numtui.calendar import days_to
from numtui.model import Column, Kind, Row, Table, Tournament, time_of
from numtui.money import exact_or_none
from numtui.reports.drift.compute import Drift, drift_of
from numtui.reports.drift.movers import Moves, last_moves
from numtui.reports.drift.scoring_days import day_of
from numtui.reports.drift.table import counted_rows, in_round, nmr, plus, share, standing_row, why_none
from numtui.store.queries.selection import Models

POINTS = 12  # of a sparkline
SUMS = (
    Column("at_risk", Kind.NMR, "at risk", "NMR at risk in unresolved rounds"),
    Column("worst_case", Kind.NMR, "worst", "what is lost when every round burns as far as its clip allows"),
    Column("payout", Kind.NMR, "now", "projected payout as the scores stand"),
    Column("expected_payout", Kind.NMR, "forecast", "expected final payout"),
    Column("payout_p05", Kind.NMR, "p05", "5 % quantile of the final payout"),
    Column("payout_p95", Kind.NMR, "p95", "95 % quantile of the final payout"),
    Column("burn_probability", Kind.PERCENTILE, "burn %", "probability that it ends below 0"),
)
RETURNS = (
    Column("value", Kind.FRACTION, "now", "projected return on stake"),
    Column("change", Kind.FRACTION, "1d", "change with the last scoring run"),
    Column("expected", Kind.FRACTION, "expect", "expected final return on stake"),
    Column("p05", Kind.FRACTION, doc="5 % quantile of the final return"),
    Column("p95", Kind.FRACTION, doc="95 % quantile of the final return"),
    Column("burn_probability", Kind.PERCENTILE, "burn", "probability of a negative final return, in per cent"),
    Column("p25", Kind.FRACTION, doc="25 % quantile of the final return"),
    Column("p75", Kind.FRACTION, doc="75 % quantile of the final return"),
)
MONITOR = (
    Column("round", Kind.INT, doc="the round's number"),
    Column("progress", Kind.BAR, "day x/N", "scoring days done, of all"),
    Column("days_to_go", Kind.INT, "left", "days until it resolves"),
    Column("at_risk", Kind.NMR, "at risk", "NMR at risk"),
    *RETURNS,
    Column("path", Kind.SPARK, doc="the projected return day by day"),
    Column("payout", Kind.NMR, "NMR now", "projected payout"),
    Column("expected_payout", Kind.NMR, "NMR fc", "expected final payout"),
    Column("payout_p05", Kind.NMR, "NMR p05", "5 % quantile of the final payout"),
    Column("payout_p95", Kind.NMR, "NMR p95", "95 % quantile of the final payout"),
    Column("models", Kind.INT, doc="models in it"),
    Column("target", Kind.TEXT, doc="the target that it is scored on"),
    Column("resolve_time", Kind.TIME, "resolves", "when it resolves"),
    Column("factor_estimated", Kind.BOOL, "est.", "whether the payout factor is the newest known one"),
)


def monitor(connection: sqlite3.Connection, tournament: Tournament, now: datetime) -> tuple[Table, Table]:
    """The unresolved rounds, the next to resolve first, and their sums (one row; a column a week of resolution)."""
    found = drift_of(connection, tournament)
    moves = last_moves(found)
    models = counted_rows(connection, found, Models())
    rows = [_round(found, moves, models, r, now) for r in np.flatnonzero(found.scope.rounds.open).tolist()]
    expected, models_at = (
        next(at for at, c in enumerate(MONITOR) if c.name == name) for name in ("expected", "models")
    )
    missing = sum(row[expected] is None and bool(row[models_at]) for row in rows)
    return Table("rounds", MONITOR, rows), _sums(found, models, missing)


def _round(found: Drift, moves: Moves, models: Sequence[int], r: int, now: datetime) -> Row:
    scope = found.scope
    there = [m for m in models if in_round(found, m, r)]
    at_risk = plus(scope.at_risk.get((m, r)) for m in there)
    day, days = int(found.day[there, r].max(initial=0)), int(scope.terms.days[r])
    weights = stake_shares(found, there, r)
    scored = bool(there) and day > 0
    payout = plus(standing_row(found, m, r).payout for m in there) if scored else None
    returns = [number(column[r]) for column in found.by_round.columns()]
    expected, p05, p25, p75, p95, burn = returns
    left = days_to(time_of(scope.rounds.resolve_times[r]), now)
    value = share(payout, at_risk) if payout is not None and at_risk else _mean_value(found, there, r, weights)
    return (
        scope.rounds.numbers[r],
        (day, days) if days else None,
        None if left is None else max(0, round(left + 0.499)),
        at_risk if there else None,
        value if scored else None,
        weighted(moves.change[there, r], weights),
        *(expected, p05, p95, burn, p25, p75),
        sampled(path_of(found, there, r, day)) or None,
        payout,
        *(nmr(at_risk, value) for value in (expected, p05, p95)),
        len(there),
        scope.rounds.targets[r],
        time_of(scope.rounds.resolve_times[r]),
        bool(scope.factor_estimated[there, r].any()),
    )


def _mean_value(found: Drift, models: Sequence[int], r: int, weights: Floats) -> float | None:
    newest = [standing_row(found, m, r).value for m in models]
    return weighted(np.array([np.nan if value is None else value for value in newest]), weights)


def stake_shares(found: Drift, models: Sequence[int], r: int) -> Floats:
    """The models' shares of a round's stake; equal ones where nothing is staked."""
    stake = np.nan_to_num(found.scope.terms.at_risk[models, r])
    if not stake.sum():
        stake = np.ones(len(models))
    shares: Floats = stake / max(float(stake.sum()), 1e-300)
    return shares


def weighted(values: Floats, weights: Floats) -> float | None:
    """The weighted sum over those that are known, None where none is."""
    known = ~np.isnan(values)
    return float((values[known] * weights[known]).sum()) if known.any() else None


def path_of(found: Drift, models: Sequence[int], r: int, day: int) -> list[float]:
    """A round's return day by day up to `day`, weighted by stake; gaps are the last value."""
    if not models or not day:
        return []
    held = np.nan_to_num(carry_forward(found.value[models, r, :day]))
    return [float(value) for value in stake_shares(found, models, r) @ held]


def sampled(path: Sequence[float], points: int = POINTS) -> tuple[float, ...]:
    """At most `points` of a path, evenly apart, with both ends."""
    if len(path) <= points:
        return tuple(path)
    return tuple(path[round(at * (len(path) - 1) / (points - 1))] for at in range(points))


def _sums(found: Drift, models: Sequence[int], missing: int) -> Table:
    """One row: `SUMS` of everything unresolved, the expected (else projected) payout of each week, what is missing."""
    places = np.flatnonzero(found.scope.rounds.open).tolist()
    weeks = _by(found, models, [(int(week), places_of(found, week)) for week in range(len(found.week_starts))])
    columns = [*SUMS]
    cells: list[object] = [*_money(found, models, places, found.portfolio)]
    for start, row in zip(found.week_starts, weeks, strict=True):
        title = f"{date.fromordinal(start):%d %b}" if start else "later"
        columns.append(
            Column(f"week_{day_of(start) if start else 'unknown'}", Kind.NMR, title, "resolves in that week")
        )
        cells.append(row[5] if row[5] is not None else row[4])
    columns.append(Column("reason", Kind.TEXT, "no forecast for", "why there is none"))
    cells.append(f"{missing} round{'s' * (missing > 1)}: {why_none(found)}" if missing else None)
    return Table("sums", tuple(columns), [tuple(cells)])


def places_of(found: Drift, week: int) -> list[int]:
    """The positions of the rounds that resolve in a week."""
    return [int(at) for at in np.flatnonzero(found.week_of == week)]


def _money(
    found: Drift, models: Sequence[int], places: Sequence[int], expected: Interval
) -> tuple[Decimal | float | None, ...]:
    """The cells of `SUMS` for models in rounds; `expected` NMR, a single Interval."""
    scope = found.scope
    pairs = [(m, r) for r in places for m in models if in_round(found, m, r)]
    at_risk = plus(scope.at_risk.get(pair) for pair in pairs)
    worst = plus(nmr(scope.at_risk.get((m, r)), number(-scope.terms.clip[r])) for m, r in pairs)
    payout = plus(standing_row(found, m, r).payout for m, r in pairs)
    mean, low, _, _, high, burn = (number(float(column)) for column in expected.columns())
    return at_risk, worst, payout, money_of(mean), money_of(low), money_of(high), burn


def money_of(amount: float | None) -> Decimal | None:
    """An amount of NMR that was drawn, by its shortest text."""
    return exact_or_none(amount)


def _by(found: Drift, models: Sequence[int], parts: Sequence[tuple[int, Sequence[int]]]) -> list[Row]:
    rows: list[Row] = []
    for week, places in parts:
        start = found.week_starts[week]
        sums = _money(found, models, places, found.weeks.pick(week))
        rows.append((day_of(start) if start else "unknown", len(places), *sums))
    return rows


def weeks(connection: sqlite3.Connection, tournament: Tournament) -> Table:
    """A row a week of resolution (by its Monday), and one for all."""
    found = drift_of(connection, tournament)
    models = counted_rows(connection, found, Models())
    columns = (Column("week", Kind.TEXT, "week of", "its Monday"), Column("rounds", Kind.INT), *SUMS)
    rows = _by(found, models, [(week, places_of(found, week)) for week in range(len(found.week_starts))])
    places = np.flatnonzero(found.scope.rounds.open).tolist()
    if rows:
        rows.append(("all", len(places), *_money(found, models, places, found.portfolio)))
    return Table("weeks", columns, rows)


CALENDAR = (
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


def calendar(connection: sqlite3.Connection, tournament: Tournament, now: datetime) -> Table:
    """What resolves when: a row a day, with the money on it."""
    found = drift_of(connection, tournament)
    models = counted_rows(connection, found, Models())
    resolve_on, is_open = found.scope.rounds.resolve_on, found.scope.rounds.open
    everything = plus(found.scope.at_risk.get((m, r)) for r in np.flatnonzero(is_open).tolist() for m in models)
    rows: list[Row] = []
    for ordinal in np.unique(resolve_on[is_open]).tolist():
        places = np.flatnonzero(is_open & (resolve_on == ordinal)).tolist()
        at_risk, worst, payout, *_ = _money(found, models, places, found.portfolio)
        expected = [_expected(found, models, r) for r in places]
        assert isinstance(at_risk, Decimal)
        rows.append(
            (
                day_of(ordinal) if ordinal else "unknown",
                f"{date.fromordinal(ordinal):%a}" if ordinal else None,
                ordinal - now.date().toordinal() if ordinal else None,
                ", ".join(str(found.scope.rounds.numbers[r]) for r in places),
                at_risk,
                share(at_risk, everything),
                payout,
                None if None in expected else plus(expected),
                worst,
            )
        )
    return Table("calendar", CALENDAR, rows)


def _expected(found: Drift, models: Sequence[int], r: int) -> Decimal | None:
    at_risk = plus(found.scope.at_risk.get((m, r)) for m in models if in_round(found, m, r))
    return nmr(at_risk, number(found.by_round.expected[r]))
