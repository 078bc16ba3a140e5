"""The record of forecasts: those made again at past days without hindsight, and those stored when they were made."""

from __future__ import annotations

import sqlite3
from threading import Lock
from typing import NamedTuple

import numpy as np

from numtui.analysis.arrays import number
from numtui.analysis.drift.calibration import TENTHS, SelfCheck, check_days, self_check
from numtui.analysis.drift.profile import DriftHistory
from numtui.model import Column, Kind, Table, Tournament
from numtui.reports.drift.compute import Drift, LearntKind, drift_of
from numtui.store.queries.forecasts import ForecastOutcome, forecast_outcomes

CAVEAT = "one tournament's history proves little: rounds overlap"
CHECKS = 10  # past days on which forecasts are made again
MOST_MODELS = 24  # whose forecasts are checked at most, own ones first: enough to see, and a second's work
CALIBRATION_COLUMNS = (
    Column("life", Kind.TEXT, doc="how far rounds had come when they were forecast"),
    Column("forecasts", Kind.INT, doc="forecasts made again at past days, from what was known then"),
    Column("held_90", Kind.PERCENTILE, "held 90", "how often the 90 % interval held the outcome, in per cent"),
    Column("held_50", Kind.PERCENTILE, "held 50", "how often the 50 % interval held the outcome, in per cent"),
    Column("error", Kind.FLOAT, doc="mean absolute error of the forecast"),
    Column("error_today", Kind.FLOAT, "if today", "mean absolute error of: today's score is the final"),
    Column("error_zero", Kind.FLOAT, "if zero", "mean absolute error of: the final is zero"),
    Column("score", Kind.FLOAT, doc="interval score of the 90 % interval; lower is better"),
    Column("score_history", Kind.FLOAT, "of history", "interval score of the quantiles of earlier finals"),
    Column("recorded", Kind.INT, doc="forecasts that were stored when they were made, and have an outcome"),
    Column("recorded_held_90", Kind.PERCENTILE, "rec. 90", "how often their 90 % interval held"),
    Column("recorded_error", Kind.FLOAT, "rec. error", "their mean absolute error"),
)


class RecordedFigures(NamedTuple):
    """How the forecasts that were stored when they were made did, as the last `CALIBRATION_COLUMNS` say."""

    recorded: int | None = 0
    recorded_held_90: float | None = None
    recorded_error: float | None = None


class CalibrationRow(NamedTuple):
    """How forecasts did in a tenth of rounds' life, as the first `CALIBRATION_COLUMNS` say; None where unknown."""

    life: str
    forecasts: int = 0
    held_90: float | None = None
    held_50: float | None = None
    error: float | None = None
    error_today: float | None = None
    error_zero: float | None = None
    score: float | None = None
    score_history: float | None = None


_lock = Lock()
_checked: dict[Tournament, tuple[Drift, SelfCheck | None]] = {}


def record_table(connection: sqlite3.Connection, tournament: Tournament) -> tuple[Table, Table]:
    """The record by tenth of life and of totals, and a table of one row: how much evidence it is."""
    drift = drift_of(connection, tournament)
    check = _self_check_of(drift)
    recorded = _recorded_by_tenth(connection, tournament)
    rows: list[tuple[object, ...]] = []
    if check is not None or recorded:
        rows = [(*_tenth(check, tenth), *recorded.get(tenth, RecordedFigures())) for tenth in range(TENTHS)]
    if check is not None:
        totals = {"sum by model": check.model_totals, "sum of all": check.portfolio_total}
        rows += [(*CalibrationRow(name, *figures), *RecordedFigures(None)) for name, figures in totals.items()]
    evidence = Table(
        "evidence",
        (Column("blocks", Kind.FLOAT, "independent rounds"), Column("caveat", Kind.TEXT, "Beware:")),
        [(None if check is None else round(check.blocks, 1), CAVEAT)],
    )
    return Table("record", CALIBRATION_COLUMNS, rows), evidence


def _self_check_of(drift: Drift) -> SelfCheck | None:
    """The self-check of this state of the cache, made once."""
    tournament = drift.inputs.tournament
    with _lock:
        cached = _checked.get(tournament)
        if cached is None or cached[0] is not drift:
            cached = drift, _check(drift)
            _checked[tournament] = cached
    return cached[1]


def _check(drift: Drift) -> SelfCheck | None:
    """The self-check of the kind of rounds that has most unresolved ones; None where no history is long enough."""
    learnt = max(
        (item for item in drift.learnt if item.profile is not None), key=lambda item: len(item.groups), default=None
    )
    if learnt is None:
        return None
    models = np.argsort(~drift.inputs.models.counted, kind="stable")[:MOST_MODELS]
    history = DriftHistory(learnt.history.raw[models] * _factor(learnt), learnt.history.scored_on)
    clip = float(np.nanmax(drift.inputs.terms.clip[learnt.rounds]))
    return self_check(history, check_days(history, CHECKS), clip=clip)


def _factor(learnt: LearntKind) -> float:
    """The newest known factor: the record is in returns as they would be paid now."""
    factors = [group.factor for group in learnt.groups if not np.isnan(group.factor)]
    return factors[-1] if factors else 1.0


def _tenth(check: SelfCheck | None, tenth: int) -> CalibrationRow:
    life = f"{tenth * 10:>2}-{tenth * 10 + 10}%"
    if check is None:
        return CalibrationRow(life)
    record = check.by_tenth
    return CalibrationRow(
        life=life,
        forecasts=int(record.count[tenth]),
        held_90=number(record.held_90[tenth]),
        held_50=number(record.held_50[tenth]),
        error=number(record.error[tenth]),
        error_today=number(record.error_today[tenth]),
        error_zero=number(record.error_zero[tenth]),
        score=number(record.score[tenth]),
        score_history=number(record.score_history[tenth]),
    )


def _recorded_by_tenth(connection: sqlite3.Connection, tournament: Tournament) -> dict[int, RecordedFigures]:
    """Stored forecasts with an outcome by tenth of life: how many, how often the interval held, mean error."""
    by_tenth: dict[int, list[ForecastOutcome]] = {}
    for row in forecast_outcomes(connection, tournament):
        tenth = min(row.day * TENTHS // (row.day + row.days_left), TENTHS - 1)
        by_tenth.setdefault(tenth, []).append(row)
    return {
        tenth: RecordedFigures(
            len(rows),
            sum(row.p05 <= row.outcome <= row.p95 for row in rows) / len(rows),
            sum(abs(row.expected - row.outcome) for row in rows) / len(rows),
        )
        for tenth, rows in by_tenth.items()
    }
