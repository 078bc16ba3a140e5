"""The tables of totals: one row a tournament, and the row of the account."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from numtui.analysis.staking_system import System
from numtui.model import Column, Kind, Table
from numtui.reports.stake.status import AccountStatus, TournamentStatus

ACCOUNT_COLUMNS = (
    Column("account", Kind.TEXT, doc="whose keys are in use"),
    Column("available", Kind.NMR, "available", "NMR free to stake"),
    Column("on_chain", Kind.NMR, "on chain", "NMR in the wallet on the chain"),
    Column("held_increases", Kind.NMR, "held for increases", "NMR that waits to be staked"),
    Column("held_withdrawals", Kind.NMR, "held for withdrawals", "NMR that waits to leave"),
)
SUMMARY_COLUMNS = (
    Column("tournament", Kind.TEXT, doc="classic, signals or crypto"),
    Column("system", Kind.TEXT, doc="legacy, atomic, or undecided: then nothing can be changed"),
    Column("stake", Kind.NMR, doc="NMR staked; Atomic: per round x rounds at once"),
    Column("at_risk", Kind.NMR, "at risk", "NMR at risk, summed over the unresolved rounds"),
    Column("worst_case", Kind.NMR, "worst case", "NMR burnt if every unresolved round ended at its clip"),
    Column("pending_increase", Kind.NMR, "increase pending", "NMR of increases under way"),
    Column("pending_release", Kind.NMR, "release pending", "NMR of releases under way"),
    Column("next_due", Kind.TIME, "due", "when the first of them takes effect"),
    Column("committed", Kind.NMR, doc="NMR that cannot be used elsewhere; Atomic: at risk in open positions"),
    Column("idle", Kind.NMR, doc="NMR that is available and committed to nothing; Atomic: unknown"),
    Column("per_round", Kind.NMR, "per round", "Atomic: NMR that all models put on a round"),
    Column("rounds_at_once", Kind.INT, "rounds at once", "Atomic: how many rounds are unresolved at once"),
    Column("rounds_funded", Kind.INT, "rounds funded", "Atomic: how many more rounds the idle NMR pays for"),
    Column("open_round", Kind.INT, "open round", "the round that takes stakes now"),
    Column("seconds_to_close", Kind.DURATION, "takes stakes for", "until closeStakingTime"),
    Column("last_resolve", Kind.TIME, "newest round resolves", "a release asked for now leaves then"),
)


class AccountRow(NamedTuple):
    """The account's NMR, None where unknown."""

    account: str
    available: Decimal | None
    on_chain: Decimal | None
    held_increases: Decimal | None
    held_withdrawals: Decimal | None


class SummaryRow(NamedTuple):
    """A tournament's totals in NMR over its models; None where unknown or not of its staking system."""

    tournament: str
    system: str
    stake: Decimal | None
    at_risk: Decimal | None
    worst_case: Decimal | None
    pending_increase: Decimal | None
    pending_release: Decimal | None
    next_due: datetime | None
    committed: Decimal | None
    idle: Decimal | None
    per_round: Decimal | None
    rounds_at_once: int | None
    rounds_funded: int | None
    open_round: int | None
    seconds_to_close: float | None
    last_resolve: datetime | None


def account_row(status: AccountStatus) -> AccountRow:
    """The row of the account."""
    return AccountRow(
        account=status.account,
        available=status.available,
        on_chain=status.on_chain,
        held_increases=status.held_increases,
        held_withdrawals=status.held_withdrawals,
    )


def account_table(status: AccountStatus) -> Table:
    """The account as a table of one row, with a note for each scope that the key lacks."""
    notes = tuple(f"the key lacks the scope {scope}: it is needed to {use}" for scope, use in status.missing_scopes)
    return Table("stake_account", ACCOUNT_COLUMNS, [account_row(status)], notes)


def summary_table(status: AccountStatus) -> Table:
    """The totals as a table of one row a tournament."""
    rows = [summary_row(status, tournament) for tournament in status.tournaments]
    return Table("stake_summary", SUMMARY_COLUMNS, rows)


def summary_row(status: AccountStatus, totals: TournamentStatus) -> SummaryRow:
    """The row of a tournament."""
    atomic = totals.system is System.ATOMIC
    return SummaryRow(
        tournament=totals.tournament.label,
        system=str(totals.system),
        stake=totals.stake,
        at_risk=totals.at_risk,
        worst_case=totals.worst_case,
        pending_increase=totals.pending_increase or None,
        pending_release=totals.pending_release or None,
        next_due=totals.next_due,
        committed=totals.committed,
        idle=None if atomic else status.idle,
        per_round=totals.per_round,
        rounds_at_once=totals.rounds_at_once if atomic else None,
        rounds_funded=totals.rounds_funded,
        open_round=totals.open_round.number if totals.open_round else None,
        seconds_to_close=totals.seconds_to_close,
        last_resolve=totals.last_resolve,
    )
