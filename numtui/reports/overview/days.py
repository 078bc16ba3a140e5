"""The account's payouts by day: what was settled, what the open rounds stood at, and where they will probably end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np

from numtui.analysis.arrays import Floats, number
from numtui.analysis.drift.projection import carry_forward
from numtui.model import Column, Kind, Row, Table
from numtui.reports.drift.compute import Drift
from numtui.reports.overview.state import TournamentState

DAYS = 60  # calendar days back
DAY_COLUMNS = (
    Column("date", Kind.TEXT, doc="calendar day"),
    Column("settled", Kind.FLOAT, doc="NMR settled since the first day shown"),
    Column("pending", Kind.FLOAT, doc="NMR that the unresolved rounds stood at, on top of it"),
)


class FanDay(NamedTuple):
    """The end of a week of resolution: what will probably have been settled by then, NMR from today on."""

    ordinal: int
    expected: float
    p05: float
    p25: float
    p75: float
    p95: float


@dataclass(frozen=True, slots=True)
class PayoutDays:
    """N calendar days by their `ordinals`: NMR `settled` [N] since the first, and `pending` [N]: what the rounds that
    were unresolved then stood at, NaN as long as scoring days are still to come. `fan` from the last day on; empty
    without a forecast."""

    ordinals: tuple[int, ...]
    settled: Floats
    pending: Floats
    fan: tuple[FanDay, ...]


def payout_days(states: Sequence[TournamentState], today: date) -> PayoutDays:
    """The days up to `today`, over the account's models in all these tournaments."""
    last = today.toordinal()
    ordinals = tuple(range(last - DAYS + 1, last + 1))
    paid, pending = np.zeros(DAYS), np.zeros(DAYS)
    for state in states:
        for row in state.settled:
            place = date.fromisoformat(row.date).toordinal() - ordinals[0]
            if 0 <= place < DAYS:
                paid[place] += float(row.payout)
        pending += pending_by_day(state.drift, ordinals).sum(axis=1)
    if any(state.lacks_days for state in states):
        return PayoutDays(ordinals, paid.cumsum(), np.full(DAYS, np.nan), ())
    return PayoutDays(ordinals, paid.cumsum(), pending, _fan([state.drift for state in states]))


def pending_by_day(drift: Drift, ordinals: Sequence[int]) -> Floats:
    """[N, counted models] what each model's rounds that were unresolved on a day stood at then, NMR."""
    models = np.flatnonzero(drift.inputs.models.counted)
    at_risk = np.nan_to_num(drift.inputs.terms.at_risk[models])
    held = np.nan_to_num(carry_forward(drift.value[models]))
    rounds = drift.inputs.rounds
    totals = np.zeros((len(ordinals), models.size))
    for place, ordinal in enumerate(ordinals):
        scored = (drift.scored_on > 0) & (drift.scored_on <= ordinal)
        day = np.where(scored.any(axis=1), scored.shape[1] - scored[:, ::-1].argmax(axis=1), 0)
        alive = np.flatnonzero((day > 0) & (rounds.open | (ordinal < rounds.resolve_on)))
        if alive.size:
            totals[place] = (held[:, alive, day[alive] - 1] * at_risk[:, alive]).sum(axis=1)
    return totals


def _fan(drifts: Sequence[Drift]) -> tuple[FanDay, ...]:
    """The forecast by the ends of the weeks in which rounds resolve; empty without one.

    Of several tournaments quantiles are added, as if all moved together: the band is rather too wide than too narrow.
    """
    known = [_by_week_end(drift) for drift in drifts]
    ends = sorted({row.ordinal for rows in known for row in rows})
    return tuple(_together(end, known) for end in ends)


def _by_week_end(drift: Drift) -> list[FanDay]:
    columns = drift.by_week_end.columns()[:5]
    return [
        FanDay(start + 6, *(float(column[week]) for column in columns))
        for week, start in enumerate(drift.week_starts)
        if start and not np.isnan(drift.by_week_end.expected[week])
    ]


def _together(end: int, known: Sequence[Sequence[FanDay]]) -> FanDay:
    """The sum of what each tournament has come to by a day."""
    newest = [rows[-1][1:] for of in known if (rows := [row for row in of if row.ordinal <= end])]
    return FanDay(end, *map(sum, zip(*newest, strict=True)))


def days_table(days: PayoutDays) -> Table:
    """The days as a table."""
    rows: list[Row] = [
        (date.fromordinal(ordinal).isoformat(), float(paid), number(open_))
        for ordinal, paid, open_ in zip(days.ordinals, days.settled, days.pending, strict=True)
    ]
    return Table("days", DAY_COLUMNS, rows)
