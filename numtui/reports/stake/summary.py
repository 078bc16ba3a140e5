"""The tables of totals: one row a tournament, and the row of the account."""

from __future__ import annotations

from numtui.analysis.staking_system import System
from numtui.model import Column, Kind, Row, Table
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


def account_table(status: AccountStatus) -> Table:
    """The account's row."""
    row: Row = (
        status.account,
        status.available,
        status.on_chain,
        status.held_increases,
        status.held_withdrawals,
    )
    notes = tuple(f"the key lacks the scope {scope}: it is needed to {use}" for scope, use in status.missing_scopes)
    return Table("stake_account", ACCOUNT_COLUMNS, [row], notes)


def summary_table(status: AccountStatus) -> Table:
    """A row a tournament."""
    return Table(
        "stake_summary", SUMMARY_COLUMNS, [summary_row(status, tournament) for tournament in status.tournaments]
    )


def summary_row(status: AccountStatus, tournament: TournamentStatus) -> Row:
    """A tournament's row, under SUMMARY_COLUMNS."""
    atomic = tournament.system is System.ATOMIC
    return (
        tournament.tournament.label,
        str(tournament.system),
        tournament.stake,
        tournament.at_risk,
        tournament.worst_case,
        tournament.pending_increase or None,
        tournament.pending_release or None,
        tournament.next_due,
        tournament.committed,
        None if atomic else status.idle,
        tournament.per_round,
        tournament.rounds_at_once if atomic else None,
        tournament.rounds_funded,
        tournament.open_round.number if tournament.open_round else None,
        tournament.seconds_to_close,
        tournament.last_resolve,
    )
