"""`export drift`: projected returns by model, round and day, the forecasts of unresolved rounds, and daily totals."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from numtui.analysis.arrays import Bools, Ints, number
from numtui.analysis.drift.projection import carry_forward
from numtui.analysis.drift.scoring_dates import date_text
from numtui.format import counted
from numtui.model import Column, Kind, Table, Tournament
from numtui.money import exact_sum
from numtui.reports.drift.compute import Drift, drift_of
from numtui.reports.drift.rows import (
    DRIFT_COLUMNS,
    FORECAST_COLUMNS,
    counted_models,
    drift_row,
    forecast_figures,
    in_round,
    missing_reason,
    nmr,
    selected_models,
    share,
)
from numtui.store.queries.selection import Models, Rounds

TOURNAMENT = Column("tournament", Kind.TEXT, doc="classic, signals or crypto")
TOTAL_COLUMNS = (
    Column("date", Kind.TEXT, doc="calendar day with scores"),
    Column("rounds", Kind.INT, doc="rounds with money at risk"),
    Column("at_risk", Kind.NMR, "at risk", "NMR at risk in all rounds that had closed and not resolved"),
    Column("value", Kind.FRACTION, "now", "payout / at_risk"),
    Column("payout", Kind.NMR, "NMR now", "projected payout of all of them; a burn is negative"),
    TOURNAMENT,
)


class TotalRow(NamedTuple):
    """All that was at risk and unresolved on a calendar day, as `TOTAL_COLUMNS` say."""

    date: str
    rounds: int
    at_risk: Decimal
    value: float | None
    payout: Decimal
    tournament: str


def drift_table(connection: sqlite3.Connection, tournament: Tournament, selection: Models, rounds: Rounds) -> Table:
    """A row a model, round and scoring day: unresolved rounds, or those that resolved while they were open."""
    drift = drift_of(connection, tournament)
    models, positions = selected_models(connection, drift, selection), _selected_rounds(drift, rounds)
    rows = (
        (*drift_row(drift, m, r, day), tournament.label)
        for m in models
        for r in positions
        for day in range(1, int(drift.day[m, r]) + 1)
    )
    return Table("drift", (*DRIFT_COLUMNS, TOURNAMENT), rows)


def forecast_table(connection: sqlite3.Connection, tournament: Tournament, selection: Models, rounds: Rounds) -> Table:
    """A row a model and unresolved round at its newest day, with its forecast; None where there is no evidence."""
    drift = drift_of(connection, tournament)
    positions = [r for r in _selected_rounds(drift, rounds) if drift.inputs.rounds.open[r]]
    rows = [
        (drift_row(drift, m, r), forecast_figures(drift, m, r))
        for m in selected_models(connection, drift, selection)
        for r in positions
        if in_round(drift, m, r)
    ]
    missing = sorted({row.round for row, figures in rows if figures.expected is None}, key=str)
    numbers = ", ".join(map(str, missing))
    note = f"no forecast for {counted(len(missing), 'round')} ({numbers}): {missing_reason(drift)}"
    return Table(
        "drift",
        (*DRIFT_COLUMNS, *FORECAST_COLUMNS, TOURNAMENT),
        [(*row, *figures, tournament.label) for row, figures in rows],
        (note,) if missing else (),
    )


def total_table(connection: sqlite3.Connection, tournament: Tournament, selection: Models, rounds: Rounds) -> Table:
    """A row a calendar day that brought scores: everything that was at risk and unresolved then.

    Unless models are selected, of the account's own; where there are none, of the watched ones.
    """
    drift = drift_of(connection, tournament)
    models = counted_models(connection, drift, selection)
    positions = _selected_rounds(drift, rounds, resolved_too=True)
    return Table("drift", TOTAL_COLUMNS, list(_daily_totals(drift, models, positions)))


def _selected_rounds(drift: Drift, rounds: Rounds, *, resolved_too: bool = False) -> list[int]:
    """The positions of the selected rounds; of unresolved ones unless `rounds` asks for others (or `resolved_too`)."""
    axis = drift.inputs.rounds
    either = resolved_too and rounds.resolved is None
    return [
        r
        for r, numbered in enumerate(axis.numbers)
        if (either or bool(axis.open[r]) is not bool(rounds.resolved))
        and (rounds.first or 0) <= numbered
        and (rounds.last is None or numbered <= rounds.last)
    ]


def _daily_totals(drift: Drift, models: Sequence[int], positions: Sequence[int]) -> Iterator[TotalRow]:
    """Totals day by day; a gap in a path is its last value, a round without a score yet adds stake and no payout."""
    at_risk = drift.inputs.at_risk
    ordinals = _score_ordinals(drift)
    staked = [(m, r) for r in positions for m in models if at_risk.get((m, r))]
    held = carry_forward(drift.value)
    for ordinal in ordinals.tolist():
        alive = _alive(drift, ordinal, newest=ordinal == ordinals[-1])
        scored = (drift.scored_on > 0) & (drift.scored_on <= ordinal)
        day = np.where(scored.any(axis=1), scored.shape[1] - scored[:, ::-1].argmax(axis=1), 0)
        pairs = [(m, r) for m, r in staked if alive[r]]
        if not pairs:
            continue
        whole = exact_sum(at_risk[pair] for pair in pairs)
        payout = exact_sum(nmr(at_risk[m, r], number(held[m, r, day[r] - 1])) for m, r in pairs if day[r])
        yield TotalRow(
            date=date_text(ordinal),
            rounds=len({r for _, r in pairs}),
            at_risk=whole,
            value=share(payout, whole),
            payout=payout,
            tournament=drift.inputs.tournament.label,
        )


def _score_ordinals(drift: Drift) -> Ints:
    """The ordinals of the days with scores since the first score of the oldest unresolved round."""
    began = drift.scored_on[drift.inputs.rounds.open]
    first = began[began > 0].min(initial=np.iinfo(np.int64).max)
    return np.unique(drift.scored_on[drift.scored_on >= first])


def _alive(drift: Drift, ordinal: int, *, newest: bool) -> Bools:
    """[R] which rounds had closed and not resolved on a day; on the newest one those that are unresolved now."""
    rounds = drift.inputs.rounds
    if newest:
        return rounds.open
    began: Ints = np.where(rounds.closed_on > 0, rounds.closed_on, np.iinfo(np.int64).max)
    alive: Bools = (began <= ordinal) & (rounds.open | (ordinal < rounds.resolve_on))
    return alive
