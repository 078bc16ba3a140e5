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
        found = compute(read_scope(connection, tournament))
    rows = forecast_rows(found, clock.now())
    if rows:
        with closing(open_writer(settings.db)) as connection:
            put_forecasts(connection, rows)


def forecast_rows(found: Drift, now: datetime) -> list[ForecastRow]:
    """A row a model and unresolved round that has a forecast and a day to come, and a round's total."""
    rounds = found.scope.rounds
    rows: list[ForecastRow] = []
    for r in np.flatnonzero(rounds.open).tolist():
        days = int(found.scope.terms.days[r])
        for m, key in enumerate(found.scope.models.keys):
            if in_round(found, m, r) and number(found.returns.expected[m, r]) is not None and found.day[m, r] < days:
                rows.append(_row(found, key, m, r, now))
        if (total := _total(found, r, now)) is not None:
            rows.append(total)
    return rows


def _row(found: Drift, key: int, m: int, r: int, now: datetime) -> ForecastRow:
    at = standing_row(found, m, r)
    date, quantiles = _date(found, r, at.day), (number(column[m, r]) for column in found.returns.columns())
    return ForecastRow(key, at.round, at.day, now, date, at.days_left, at.at_risk, at.value, *quantiles)


def _total(found: Drift, r: int, now: datetime) -> ForecastRow | None:
    scope = found.scope
    counted = [m for m in np.flatnonzero(scope.models.counted).tolist() if in_round(found, m, r)]
    day = int(found.day[counted, r].max(initial=0))
    expected = number(found.by_round.expected[r])
    if expected is None or day >= scope.terms.days[r]:
        return None
    at_risk = plus(scope.at_risk.get((m, r)) for m in counted)
    payout = plus(standing_row(found, m, r).payout for m in counted)
    quantiles = (number(column[r]) for column in found.by_round.columns())
    key, left = total_key(scope.tournament), int(scope.terms.days[r]) - day
    value = share(payout, at_risk)
    return ForecastRow(key, scope.rounds.numbers[r], day, now, _date(found, r, day), left, at_risk, value, *quantiles)


def _date(found: Drift, r: int, day: int) -> str | None:
    ordinal = found.scored_on[r, day - 1] if day else 0
    return day_of(int(ordinal)) if ordinal else None
