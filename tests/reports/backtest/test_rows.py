"""Rows of backtests have a field for each column that does not vary with the scores."""

from __future__ import annotations

from numtui.reports.allocation import table as allocation
from numtui.reports.allocation.frontier import FRONTIER_COLUMNS, FrontierRow
from numtui.reports.allocation.moving import MOVING_COLUMNS, MovingRow
from numtui.reports.allocation.portfolio import PORTFOLIO_COLUMNS, PortfolioRow
from numtui.reports.backtest.model_order import MATCHED, MatchedFigures
from numtui.reports.backtest.ranking import ACTUAL, BEST, COMMON, RankingRow
from numtui.reports.backtest.risk import SHAPE, STRETCHES, TOGETHER, RiskRow
from numtui.reports.backtest.table import FIGURES, MODEL, RATIOS, ROUNDS, TOURNAMENT, BacktestRow
from numtui.reports.backtest.walk_forward import COLUMNS, WalkRow


def test_fields_are_called_as_the_columns() -> None:
    assert BacktestRow._fields == ("model", "multipliers", *(column.name for column in FIGURES))
    assert RiskRow._fields == (
        MODEL.name,
        ROUNDS.name,
        "mean",
        *(column.name for column in (*RATIOS, *SHAPE, *STRETCHES, *TOGETHER, TOURNAMENT)),
        "scores",
    )
    ranked = (*BEST, *MATCHED, *COMMON, *ACTUAL)
    assert RankingRow._fields == ("rank", "model", *(column.name for column in ranked), "scores")
    assert MatchedFigures._fields == tuple(column.name for column in MATCHED)
    assert allocation.AllocationRow._fields == tuple(column.name for column in allocation.COLUMNS)
    assert FrontierRow._fields == tuple(column.name for column in FRONTIER_COLUMNS)
    assert PortfolioRow._fields == tuple(column.name for column in PORTFOLIO_COLUMNS)
    assert MovingRow._fields == tuple(column.name for column in MOVING_COLUMNS)
    assert allocation.WalkRow._fields == tuple(column.name for column in allocation.WALK_COLUMNS)
    assert WalkRow._fields == tuple(column.name for column in COLUMNS)
