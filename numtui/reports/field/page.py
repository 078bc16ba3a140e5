"""One model in the field: a row a round, and its figures over all of them."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

import numpy as np

from numtui.analysis.arrays import number
from numtui.analysis.field.rounds import burn_rounds, percentiles
from numtui.model import Column, Kind, Table, Tournament
from numtui.reports.field.inputs import field_inputs
from numtui.reports.field.table import COLUMNS, field_rows
from numtui.store.queries.selection import Rounds

FACTS = (
    *("percentile", "percentile_staked", "value", "field_value", "burn_value", "burn_value_strong", "other_value"),
    *("sharpe", "benchmark", "benchmark_sharpe", "difference", "corr_mmc", "corr_mmc_percentile", "meta_correlation"),
    *("relation", "relative", "unusual"),
)
PAGE_COLUMNS = (
    Column("round", Kind.INT, doc="the round's number"),
    Column("percentile", Kind.PERCENTILE, doc="share of the others that it lies above"),
    Column("percentile_staked", Kind.PERCENTILE, "of staked", "the same among staked models"),
    Column("value", Kind.SCORE, doc="the paid scores by the round's multipliers, before factor and clip"),
    Column("burn_round", Kind.BOOL, "burn", "whether more than half of the NMR at risk burnt in the round"),
    Column("models", Kind.INT, doc="models in the round"),
)


class PageRow(NamedTuple):
    """The model in a round, as `PAGE_COLUMNS` say."""

    round: int
    percentile: float | None
    percentile_staked: float | None
    value: float | None
    burn_round: bool
    models: int


def field_page(connection: sqlite3.Connection, tournament: Tournament, model: str) -> tuple[Table, Table | None]:
    """The rounds that the model was in and whose field is here, the newest first, and one row of figures over them;
    no rows, and None, without any."""
    inputs = field_inputs(connection, tournament, Rounds())
    places = np.empty(0, dtype=np.int64) if inputs is None else inputs.positions([model])
    if inputs is None or not places.size:
        return Table("field", PAGE_COLUMNS, ()), None
    (m,) = places.tolist()
    share, staked = (percentiles(inputs.field, places, staked=only)[0] for only in (False, True))
    burns = burn_rounds(inputs.field)
    rows = [
        PageRow(
            round=row.round,
            percentile=number(share[r]),
            percentile_staked=number(staked[r]),
            value=number(inputs.field.value[m, r]),
            burn_round=bool(burns[r]),
            models=row.models,
        )
        for r, row in enumerate(inputs.rounds)
        if not np.isnan(inputs.field.value[m, r])
    ]
    (figures,) = field_rows(inputs, places)
    known = [column for column in COLUMNS if column.name in FACTS and getattr(figures, column.name) is not None]
    facts = Table("figures", tuple(known), [tuple(getattr(figures, column.name) for column in known)])
    return Table("field", PAGE_COLUMNS, rows[::-1]), facts
