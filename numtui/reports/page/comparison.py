"""A few models beside each other: their settled rounds that all of them have, figures, and correlation of returns."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from numtui.analysis.arrays import number
from numtui.analysis.risk import correlations
from numtui.model import Column, Kind, Table, Tournament
from numtui.reports.page.returns import RISK_COLUMNS, CurvePoint, Returns, points, settled_returns
from numtui.reports.terms import stake_shares
from numtui.store.queries.selection import Starts

COMPARISON_COLUMNS = (
    Column("place", Kind.INT, "#", "what the model is called in chart and matrix"),
    Column("model", Kind.TEXT, doc="the model's name"),
    Column("total", Kind.FRACTION, doc="sum of the returns on the whole stake, of which an Atomic round has a part"),
    *RISK_COLUMNS,
)


class ComparedModel(NamedTuple):
    """A model, the curve of its cumulated return, and its correlation with each of the models (None unknown)."""

    model: str
    curve: tuple[CurvePoint, ...]
    correlations: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The models over the rounds that all of them have, from `first` to `last`; `table` has a row of figures a model.

    `missing` are those without a settled round here, which are left out.
    """

    models: tuple[ComparedModel, ...]
    table: Table
    rounds: int
    first: int | None
    last: int | None
    missing: tuple[str, ...]


def comparison(
    connection: sqlite3.Connection, tournament: Tournament, names: Sequence[str], starts: Starts = ()
) -> Comparison:
    """The comparison of these models, in their order; returns count from the epochs of their notes on."""
    returns = settled_returns(connection, tournament, tuple(names), starts)
    known = () if returns is None else tuple(returns.models[m] for m in range(len(returns.models)) if _any(returns, m))
    kept = [name for name in names if name in known]
    missing = tuple(name for name in names if name not in known)
    if returns is None or not kept:
        return Comparison((), Table("comparison", COMPARISON_COLUMNS, []), 0, None, None, missing)
    values = returns.values[[returns.models.index(name) for name in kept]]
    common = ~np.isnan(values).any(axis=0)
    matched = Returns(tuple(kept), tuple(np.array(returns.rounds)[common].tolist()), values[:, common])
    numbers = list(matched.rounds)
    together = correlations(matched.values)
    on_whole = matched.values * stake_shares(connection, tournament, numbers)
    compared = [
        ComparedModel(name, tuple(points(numbers, on_whole[m])), tuple(number(value) for value in together[m]))
        for m, name in enumerate(kept)
    ]
    rows = [
        (place, name, float(on_whole[place - 1].sum()), *figures)
        for place, (name, figures) in enumerate(zip(kept, matched.figures(), strict=True), 1)
    ]
    return Comparison(
        tuple(compared),
        Table("comparison", COMPARISON_COLUMNS, rows),
        rounds=len(numbers),
        first=numbers[0] if numbers else None,
        last=numbers[-1] if numbers else None,
        missing=missing,
    )


def _any(returns: Returns, m: int) -> bool:
    return bool((~np.isnan(returns.values[m])).any())
