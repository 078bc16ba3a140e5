"""The tables of stakes: own models with what they have staked, at risk and under way."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from numtui.analysis.staking_system import System
from numtui.analysis.submissions import SUBMISSION_COLUMNS, is_submitted
from numtui.model import Column, Kind, Table, Tournament
from numtui.reports.stake.status import AccountStatus, ModelStake, ModelStatus, TournamentStatus, model_stakes
from numtui.store.queries.models import all_models
from numtui.store.queries.selection import Models, known_models
from numtui.store.queries.stakes.figures import Diversity
from numtui.store.queries.terms import staking_system

STAKE = Column("stake", Kind.NMR, doc="NMR staked, without unsettled earnings; Atomic: per round x rounds at once")
AT_RISK = Column("at_risk", Kind.NMR, "at risk", "NMR at risk, summed over the unresolved rounds")
PENDING_DOC = "pending payout of the unresolved rounds, not in the stake; a burn is negative"
STAKE_COLUMNS = (
    Column("model", Kind.TEXT, doc="the model's name"),
    Column("system", Kind.TEXT, doc="atomic, legacy or undecided: which staking system is in force"),
    STAKE,
    AT_RISK,
    Column("pending", Kind.NMR, "change", "pending change of the stake; a release is negative"),
    Column("due", Kind.TIME, "due", "when that change takes effect; a release else as the newest round resolves"),
    Column("pending_payout", Kind.NMR, "pending", PENDING_DOC),
    Column("per_round", Kind.NMR, "per round", "Atomic: NMR on the newest round"),
    *SUBMISSION_COLUMNS,
    Column("take_profit", Kind.BOOL, "profit", "whether payouts are taken out instead of compounded"),
    Column("status", Kind.TEXT, doc="the stake's status"),
    Column("tournament", Kind.TEXT, doc="classic, signals or crypto"),
)


class StakeRow(NamedTuple):
    """The stake of one model of the account; NMR, None where unknown."""

    model: str
    system: str
    stake: Decimal | None
    at_risk: Decimal | None
    pending: Decimal | None
    due: datetime | None
    pending_payout: Decimal | None
    per_round: Decimal | None
    submitted: bool | None
    submission: str | None
    take_profit: bool | None
    status: str | None
    tournament: str


def stakes(connection: sqlite3.Connection, tournament: Tournament, now: datetime, selection: Models) -> Table:
    """The stakes of the account's models of a selection, legacy or Atomic."""
    own_models = {model.model for model in all_models(connection, tournament) if model.mine}
    keys = {name: key for name, key in known_models(connection, tournament, selection).items() if key in own_models}
    system = staking_system(connection, tournament)
    own_stakes = model_stakes(connection, tournament, system, keys.values(), now)
    rows = [_stakes_row(name, tournament, system, own_stakes[key]) for name, key in keys.items()]
    return Table("stakes", STAKE_COLUMNS, rows)


def _stakes_row(name: str, tournament: Tournament, system: System, stake: ModelStake) -> StakeRow:
    figures, submission = stake
    return StakeRow(
        model=name,
        system=str(system),
        stake=figures.stake,
        at_risk=figures.at_risk,
        pending=figures.pending,
        due=figures.due,
        pending_payout=figures.pending_payout,
        per_round=figures.per_round if system is System.ATOMIC else None,
        submitted=is_submitted(submission),
        submission=submission and str(submission),
        take_profit=figures.take_profit,
        status=figures.status,
        tournament=tournament.label,
    )


STATUS_COLUMNS = (
    Column("model", Kind.TEXT, doc="the model's name"),
    Column("system", Kind.TEXT, doc="legacy, atomic or undecided"),
    STAKE,
    AT_RISK,
    Column("worst_case", Kind.NMR, "worst case", "the sum of at risk x clip over the unresolved rounds"),
    Column("rounds", Kind.INT, doc="unresolved rounds with something at risk"),
    Column("per_round", Kind.NMR, "per round", "NMR on the newest round (Atomic)"),
    Column("pending", Kind.NMR, "change", "change under way; a release is negative"),
    Column(
        "due",
        Kind.TIME,
        doc="when the change under way takes effect; a release at the latest as the newest round resolves",
    ),
    Column("pending_payout", Kind.NMR, "pending payout", "payout of the unresolved rounds, not in the stake"),
    *SUBMISSION_COLUMNS,
    Column("churn", Kind.PERCENTILE, "churn %", "Signals: highest churn of the week before"),
    Column("churn_limit", Kind.PERCENTILE, "limit %", "at this churn nothing is at risk"),
    Column("turnover", Kind.PERCENTILE, "turnover %", "Signals: highest turnover of the week before"),
    Column("turnover_limit", Kind.PERCENTILE, "limit %", "at this turnover nothing is at risk"),
    Column("locked", Kind.BOOL, doc="a change of it has an unknown outcome: reconcile first"),
    Column("tournament", Kind.TEXT, doc="classic, signals or crypto"),
)


class StatusRow(NamedTuple):
    """The status of one model; NMR, churn and turnover as fractions, None where unknown."""

    model: str
    system: str
    stake: Decimal | None
    at_risk: Decimal | None
    worst_case: Decimal | None
    rounds: int
    per_round: Decimal | None
    pending: Decimal | None
    due: datetime | None
    pending_payout: Decimal | None
    submitted: bool | None
    submission: str | None
    churn: float | None
    churn_limit: float | None
    turnover: float | None
    turnover_limit: float | None
    locked: bool
    tournament: str


def status_table(status: AccountStatus) -> Table:
    """The status of the account as a table: one row a model, tournament by tournament."""
    rows = [row for tournament in status.tournaments for row in status_rows(tournament)]
    return Table("stake_status", STATUS_COLUMNS, rows)


def status_rows(tournament: TournamentStatus) -> list[StatusRow]:
    """The rows of a tournament's models."""
    return [_status_row(tournament, model) for model in tournament.models]


def _status_row(tournament: TournamentStatus, model: ModelStatus) -> StatusRow:
    state, figures = model.state, model.figures
    diversity = model.diversity or Diversity(None, None, None, None)
    return StatusRow(
        model=state.name,
        system=str(tournament.system),
        stake=figures.stake,
        at_risk=figures.at_risk,
        worst_case=state.worst_case,
        rounds=model.rounds,
        per_round=state.per_round if tournament.system is System.ATOMIC else None,
        pending=figures.pending,
        due=figures.due,
        pending_payout=figures.pending_payout,
        submitted=model.submitted,
        submission=model.submission and str(model.submission),
        churn=diversity.churn,
        churn_limit=diversity.churn_limit,
        turnover=diversity.turnover,
        turnover_limit=diversity.turnover_limit,
        locked=model.locked,
        tournament=tournament.tournament.label,
    )
