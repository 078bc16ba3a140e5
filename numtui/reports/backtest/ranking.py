"""`export ranking`: the best cell of each model, the one that would have served all, and what was really chosen."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from numtui.analysis.arrays import Floats, number
from numtui.analysis.backtest.backtest import Backtest
from numtui.analysis.backtest.ranking import (
    BestCells,
    CommonCell,
    best_cells,
    best_shares,
    choose_models,
    common_best,
    place_of,
)
from numtui.analysis.ranks import descending_ranks
from numtui.format import counted
from numtui.model import Column, Kind, Row, Table, Tournament
from numtui.reports.backtest.compounding import earned
from numtui.reports.backtest.inputs import BacktestInputs, load_inputs
from numtui.reports.backtest.query import BacktestQuery
from numtui.reports.backtest.table import MODEL, ROUNDS, TOURNAMENT, amount, cell_values, computed, nothing
from numtui.reports.backtest.table import score_columns as multipliers
from numtui.reports.payout_check import settled_payouts
from numtui.store.queries.selection import Rounds

SHARED_CELLS = 1000  # grids up to which the draws are counted in which each cell is best
BEST = (
    ROUNDS,
    Column("total", Kind.NMR, doc="total of the best cell"),
    Column("average", Kind.NMR, doc="average of the best cell"),
    Column("average_p05", Kind.NMR, "avg p05", "lower end of its 90 % interval; empty where evidence is thin"),
    Column("average_p95", Kind.NMR, "avg p95", "upper end of its 90 % interval; empty where evidence is thin"),
    Column("best_share", Kind.PERCENTILE, "best in %", "share of bootstrap draws in which this cell is the best"),
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

Settled = Mapping[str, Mapping[int, Decimal]]  # model -> round -> NMR


@dataclass(frozen=True, slots=True)
class ActualPlace:
    """What a model's real multipliers gave: NMR over `rounds`, and the place `rank` of `cells` by the average."""

    rounds: int
    total: float
    average: float
    rank: int
    cells: int


def ranking(connection: sqlite3.Connection, tournament: Tournament, query: BacktestQuery, rounds: Rounds) -> Table:
    """A row a model, the best first. BacktestError as the backtest."""
    inputs = load_inputs(connection, tournament, query, rounds)
    if inputs is None:
        return nothing("ranking")
    result, notes = computed(inputs, workers=os.cpu_count() or 1)
    settled = settled_payouts(connection, tournament, result.models)
    return ranking_table(inputs, result, settled, notes, shared=len(inputs.cells) <= SHARED_CELLS)


def ranking_table(
    inputs: BacktestInputs, result: Backtest, settled: Settled, notes: tuple[str, ...], *, shared: bool
) -> Table:
    """The ranking of a computed backtest; `shared`: count in which draws each best cell is the best (slow)."""
    best, common = best_cells(result), common_best(inputs.history, inputs.cells)
    rows = [
        _row(inputs, result, settled, (best, common), m, shared=shared)
        for m in np.lexsort((np.arange(len(result.models)), np.where(best.rank == 0, len(best.rank) + 1, best.rank)))
    ]
    columns = (
        Column("rank", Kind.INT, doc="place among the models by their best cells, 1 the best"),
        MODEL,
        *multipliers(inputs, "best_", "multiplier of this score in the model's best cell"),
        *BEST,
        *multipliers(inputs, "common_", "multiplier of this score in the cell that is best for all models together"),
        *COMMON,
        *ACTUAL,
    )
    return Table("ranking", columns, rows, (*notes, *_said(common, shared=shared)))


def actual_place(inputs: BacktestInputs, model: int) -> ActualPlace | None:
    """How the real multipliers of a model (by position) did among the cells, on the rounds that have both.

    Stake, factor, clip and compounding are the backtest's, so that only the multipliers differ. None without such
    rounds.
    """
    both = inputs.history.counted()[model] & inputs.actual.counted()[model]
    n = int(np.count_nonzero(both))
    if not n:
        return None
    cells = earned(inputs, inputs.history, model, both, inputs.cells).sum(axis=0)
    earnings = float(earned(inputs, inputs.actual, model, both, np.ones((1, 1))).sum())
    rank, of = place_of(earnings, cells)
    return ActualPlace(n, earnings, earnings / n, rank, of)


def best_share(inputs: BacktestInputs, model: int, cell: int) -> float | None:
    """The share of bootstrap draws in which a cell is the model's best; None where the evidence is thin, or the stake
    compounds, so that the order of the rounds matters."""
    if inputs.query.compound:
        return None
    history = choose_models(inputs.history, [model])
    return number(best_shares(history, inputs.cells, inputs.scheme).by_model[0, cell])


def _row(
    inputs: BacktestInputs,
    result: Backtest,
    settled: Settled,
    choices: tuple[BestCells, CommonCell],
    model: int,
    *,
    shared: bool,
) -> Row:
    best, common = choices
    m, cell = int(model), int(best.cell[model])
    empty = (None,) * len(inputs.labels if inputs.grid is not None else inputs.paid)
    actual = actual_place(inputs, m)
    figures = (result.total, result.average, result.average_p05, result.average_p95)
    return (
        int(best.rank[m]) or None,
        result.models[m],
        *(empty if cell < 0 else cell_values(inputs, m, cell)),
        int(result.rounds[m]),
        *(None if cell < 0 else amount(values, m, cell) for values in figures),
        best_share(inputs, m, cell) if shared and cell >= 0 else None,
        *(empty if common.cell < 0 else cell_values(inputs, m, common.cell)),
        None if common.cell < 0 else amount(result.average, m, common.cell),
        None if common.cell < 0 else _rank(result.average[m], common.cell),
        None if actual is None else actual.rounds,
        None if actual is None else Decimal(repr(actual.total)),
        None if actual is None else Decimal(repr(actual.average)),
        None if actual is None else actual.rank,
        None if actual is None else actual.cells,
        _settled(inputs, settled, m),
        inputs.tournament.label,
    )


def _settled(inputs: BacktestInputs, settled: Settled, model: int) -> Decimal | None:
    """The settled payouts of the model's rounds, summed; None where none is known."""
    history = inputs.history
    known = settled[history.models[model]]
    amounts = [known[number] for number in history.rounds[history.counted()[model]].tolist() if number in known]
    return sum(amounts, Decimal(0)) if amounts else None


def _rank(values: Floats, cell: int) -> int | None:
    return int(descending_ranks(values[None])[0, cell]) or None


def _said(common: CommonCell, *, shared: bool) -> list[str]:
    lines = [
        f"common: the best cell for all models together, on the {counted(common.rounds, 'round')} that all of them have"
        if common.rounds
        else "common: the models have no round in common"
    ]
    if not shared:
        lines.append(f"best_share is not counted for grids of more than {SHARED_CELLS} cells")
    return lines
