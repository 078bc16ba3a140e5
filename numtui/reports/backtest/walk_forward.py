"""`export backtest --predictive`: whether the best of the past was good afterwards, walked forward."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

from numtui.analysis.arrays import Floats, Ints, number
from numtui.analysis.backtest.walk_forward import Walk, WalkChoice, WalkPlan, walk_forward
from numtui.model import Column, Kind, Table, Tournament
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
    block = inputs.open_rounds
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


class WalkRow(NamedTuple):
    """The outcome of choosing, in one test or (`window` None) over all of them, in the order of `COLUMNS`.

    The bounds are those of 90 % intervals, None where the evidence is thin; figures are None where undefined.
    """

    choice: str
    window: int | None
    choose_first: int | None
    choose_last: int | None
    test_first: int | None
    test_last: int | None
    options: int
    rank_correlation: float | None
    rank_correlation_p05: float | None
    rank_correlation_p95: float | None
    chosen: float | None
    best: float | None
    equal: float | None
    regret_best: float | None
    regret_best_p05: float | None
    regret_best_p95: float | None
    regret_equal: float | None
    regret_equal_p05: float | None
    regret_equal_p95: float | None
    regret_nothing: float | None
    regret_nothing_p05: float | None
    regret_nothing_p95: float | None
    shrinkage: float | None
    tournament: str


def _rows(inputs: BacktestInputs, walk: Walk, choice: WalkChoice) -> Iterator[WalkRow]:
    """The row of all tests, then one a test."""
    label = inputs.tournament.label
    correlation, best, equal, idle = (
        choice.correlation,
        choice.regret_best,
        choice.regret_equal,
        choice.regret_nothing,
    )
    yield WalkRow(
        choice=choice.name,
        window=None,
        choose_first=_end(walk.train[:1, 0]),
        choose_last=_end(walk.train[-1:, 1]),
        test_first=_end(walk.test[:1, 0]),
        test_last=_end(walk.test[-1:, 1]),
        options=choice.options,
        rank_correlation=number(correlation.mean),
        rank_correlation_p05=correlation.low,
        rank_correlation_p95=correlation.high,
        chosen=_mean(choice.chosen),
        best=_mean(choice.best),
        equal=_mean(choice.equal),
        regret_best=number(best.mean),
        regret_best_p05=best.low,
        regret_best_p95=best.high,
        regret_equal=number(equal.mean),
        regret_equal_p05=equal.low,
        regret_equal_p95=equal.high,
        regret_nothing=number(idle.mean),
        regret_nothing_p05=idle.low,
        regret_nothing_p95=idle.high,
        shrinkage=number(choice.shrinkage),
        tournament=label,
    )
    for fold in range(len(walk.train)):
        later, best_later, equal_later = (number(column[fold]) for column in (choice.chosen, choice.best, choice.equal))
        yield WalkRow(
            choice=choice.name,
            window=fold + 1,
            choose_first=int(walk.train[fold, 0]),
            choose_last=int(walk.train[fold, 1]),
            test_first=int(walk.test[fold, 0]),
            test_last=int(walk.test[fold, 1]),
            options=choice.options,
            rank_correlation=number(choice.correlations[fold]),
            rank_correlation_p05=None,
            rank_correlation_p95=None,
            chosen=later,
            best=best_later,
            equal=equal_later,
            regret_best=_difference(best_later, later),
            regret_best_p05=None,
            regret_best_p95=None,
            regret_equal=_difference(equal_later, later),
            regret_equal_p05=None,
            regret_equal_p95=None,
            regret_nothing=_difference(0.0, later),
            regret_nothing_p05=None,
            regret_nothing_p95=None,
            shrinkage=None,
            tournament=label,
        )


def _end(rounds: Ints) -> int | None:
    return int(rounds[0]) if len(rounds) else None


def _mean(values: Floats) -> float | None:
    return number(values.mean()) if len(values) else None


def _difference(reference: float | None, later: float | None) -> float | None:
    return None if reference is None or later is None else reference - later
