"""`export drift`: projected returns by model, round and day, the forecasts of unresolved rounds, and daily totals."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal, localcontext
from typing import NamedTuple

import numpy as np

from numtui.analysis.arrays import Bools, Ints, number
from numtui.analysis.drift.projection import carry_forward, payout_nmr
from numtui.format import counted
from numtui.model import Column, Kind, Row, Table, Tournament
from numtui.money import EXACT, ZERO
from numtui.reports.drift.compute import Drift, drift_of
from numtui.reports.drift.scoring_days import day_of
from numtui.store.queries.selection import Models, Rounds, known_models

STANDING = (
    Column("model", Kind.TEXT, doc="the model's name"),
    Column("round", Kind.INT, doc="the round's number"),
    Column("day", Kind.INT, doc="scoring day; 0 before the first score"),
    Column("days", Kind.INT, doc="scoring days to the resolution"),
    Column("days_left", Kind.INT, "left", "scoring days that are still to come"),
    Column("value", Kind.FRACTION, "now", "projected return on stake, after factor and clip"),
    Column("payout", Kind.NMR, "NMR now", "value x at_risk; a burn is negative"),
    Column("at_risk", Kind.NMR, "at risk", "NMR at risk"),
    Column("factor_estimated", Kind.BOOL, "est.", "whether the payout factor is the newest known one, not its own yet"),
)
FORECAST = (
    Column("expected", Kind.FRACTION, "forecast", "expected final return on stake"),
    Column("p05", Kind.FRACTION, doc="5 % quantile of the final return"),
    Column("p25", Kind.FRACTION, doc="25 % quantile of the final return"),
    Column("p75", Kind.FRACTION, doc="75 % quantile of the final return"),
    Column("p95", Kind.FRACTION, doc="95 % quantile of the final return"),
    Column("burn_probability", Kind.PERCENTILE, "burn %", "probability of a negative final return, 0..1"),
    Column("expected_payout", Kind.NMR, "NMR fc", "expected final payout"),
    Column("payout_p05", Kind.NMR, "NMR p05", "5 % quantile of the final payout"),
    Column("payout_p95", Kind.NMR, "NMR p95", "95 % quantile of the final payout"),
)
TOURNAMENT = Column("tournament", Kind.TEXT, doc="classic, signals or crypto")
TOTAL = (
    Column("date", Kind.TEXT, doc="calendar day with scores"),
    Column("rounds", Kind.INT, doc="rounds with money at risk"),
    Column("at_risk", Kind.NMR, "at risk", "NMR at risk in all rounds that had closed and not resolved"),
    Column("value", Kind.FRACTION, "now", "payout / at_risk"),
    Column("payout", Kind.NMR, "NMR now", "projected payout of all of them; a burn is negative"),
    TOURNAMENT,
)


class Standing(NamedTuple):
    """The cells of `STANDING`."""

    model: str
    round: int
    day: int
    days: int | None
    days_left: int | None
    value: float | None
    payout: Decimal | None
    at_risk: Decimal | None
    factor_estimated: bool


class Expectation(NamedTuple):
    """The cells of `FORECAST`."""

    expected: float | None
    p05: float | None
    p25: float | None
    p75: float | None
    p95: float | None
    burn_probability: float | None
    expected_payout: Decimal | None
    payout_p05: Decimal | None
    payout_p95: Decimal | None


def drift(connection: sqlite3.Connection, tournament: Tournament, chosen: Models, span: Rounds) -> Table:
    """A row a model, round and scoring day: unresolved rounds, or (`span`) those that resolved while they were open."""
    found = drift_of(connection, tournament)
    rows = model_rows(connection, found, chosen)
    return Table("drift", (*STANDING, TOURNAMENT), _days(found, rows, round_places(found, span)))


def forecasts(connection: sqlite3.Connection, tournament: Tournament, chosen: Models, span: Rounds) -> Table:
    """A row a model and unresolved round at its newest day, with its forecast; None where there is no evidence."""
    found = drift_of(connection, tournament)
    places = [at for at in round_places(found, span) if found.scope.rounds.open[at]]
    rows = [
        (*standing_row(found, m, r), *forecast_cells(found, m, r), tournament.label)
        for m in model_rows(connection, found, chosen)
        for r in places
        if in_round(found, m, r)
    ]
    return Table("drift", (*STANDING, *FORECAST, TOURNAMENT), rows, without_forecast(found, rows))


def totals(connection: sqlite3.Connection, tournament: Tournament, chosen: Models, span: Rounds) -> Table:
    """A row a calendar day that brought scores: everything that was at risk and unresolved then.

    Unless models are chosen, of the account's own; where there are none, of the watched ones.
    """
    found = drift_of(connection, tournament)
    rows = counted_rows(connection, found, chosen)
    places = round_places(found, span, every=True)
    return Table("drift", TOTAL, list(_by_calendar_day(found, rows, places)))


def model_rows(connection: sqlite3.Connection, found: Drift, chosen: Models) -> list[int]:
    """The positions of the chosen models on the model axis."""
    known = known_models(connection, found.scope.tournament, chosen)
    return [row for row, name in enumerate(found.scope.models.names) if name in known]


def counted_rows(connection: sqlite3.Connection, found: Drift, chosen: Models) -> list[int]:
    """Whose money sums are about: the chosen models; by default the counted ones of `ModelAxis`."""
    if chosen != Models():
        return model_rows(connection, found, chosen)
    return [int(row) for row in np.flatnonzero(found.scope.models.counted)]


def round_places(found: Drift, span: Rounds, *, every: bool = False) -> list[int]:
    """The positions of the rounds of `span` on the round axis; unresolved ones unless it (or `every`) says more."""
    rounds = found.scope.rounds
    wanted = (
        [True] * len(rounds.numbers)
        if every and span.resolved is None
        else [bool(is_open) is not bool(span.resolved) for is_open in rounds.open]
    )
    return [
        at
        for at, number in enumerate(rounds.numbers)
        if wanted[at] and (span.first or 0) <= number and (span.last is None or number <= span.last)
    ]


def in_round(found: Drift, m: int, r: int) -> bool:
    """Whether the model has a score or money in the round."""
    return bool(found.day[m, r] > 0 or found.scope.at_risk.get((m, r)))


def standing_row(found: Drift, m: int, r: int, day: int | None = None) -> Standing:
    """The cells of `STANDING` for a model (position m) in a round (position r) at a day, by default the newest."""
    scope = found.scope
    day = int(found.day[m, r]) if day is None else day
    days = int(scope.terms.days[r]) or None
    value = number(found.value[m, r, day - 1]) if day else None
    return Standing(
        scope.models.names[m],
        scope.rounds.numbers[r],
        day,
        days,
        None if days is None else days - day,
        value,
        nmr(scope.at_risk.get((m, r)), value),
        scope.at_risk.get((m, r)),
        bool(scope.factor_estimated[m, r]),
    )


def forecast_cells(found: Drift, m: int, r: int) -> Expectation:
    """The cells of `FORECAST` for a model in a round."""
    at_risk = found.scope.at_risk.get((m, r))
    expected, p05, p25, p75, p95, burn = (number(column[m, r]) for column in found.returns.columns())
    payouts = nmr(at_risk, expected), nmr(at_risk, p05), nmr(at_risk, p95)
    return Expectation(expected, p05, p25, p75, p95, burn, *payouts)


def without_forecast(found: Drift, rows: Sequence[Row]) -> tuple[str, ...]:
    """Lines on the rows that have no forecast, and why."""
    missing = sorted({row[1] for row in rows if row[len(STANDING)] is None}, key=str)
    if not missing:
        return ()
    return (f"no forecast for {counted(len(missing), 'round')} ({', '.join(map(str, missing))}): {why_none(found)}",)


def why_none(found: Drift) -> str:
    """What is missing where a forecast is."""
    labels = found.scope.terms.labels
    lacking = [part for part in found.learnt if part.profile is None or part.revisions is None]
    if not lacking:
        return "no score, multiplier or payout factor is known yet"
    names = " and ".join(", ".join(labels[k] for k in part.kind.columns) for part in lacking)
    return f"too few resolved rounds have {names} over {lacking[0].kind.days} days here"


def nmr(at_risk: Decimal | None, value: float | None) -> Decimal | None:
    """at_risk x value, exact; None where either is unknown."""
    return None if at_risk is None or value is None else payout_nmr(at_risk, value) or ZERO


def plus(amounts: Iterable[Decimal | None]) -> Decimal:
    """The exact sum; unknown ones count as nothing."""
    with localcontext(EXACT):
        return sum((amount for amount in amounts if amount is not None), ZERO)


def _days(found: Drift, rows: Sequence[int], places: Sequence[int]) -> Iterator[Row]:
    label = found.scope.tournament.label
    for m in rows:
        for r in places:
            for day in range(1, int(found.day[m, r]) + 1):
                yield (*standing_row(found, m, r, day), label)


def _by_calendar_day(found: Drift, rows: Sequence[int], places: Sequence[int]) -> Iterator[Row]:
    """Totals day by day; a gap in a path is its last value, a round without a score yet adds stake and no payout."""
    scope = found.scope
    days = calendar_days(found)
    stakes = [(m, r) for r in places for m in rows if scope.at_risk.get((m, r))]
    held = carry_forward(found.value)
    for ordinal in days.tolist():
        alive = _alive(found, ordinal, newest=ordinal == days[-1])
        standing = (found.scored_on > 0) & (found.scored_on <= ordinal)
        upto = np.where(standing.any(axis=1), standing.shape[1] - standing[:, ::-1].argmax(axis=1), 0)
        there = [(m, r) for m, r in stakes if alive[r]]
        whole = plus(scope.at_risk[one] for one in there)
        payout = plus(nmr(scope.at_risk[m, r], number(held[m, r, upto[r] - 1])) for m, r in there if upto[r])
        if there:
            rounds = len({r for _, r in there})
            yield day_of(ordinal), rounds, whole, share(payout, whole), payout, scope.tournament.label


def calendar_days(found: Drift) -> Ints:
    """The ordinals of the days with scores since the first score of the oldest unresolved round."""
    began = found.scored_on[found.scope.rounds.open]
    first = began[began > 0].min(initial=np.iinfo(np.int64).max)
    return np.unique(found.scored_on[found.scored_on >= first])


def _alive(found: Drift, ordinal: int, *, newest: bool) -> Bools:
    """[R] which rounds had closed and not resolved on a day; on the newest one those that are unresolved now."""
    rounds = found.scope.rounds
    if newest:
        return rounds.open
    began: Ints = np.where(rounds.closed_on > 0, rounds.closed_on, np.iinfo(np.int64).max)
    alive: Bools = (began <= ordinal) & (rounds.open | (ordinal < rounds.resolve_on))
    return alive


def share(part: Decimal, whole: Decimal) -> float | None:
    """part / whole as a number; None of nothing."""
    return float(part / whole) if whole else None
