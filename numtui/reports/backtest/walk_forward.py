"""`export backtest --predictive`: whether what was best in the past was good afterwards, walked forward."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from numtui.analysis.arrays import Ints, number
from numtui.analysis.backtest.walk_forward import Estimate, Walk, WalkChoice, WalkPlan, walk_forward
from numtui.model import Column, Kind, Row, Table, Tournament
from numtui.reports.backtest.inputs import BacktestInputs, load_inputs
from numtui.reports.backtest.query import BacktestError, BacktestQuery
from numtui.reports.backtest.table import TOURNAMENT, nothing
from numtui.store.queries.selection import Rounds

WINDOWS = 4  # blocks of rounds to choose on, unless said otherwise
ENDS = (
    Column("choose_first", Kind.INT, doc="first round of the window to choose on"),
    Column("choose_last", Kind.INT, doc="its last round"),
    Column("test_first", Kind.INT, doc="first round of the window to measure on"),
    Column("test_last", Kind.INT, doc="its last round"),
)
RESULTS = (
    Column("chosen", Kind.SCORE, doc="later mean return on stake of the option that was best before"),
    Column("best", Kind.SCORE, doc="that of the best option in hindsight"),
    Column("equal", Kind.SCORE, doc="that of all options with equal weights"),
)
REGRETS = {
    "regret_best": "what the choice earned less than the best in hindsight, a return on stake a round",
    "regret_equal": "what it earned less than equal weights",
    "regret_nothing": "what it earned less than doing nothing",
}


def predictive(connection: sqlite3.Connection, tournament: Tournament, query: BacktestQuery, rounds: Rounds) -> Table:
    """Choosing among models, cells and both: a row over all windows (`window` empty), then one a window.

    The verdicts in words are notes. BacktestError: windows that do not fit, or what a backtest refuses.
    """
    inputs = load_inputs(connection, tournament, query, rounds)
    if inputs is None:
        return nothing("backtest")
    walk = walked(inputs)
    rows = [row for choice in (walk.models, walk.cells, walk.both) for row in _rows(inputs, walk, choice)]
    return Table("backtest", COLUMNS, rows, (*inputs.notes, walk.verdict))


def walked(inputs: BacktestInputs) -> Walk:
    """The walk forward of a backtest, in windows of whole blocks of overlapping rounds."""
    block = inputs.scheme.block
    try:
        plan = WalkPlan(
            length=inputs.query.length or WINDOWS * block,
            gap=inputs.query.gap or block,
            test=block,
            lag=block,
            block=block,
        )
    except ValueError as error:
        raise BacktestError(str(error)) from None
    return walk_forward(inputs.history, inputs.cells, plan)


def _with_bounds(name: str, doc: str) -> tuple[Column, ...]:
    return (
        Column(name, Kind.FLOAT, doc=doc),
        Column(f"{name}_p05", Kind.FLOAT, doc="lower end of its 90 % interval; empty where evidence is thin"),
        Column(f"{name}_p95", Kind.FLOAT, doc="upper end of its 90 % interval; empty where evidence is thin"),
    )


COLUMNS = (
    Column("choice", Kind.TEXT, doc="what is chosen: models, cells (sets of multipliers) or both"),
    Column("window", Kind.INT, doc="number of the test, from 1; empty: all of them"),
    *ENDS,
    Column("options", Kind.INT, doc="how many there are to choose from"),
    *_with_bounds("rank_correlation", "rank correlation of earlier with later results over the options"),
    *RESULTS,
    *(column for name, doc in REGRETS.items() for column in _with_bounds(name, doc)),
    Column("shrinkage", Kind.FLOAT, doc="part of a past lead to distrust, 0..1"),
    TOURNAMENT,
)


def _rows(inputs: BacktestInputs, walk: Walk, choice: WalkChoice) -> Iterator[Row]:
    summary = (choice.regret_best, choice.regret_equal, choice.regret_nothing)
    results = (choice.chosen, choice.best, choice.equal)
    label = inputs.tournament.label
    ends = (*_ends(walk.train[:1, 0]), *_ends(walk.train[-1:, 1]), *_ends(walk.test[:1, 0]), *_ends(walk.test[-1:, 1]))
    yield (
        *(choice.name, None, *ends, choice.options),
        *_bounds(choice.correlation),
        *(number(column.mean()) if len(column) else None for column in results),
        *(bound for regret in summary for bound in _bounds(regret)),
        number(choice.shrinkage),
        label,
    )
    for fold in range(len(walk.train)):
        later, best, equal = (number(column[fold]) for column in results)
        regrets = [None if later is None or other is None else other - later for other in (best, equal, 0.0)]
        yield (
            *(choice.name, fold + 1, *walk.train[fold].tolist(), *walk.test[fold].tolist(), choice.options),
            *(number(choice.correlations[fold]), None, None, later, best, equal),
            *(value for regret in regrets for value in (regret, None, None)),
            None,
            label,
        )


def _ends(rounds: Ints) -> tuple[int | None]:
    return (int(rounds[0]) if len(rounds) else None,)


def _bounds(estimate: Estimate) -> Row:
    return number(estimate.mean), estimate.low, estimate.high
