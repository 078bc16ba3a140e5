"""`export ranking`: the best cell of each model, the one that would have served all, and what was really chosen."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

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
from numtui.model import Column, Kind, Table, Tournament, table_of
from numtui.reports.backtest.compounding import earned
from numtui.reports.backtest.inputs import BacktestInputs, load_inputs
from numtui.reports.backtest.query import BacktestQuery
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
COMMON_DOC = "multiplier of this score in the cell that is best for all models together"

Settled = Mapping[str, Mapping[int, Decimal]]  # model -> round -> NMR


@dataclass(frozen=True, slots=True)
class ActualPlace:
    """What a model's real multipliers gave: NMR over `rounds`, and the place `rank` of `cells` by the average."""

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
    """The models, the best first, the cell that is `common` to all, and whether shares of draws were counted."""

    rows: tuple[RankingRow, ...]
    common: CommonCell
    shared: bool

    def table(self, inputs: BacktestInputs, notes: tuple[str, ...]) -> Table:
        """The same as a table, with `notes` and what its reader must know of the common cell."""
        columns = (
            Column("rank", Kind.INT, doc="place among the models by their best cells, 1 the best"),
            MODEL,
            *score_columns(inputs, "best_", "multiplier of this score in the model's best cell"),
            *BEST,
            *score_columns(
                inputs, "common_", "multiplier of this score in the cell that is best for all models together"
            ),
            *COMMON,
            *ACTUAL,
        )
        table = table_of("ranking", columns, self.rows)
        return replace(table, notes=(*notes, *_common_notes(self.common, shared=self.shared)))


def ranking(connection: sqlite3.Connection, tournament: Tournament, query: BacktestQuery, rounds: Rounds) -> Table:
    """A row a model, the best first. BacktestError as the backtest."""
    inputs = load_inputs(connection, tournament, query, rounds)
    if inputs is None:
        return nothing("ranking")
    result, notes = computed(inputs, workers=os.cpu_count() or 1)
    settled = settled_payouts(connection, tournament, result.models)
    return rank_models(inputs, result, settled, shared=len(inputs.cells) <= SHARED_CELLS).table(inputs, notes)


def rank_models(inputs: BacktestInputs, result: Backtest, settled: Settled, *, shared: bool) -> Ranking:
    """The ranking of a computed backtest; `shared`: count in which draws each best cell is the best (slow)."""
    best, common = best_cells(result), common_best(inputs.history, inputs.cells)
    order = np.lexsort((np.arange(len(result.models)), np.where(best.rank == 0, len(best.rank) + 1, best.rank)))
    rows = [_row(inputs, result, settled, (best, common), int(m), shared=shared) for m in order]
    return Ranking(tuple(rows), common, shared)


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
) -> RankingRow:
    best, common = choices
    cell, both = int(best.cell[model]), common.cell
    actual = actual_place(inputs, model)
    ranked = cell >= 0
    return RankingRow(
        rank=int(best.rank[model]) or None,
        model=result.models[model],
        rounds=int(result.rounds[model]),
        total=amount(result.total, model, cell) if ranked else None,
        average=amount(result.average, model, cell) if ranked else None,
        average_p05=amount(result.average_p05, model, cell) if ranked else None,
        average_p95=amount(result.average_p95, model, cell) if ranked else None,
        best_share=best_share(inputs, model, cell) if shared and ranked else None,
        common_average=amount(result.average, model, both) if both >= 0 else None,
        common_rank=_rank(result.average[model], both) if both >= 0 else None,
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


def _rank(values: Floats, cell: int) -> int | None:
    return int(descending_ranks(values[None])[0, cell]) or None


def _common_notes(common: CommonCell, *, shared: bool) -> list[str]:
    lines = [
        f"common: the best cell for all models together, on the {counted(common.rounds, 'round')} that all of them have"
        if common.rounds
        else "common: the models have no round in common"
    ]
    if not shared:
        lines.append(f"best_share is not counted for grids of more than {SHARED_CELLS} cells")
    return lines
