"""The money of the account: a row a tournament, their total, and what was won or lost lately."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from numtui.analysis.arrays import Floats, number
from numtui.model import Column, Kind, Table, time_of
from numtui.money import exact_sum, whole_sum
from numtui.reports.drift.compute import Drift
from numtui.reports.drift.rows import in_round, nmr
from numtui.reports.drift.totals import money_sums
from numtui.reports.overview.state import BACK, TournamentState
from numtui.store.queries.stakes.settled import SettledRound

WEEK = timedelta(days=7)
TOTAL = "all"
MONEY_COLUMNS = (
    Column("tournament", Kind.TEXT, doc="classic, signals, crypto, or all of them"),
    Column("stake", Kind.NMR, doc="NMR staked; Atomic: per round x rounds at once"),
    Column("at_risk", Kind.NMR, "at risk", "NMR at risk, summed over the unresolved rounds; a legacy stake is in each"),
    Column("worst_case", Kind.NMR, "worst case", "NMR burnt if every unresolved round ended at its clip"),
    Column("pending", Kind.NMR, doc="projected payout of the unresolved rounds as the scores stand"),
    Column("expected_payout", Kind.NMR, "forecast", "expected final payout of the unresolved rounds"),
    Column("payout_p05", Kind.NMR, "p05", "5 % quantile of the final payout; of all the sum of theirs"),
    Column("payout_p95", Kind.NMR, "p95", "95 % quantile of the final payout; of all the sum of theirs"),
    Column("burn_probability", Kind.PERCENTILE, "burn %", "probability that they end below 0; unknown of all together"),
    Column("last_run", Kind.NMR, "last run", "change of the projected payout with the last scoring run"),
    Column("settled_7d", Kind.NMR, "7 days", "payouts settled in the last 7 days"),
    Column("settled_90d", Kind.NMR, "90 days", "payouts settled in the last 90 days"),
    Column("next_resolve", Kind.TIME, "next resolves", "when the next round with something at risk resolves"),
)


class MoneyRow(NamedTuple):
    """A tournament's money in NMR, as `MONEY_COLUMNS` say; None where unknown."""

    tournament: str
    stake: Decimal | None
    at_risk: Decimal | None
    worst_case: Decimal | None
    pending: Decimal | None
    expected_payout: Decimal | None
    payout_p05: Decimal | None
    payout_p95: Decimal | None
    burn_probability: float | None
    last_run: Decimal | None
    settled_7d: Decimal | None
    settled_90d: Decimal | None
    next_resolve: datetime | None


def money_row(state: TournamentState, now: datetime) -> MoneyRow:
    """The money of a tournament; before its first poll has ended nothing of it is known."""
    if not state.polled:
        return MoneyRow(state.label, *(None,) * (len(MoneyRow._fields) - 1))
    status, drift = state.status, state.drift
    sums = money_sums(drift, state.counted, drift.open_rounds, drift.portfolio)
    at_risk, times = drift.inputs.at_risk, drift.inputs.rounds.resolve_times
    staked = [r for r in drift.open_rounds if any(at_risk.get((m, r)) for m in state.counted)]
    return MoneyRow(
        tournament=state.label,
        stake=status.stake,
        at_risk=status.at_risk,
        worst_case=status.worst_case,
        pending=sums.payout,
        expected_payout=sums.expected_payout,
        payout_p05=sums.payout_p05,
        payout_p95=sums.payout_p95,
        burn_probability=sums.burn_probability,
        last_run=last_run_change(drift, state.change, state.counted),
        settled_7d=settled_since(state.settled, now - WEEK),
        settled_90d=settled_since(state.settled, now - BACK),
        next_resolve=min((time for r in staked if (time := time_of(times[r])) and time > now), default=None),
    )


def last_run_change(drift: Drift, change: Floats, models: Sequence[int]) -> Decimal | None:
    """The change of the projected payout with the last scoring run, NMR over the models (positions); `change` [M, R] is
    that of the returns. None where days are still to come."""
    pairs = [(m, r) for r in drift.open_rounds for m in models if in_round(drift, m, r)]
    if not drift.inputs.has_days(pairs):
        return None
    return exact_sum(nmr(drift.inputs.at_risk.get((m, r)), number(change[m, r])) for m, r in pairs)


def settled_since(rounds: Sequence[SettledRound], start: datetime) -> Decimal:
    """The payouts of rounds that settled on days after that of `start`."""
    return exact_sum(row.payout for row in rounds if row.date > start.date().isoformat())


def money_table(rows: Sequence[MoneyRow]) -> Table:
    """The tournaments, and where there are several, their total."""
    total = [total_row(rows)] if len(rows) > 1 else []
    return Table("money", MONEY_COLUMNS, [*rows, *total])


def total_row(rows: Sequence[MoneyRow]) -> MoneyRow:
    """The sum over tournaments; None where a part is unknown.

    Quantiles are added, as if all tournaments moved together: an interval rather too wide than too narrow. The chance
    of a loss is not known of several.
    """
    known = [row for row in rows if row.at_risk != 0]  # where there is nothing at risk nothing is forecast
    return MoneyRow(
        tournament=TOTAL,
        stake=whole_sum(row.stake for row in rows),
        at_risk=whole_sum(row.at_risk for row in rows),
        worst_case=whole_sum(row.worst_case for row in rows),
        pending=whole_sum(row.pending for row in rows),
        expected_payout=whole_sum(row.expected_payout for row in known),
        payout_p05=whole_sum(row.payout_p05 for row in known),
        payout_p95=whole_sum(row.payout_p95 for row in known),
        burn_probability=None,
        last_run=whole_sum(row.last_run for row in rows),
        settled_7d=whole_sum(row.settled_7d for row in rows),
        settled_90d=whole_sum(row.settled_90d for row in rows),
        next_resolve=min((row.next_resolve for row in rows if row.next_resolve is not None), default=None),
    )
