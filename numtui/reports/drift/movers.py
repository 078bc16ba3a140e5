"""What changed with the last scoring run: the largest movers by score, new rounds, resolved ones against forecasts."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

import numpy as np

from numtui.analysis.arrays import Floats, Ints, number
from numtui.analysis.drift.movers import Movers, RunScores, movers
from numtui.analysis.drift.projection import DriftTerms, Factors, at_day, last_day
from numtui.model import Column, Kind, Row, Table, Tournament
from numtui.reports.drift.compute import Drift, drift_of
from numtui.reports.drift.record import RECORD_COLUMNS, record_cells
from numtui.reports.drift.scoring_days import day_of
from numtui.reports.drift.table import model_rows, nmr
from numtui.store.queries.forecasts import first_forecasts
from numtui.store.queries.selection import Models

ROUNDING = 1e-12  # what sums of floats leave where no clip bites


@dataclass(frozen=True, slots=True)
class Moves:
    """The last scoring run of the calendar day `ordinal` (0: none): changes [M, R] and their parts [M, R, K]."""

    ordinal: int
    before: Floats
    change: Floats
    parts: Floats
    remainder: Floats
    day: Ints
    moves: Movers


def last_moves(found: Drift) -> Moves:
    """Compare what stands now with what stood before the last scoring run."""
    scope = found.scope
    ordinal = int(found.scored_on.max(initial=0))
    earlier = np.where((found.scored_on == ordinal) | (found.scored_on == 0), np.nan, found.raw)
    was = last_day(earlier) if earlier.size else found.day
    shape = found.day.shape
    multipliers, clip = scope.terms.multipliers, np.tile(scope.terms.clip, shape[0])
    terms = DriftTerms(
        multipliers.reshape(1, clip.size, multipliers.shape[2]),
        Factors(scope.factor.ravel(), scope.factor_estimated.ravel()),
        clip,
    )  # a model's round is a round of its own here, since its factor may be its own
    days = np.tile(scope.terms.days, shape[0])
    runs = [
        RunScores(_scores_at(found, day).reshape(1, days.size, multipliers.shape[2]), day.reshape(1, -1))
        for day in (was, found.day)
    ]
    moved = movers(runs[0], runs[1], days, terms, scope.terms.at_risk.reshape(1, -1))
    whole = (*shape, multipliers.shape[2])
    return Moves(
        ordinal=ordinal,
        before=moved.before.reshape(shape),
        change=moved.change.reshape(shape),
        parts=moved.parts.reshape(whole),
        remainder=np.where(np.abs(moved.remainder) < ROUNDING, 0.0, moved.remainder).reshape(shape),
        day=was,
        moves=moved,
    )


def _scores_at(found: Drift, day: Ints) -> Floats:
    """The scores [M, R, K] at each model's and round's `day` (0: NaN)."""
    scope = found.scope
    values = np.full((*day.shape, len(scope.terms.scores)), np.nan)
    for kind in scope.kinds:
        for place, at in zip(kind.place, kind.at, strict=True):
            picked = at_day(kind.scores[:, place], np.tile(day[:, at, None], len(kind.columns)))
            values[:, at, list(kind.columns)] = picked
    return values


def movers_table(connection: sqlite3.Connection, tournament: Tournament, chosen: Models) -> tuple[Table, Table]:
    """The movers of the last scoring run, the largest in NMR first, then new rounds; one row: which run, how many."""
    found = drift_of(connection, tournament)
    moves = last_moves(found)
    scope, rows = found.scope, set(model_rows(connection, found, chosen))
    labels = tuple(scope.terms.labels[k] for k in _paying(found))
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
    recorded = first_forecasts(connection, scope.models.keys)
    table: list[Row] = []
    for m, r, what in _order(found, moves):
        if m not in rows:
            continue
        change, value = number(moves.change[m, r]), number(found.value[m, r, found.day[m, r] - 1])
        forecast = recorded.get((scope.models.keys[m], scope.rounds.numbers[r])) if what == "resolved" else None
        at_risk, name, numbered = scope.at_risk.get((m, r)), scope.models.names[m], scope.rounds.numbers[r]
        parts = (number(moves.parts[m, r, k]) for k in _paying(found))
        came = record_cells(forecast, value)
        clip, before = number(moves.remainder[m, r]), number(moves.before[m, r])
        moved = (nmr(at_risk, change), change, *parts, clip, before, value, at_risk)
        table.append((what, name, numbered, int(found.day[m, r]), *moved, *came, f"{name} {numbered}"))
    return Table("movers", columns, table), _run(moves, table)


def _run(moves: Moves, table: list[Row]) -> Table:
    kinds = ("moved", "new", "resolved")
    columns = (Column("run", Kind.TEXT, "scoring run"), *(Column(kind, Kind.INT) for kind in kinds))
    counts = (sum(row[0] == kind for row in table) for kind in kinds)
    return Table("run", columns, [(day_of(moves.ordinal) if moves.ordinal else None, *counts)])


def _paying(found: Drift) -> list[int]:
    """The scores that a round of the last run pays."""
    multipliers = found.scope.terms.multipliers
    newest = found.scored_on.max(axis=1, initial=0) == found.scored_on.max(initial=0)
    return [int(k) for k in np.flatnonzero((multipliers[:, newest] != 0).any(axis=(0, 1)))]


def _order(found: Drift, moves: Moves) -> list[tuple[int, int, str]]:
    shape = found.day.shape
    listed: list[tuple[int, int, str]] = []
    resolved, new = moves.moves.resolved.reshape(shape), moves.moves.new.reshape(shape)
    _, flat = moves.moves.largest(moves.change.size)
    for place in flat.tolist():
        m, r = divmod(place, shape[1])
        listed.append((m, r, "resolved" if resolved[m, r] else "moved"))
    known = {(m, r) for m, r, _ in listed}
    listed += [(m, r, "new") for m, r in np.argwhere(new).tolist()]
    listed += [(m, r, "resolved") for m, r in np.argwhere(resolved & ~new).tolist() if (m, r) not in known]
    return listed
