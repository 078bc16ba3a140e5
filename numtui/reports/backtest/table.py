"""`export backtest`: every figure of models under payout terms, from the cache."""

from __future__ import annotations

import math
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from numtui.analysis.arrays import Floats, Ints
from numtui.analysis.backtest.backtest import Backtest, backtest
from numtui.analysis.backtest.grid import exact_multiplier
from numtui.analysis.backtest.leverage import proportions
from numtui.analysis.intervals import LEAST
from numtui.format import counted
from numtui.model import Column, Kind, Row, Table, Tournament
from numtui.money import exact_or_none
from numtui.reports.backtest.compounding import compounded
from numtui.reports.backtest.inputs import BacktestInputs, load_inputs
from numtui.reports.backtest.leverage import leverage_notes
from numtui.reports.backtest.query import BacktestQuery
from numtui.reports.payout_check import payout_differences
from numtui.store.queries.selection import Rounds

MODEL = Column("model", Kind.TEXT, doc="the model's name")
ROUNDS = Column("rounds", Kind.INT, doc="rounds that count: with every score, factor and clip known")
TOURNAMENT = Column("tournament", Kind.TEXT, doc="classic, signals or crypto")
STD = Column("std", Kind.FLOAT, doc="standard deviation (n-1) of the return on stake")
SHARPE = Column("sharpe", Kind.FLOAT, doc="mean / std of the returns, per round")
TAILS = (
    Column("sortino", Kind.FLOAT, doc="mean / root of the mean squared negative returns, per round"),
    Column("max_drawdown", Kind.PERCENTILE, "drawdown %", "largest loss from a peak of cumprod(1 + return), 0..1"),
    Column("cvar_5", Kind.FRACTION, "CVaR 5%", "mean of the returns at or below their 5 % quantile"),
    Column("burn_rate", Kind.PERCENTILE, "burns %", "share of negative returns, 0..1"),
    Column("worst_20", Kind.FRACTION, "worst 20", "smallest sum of the returns of 20 rounds in a row"),
)
RATIOS = (STD, SHARPE, *TAILS)
PER_RISK = Column(
    "per_risk", Kind.FLOAT, "per risk", "mean / -CVaR 5 % of the returns; empty where the worst 5 % are no loss"
)
FIGURES = (
    ROUNDS,
    Column("skipped", Kind.INT, doc="rounds of the range that do not count"),
    Column("total", Kind.NMR, doc="sum of the payouts on the stake asked for"),
    Column("average", Kind.NMR, doc="mean payout a round"),
    Column(
        "average_p05", Kind.NMR, "avg p05", "lower end of the average's 90 % interval; empty where evidence is thin"
    ),
    Column(
        "average_p95", Kind.NMR, "avg p95", "upper end of the average's 90 % interval; empty where evidence is thin"
    ),
    STD,
    SHARPE,
    Column("sharpe_p05", Kind.FLOAT, "Sharpe p05", "lower end of the Sharpe's 90 % interval; empty where thin"),
    Column("sharpe_p95", Kind.FLOAT, "Sharpe p95", "upper end of the Sharpe's 90 % interval; empty where thin"),
    *TAILS,
    PER_RISK,
    Column("proportions", Kind.TEXT, doc="the multipliers to each other: cells of the same differ by leverage only"),
    Column("rank", Kind.INT, doc="place among the model's cells by the mode, 1 the best"),
    TOURNAMENT,
)


class BacktestRow(NamedTuple):
    """A model under a cell: its multipliers, then the figures that the columns are called by; None where undefined.

    `total` and `average` with its 90 % interval are NMR, the others are of returns on stake.
    """

    model: str
    multipliers: tuple[Decimal | None, ...]
    rounds: int
    skipped: int
    total: Decimal | None
    average: Decimal | None
    average_p05: Decimal | None
    average_p95: Decimal | None
    std: float | None
    sharpe: float | None
    sharpe_p05: float | None
    sharpe_p95: float | None
    sortino: float | None
    max_drawdown: float | None
    cvar_5: float | None
    burn_rate: float | None
    worst_20: float | None
    per_risk: float | None
    proportions: str | None
    rank: int | None
    tournament: str

    @property
    def values(self) -> Row:
        """The row under the columns of a table, with a value a score."""
        return (self.model, *self.multipliers, *self[2:])


def backtest_table(
    connection: sqlite3.Connection, tournament: Tournament, query: BacktestQuery, rounds: Rounds
) -> Table:
    """A row a model and cell. Empty, with a note, where the models have no score in the range. BacktestError."""
    inputs = load_inputs(connection, tournament, query, rounds)
    if inputs is None:
        return nothing("backtest")
    result, notes = computed(inputs, workers=os.cpu_count() or 1)
    if inputs.grid is None:
        notes = (*notes, *payout_differences(connection, tournament, inputs.history.models, inputs.rounds.numbers))
    columns = (MODEL, *score_columns(inputs), *FIGURES)
    return Table("backtest", columns, (row.values for row in backtest_rows(inputs, result)), notes)


def computed(
    inputs: BacktestInputs, *, workers: int = 1, progress: Callable[[float], None] | None = None
) -> tuple[Backtest, tuple[str, ...]]:
    """The backtest of its inputs, and lines on what its reader must know; `workers` and `progress` as in `backtest`."""
    query = inputs.query
    result = backtest(
        inputs.history,
        inputs.cells,
        mode=query.mode,
        matched=query.matched,
        open_rounds=inputs.open_rounds,
        workers=workers,
        progress=progress,
    )
    notes = [*inputs.notes, *_thin(inputs, result)]
    if query.matched:
        matched = counted(int(result.rounds.max(initial=0)), "round")
        notes.append(f"matched: the {matched} that all {len(result.models)} models have")
    if query.compound:
        result, unfunded = compounded(inputs, result)
        notes += unfunded
    return result, tuple(notes) if inputs.grid is None else (*leverage_notes(inputs, result), *notes)


def nothing(name: str) -> Table:
    """An empty table: the models have no score in the range."""
    return Table(name, (MODEL, *FIGURES), (), ("the models chosen have no final score in this range of rounds",))


def score_columns(
    inputs: BacktestInputs, prefix: str = "", doc: str = "multiplier of this score"
) -> tuple[Column, ...]:
    """A column a score with its multiplier."""
    labels = inputs.paid if inputs.grid is None else inputs.labels
    return tuple(Column(prefix + label, Kind.FLOAT, prefix.replace("_", " ") + label, doc) for label in labels)


def cell_values(inputs: BacktestInputs, model: int, cell: int) -> tuple[Decimal | None, ...]:
    """The multipliers of a cell; under the terms of each round the model's own, None where they were not the same."""
    if inputs.grid is not None:
        return tuple(exact_multiplier(value) for value in inputs.grid.cells[cell])
    counted = inputs.history.counted()[model]
    used = inputs.multipliers[model, counted]
    same = [len(set(column)) == 1 for column in used.T.tolist()]
    return tuple(
        exact_multiplier(Decimal(repr(float(used[0, k])))) if constant else None for k, constant in enumerate(same)
    )


def backtest_rows(inputs: BacktestInputs, result: Backtest, cells: Ints | None = None) -> Iterator[BacktestRow]:
    """The rows of a computed backtest: of all cells, or of those at positions `cells` [M, n], in that order."""
    money = (result.total, result.average, result.average_p05, result.average_p95)
    ratios = (
        result.std,
        result.sharpe,
        result.sharpe_p05,
        result.sharpe_p95,
        result.sortino,
        result.max_drawdown,
        result.cvar_5,
        result.burn_rate,
        result.worst_20,
        result.per_risk,
    )
    grid_cells = [cell_values(inputs, 0, c) for c in range(len(inputs.cells))] if inputs.grid is not None else []
    kinds = [proportions(cell) for cell in inputs.grid.cells] if inputs.grid is not None else [None]
    label = inputs.tournament.label
    for m, model in enumerate(result.models):
        places = np.arange(len(inputs.cells)) if cells is None else cells[m]
        multipliers = [grid_cells[c] for c in places.tolist()] if grid_cells else [cell_values(inputs, m, 0)]
        rounds, skipped = int(result.rounds[m]), int(result.skipped[m])
        amounts = [_amounts(values, m, places) for values in money]
        figures = [_numbers(values, m, places) for values in ratios]
        of_kind = [kinds[c] for c in places.tolist()]
        ranks = [rank or None for rank in result.rank[m, places].tolist()]
        for cell, *results, kind, rank in zip(multipliers, *amounts, *figures, of_kind, ranks, strict=True):
            yield BacktestRow._make((model, cell, rounds, skipped, *results, kind, rank, label))


def _numbers(values: Floats | None, model: int, cells: Ints) -> list[float | None]:
    """Figures of some cells of a model as Python's numbers, None where there is none, or one without end."""
    if values is None:
        return [None] * len(cells)
    return [value if math.isfinite(value) else None for value in values[model, cells].tolist()]


def _amounts(values: Floats | None, model: int, cells: Ints) -> list[Decimal | None]:
    """NMR of a simulation, each as its shortest exact text; None where unknown."""
    return [exact_or_none(value) for value in _numbers(values, model, cells)]


def amount(values: Floats | None, model: int, cell: int) -> Decimal | None:
    """NMR of one cell."""
    return _amounts(values, model, np.array([cell]))[0]


def _thin(inputs: BacktestInputs, result: Backtest) -> Sequence[str]:
    """Lines on figures without an interval."""
    lines = []
    if inputs.query.compound:
        lines.append("compounded results depend on the order of the rounds: total and average have no interval")
    thin = int(np.count_nonzero(result.thin))
    if thin:
        whose = "all models" if thin == len(result.models) else f"{thin} of {len(result.models)} models"
        least = f"{LEAST * inputs.open_rounds} rounds ({LEAST} times the {inputs.open_rounds} unresolved at once)"
        lines.append(f"thin: {whose} have fewer than {least}, too few for an interval")
    return lines
