"""Columns of drift tables name the attribute of the row that they show."""

from __future__ import annotations

import pytest

from numtui.model import Column
from numtui.reports.drift.calibration import CALIBRATION_COLUMNS, CalibrationRow, RecordedFigures
from numtui.reports.drift.monitor import MODEL_COLUMNS, ROUND_COLUMNS, ModelForecast, ModelRow, RoundRow
from numtui.reports.drift.record import RECORD_COLUMNS, RecordCells
from numtui.reports.drift.rows import DRIFT_COLUMNS, FORECAST_COLUMNS, DriftRow, ForecastFigures
from numtui.reports.drift.table import TOTAL_COLUMNS, TotalRow
from numtui.reports.drift.totals import CALENDAR_COLUMNS, SUM_COLUMNS, CalendarRow, Sums

TABLES = {
    "drift": (DRIFT_COLUMNS, DriftRow._fields),
    "forecast": (FORECAST_COLUMNS, ForecastFigures._fields),
    "total": (TOTAL_COLUMNS, TotalRow._fields),
    "rounds": (ROUND_COLUMNS, RoundRow._fields),
    "by model": (MODEL_COLUMNS, ModelRow._fields),
    "sums": (SUM_COLUMNS, Sums._fields),
    "calendar": (CALENDAR_COLUMNS, CalendarRow._fields),
    "record": (RECORD_COLUMNS, RecordCells._fields),
    "calibration": (CALIBRATION_COLUMNS, (*CalibrationRow._fields, *RecordedFigures._fields)),
}


@pytest.mark.parametrize(("columns", "fields"), TABLES.values(), ids=TABLES)
def test_columns_are_the_fields_of_their_row(columns: tuple[Column, ...], fields: tuple[str, ...]) -> None:
    assert tuple(column.name for column in columns) == fields


def test_a_models_forecast_is_a_part_of_a_rounds_row() -> None:
    assert set(ModelForecast._fields) < set(RoundRow._fields)
