"""Recording forecasts: what the poller calls after each scoring run."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime

import numpy as np

from numtui.analysis.arrays import number
from numtui.clock import Clock
from numtui.config import Settings
from numtui.model import Tournament
from numtui.reports.drift.compute import Drift, compute
from numtui.reports.drift.inputs import read_scope
from numtui.reports.drift.scoring_days import day_of
from numtui.reports.drift.table import in_round, plus, share, standing_row
from numtui.store.database import open_reader, open_writer
from numtui.store.writes.forecasts import ForecastRow, put_forecasts, total_key


def record_forecasts(settings: Settings, clock: Clock, tournament: Tournament) -> None:
    """Stores today's forecasts of the unresolved rounds; those that were stored before stay as they were.

    Raises StoreErrors. Runs in a thread of the poller, on connections of its own.
    """
    with closing(open_reader(settings.db)) as connection:
        drift = compute(read_scope(connection, tournament))
    rows = forecast_rows(drift, clock.now())
    if rows:
        with closing(open_writer(settings.db)) as connection:
            put_forecasts(connection, rows)


def forecast_rows(drift: Drift, now: datetime) -> list[ForecastRow]:
    """A row a model and unresolved round that has a forecast and a day to come, and a round's total."""
    rounds = drift.scope.rounds
    rows: list[ForecastRow] = []
    for r in np.flatnonzero(rounds.open).tolist():
        days = int(drift.scope.terms.days[r])
        for m, key in enumerate(drift.scope.models.keys):
            if in_round(drift, m, r) and number(drift.returns.expected[m, r]) is not None and drift.day[m, r] < days:
                rows.append(_row(drift, key, m, r, now))
        if (total := _total(drift, r, now)) is not None:
            rows.append(total)
    return rows


def _row(drift: Drift, key: int, m: int, r: int, now: datetime) -> ForecastRow:
    row = standing_row(drift, m, r)
    date, quantiles = _date(drift, r, row.day), (number(column[m, r]) for column in drift.returns.columns())
    return ForecastRow(key, row.round, row.day, now, date, row.days_left, row.at_risk, row.value, *quantiles)


def _total(drift: Drift, r: int, now: datetime) -> ForecastRow | None:
    scope = drift.scope
    counted = [m for m in np.flatnonzero(scope.models.counted).tolist() if in_round(drift, m, r)]
    day = int(drift.day[counted, r].max(initial=0))
    expected = number(drift.by_round.expected[r])
    if expected is None or day >= scope.terms.days[r]:
        return None
    at_risk = plus(scope.at_risk.get((m, r)) for m in counted)
    payout = plus(standing_row(drift, m, r).payout for m in counted)
    quantiles = (number(column[r]) for column in drift.by_round.columns())
    key, left = total_key(scope.tournament), int(scope.terms.days[r]) - day
    value = share(payout, at_risk)
    return ForecastRow(key, scope.rounds.numbers[r], day, now, _date(drift, r, day), left, at_risk, value, *quantiles)


def _date(drift: Drift, r: int, day: int) -> str | None:
    ordinal = drift.scored_on[r, day - 1] if day else 0
    return day_of(int(ordinal)) if ordinal else None
