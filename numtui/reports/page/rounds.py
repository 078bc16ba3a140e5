"""One model's rounds in one table: where each stands, what it will probably bring, its money, and its scores."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from numtui.model import Row, Table, Tournament
from numtui.reports.drift.monitor import model_forecasts
from numtui.reports.models.model_rounds import model_rounds

FORECAST = ("value", "change", "expected", "p05", "p95", "burn_probability", "expected_payout", "path", "days_to_go")
MONEY = 7  # columns of status and money before the scores


def rounds_with_forecasts(connection: sqlite3.Connection, tournament: Tournament, model: str, now: datetime) -> Table:
    """The rounds of `model_rounds`, the newest first, with the columns of `model_forecasts` where one is unresolved."""
    known, forecasts = (report(connection, tournament, model, now) for report in (model_rounds, model_forecasts))
    places = [forecasts.column(name) for name in FORECAST]
    number = forecasts.column("round")
    by_round = {row[number]: tuple(row[place] for place in places) for row in forecasts.rows}
    nothing: Row = (None,) * len(FORECAST)
    rows = [(*row[:MONEY], *by_round.get(row[0], nothing), *row[MONEY:]) for row in known.rows]
    columns = (*known.columns[:MONEY], *(forecasts.columns[place] for place in places), *known.columns[MONEY:])
    return Table(model, columns, rows)
