"""Weights of the account's models by their matched backtest: the source of the stake rule `backtest`."""

from __future__ import annotations

import math
import sqlite3
from decimal import Decimal

from numtui.analysis.rules.config import Evidence
from numtui.analysis.rules.portfolio import RuleError
from numtui.model import Tournament
from numtui.reports.backtest.query import BacktestError, BacktestQuery
from numtui.store.queries.selection import Models, Rounds, Starts


def backtest_weights(connection: sqlite3.Connection, tournament: Tournament, starts: Starts = ()) -> Evidence:
    """A weight a model: its average return over the resolved rounds that all own models have, 0 where that is a burn.

    Returns are under the terms of each round, from where `starts` has the model's own epoch begin; the shrinkage is the
    walk forward's over models (1 where nothing shows that past leads last). RuleError when there is no such backtest.
    """
    # They bring numpy with them: for such a rule only.
    from numtui.reports.backtest.inputs import load_inputs
    from numtui.reports.backtest.table import computed
    from numtui.reports.backtest.walk_forward import walked

    try:
        query = BacktestQuery(Models(mine=True), matched=True)
        inputs = load_inputs(connection, tournament, query, Rounds(resolved=True, starts=starts))
        if inputs is None:
            raise RuleError(f"no resolved rounds of own models in {tournament.label} to backtest")
        result, _ = computed(inputs)
        shrinkage = walked(inputs).models.shrinkage
    except BacktestError as error:
        raise RuleError(str(error)) from None
    averages = dict(zip(result.models, result.average[:, 0].tolist(), strict=True))
    if not any(average > 0 for average in averages.values()):
        raise RuleError("no model has earned anything over the rounds that all own models have")
    weights = {model: _weight(average) for model, average in averages.items()}
    return Evidence(weights, Decimal(repr(shrinkage)))


def _weight(average: float) -> Decimal:
    return Decimal(0) if math.isnan(average) else Decimal(repr(max(average, 0.0)))
