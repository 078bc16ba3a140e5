"""The drift monitor: unresolved rounds with forecast, change and path; by model, of one model, and of one round."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from numtui.analysis.arrays import Floats, number
from numtui.analysis.drift.draws import Interval
from numtui.analysis.drift.projection import carry_forward
from numtui.calendar import days_to
from numtui.model import Column, Kind, Row, Table, Tournament, time_of
from numtui.money import exact_sum
from numtui.reports.drift.compute import Drift, drift_of
from numtui.reports.drift.movers import last_moves
from numtui.reports.drift.rows import (
    counted_models,
    drift_row,
    forecast_figures,
    in_round,
    nmr,
    selected_models,
    share,
)
from numtui.reports.drift.totals import SUM_COLUMNS, money_sums, sums_table
from numtui.reports.rounds import round_models
from numtui.store.queries.selection import Models

POINTS = 12  # of a sparkline
ROUND_COLUMNS = (
    Column("round", Kind.INT, doc="the round's number"),
    Column("progress", Kind.BAR, "day x/N", "scoring days done, of all"),
    Column("days_to_go", Kind.INT, "left", "days until it resolves"),
    Column("at_risk", Kind.NMR, "at risk", "NMR at risk"),
    Column("value", Kind.FRACTION, "now", "projected return on stake"),
    Column("change", Kind.FRACTION, "1d", "change with the last scoring run"),
    Column("expected", Kind.FRACTION, "expect", "expected final return on stake"),
    Column("p05", Kind.FRACTION, doc="5 % quantile of the final return"),
    Column("p95", Kind.FRACTION, doc="95 % quantile of the final return"),
    Column("burn_probability", Kind.PERCENTILE, "burn", "probability of a negative final return, in per cent"),
    Column("p25", Kind.FRACTION, doc="25 % quantile of the final return"),
    Column("p75", Kind.FRACTION, doc="75 % quantile of the final return"),
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
MODEL_COLUMNS = (
    Column("model", Kind.TEXT, doc="the model's name"),
    Column("returns", Kind.SPARK, "rounds by age", "projected return of each unresolved round"),
    *(column for column in SUM_COLUMNS if column.name != "worst_case"),
    Column("mine", Kind.BOOL, doc="the account's own"),
    Column("watched", Kind.BOOL, doc="marked to be watched"),
)
PathPoints = tuple[float, ...]


class RoundRow(NamedTuple):
    """An unresolved round over the counted models, as `ROUND_COLUMNS` say; None where unknown."""

    round: int
    progress: tuple[int, int] | None
    days_to_go: int | None
    at_risk: Decimal | None
    value: float | None
    change: float | None
    expected: float | None
    p05: float | None
    p95: float | None
    burn_probability: float | None
    p25: float | None
    p75: float | None
    path: PathPoints | None
    payout: Decimal | None
    expected_payout: Decimal | None
    payout_p05: Decimal | None
    payout_p95: Decimal | None
    models: int
    target: str | None
    resolve_time: datetime | None
    factor_estimated: bool


class ModelRow(NamedTuple):
    """A model over the unresolved rounds, as `MODEL_COLUMNS` say; None where unknown."""

    model: str
    returns: tuple[float | None, ...]
    at_risk: Decimal
    payout: Decimal | None
    expected_payout: Decimal | None
    payout_p05: Decimal | None
    payout_p95: Decimal | None
    burn_probability: float | None
    mine: bool
    watched: bool


class ModelForecast(NamedTuple):
    """A model in an unresolved round, its money apart; the fields are columns of `ROUND_COLUMNS`."""

    value: float | None = None
    change: float | None = None
    expected: float | None = None
    p05: float | None = None
    p95: float | None = None
    burn_probability: float | None = None
    payout: Decimal | None = None
    expected_payout: Decimal | None = None
    path: PathPoints | None = None
    p25: float | None = None
    p75: float | None = None
    factor_estimated: bool | None = None


def monitor(connection: sqlite3.Connection, tournament: Tournament, now: datetime) -> tuple[Table, Table]:
    """The unresolved rounds, the next to resolve first, and their sums (one row; a column a week of resolution)."""
    drift = drift_of(connection, tournament)
    change = last_moves(drift).change
    models = counted_models(connection, drift, Models())
    rows = [_round_row(drift, change, models, r, now) for r in drift.open_rounds]
    missing = sum(row.expected is None and row.models > 0 for row in rows)
    return Table("rounds", ROUND_COLUMNS, rows), sums_table(drift, models, missing)


def by_model(connection: sqlite3.Connection, tournament: Tournament) -> Table:
    """A row a model, own ones first: its money, and the projected return of each unresolved round, the next to resolve
    first."""
    drift = drift_of(connection, tournament)
    models, numbers = drift.inputs.models, drift.inputs.rounds.numbers
    counted = {int(m): index for index, m in enumerate(np.flatnonzero(models.counted))}
    rows: list[Row] = []
    for m in sorted(selected_models(connection, drift, Models()), key=lambda m: not models.mine[m]):
        rounds = [r for r in drift.open_rounds if in_round(drift, m, r)]
        if not rounds:
            continue
        forecast = drift.by_model.pick(counted[m]) if m in counted else Interval.unknown(())
        sums = money_sums(drift, [m], rounds, forecast)
        rows.append(
            ModelRow(
                model=models.names[m],
                returns=tuple(drift_row(drift, m, r).value if r in rounds else None for r in drift.open_rounds),
                at_risk=sums.at_risk,
                payout=sums.payout,
                expected_payout=sums.expected_payout,
                payout_p05=sums.payout_p05,
                payout_p95=sums.payout_p95,
                burn_probability=sums.burn_probability,
                mine=models.mine[m],
                watched=models.watched[m],
            )
        )
    return Table("by model", MODEL_COLUMNS, rows, tuple(str(numbers[r]) for r in drift.open_rounds))


def model_forecasts(connection: sqlite3.Connection, tournament: Tournament, model: str, now: datetime) -> Table:
    """One model's unresolved rounds as the monitor shows them, the next to resolve first."""
    drift = drift_of(connection, tournament)
    change = last_moves(drift).change
    rows: list[Row] = []
    for m in selected_models(connection, drift, Models(names=(model,))):
        for r in drift.open_rounds:
            if in_round(drift, m, r):
                row = drift_row(drift, m, r)
                progress = (row.day, row.days) if row.days else None
                left = _days_to_go(drift, r, now)
                rows.append((row.round, progress, left, row.at_risk, *_model_forecast(drift, change, m, r)))
    names = ("round", "progress", "days_to_go", "at_risk", *ModelForecast._fields)
    return Table(model, _columns(names), rows)


def round_forecasts_by_model(
    connection: sqlite3.Connection, tournament: Tournament, numbered: int, selection: Models
) -> Table:
    """The models of a round with scores and percentiles, and their forecasts where the round is unresolved."""
    table = round_models(connection, tournament, numbered, selection)
    drift = drift_of(connection, tournament)
    rounds = drift.inputs.rounds
    r = rounds.position(numbered)
    if r is None or not rounds.open[r]:
        return table
    change = last_moves(drift).change
    position = {name: m for m, name in enumerate(drift.inputs.models.names)}
    rows: list[Row] = []
    for row in table.rows:
        m = position.get(str(row[0]))
        rows.append((*row, *(ModelForecast() if m is None else _model_forecast(drift, change, m, r))))
    return Table(table.name, (*table.columns, *_columns(ModelForecast._fields)), rows)


def _round_row(drift: Drift, change: Floats, models: Sequence[int], r: int, now: datetime) -> RoundRow:
    inputs = drift.inputs
    members = [m for m in models if in_round(drift, m, r)]
    at_risk = exact_sum(inputs.at_risk.get((m, r)) for m in members)
    day, days = int(drift.day[members, r].max(initial=0)), int(inputs.terms.days[r])
    weights = _stake_shares(drift, members, r)
    known = inputs.has_days((m, r) for m in members)
    scored = bool(members) and day > 0 and known
    payout = exact_sum(drift_row(drift, m, r).payout for m in members) if scored else None
    value = share(payout, at_risk) if payout is not None and at_risk else _mean_value(drift, members, r, weights)
    forecast = drift.by_round.pick(r) if known else Interval.unknown(())
    expected, p05, p25, p75, p95, burn = (number(float(column)) for column in forecast.columns())
    return RoundRow(
        round=inputs.rounds.numbers[r],
        progress=(day, days) if days else None,
        days_to_go=_days_to_go(drift, r, now),
        at_risk=at_risk if members else None,
        value=value if scored else None,
        change=_weighted(change[members, r], weights),
        expected=expected,
        p05=p05,
        p95=p95,
        burn_probability=burn,
        p25=p25,
        p75=p75,
        path=_path(drift, members, r, day),
        payout=payout,
        expected_payout=nmr(at_risk, expected),
        payout_p05=nmr(at_risk, p05),
        payout_p95=nmr(at_risk, p95),
        models=len(members),
        target=inputs.rounds.targets[r],
        resolve_time=time_of(inputs.rounds.resolve_times[r]),
        factor_estimated=bool(inputs.factor_estimated[members, r].any()),
    )


def _model_forecast(drift: Drift, change: Floats, m: int, r: int) -> ModelForecast:
    row, figures = drift_row(drift, m, r), forecast_figures(drift, m, r)
    return ModelForecast(
        value=row.value,
        change=number(change[m, r]),
        expected=figures.expected,
        p05=figures.p05,
        p95=figures.p95,
        burn_probability=figures.burn_probability,
        payout=row.payout,
        expected_payout=figures.expected_payout,
        path=_path(drift, [m], r, row.day),
        p25=figures.p25,
        p75=figures.p75,
        factor_estimated=row.factor_estimated,
    )


def _columns(names: Sequence[str]) -> tuple[Column, ...]:
    by_name = {column.name: column for column in ROUND_COLUMNS}
    return tuple(by_name[name] for name in names)


def _days_to_go(drift: Drift, r: int, now: datetime) -> int | None:
    """Days until the round resolves, begun ones counted; None where that is unknown."""
    left = days_to(time_of(drift.inputs.rounds.resolve_times[r]), now)
    return None if left is None else max(0, round(left + 0.499))


def _mean_value(drift: Drift, models: Sequence[int], r: int, weights: Floats) -> float | None:
    newest = [drift_row(drift, m, r).value for m in models]
    return _weighted(np.array([np.nan if value is None else value for value in newest]), weights)


def _stake_shares(drift: Drift, models: Sequence[int], r: int) -> Floats:
    """The models' shares of a round's stake; equal ones where nothing is staked."""
    stake = np.nan_to_num(drift.inputs.terms.at_risk[models, r])
    if not stake.sum():
        stake = np.ones(len(models))
    shares: Floats = stake / max(float(stake.sum()), 1e-300)
    return shares


def _weighted(values: Floats, weights: Floats) -> float | None:
    """The weighted sum over those that are known, None where none is."""
    known = ~np.isnan(values)
    return float((values[known] * weights[known]).sum()) if known.any() else None


def _path(drift: Drift, models: Sequence[int], r: int, day: int) -> PathPoints | None:
    """A round's return day by day up to `day` as points of a sparkline, weighted by stake; gaps are the last value."""
    if not models or not day:
        return None
    held = np.nan_to_num(carry_forward(drift.value[models, r, :day]))
    return sampled([float(value) for value in _stake_shares(drift, models, r) @ held])


def sampled(path: Sequence[float], points: int = POINTS) -> PathPoints:
    """At most `points` of a path, evenly apart, with both ends."""
    if len(path) <= points:
        return tuple(path)
    return tuple(path[round(index * (len(path) - 1) / (points - 1))] for index in range(points))
