"""`export ranking`: the best cell of each model, the one that would have served all, and what was really chosen."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from numtui.analysis.arrays import number
from numtui.analysis.backtest.backtest import Backtest, Mode, model_series
from numtui.analysis.backtest.ranking import BestCells, CommonCell, best_cells, common_best, figures, place_of
from numtui.format import counted
from numtui.model import Column, Kind, Table, Tournament, table_of
from numtui.reports.backtest.compounding import earned
from numtui.reports.backtest.inputs import BacktestInputs, load_inputs
from numtui.reports.backtest.leverage import leverage
from numtui.reports.backtest.model_order import MATCHED, ModelOrder, model_order
from numtui.reports.backtest.query import RATIOS, BacktestQuery
from numtui.reports.backtest.table import (
    MODEL,
    ROUNDS,
    TOURNAMENT,
    amount,
    cell_values,
    computed,
    nothing,
    score_columns,
)
from numtui.reports.payout_check import settled_payouts
from numtui.store.queries.selection import Rounds

SHARED = 100_000  # models x cells up to which the draws are counted in which each cell is best
BEST = (
    ROUNDS,
    Column("total", Kind.NMR, doc="total of the best cell"),
    Column("average", Kind.NMR, doc="average of the best cell"),
    Column("average_p05", Kind.NMR, "avg p05", "lower end of its 90 % interval; empty where evidence is thin"),
    Column("average_p95", Kind.NMR, "avg p95", "upper end of its 90 % interval; empty where evidence is thin"),
    Column("best_share", Kind.PERCENTILE, "best in %", "share of draws in which this cell is best by the mode"),
    Column("leverage", Kind.TEXT, doc="largest, smallest: the best cell is only that of its proportions in the grid"),
)
COMMON = (
    Column("common_average", Kind.NMR, "common avg", "average of the common cell on the model's rounds"),
    Column("common_rank", Kind.INT, "common rank", "its place among the model's cells"),
)
ACTUAL = (
    Column("actual_rounds", Kind.INT, "act. rounds", "rounds that have both the grid's scores and terms of their own"),
    Column("actual_total", Kind.NMR, "actual", "total of the multipliers really in force in these rounds"),
    Column("actual_average", Kind.NMR, "actual avg", "their average"),
    Column("actual_rank", Kind.INT, "act. rank", "their place among the cells in these rounds"),
    Column("cells", Kind.INT, doc="how many cells there are, the actual choice included"),
    Column("settled", Kind.NMR, doc="what was really paid or burned in the model's rounds, on the stakes at risk"),
    TOURNAMENT,
)
COMMON_DOC = "multiplier of this score in the cell that is best for all models together"

ACTUAL_CELLS = np.ones((1, 1))  # the one cell of the history under the terms of each round
Settled = Mapping[str, Mapping[int, Decimal]]  # model -> round -> NMR


@dataclass(frozen=True, slots=True)
class ActualPlace:
    """What a model's real multipliers gave: NMR over `rounds`, and the place `rank` of `cells` by the mode."""

    rounds: int
    total: float
    average: float
    rank: int
    cells: int


class RankingRow(NamedTuple):
    """A model by its best cell: figures as the columns are called, None where undefined; money is NMR.

    `scores` are the multipliers of its best cell and of the common one, by column.
    """

    rank: int | None
    model: str
    rounds: int
    total: Decimal | None
    average: Decimal | None
    average_p05: Decimal | None
    average_p95: Decimal | None
    best_share: float | None
    leverage: str | None
    matched_rounds: int | None
    matched_average: Decimal | None
    matched_sharpe: float | None
    matched_per_risk: float | None
    rank_p05: int | None
    rank_p95: int | None
    behind: float | None
    behind_p05: float | None
    behind_p95: float | None
    common_average: Decimal | None
    common_rank: int | None
    actual_rounds: int | None
    actual_total: Decimal | None
    actual_average: Decimal | None
    actual_rank: int | None
    cells: int | None
    settled: Decimal | None
    tournament: str
    scores: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Ranking:
    """The models, the best first, and `notes` on how they came into this order."""

    rows: tuple[RankingRow, ...]
    notes: tuple[str, ...]

    def table(self, inputs: BacktestInputs, notes: tuple[str, ...]) -> Table:
        """The same as a table, with `notes` before its own."""
        columns = (
            Column("rank", Kind.INT, doc="place among the models by their best cells on matched rounds, 1 the best"),
            MODEL,
            *score_columns(inputs, "best_", "multiplier of this score in the model's best cell"),
            *BEST,
            *MATCHED,
            *score_columns(
                inputs, "common_", "multiplier of this score in the cell that is best for all models together"
            ),
            *COMMON,
            *ACTUAL,
        )
        table = table_of("ranking", columns, self.rows)
        return replace(table, notes=(*notes, *self.notes))


def ranking(connection: sqlite3.Connection, tournament: Tournament, query: BacktestQuery, rounds: Rounds) -> Table:
    """A row a model, the best first. BacktestError as the backtest."""
    inputs = load_inputs(connection, tournament, query, rounds)
    if inputs is None:
        return nothing("ranking")
    result, notes = computed(inputs, workers=os.cpu_count() or 1)
    settled = settled_payouts(connection, tournament, result.models)
    return rank_models(inputs, result, settled).table(inputs, notes)


def rank_models(inputs: BacktestInputs, result: Backtest, settled: Settled) -> Ranking:
    """The ranking of a computed backtest."""
    best, common = best_cells(result), common_best(inputs.history, inputs.cells, result.mode)
    shared = result.total.size <= SHARED
    order = model_order(inputs, result, best)
    last = len(order.rank) + 1
    rows = []
    for model in np.argsort(np.where(order.rank == 0, last, order.rank), kind="stable").tolist():
        row = _row(inputs, result, settled, (best, common, order), model)
        if shared and best.cell[model] >= 0:
            row = row._replace(best_share=best_share(inputs, result.mode, model, int(best.cell[model])))
        rows.append(row)
    return Ranking(tuple(rows), (*order.notes, *_common_notes(common, shared=shared)))


def actual_place(inputs: BacktestInputs, mode: Mode, model: int) -> ActualPlace | None:
    """How the real multipliers of a model (by position) did among the cells, on the rounds that have both.

    Stake, factor, clip and compounding are the backtest's, so that only the multipliers differ. None without such
    rounds.
    """
    both = inputs.history.counted()[model] & inputs.actual.counted()[model]
    n = int(np.count_nonzero(both))
    if not n:
        return None
    real = earned(inputs, inputs.actual, model, both, ACTUAL_CELLS)
    cells = earned(inputs, inputs.history, model, both, inputs.cells)
    earnings = float(real.sum())
    if mode in RATIOS:
        returned = model_series(inputs.actual, model, both).returns(ACTUAL_CELLS)
        others = model_series(inputs.history, model, both).returns(inputs.cells)
        value = figures(mode, returned, real, inputs.open_rounds).value[0]
        rank, of = place_of(float(value), figures(mode, others, cells, inputs.open_rounds).value)
    else:
        rank, of = place_of(earnings, cells.sum(axis=0))
    return ActualPlace(n, earnings, earnings / n, rank, of)


def best_share(inputs: BacktestInputs, mode: Mode, model: int, cell: int) -> float | None:
    """The share of 2,000 draws in which a cell is the model's best; None where the evidence is thin, or the stake
    compounds and the mode is about it, so that the order of the rounds matters."""
    if inputs.query.compound and mode not in RATIOS:
        return None
    series = model_series(inputs.history, model, inputs.history.counted()[model])
    returned = series.returns(inputs.cells)
    figure = figures(mode, returned, series.stake[:, None] * returned, inputs.open_rounds)
    return number(figure.shares()[cell])


def _row(
    inputs: BacktestInputs,
    result: Backtest,
    settled: Settled,
    choices: tuple[BestCells, CommonCell, ModelOrder],
    model: int,
) -> RankingRow:
    """The row of a model but for the share of draws."""
    best, common, order = choices
    cell, both = int(best.cell[model]), common.cell
    actual = actual_place(inputs, result.mode, model)
    ranked = cell >= 0
    return RankingRow(
        rank=int(order.rank[model]) or None,
        model=result.models[model],
        rounds=int(result.rounds[model]),
        total=amount(result.total, model, cell) if ranked else None,
        average=amount(result.average, model, cell) if ranked else None,
        average_p05=amount(result.average_p05, model, cell) if ranked else None,
        average_p95=amount(result.average_p95, model, cell) if ranked else None,
        best_share=None,
        leverage=leverage(inputs, result, model),
        **order.matched[model]._asdict(),
        common_average=amount(result.average, model, both) if both >= 0 else None,
        common_rank=int(result.rank[model, both]) or None if both >= 0 else None,
        actual_rounds=None if actual is None else actual.rounds,
        actual_total=None if actual is None else Decimal(repr(actual.total)),
        actual_average=None if actual is None else Decimal(repr(actual.average)),
        actual_rank=None if actual is None else actual.rank,
        cells=None if actual is None else actual.cells,
        settled=_settled(inputs, settled, model),
        tournament=inputs.tournament.label,
        scores={**_multipliers(inputs, model, cell, "best_"), **_multipliers(inputs, model, both, "common_")},
    )


def _multipliers(inputs: BacktestInputs, model: int, cell: int, prefix: str) -> dict[str, object]:
    """The multipliers of a cell by column; none where there is no cell (-1)."""
    if cell < 0:
        return {}
    columns = score_columns(inputs, prefix)
    return {column.name: value for column, value in zip(columns, cell_values(inputs, model, cell), strict=True)}


def _settled(inputs: BacktestInputs, settled: Settled, model: int) -> Decimal | None:
    """The settled payouts of the model's rounds, summed; None where none is known."""
    history = inputs.history
    known = settled[history.models[model]]
    amounts = [known[number] for number in history.rounds[history.counted()[model]].tolist() if number in known]
    return sum(amounts, Decimal(0)) if amounts else None


def _common_notes(common: CommonCell, *, shared: bool) -> list[str]:
    lines = [
        f"common: the best cell for all models together, on the {counted(common.rounds, 'round')} that all of them have"
        if common.rounds
        else "common: the models have no round in common"
    ]
    if not shared:
        lines.append(f"best_share is not counted for more than {SHARED:,} models x cells")
    return lines
