"""What resolves by week, over the account's tournaments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from numtui.model import Column, Kind, Table
from numtui.money import exact_sum, whole_sum
from numtui.reports.drift.totals import Sums, outlook, week_sums
from numtui.reports.overview.state import TournamentState

WEEK_COLUMNS = (
    Column("week", Kind.TEXT, "week of", "its Monday; none: of rounds whose resolution is not known"),
    Column("rounds", Kind.INT, doc="rounds that resolve in it"),
    Column("at_risk", Kind.NMR, "at risk", "NMR at risk in them"),
    Column("pending", Kind.NMR, doc="their projected payout as the scores stand"),
    Column("expected_payout", Kind.NMR, "forecast", "their expected final payout"),
)


class WeekAhead(NamedTuple):
    """A week in which rounds resolve, as `WEEK_COLUMNS` say; None where unknown."""

    week: date | None
    rounds: int
    at_risk: Decimal
    pending: Decimal | None
    expected_payout: Decimal | None

    @property
    def outlook(self) -> Decimal | None:
        """What its rounds will probably pay; without a forecast, what they stand at."""
        return outlook(self.pending, self.expected_payout)


def weeks_ahead(states: Sequence[TournamentState]) -> tuple[WeekAhead, ...]:
    """The weeks from the next resolution to the last one, those with something at risk; the unknown one last."""
    weeks: dict[int, list[tuple[int, Sums]]] = defaultdict(list)
    for state in states:
        for start, count, sums in week_sums(state.drift, state.counted):
            weeks[start].append((count, sums))
    rows = [_week(start, parts) for start, parts in weeks.items()]
    return tuple(sorted((row for row in rows if row.at_risk), key=lambda row: row.week or date.max))


def _week(start: int, parts: Sequence[tuple[int, Sums]]) -> WeekAhead:
    staked = [sums for _, sums in parts if sums.at_risk]
    return WeekAhead(
        week=date.fromordinal(start) if start else None,
        rounds=sum(count for count, _ in parts),
        at_risk=exact_sum(sums.at_risk for sums in staked),
        pending=whole_sum(sums.payout for sums in staked),
        expected_payout=whole_sum(sums.expected_payout for sums in staked),
    )


def weeks_table(rows: Sequence[WeekAhead]) -> Table:
    """The weeks as a table."""
    cells = [(None if row.week is None else row.week.isoformat(), *row[1:]) for row in rows]
    return Table("weeks", WEEK_COLUMNS, cells)
