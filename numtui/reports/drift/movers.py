"""Changes with the last scoring run: the largest movers by score, new rounds, resolved ones against forecasts."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from numtui.analysis.arrays import Floats, Ints, number
from numtui.analysis.drift.movers import Movers, RunScores, movers
from numtui.analysis.drift.projection import DriftTerms, Factors, at_day, last_day
from numtui.analysis.drift.scoring_dates import date_text
from numtui.model import Column, Kind, Table, Tournament, table_of
from numtui.reports.drift.compute import Drift, drift_of
from numtui.reports.drift.record import RECORD_COLUMNS, record_cells
from numtui.reports.drift.rows import nmr, selected_models
from numtui.store.queries.forecasts import first_forecasts
from numtui.store.queries.selection import Models

ROUNDING = 1e-12  # what sums of floats leave where no clip bites
WHAT = ("moved", "new", "resolved")


@dataclass(frozen=True, slots=True)
class LastRun:
    """The scoring run of the calendar day `ordinal` (0: none), for M models in R rounds over K scores.

    `before` and `change` [M, R] of the projected return, `parts` [M, R, K] of the change, `remainder` [M, R] what the
    clip took or gave back; `movers` holds the same flat, as one model in M x R rounds.
    """

    ordinal: int
    before: Floats
    change: Floats
    parts: Floats
    remainder: Floats
    movers: Movers


class MoverRow(NamedTuple):
    """A model in a round that the last run changed; None where unknown.

    `scores` are the parts of the change by the scores that pay, under the names of their columns. What was forecast of
    a round that resolved, and what came, is that of `RecordCells`.
    """

    what: str
    model: str
    round: int
    day: int
    payout_change: Decimal | None
    change: float | None
    part_clip: float | None
    before: float | None
    value: float | None
    at_risk: Decimal | None
    forecast_day: int | None
    expected: float | None
    p05: float | None
    p95: float | None
    outcome: float | None
    held: bool | None
    key: str
    scores: Mapping[str, float | None]


def last_moves(drift: Drift) -> LastRun:
    """The last scoring run: what stands now against what stood before it."""
    inputs = drift.inputs
    ordinal = int(drift.scored_on.max(initial=0))
    earlier = np.where((drift.scored_on == ordinal) | (drift.scored_on == 0), np.nan, drift.raw)
    day_before = last_day(earlier) if earlier.size else drift.day
    shape = drift.day.shape
    multipliers, clip = inputs.terms.multipliers, np.tile(inputs.terms.clip, shape[0])
    terms = DriftTerms(
        multipliers.reshape(1, clip.size, multipliers.shape[2]),
        Factors(inputs.factor.ravel(), inputs.factor_estimated.ravel()),
        clip,
    )  # a model's round is a round of its own here, since its factor may be its own
    days = np.tile(inputs.terms.days, shape[0])
    before, now = (
        RunScores(_scores_at(drift, day).reshape(1, days.size, multipliers.shape[2]), day.reshape(1, -1))
        for day in (day_before, drift.day)
    )
    moved = movers(before, now, days, terms, inputs.terms.at_risk.reshape(1, -1))
    return LastRun(
        ordinal=ordinal,
        before=moved.before.reshape(shape),
        change=moved.change.reshape(shape),
        parts=moved.parts.reshape((*shape, multipliers.shape[2])),
        remainder=np.where(np.abs(moved.remainder) < ROUNDING, 0.0, moved.remainder).reshape(shape),
        movers=moved,
    )


def _scores_at(drift: Drift, day: Ints) -> Floats:
    """The scores [M, R, K] at each model's and round's `day` (0: NaN)."""
    inputs = drift.inputs
    values = np.full((*day.shape, len(inputs.terms.scores)), np.nan)
    for kind in inputs.kinds:
        for h, r in zip(kind.history_rounds, kind.rounds, strict=True):
            scores = at_day(kind.scores[:, h], np.tile(day[:, r, None], len(kind.columns)))
            values[:, r, list(kind.columns)] = scores
    return values


def movers_table(connection: sqlite3.Connection, tournament: Tournament, selection: Models) -> tuple[Table, Table]:
    """The movers of the last scoring run, the largest in NMR first, then new rounds; one row: which run, how many."""
    drift = drift_of(connection, tournament)
    run = last_moves(drift)
    labels = tuple(drift.inputs.terms.labels[k] for k in _paying(drift))
    columns = (
        Column("what", Kind.TEXT, doc="moved, new (first score) or resolved (last score)"),
        Column("model", Kind.TEXT, doc="the model's name"),
        Column("round", Kind.INT, doc="the round's number"),
        Column("day", Kind.INT, doc="scoring day now"),
        Column("payout_change", Kind.NMR, "NMR", "change of the projected payout"),
        Column("change", Kind.FRACTION, doc="change of the projected return"),
        *(Column(f"part_{label}", Kind.FRACTION, label, f"the part of {label} in the change") for label in labels),
        Column("part_clip", Kind.FRACTION, "clip", "what the clip took or gave back"),
        Column("before", Kind.FRACTION, doc="projected return before"),
        Column("value", Kind.FRACTION, "now", "projected return now"),
        Column("at_risk", Kind.NMR, "at risk", "NMR at risk"),
        *RECORD_COLUMNS,
        Column("key", Kind.TEXT, doc="model and round"),
    )
    rows = list(_mover_rows(connection, drift, run, selection))
    return table_of("movers", columns, rows), _run_table(run, rows)


def _mover_rows(connection: sqlite3.Connection, drift: Drift, run: LastRun, selection: Models) -> Iterator[MoverRow]:
    inputs, paying = drift.inputs, _paying(drift)
    labels = inputs.terms.labels
    selected = set(selected_models(connection, drift, selection))
    recorded = first_forecasts(connection, inputs.models.keys)
    for m, r, what in _order(drift, run):
        if m not in selected:
            continue
        name, numbered, at_risk = inputs.models.names[m], inputs.rounds.numbers[r], inputs.at_risk.get((m, r))
        change, value = number(run.change[m, r]), number(drift.value[m, r, drift.day[m, r] - 1])
        forecast = recorded.get((inputs.models.keys[m], numbered)) if what == "resolved" else None
        yield MoverRow(
            what=what,
            model=name,
            round=numbered,
            day=int(drift.day[m, r]),
            payout_change=nmr(at_risk, change),
            change=change,
            part_clip=number(run.remainder[m, r]),
            before=number(run.before[m, r]),
            value=value,
            at_risk=at_risk,
            **record_cells(forecast, value)._asdict(),
            key=f"{name} {numbered}",
            scores={f"part_{labels[k]}": number(run.parts[m, r, k]) for k in paying},
        )


def _run_table(run: LastRun, rows: list[MoverRow]) -> Table:
    columns = (Column("run", Kind.TEXT, "scoring run"), *(Column(what, Kind.INT) for what in WHAT))
    counts = Counter(row.what for row in rows)
    return Table("run", columns, [(date_text(run.ordinal) if run.ordinal else None, *(counts[what] for what in WHAT))])


def _paying(drift: Drift) -> list[int]:
    """The scores that a round of the last run pays."""
    multipliers = drift.inputs.terms.multipliers
    newest = drift.scored_on.max(axis=1, initial=0) == drift.scored_on.max(initial=0)
    return [int(k) for k in np.flatnonzero((multipliers[:, newest] != 0).any(axis=(0, 1)))]


def _order(drift: Drift, run: LastRun) -> list[tuple[int, int, str]]:
    """Models and rounds (positions) that the run changed, in the order of the table, and what happened to each."""
    shape = drift.day.shape
    resolved, new = run.movers.resolved.reshape(shape), run.movers.new.reshape(shape)
    _, flat = run.movers.largest(run.change.size)
    moved = [divmod(position, shape[1]) for position in flat.tolist()]
    ordered = [(m, r, "resolved" if resolved[m, r] else "moved") for m, r in moved]
    ordered += [(m, r, "new") for m, r in np.argwhere(new).tolist()]
    known = set(moved)
    ordered += [(m, r, "resolved") for m, r in np.argwhere(resolved & ~new).tolist() if (m, r) not in known]
    return ordered
