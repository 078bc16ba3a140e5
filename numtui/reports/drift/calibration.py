"""The record of forecasts: those made again at past days without hindsight, and those stored when they were made."""

from __future__ import annotations

import sqlite3
from threading import Lock

import numpy as np

from numtui.analysis.arrays import number
from numtui.analysis.drift.calibration import TENTHS, SelfCheck, check_days, self_check
from numtui.analysis.drift.profile import DriftHistory
from numtui.model import Column, Kind, Row, Table, Tournament
from numtui.reports.drift.compute import Drift, Learnt, drift_of
from numtui.store.queries.forecasts import ForecastOutcome, forecast_outcomes

CAVEAT = "one tournament's history proves little: rounds overlap"
CHECKS = 10  # past days on which forecasts are made again
MODELS = 24  # whose forecasts are checked at most, own ones first: enough to see, and a second's work
COLUMNS = (
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

_lock = Lock()
_known: dict[Tournament, tuple[Drift, SelfCheck | None]] = {}


def record_table(connection: sqlite3.Connection, tournament: Tournament) -> tuple[Table, Table]:
    """The record by tenth of life and of totals, and a table of one row: how much evidence it is."""
    found = drift_of(connection, tournament)
    check = _checked(found)
    recorded = _recorded(connection, found)
    rows: list[Row] = (
        [_tenth(check, tenth, recorded.get(tenth)) for tenth in range(TENTHS)] if check or recorded else []
    )
    if check is not None:
        for name, (count, held_90, held_50) in (
            ("sum by model", check.model_totals),
            ("sum of all", check.portfolio_total),
        ):
            rows.append((name, count, held_90, held_50, *(None,) * 8))
    evidence = Table(
        "evidence",
        (Column("blocks", Kind.FLOAT, "independent rounds"), Column("caveat", Kind.TEXT, "Beware:")),
        [(None if check is None else round(check.blocks, 1), CAVEAT)],
    )
    return Table("record", COLUMNS, rows), evidence


def _checked(found: Drift) -> SelfCheck | None:
    """The self-check of this state of the cache, made once."""
    tournament = found.scope.tournament
    with _lock:
        known = _known.get(tournament)
        if known is None or known[0] is not found:
            known = found, _check(found)
            _known[tournament] = known
    return known[1]


def _check(found: Drift) -> SelfCheck | None:
    learnt = max(
        (part for part in found.learnt if part.profile is not None), key=lambda part: len(part.columns), default=None
    )
    if learnt is None:
        return None
    counted = np.argsort(~found.scope.models.counted, kind="stable")[:MODELS]
    history = DriftHistory(learnt.history.raw[counted] * _factor(learnt), learnt.history.scored_on)
    clip = float(np.nanmax(found.scope.terms.clip[[column.at for column in learnt.columns]]))
    return self_check(history, check_days(history, CHECKS), clip=clip)


def _factor(learnt: Learnt) -> float:
    """The newest known factor: the record is in returns as they would be paid now."""
    factors = [column.factor for column in learnt.columns if not np.isnan(column.factor)]
    return factors[-1] if factors else 1.0


def _tenth(check: SelfCheck | None, tenth: int, recorded: tuple[int, float, float] | None) -> Row:
    name = f"{tenth * 10:>2}-{tenth * 10 + 10}%"
    made: tuple[object, ...] = (0, *(None,) * 7)
    if check is not None:
        found = check.by_tenth
        count = int(found.count[tenth])
        figures = (found.held_90, found.held_50, found.error, found.error_today, found.error_zero)
        made = (count, *(number(column[tenth]) for column in (*figures, found.score, found.score_history)))
    return (name, *made, *(recorded or (0, None, None)))


def _recorded(connection: sqlite3.Connection, found: Drift) -> dict[int, tuple[int, float, float]]:
    """Stored forecasts with an outcome by tenth of life: how many, how often the interval held, mean error."""
    by_tenth: dict[int, list[ForecastOutcome]] = {}
    for row in forecast_outcomes(connection, found.scope.tournament):
        tenth = min(row.day * TENTHS // (row.day + row.days_left), TENTHS - 1)
        by_tenth.setdefault(tenth, []).append(row)
    return {
        tenth: (
            len(rows),
            sum(row.p05 <= row.outcome <= row.p95 for row in rows) / len(rows),
            sum(abs(row.expected - row.outcome) for row in rows) / len(rows),
        )
        for tenth, rows in by_tenth.items()
    }
