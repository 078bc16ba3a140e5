"""Recording forecasts: what the poller calls after each scoring run."""

from __future__ import annotations

from contextlib import closing
from dataclasses import fields
from datetime import datetime

import numpy as np

from numtui.analysis.arrays import number
from numtui.analysis.drift.draws import Interval
from numtui.analysis.drift.scoring_dates import date_text
from numtui.clock import Clock
from numtui.config import Settings
from numtui.model import Tournament
from numtui.money import exact_sum
from numtui.reports.drift.compute import Drift, compute
from numtui.reports.drift.inputs import load_inputs
from numtui.reports.drift.rows import drift_row, in_round, share
from numtui.store.database import open_reader, open_writer
from numtui.store.writes.forecasts import ForecastRow, put_forecasts, total_key


def record_forecasts(settings: Settings, clock: Clock, tournament: Tournament) -> None:
    """Stores today's forecasts of the unresolved rounds; those that were stored before stay as they were.

    Raises StoreErrors. Runs in a thread of the poller, on connections of its own.
    """
    with closing(open_reader(settings.db)) as connection:
        drift = compute(load_inputs(connection, tournament))
    rows = forecast_rows(drift, clock.now())
    if rows:
        with closing(open_writer(settings.db)) as connection:
            put_forecasts(connection, rows)


def forecast_rows(drift: Drift, now: datetime) -> list[ForecastRow]:
    """A row a model and unresolved round that has a forecast and a day to come, and a round's total."""
    rows: list[ForecastRow] = []
    for r in drift.open_rounds:
        models = [m for m in range(len(drift.inputs.models.keys)) if in_round(drift, m, r)]
        rows += [row for m in models if (row := _model_row(drift, m, r, now)) is not None]
        if (total := _total_row(drift, r, now)) is not None:
            rows.append(total)
    return rows


def _model_row(drift: Drift, m: int, r: int, now: datetime) -> ForecastRow | None:
    """The forecast of a model in a round; None without one, and on the last day."""
    row = drift_row(drift, m, r)
    if np.isnan(drift.returns.expected[m, r]) or row.day >= drift.inputs.terms.days[r]:
        return None
    return ForecastRow(
        model=drift.inputs.models.keys[m],
        round=row.round,
        day=row.day,
        time=now,
        date=_date(drift, r, row.day),
        days_left=row.days_left,
        at_risk=row.at_risk,
        value=row.value,
        **_forecast(drift.returns, (m, r)),
    )


def _total_row(drift: Drift, r: int, now: datetime) -> ForecastRow | None:
    """The forecast of a round over the counted models; None without one, and on the last day."""
    inputs = drift.inputs
    counted = [m for m in np.flatnonzero(inputs.models.counted).tolist() if in_round(drift, m, r)]
    day = int(drift.day[counted, r].max(initial=0))
    if np.isnan(drift.by_round.expected[r]) or day >= inputs.terms.days[r]:
        return None
    at_risk = exact_sum(inputs.at_risk.get((m, r)) for m in counted)
    payout = exact_sum(drift_row(drift, m, r).payout for m in counted)
    return ForecastRow(
        model=total_key(inputs.tournament),
        round=inputs.rounds.numbers[r],
        day=day,
        time=now,
        date=_date(drift, r, day),
        days_left=int(inputs.terms.days[r]) - day,
        at_risk=at_risk,
        value=share(payout, at_risk),
        **_forecast(drift.by_round, (r,)),
    )


def _forecast(interval: Interval, position: tuple[int, ...]) -> dict[str, float | None]:
    """The fields of a `ForecastRow` that are those of an Interval."""
    return {field.name: number(getattr(interval, field.name)[position]) for field in fields(interval)}


def _date(drift: Drift, r: int, day: int) -> str | None:
    ordinal = drift.scored_on[r, day - 1] if day else 0
    return date_text(int(ordinal)) if ordinal else None
