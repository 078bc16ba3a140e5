"""The drift by model: all models, one model's rounds, one round's models, and one path with its fan."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from numtui.analysis.arrays import Floats, number
from numtui.analysis.drift.fan import forecast_fan
from numtui.calendar import days_to
from numtui.model import Column, Kind, Row, Table, Tournament, time_of
from numtui.reports.drift.compute import SEED, Drift, drift_of
from numtui.reports.drift.monitor import MONITOR, SUMS, money_of, path_of, sampled
from numtui.reports.drift.movers import last_moves
from numtui.reports.drift.scoring_days import day_of
from numtui.reports.drift.table import forecast_cells, in_round, model_rows, plus, standing_row, why_none
from numtui.reports.rounds import round_models
from numtui.store.queries.drift import score_percentiles
from numtui.store.queries.selection import Models

FORECAST_NAMES = ("value", "change", "expected", "p05", "p95", "burn_probability", "payout", "expected_payout", "path")
BY_NAME = {column.name: column for column in MONITOR}


def by_model(connection: sqlite3.Connection, tournament: Tournament) -> Table:
    """A row a model: its money, and the projected return of each unresolved round, the next to resolve first."""
    found = drift_of(connection, tournament)
    scope = found.scope
    places = np.flatnonzero(scope.rounds.open).tolist()
    counted = {int(m): at for at, m in enumerate(np.flatnonzero(scope.models.counted))}
    columns = (
        Column("model", Kind.TEXT, doc="the model's name"),
        Column("returns", Kind.SPARK, "rounds by age", "projected return of each unresolved round"),
        *(column for column in SUMS if column.name != "worst_case"),
        Column("mine", Kind.BOOL, doc="the account's own"),
        Column("watched", Kind.BOOL, doc="marked to be watched"),
    )
    rows: list[Row] = []
    for m in model_rows(connection, found, Models()):
        pairs = [(m, r) for r in places if in_round(found, m, r)]
        if not pairs:
            continue
        mean, low, _, _, high, burn = (
            (number(column[counted[m]]) for column in found.by_model.columns()) if m in counted else (None,) * 6
        )
        returns = tuple(standing_row(found, m, r).value if in_round(found, m, r) else None for r in places)
        at_risk = plus(scope.at_risk.get(pair) for pair in pairs)
        payout = plus(standing_row(found, m, r).payout for m, r in pairs)
        money = (at_risk, payout, money_of(mean), money_of(low), money_of(high), burn)
        rows.append((scope.models.names[m], returns, *money, scope.models.mine[m], scope.models.watched[m]))
    return Table("by model", columns, rows, tuple(str(scope.rounds.numbers[r]) for r in places))


def model_forecasts(connection: sqlite3.Connection, tournament: Tournament, model: str, now: datetime) -> Table:
    """One model's unresolved rounds as the monitor shows them, the next to resolve first."""
    found = drift_of(connection, tournament)
    scope = found.scope
    names = ("round", "progress", "days_to_go", "at_risk", *FORECAST_NAMES, "p25", "p75", "factor_estimated")
    moves = last_moves(found)
    rows: list[Row] = []
    for m in model_rows(connection, found, Models(names=(model,))):
        for r in np.flatnonzero(scope.rounds.open).tolist():
            if not in_round(found, m, r):
                continue
            cells = _cells(found, moves.change, m, r)
            left = days_to(time_of(scope.rounds.resolve_times[r]), now)
            cells["days_to_go"] = None if left is None else max(0, round(left + 0.499))
            rows.append(tuple(cells[name] for name in names))
    return Table(model, tuple(BY_NAME[name] for name in names), rows)


def _cells(found: Drift, change: Floats, m: int, r: int) -> dict[str, object]:
    """The monitor's cells of a model in a round, by the columns' names."""
    at = standing_row(found, m, r)
    return {
        **at._asdict(),
        **forecast_cells(found, m, r)._asdict(),
        "progress": (at.day, at.days) if at.days else None,
        "change": number(change[m, r]),
        "path": sampled(path_of(found, [m], r, at.day)) or None,
    }


def round_forecasts_by_model(
    connection: sqlite3.Connection, tournament: Tournament, numbered: int, chosen: Models
) -> Table:
    """The models of a round with scores and percentiles, and their forecasts where the round is unresolved."""
    table = round_models(connection, tournament, numbered, chosen)
    found = drift_of(connection, tournament)
    at = {number: place for place, number in enumerate(found.scope.rounds.numbers)}.get(numbered)
    if at is None or not found.scope.rounds.open[at]:
        return table
    change = last_moves(found).change
    place = {name: m for m, name in enumerate(found.scope.models.names)}
    names = (*FORECAST_NAMES, "p25", "p75", "factor_estimated")
    rows: list[Row] = []
    for row in table.rows:
        m = place.get(str(row[0]))
        cells = {} if m is None else _cells(found, change, m, at)
        rows.append((*row, *(cells.get(name) for name in names)))
    return Table(table.name, (*table.columns, *(BY_NAME[name] for name in names)), rows)


@dataclass(frozen=True, slots=True)
class Path:
    """One model in one round, for a chart: returns by day 1..D.

    `values` (None: no score that day), `percentiles` of each paid score by day; `fan` (day, expected, p05, p25, p75,
    p95) from today to the resolution, empty without a forecast, and then `reason` says why.
    """

    model: str
    round: int
    days: int
    values: tuple[float | None, ...]
    percentiles: tuple[tuple[str, tuple[float | None, ...]], ...]
    fan: tuple[tuple[float, float, float, float, float, float], ...]
    reason: str
    at_risk: bool
    dates: tuple[str | None, ...]


def path(connection: sqlite3.Connection, tournament: Tournament, model: str, numbered: int) -> Path | None:
    """The path of a model in an unresolved (or lately resolved) round; None where the cache has no such path."""
    found = drift_of(connection, tournament)
    scope = found.scope
    at = {one: place for place, one in enumerate(scope.rounds.numbers)}.get(numbered)
    rows = model_rows(connection, found, Models(names=(model,)))
    if at is None or not rows or not in_round(found, rows[0], at):
        return None
    m, days = rows[0], int(scope.terms.days[at])
    if not days:
        return None
    fan = _fan(found, m, at) if scope.rounds.open[at] else ()
    return Path(
        model=model,
        round=numbered,
        days=days,
        values=tuple(number(value) for value in found.value[m, at, :days]),
        percentiles=_percentiles(connection, found, m, at, days),
        fan=fan,
        reason="" if fan or not scope.rounds.open[at] else why_none(found),
        at_risk=bool(scope.at_risk.get((m, at))),
        dates=tuple(day_of(int(day)) if day else None for day in found.scored_on[at, :days]),
    )


def _fan(found: Drift, m: int, at: int) -> tuple[tuple[float, float, float, float, float, float], ...]:
    for part in found.learnt:
        for column in part.columns:
            if column.at == at and column.models[m] and part.profile is not None and part.revisions is not None:
                day = int(found.day[m, at])
                fan = forecast_fan(
                    part.profile,
                    part.revisions,
                    m,
                    day,
                    float(found.raw[m, at, day - 1]) if day else 0.0,
                    factor=column.factor,
                    clip=float(found.scope.terms.clip[at]),
                    seed=SEED,
                )
                if fan is None or np.isnan(fan.expected).any():
                    return ()
                return tuple(
                    (float(day), float(mean), *map(float, quantiles))  # type: ignore[misc]  # four quantiles
                    for day, mean, quantiles in zip(fan.day, fan.expected, fan.quantiles, strict=True)
                )
    return ()


def _percentiles(
    connection: sqlite3.Connection, found: Drift, m: int, at: int, days: int
) -> tuple[tuple[str, tuple[float | None, ...]], ...]:
    terms = found.scope.terms
    by_score: list[tuple[str, tuple[float | None, ...]]] = []
    for k in np.flatnonzero(terms.multipliers[m, at] != 0).tolist():
        known = score_percentiles(connection, found.scope.models.keys[m], terms.rounds[at], terms.scores[k])
        by_score.append((terms.labels[k], tuple(known.get(day) for day in range(1, days + 1))))
    return tuple(by_score)
