"""One backtest as the screen shows it: tables, heatmaps, curves and words, computed once and looked at in many ways."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from numtui.analysis.arrays import Bools, Ints
from numtui.analysis.backtest.backtest import Backtest, model_series
from numtui.analysis.backtest.grid import exact_multiplier
from numtui.analysis.backtest.leverage import alike
from numtui.analysis.backtest.ranking import best_cells, figures
from numtui.analysis.backtest.walk_forward import Walk
from numtui.analysis.intervals import Interval
from numtui.model import Column, Kind, Row, Table, Tournament
from numtui.reports.backtest.compounding import earned
from numtui.reports.backtest.inputs import BacktestInputs, load_inputs
from numtui.reports.backtest.leverage import leverage
from numtui.reports.backtest.query import ACTUAL, RATIOS, USUAL, BacktestError, BacktestQuery
from numtui.reports.backtest.ranking import RankingRow, rank_models
from numtui.reports.backtest.table import FIGURES, MODEL, backtest_rows, computed, score_columns
from numtui.reports.backtest.terms import default_grid
from numtui.reports.backtest.walk_forward import walked
from numtui.reports.payout_check import payout_differences, settled_payouts
from numtui.store.queries.selection import Rounds

LISTED = 5000  # rows of the table of cells; of larger grids each model's best cells are listed
WALKED = 200  # cells that a walk forward chooses among at most: every so many of a larger grid
KEY = Column("key", Kind.KEY, doc="model and cell")
ACTUAL_CELL = -1  # in place of a position: the terms of each round


class Heat(NamedTuple):
    """A slice of a grid for one model: `down` and `across` are (score, multipliers); `values` [down][across] the figure
    of the mode, None where there is none; `best` and `actual` are (down, across) positions where they lie in this
    slice, `alike` those that differ from the best by leverage only; `others` names the multipliers of the other axes.
    """

    down: tuple[str, tuple[str, ...]]
    across: tuple[str, tuple[str, ...]]
    values: list[list[float | None]]
    best: tuple[int, int] | None
    actual: tuple[int, int] | None
    others: str
    alike: frozenset[tuple[int, int]] = frozenset()


class Curve(NamedTuple):
    """Cumulated payout in NMR by round."""

    name: str
    rounds: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """A computed backtest.

    `ranking`, of these `rows`, and `cells` are its tables; `walk` comes later, since it takes longer; a text in its
    place says why there is none. `best` [M] is the position of each model's best cell, -1 without rounds; `counted`
    [M, R] are the rounds that count.
    """

    inputs: BacktestInputs
    result: Backtest
    rows: tuple[RankingRow, ...]
    ranking: Table
    cells: Table
    differences: tuple[str, ...]
    best: Ints
    counted: Bools
    walk: Walk | str | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know: discrepancies first."""
        return (*self.differences, *self.ranking.notes)

    @property
    def slices(self) -> int:
        """How many heatmaps the grid has: the combinations of all axes but the first two."""
        return int(np.prod([len(values) for values in self._axes()[2:]])) if self.inputs.grid else 0

    def row(self, model: str) -> RankingRow | None:
        """The model's row of the ranking; None where there is none."""
        return next((row for row in self.rows if row.model == model), None)

    def best_cell(self, model: str) -> int | None:
        """The position of the model's best cell; None without rounds."""
        cell = int(self.best[self.result.models.index(model)])
        return cell if cell >= 0 else None

    def best_slice(self, model: str) -> int:
        """The heatmap that holds the model's best cell."""
        cell = self.best_cell(model)
        if self.inputs.grid is None or cell is None:
            return 0
        index = 0
        for values, multiplier in zip(self._axes()[2:], self.inputs.grid.cells[cell][2:], strict=True):
            index = index * len(values) + values.index(multiplier)
        return index

    def at_edge(self, model: str) -> bool:
        """Whether the best cell has the greatest multiplier of an axis, so that a wider grid may hold a better one."""
        cell = self.best_cell(model)
        if self.inputs.grid is None or cell is None:
            return False
        pairs = zip(self.inputs.grid.cells[cell], self._axes(), strict=True)
        return any(multiplier == values[-1] and len(values) > 1 for multiplier, values in pairs)

    def leverage(self, model: str) -> str | None:
        """`largest` or `smallest` where the model's best cell is only that of its proportions."""
        return leverage(self.inputs, self.result, self.result.models.index(model))

    def behind(self, model: str, cell: int) -> Interval | None:
        """How far a cell lies behind the model's best by the mode, with the 90 % interval of the paired difference;
        None where it is the best itself, or the evidence is thin or hangs on the order of the rounds."""
        best = self.best_cell(model)
        if best is None or best == cell or (self.inputs.query.compound and self.result.mode not in RATIOS):
            return None
        m = self.result.models.index(model)
        series = model_series(self.inputs.history, m, self.counted[m])
        returned = series.returns(self.inputs.cells[[best, cell]])
        payouts = series.stake[:, None] * returned
        behind = figures(self.result.mode, returned, payouts, self.inputs.open_rounds).behind(0)
        return None if behind is None else Interval(*(np.asarray(part[1]) for part in behind))

    def cell_text(self, cell: int) -> str:
        """`0.5 canon_corr + 2 canon_mmc`, or the terms of each round."""
        grid = self.inputs.grid
        if grid is None:
            return "the terms of each round"
        pairs = zip(grid.cells[cell], self.inputs.labels, strict=True)
        return " + ".join(f"{exact_multiplier(value):f} {label}" for value, label in pairs)

    def heat(self, model: str, index: int) -> Heat | None:
        """The slice `index` (counted round) of the grid for a model; None without a grid."""
        grid = self.inputs.grid
        if grid is None:
            return None
        m = self.result.models.index(model)
        axes = self._axes()
        if len(axes) == 1:
            axes = [(Decimal(1),), *axes]
        rest = self._rest(axes, index)
        places = {cell: place for place, cell in enumerate(grid.cells)}
        short = len(grid.scores) == 1
        results = self.result.figure[m].tolist()
        values: list[list[float | None]] = []
        for row in axes[0]:
            cells = [places.get((other,) if short else (row, other, *rest)) for other in axes[1]]
            values.append([None if c is None or not math.isfinite(results[c]) else results[c] for c in cells])
        best = int(self.best[m])
        marked = best >= 0 and self.result.mode in RATIOS
        multiples = np.flatnonzero(alike(self.inputs.cells, best)).tolist() if marked else []
        labels = ("", *self.inputs.labels) if short else self.inputs.labels
        return Heat(
            (labels[0], tuple("" if short else f"{exact_multiplier(value):f}" for value in axes[0])),
            (labels[1], tuple(f"{exact_multiplier(value):f}" for value in axes[1])),
            values,
            self._place(grid.cells[best] if best >= 0 else None, axes, rest),
            self._place(self._actual_cell(m), axes, rest),
            ", ".join(
                f"{exact_multiplier(v):f} {label}" for v, label in zip(rest, self.inputs.labels[2:], strict=False)
            ),
            frozenset(filter(None, (self._place(grid.cells[c], axes, rest) for c in multiples if c != best))),
        )

    def curve(self, model: str, cell: int | None = None) -> Curve | None:
        """The payouts of a model added up: under its best cell, another one, or the terms of each round (`ACTUAL_CELL`)
        as far as these are known for the same rounds."""
        m = self.result.models.index(model)
        inputs = self.inputs
        counted = self.counted[m]
        history, cells = inputs.history, inputs.cells
        if cell == ACTUAL_CELL:
            history, cells, position = inputs.actual, np.ones((1, 1)), 0
            counted = counted & inputs.actual.counted()[m]
        else:
            position = int(self.best[m]) if cell is None else cell
        if not counted.any() or position < 0:
            return None
        payouts = earned(inputs, history, m, counted, cells[[position]])[:, 0]
        name = "terms of each round" if cell == ACTUAL_CELL else self.cell_text(position)
        if counted.sum() < self.counted[m].sum():
            name += f" ({counted.sum()} rounds)"
        return Curve(f"{model}: {name}", tuple(history.rounds[counted].tolist()), tuple(payouts.cumsum().tolist()))

    def _axes(self) -> list[tuple[Decimal, ...]]:
        """The multipliers of each axis, ascending."""
        assert self.inputs.grid is not None
        return [tuple(sorted(set(column))) for column in zip(*self.inputs.grid.cells, strict=True)]

    def _rest(self, axes: list[tuple[Decimal, ...]], index: int) -> tuple[Decimal, ...]:
        """The multipliers of the axes behind the first two in slice `index`."""
        rest: list[Decimal] = []
        for values in reversed(axes[2:]):
            index, place = divmod(index, len(values))
            rest.insert(0, values[place])
        return tuple(rest)

    def _place(
        self, cell: tuple[Decimal, ...] | None, axes: list[tuple[Decimal, ...]], rest: tuple[Decimal, ...]
    ) -> tuple[int, int] | None:
        if cell is None or tuple(cell[2:]) != rest:
            return None
        if len(cell) == 1:
            return (0, axes[1].index(cell[0])) if cell[0] in axes[1] else None
        return (axes[0].index(cell[0]), axes[1].index(cell[1])) if cell[0] in axes[0] and cell[1] in axes[1] else None

    def _actual_cell(self, m: int) -> tuple[Decimal, ...] | None:
        """The real multipliers of a model as a cell, where they did not change and the grid has their scores."""
        counted = self.counted[m] & self.inputs.actual.counted()[m]
        used = self.inputs.multipliers[m, counted]
        if not len(used) or (used != used[:1]).any():
            return None
        paid = {label: value for label, value in zip(self.inputs.paid, used[0].tolist(), strict=True) if value}
        if not paid.keys() <= set(self.inputs.labels):
            return None
        return tuple(exact_multiplier(Decimal(repr(paid.get(label, 0.0)))) for label in self.inputs.labels)


def study(
    connection: sqlite3.Connection,
    tournament: Tournament,
    query: BacktestQuery,
    rounds: Rounds,
    *,
    progress: Callable[[float], None],
) -> Study | None:
    """The backtest of `query`; None where there is nothing to compute.

    Beside what an export takes, the terms may be `usual`: a grid around the multipliers that the rounds are paid by.
    `progress` is told the share done; what it raises stops the work.
    """
    if query.terms == USUAL:
        query = replace(query, terms=ACTUAL, grid=default_grid(connection, tournament, query, rounds))
    inputs = load_inputs(connection, tournament, query, rounds)
    if inputs is None:
        return None
    result, notes = computed(inputs, progress=progress)
    settled = settled_payouts(connection, tournament, result.models)
    progress(1.0)
    ranking = rank_models(inputs, result, settled)
    progress(1.0)
    differences = payout_differences(connection, tournament, result.models, inputs.rounds.numbers)
    best, counted = best_cells(result).cell, inputs.history.counted()
    table = ranking.table(inputs, notes)
    return Study(inputs, result, ranking.rows, table, _cells(inputs, result), differences, best, counted)


def with_walk(of: Study) -> Study:
    """The same study with its walk forward; large grids are walked by every so many cells."""
    inputs = of.inputs
    step = -(-len(inputs.cells) // WALKED)
    if step > 1:
        inputs = replace(inputs, cells=inputs.cells[::step])
    try:
        return replace(of, walk=walked(inputs))
    except BacktestError as error:
        return replace(of, walk=str(error))


def cell_key(model: str, cell: int) -> str:
    """What tells a row of the table of cells from the others."""
    return f"{model} {cell}"


def cell_of(key: str) -> tuple[str, int]:
    """The model and the position of the cell that a key stands for."""
    model, _, cell = key.rpartition(" ")
    return model, int(cell)


def _cells(inputs: BacktestInputs, result: Backtest) -> Table:
    """The table of cells by model and rank, each row with a key of its own."""
    columns = (KEY, MODEL, *score_columns(inputs), *FIGURES)
    per_model = min(len(inputs.cells), max(1, LISTED // max(1, len(result.models))))
    best = np.argsort(np.where(result.rank == 0, len(inputs.cells) + 1, result.rank), axis=1, kind="stable")[
        :, :per_model
    ]
    keys = (cell_key(model, cell) for model, cells in zip(result.models, best.tolist(), strict=True) for cell in cells)
    rows: list[Row] = [(key, *row.values) for key, row in zip(keys, backtest_rows(inputs, result, best), strict=True)]
    notes = (f"the {per_model} best cells of each model",) if len(inputs.cells) > per_model else ()
    return Table("cells", columns, rows, notes)
