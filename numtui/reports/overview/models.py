"""The account's models in all tournaments, those that need something first, then by how much they moved."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from numtui.analysis.drift.draws import Interval
from numtui.model import Column, Kind, Table
from numtui.money import ZERO
from numtui.reports.drift.monitor import sampled
from numtui.reports.drift.rows import in_round
from numtui.reports.drift.totals import NOTHING, money_sums, outlook
from numtui.reports.overview.days import pending_by_day
from numtui.reports.overview.money import last_run_change
from numtui.reports.overview.needs import Need
from numtui.reports.overview.state import TournamentState
from numtui.store.queries.leaderboards import entry_number, entry_values

POINTS = 20  # of a sparkline of 60 days
BOARD = ("rank", "rank_change_1d", "return_1y", "corr60", "mmc60", "corr20", "mmc", "alpha", "mpc")
MODEL_COLUMNS = (
    Column("model", Kind.TEXT, doc="the model's name"),
    Column("tournament", Kind.TEXT, doc="classic, signals or crypto"),
    Column("need", Kind.TEXT, doc="what it needs, as the list above says"),
    Column("last_run", Kind.NMR, "last run", "change of the projected payout with the last scoring run"),
    Column("pending", Kind.NMR, doc="projected payout of its unresolved rounds as the scores stand"),
    Column("expected_payout", Kind.NMR, "forecast", "expected final payout of its unresolved rounds"),
    Column("burn_probability", Kind.PERCENTILE, "burn %", "probability that they end below 0"),
    Column("path", Kind.SPARK, "60 days", "what its unresolved rounds stood at, day by day"),
    Column("at_risk", Kind.NMR, "at risk", "NMR at risk in unresolved rounds"),
    Column("rank", Kind.INT, doc="rank on the leaderboard"),
    Column("rank_change_1d", Kind.INT, "1d", "places won or lost since yesterday"),
    Column("return_1y", Kind.FRACTION, "ret 1y", "return on stake in one year"),
    *(Column(name, Kind.SCORE, name, f"one-year mean of {name}") for name in BOARD[3:]),
    Column("key", Kind.KEY, doc="tells rows apart"),
)


class BoardFigures(NamedTuple):
    """What the leaderboard says of a model, in the order of `BOARD`; None where it does not."""

    rank: int | None = None
    rank_change_1d: int | None = None
    return_1y: float | None = None
    corr60: float | None = None
    mmc60: float | None = None
    corr20: float | None = None
    mmc: float | None = None
    alpha: float | None = None
    mpc: float | None = None


class ModelRow(NamedTuple):
    """An own model, as `MODEL_COLUMNS` say; None where unknown. `key` is tournament and name; the leaderboard's figures
    stand between `at_risk` and it."""

    model: str
    tournament: str
    need: str | None
    last_run: Decimal | None
    pending: Decimal | None
    expected_payout: Decimal | None
    burn_probability: float | None
    path: tuple[float, ...] | None
    at_risk: Decimal | None
    board: BoardFigures

    @property
    def key(self) -> str:
        """The row told apart from all others."""
        return f"{self.tournament} {self.model}"

    @property
    def outlook(self) -> Decimal | None:
        """What its unresolved rounds will probably pay; without a forecast, what they stand at."""
        return outlook(self.pending, self.expected_payout)


def model_rows(
    connection: sqlite3.Connection, state: TournamentState, needs: Sequence[Need], ordinals: Sequence[int]
) -> list[ModelRow]:
    """The account's models in one tournament; `ordinals` are the days of the sparklines."""
    drift, label = state.drift, state.label
    said = {name: str(need.kind) for need in reversed(needs) if need.tournament == label for name in need.about}
    place = {drift.inputs.models.names[m]: index for index, m in enumerate(state.counted)}
    stood = pending_by_day(drift, ordinals)
    rows = []
    for model in state.status.models:
        name = model.state.name
        index = place.get(name)
        known = [] if index is None else [state.counted[index]]
        rounds = [r for r in drift.open_rounds if any(in_round(drift, m, r) for m in known)]
        forecast = Interval.unknown(()) if index is None else drift.by_model.pick(index)
        sums = money_sums(drift, known, rounds, forecast) if state.polled else NOTHING
        path = np.zeros(1) if index is None else stood[:, index]
        rows.append(
            ModelRow(
                model=name,
                tournament=label,
                need=said.get(name),
                last_run=last_run_change(drift, state.change, known) if state.polled else None,
                pending=sums.payout,
                expected_payout=sums.expected_payout,
                burn_probability=sums.burn_probability,
                path=sampled(path.tolist(), POINTS) if path.any() and sums.payout is not None else None,
                at_risk=model.figures.at_risk,
                board=_board(connection, state, name),
            )
        )
    return rows


def _board(connection: sqlite3.Connection, state: TournamentState, name: str) -> BoardFigures:
    entry = entry_number(connection, state.status.tournament, "model", name)
    if entry is None:
        return BoardFigures()
    return next((BoardFigures(*values) for _, values in entry_values(connection, BOARD, [entry])), BoardFigures())  # type: ignore[arg-type]  # columns of the leaderboard have these types


def by_urgency(rows: Sequence[ModelRow]) -> list[ModelRow]:
    """Those with a need first, then by how much the last run moved them, then by name."""
    return sorted(rows, key=lambda row: (row.need is None, -abs(row.last_run or ZERO), row.tournament, row.model))


class Extremes(NamedTuple):
    """The model that will probably earn least, and the one that will earn most."""

    worst: ModelRow
    best: ModelRow


def extremes(rows: Sequence[ModelRow]) -> Extremes | None:
    """Those of several models by their outlook; None where nothing tells."""
    known = [row for row in rows if row.outlook is not None]
    known.sort(key=lambda row: (row.outlook or ZERO, row.model))
    return Extremes(known[0], known[-1]) if len(known) > 1 else None


def models_table(rows: Sequence[ModelRow]) -> Table:
    """The models as a table, in their order; scores that no model has are left out."""
    empty = {name for place, name in enumerate(BOARD) if all(row.board[place] is None for row in rows)}
    columns = tuple(column for column in MODEL_COLUMNS if column.name not in empty)
    places = [place for place, column in enumerate(MODEL_COLUMNS) if column.name not in empty]
    cells = [(*row[:-1], *row.board, row.key) for row in rows]
    return Table("models", columns, [tuple(row[place] for place in places) for row in cells])
