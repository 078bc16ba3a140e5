"""`export risk`: the risk figures of models' returns under one set of payout terms, over all rounds or the newest."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from numtui.analysis.arrays import Floats, number
from numtui.analysis.backtest.backtest import model_series
from numtui.analysis.dependence import burns_together, downside_beta
from numtui.analysis.risk import ratio, risk_table
from numtui.analysis.stretches import stretch
from numtui.model import Column, Kind, Table, Tournament, table_of
from numtui.money import exact_or_none
from numtui.reports.backtest.inputs import BacktestInputs, before_starts, load_inputs, require_one_cell
from numtui.reports.backtest.query import BacktestQuery
from numtui.reports.backtest.table import MODEL, RATIOS, ROUNDS, TOURNAMENT, nothing
from numtui.store.queries.scores.field import field_returns
from numtui.store.queries.selection import Rounds, Starts, Window

SHAPE = (
    Column("skew", Kind.FLOAT, doc="skewness of the returns, bias-corrected"),
    Column("excess_kurtosis", Kind.FLOAT, doc="excess kurtosis of the returns, bias-corrected"),
    Column("autocorr_1", Kind.FLOAT, "autocorr", "correlation of returns one round apart"),
)
STRETCHES = (
    Column("mean_p05", Kind.SCORE, "mean p05", "lower end of the mean's 90 % interval; empty where thin"),
    Column("mean_p95", Kind.SCORE, "mean p95", "upper end of the mean's 90 % interval; empty where thin"),
    Column("sharpe_p05", Kind.FLOAT, "Sharpe p05", "lower end of the Sharpe's 90 % interval; empty where thin"),
    Column("sharpe_p95", Kind.FLOAT, "Sharpe p95", "upper end of the Sharpe's 90 % interval; empty where thin"),
    Column("drawdown_rounds", Kind.INT, "falling", "rounds from the peak to the bottom of the largest drawdown"),
    Column(
        "recovery_rounds", Kind.INT, "recovery", "rounds from its bottom to the peak again; empty where not reached"
    ),
    Column("earn_burn", Kind.FLOAT, "earn/burn", "sum of the gains over sum of the burns; empty without a burn"),
    Column("longest_burn", Kind.INT, "burns in a row", "longest run of negative returns"),
    Column("effective_rounds", Kind.FLOAT, "effective", "independent rounds that would tell as much; empty where thin"),
    Column("total_nmr", Kind.NMR, "total", "sum of the payouts on the stake asked for"),
)
TOGETHER = (
    Column(
        "downside_beta",
        Kind.FLOAT,
        "down beta",
        "slope on the field's return, stake-weighted, where that was below its mean; empty where too few rounds of the "
        "field are here: export field fetches them",
    ),
    Column(
        "burn_together",
        Kind.FLOAT,
        "burn with",
        "how often it burns in the same round as the model beside, over what chance would give",
    ),
    Column("burn_with", Kind.TEXT, "whom", "the other model of this table with which it burns most often"),
)


class RiskRow(NamedTuple):
    """The risk figures of a model's returns on stake; `scores` are the means of its scores by column."""

    model: str
    rounds: int
    mean: float | None
    std: float | None
    sharpe: float | None
    sortino: float | None
    max_drawdown: float | None
    cvar_5: float | None
    burn_rate: float | None
    worst_20: float | None
    skew: float | None
    excess_kurtosis: float | None
    autocorr_1: float | None
    mean_p05: float | None
    mean_p95: float | None
    sharpe_p05: float | None
    sharpe_p95: float | None
    drawdown_rounds: int | None
    recovery_rounds: int | None
    earn_burn: float | None
    longest_burn: int
    effective_rounds: float | None
    total_nmr: Decimal | None
    downside_beta: float | None
    burn_together: float | None
    burn_with: str | None
    tournament: str
    scores: Mapping[str, object]


class RiskInputs(NamedTuple):
    """A backtest's inputs, the returns on stake [M, R] under its one cell (NaN for a round that does not count), and
    those of the whole field [R] (NaN where its round is not here)."""

    inputs: BacktestInputs
    returns: Floats
    field: Floats


def risk(
    connection: sqlite3.Connection,
    tournament: Tournament,
    query: BacktestQuery,
    rounds: Rounds,
    window: Window = None,
) -> Table:
    """A row a model: its returns on stake under one cell, or the terms of each round, in a window of its rounds.
    BacktestError for more cells."""
    inputs = risk_inputs(connection, tournament, query, rounds)
    return nothing("risk") if inputs is None else risk_of(inputs, window)


def risk_inputs(
    connection: sqlite3.Connection, tournament: Tournament, query: BacktestQuery, rounds: Rounds
) -> RiskInputs | None:
    """What the table is made of, for one window or several; None where the models have no score in the range.
    BacktestError as `risk`."""
    inputs = load_inputs(connection, tournament, query, rounds)
    if inputs is None:
        return None
    require_one_cell(inputs, "risk is")
    paid = field_returns(connection, tournament)
    field = np.array([paid.get(number, np.nan) for number in inputs.rounds.numbers])
    return RiskInputs(inputs, round_returns(inputs), field)


def risk_of(loaded: RiskInputs, window: Window) -> Table:
    """The table of a window of each model's rounds."""
    inputs = loaded.inputs
    returns = since(loaded, window) if isinstance(window, tuple) else newest(loaded.returns, window)
    columns = (
        MODEL,
        ROUNDS,
        *(Column(f"mean_{label}", Kind.SCORE, doc=f"mean {label} of these rounds") for label in inputs.labels),
        Column("mean", Kind.SCORE, doc="mean return on stake"),
        *RATIOS,
        *SHAPE,
        *STRETCHES,
        *TOGETHER,
        TOURNAMENT,
    )
    return replace(table_of("risk", columns, _rows(inputs, returns, loaded.field)), notes=inputs.notes)


def _rows(inputs: BacktestInputs, returns: Floats, field: Floats) -> list[RiskRow]:
    """The figures of the models' returns [M, R], NaN for rounds that do not count, beside those of the field [R]."""
    figures = risk_table(returns)
    means = _score_means(inputs, returns)
    stretches = [stretch(series[~np.isnan(series)], inputs.open_rounds) for series in returns]
    beta, together = downside_beta(returns, field), burns_together(returns)
    nearest = np.argmax(np.where(np.isnan(together), -1.0, together), axis=1)
    closest = together[np.arange(len(together)), nearest]
    totals = [math.fsum(series[~np.isnan(series)]) * float(inputs.query.stake) for series in returns]
    return [
        RiskRow(
            model=model,
            rounds=int(figures.rounds[m]),
            mean=number(figures.mean[m]),
            std=number(figures.std[m]),
            sharpe=number(figures.sharpe[m]),
            sortino=number(figures.sortino[m]),
            max_drawdown=number(figures.max_drawdown[m]),
            cvar_5=number(figures.cvar_5[m]),
            burn_rate=number(figures.burn_rate[m]),
            worst_20=number(figures.worst_20[m]),
            skew=number(figures.skew[m]),
            excess_kurtosis=number(figures.excess_kurtosis[m]),
            autocorr_1=number(figures.autocorr_1[m]),
            **stretches[m]._asdict(),
            total_nmr=exact_or_none(totals[m]) if figures.rounds[m] else None,
            downside_beta=number(beta[m]),
            burn_together=number(closest[m]),
            burn_with=None if np.isnan(closest[m]) else inputs.history.models[nearest[m]],
            tournament=inputs.tournament.label,
            scores={f"mean_{label}": number(mean) for label, mean in zip(inputs.labels, means[m], strict=True)},
        )
        for m, model in enumerate(inputs.history.models)
    ]


def round_returns(inputs: BacktestInputs) -> Floats:
    """The returns on stake [M, R] under the first cell; NaN for a round that does not count."""
    counted = inputs.history.counted()
    returns = np.full(counted.shape, np.nan)
    for model, known in enumerate(counted):
        returns[model, known] = model_series(inputs.history, model, known).returns(inputs.cells)[:, 0]
    return returns


def since(loaded: RiskInputs, starts: Starts) -> Floats:
    """The returns [M, R], of each model NaN before the round that `starts` gives it."""
    before = before_starts(loaded.inputs.history.models, loaded.inputs.rounds.numbers, starts)
    return np.where(before, np.nan, loaded.returns)


def newest(returns: Floats, window: int | None) -> Floats:
    """Of returns [M, R] each model's newest `window` that are not NaN, NaN in place of the rest; None: all."""
    if window is None:
        return returns
    known = ~np.isnan(returns)
    behind = np.cumsum(known[:, ::-1], axis=1)[:, ::-1]  # of those known, how many from here on
    return np.where(known & (behind <= window), returns, np.nan)


def _score_means(inputs: BacktestInputs, returns: Floats) -> Floats:
    """Means of the scores over the rounds that count, [M, K]; of those where the score is known."""
    known = ~np.isnan(returns)[:, :, None] & ~np.isnan(inputs.values)
    count = known.sum(axis=1)
    sums = np.where(known, inputs.values, 0.0).sum(axis=1)
    return ratio(sums, count.astype(np.float64))
