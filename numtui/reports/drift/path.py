"""One model's path in a round, and the fan of its forecast: what the chart shows."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from numtui.analysis.arrays import number
from numtui.analysis.drift.fan import forecast_fan
from numtui.analysis.drift.scoring_dates import date_text
from numtui.model import Tournament
from numtui.reports.drift.compute import SEED, Drift, drift_of
from numtui.reports.drift.rows import in_round, missing_reason, selected_models
from numtui.store.queries.scores.paths import round_days
from numtui.store.queries.selection import Models

ByDay = tuple[float | None, ...]


class FanPoint(NamedTuple):
    """The forecast of the return on stake on one day: expected, and quantiles."""

    day: float
    expected: float
    p05: float
    p25: float
    p75: float
    p95: float


@dataclass(frozen=True, slots=True)
class ModelPath:
    """One model in one round: returns by day 1..D.

    `values` (None: no score that day), `percentiles` of each paid score by day, with its name; `fan` from today to the
    resolution, empty without a forecast, and then `reason` says why.
    """

    model: str
    round: int
    days: int
    values: ByDay
    percentiles: tuple[tuple[str, ByDay], ...]
    fan: tuple[FanPoint, ...]
    reason: str
    at_risk: bool
    dates: tuple[str | None, ...]


def model_path(connection: sqlite3.Connection, tournament: Tournament, model: str, numbered: int) -> ModelPath | None:
    """The path of a model in an unresolved (or lately resolved) round; None where the cache has no such path."""
    drift = drift_of(connection, tournament)
    r = drift.inputs.rounds.position(numbered)
    models = selected_models(connection, drift, Models(names=(model,)))
    if r is None or not models or not in_round(drift, models[0], r):
        return None
    m, days = models[0], int(drift.inputs.terms.days[r])
    if not days:
        return None
    unresolved = bool(drift.inputs.rounds.open[r])
    fan = _fan(drift, m, r) if unresolved else ()
    return ModelPath(
        model=model,
        round=numbered,
        days=days,
        values=tuple(number(value) for value in drift.value[m, r, :days]),
        percentiles=_percentiles(connection, drift, m, r, days),
        fan=fan,
        reason=missing_reason(drift) if unresolved and not fan else "",
        at_risk=bool(drift.inputs.at_risk.get((m, r))),
        dates=tuple(date_text(int(day)) if day else None for day in drift.scored_on[r, :days]),
    )


def _fan(drift: Drift, m: int, r: int) -> tuple[FanPoint, ...]:
    """The fan of a model in a round; empty where its history is too short."""
    for item in drift.learnt:
        group = next((group for group in item.groups if group.round == r and group.models[m]), None)
        if group is None or item.profile is None or item.revisions is None:
            continue
        day = int(drift.day[m, r])
        newest = float(drift.raw[m, r, day - 1]) if day else 0.0
        clip = float(drift.inputs.terms.clip[r])
        fan = forecast_fan(item.profile, item.revisions, m, day, newest, factor=group.factor, clip=clip, seed=SEED)
        if fan is None or np.isnan(fan.expected).any():
            return ()
        return tuple(
            FanPoint(float(day), float(mean), *map(float, quantiles))
            for day, mean, quantiles in zip(fan.day, fan.expected, fan.quantiles, strict=True)
        )
    return ()


def _percentiles(
    connection: sqlite3.Connection, drift: Drift, m: int, r: int, days: int
) -> tuple[tuple[str, ByDay], ...]:
    """The percentiles in the field of each score that pays the model in the round, by day."""
    inputs, terms = drift.inputs, drift.inputs.terms
    rows = round_days(connection, inputs.tournament, inputs.models.keys[m], terms.rounds[r])
    known = {(row.score, row.day): row.percentile for row in rows}
    return tuple(
        (terms.labels[k], tuple(known.get((terms.scores[k], day)) for day in range(1, days + 1)))
        for k in np.flatnonzero(terms.multipliers[m, r] != 0).tolist()
    )
