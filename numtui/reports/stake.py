"""What the account has staked, holds and is owed: read-only views of the cache."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from numtui.analysis.submissions import SUBMISSION_COLUMNS, is_submitted
from numtui.model import Column, Kind, Table, Tournament
from numtui.staking_system import System
from numtui.store.queries.models import all_models
from numtui.store.queries.payouts import account_payouts
from numtui.store.queries.selection import Models, known_models
from numtui.store.queries.stakes import stake_figures
from numtui.store.queries.submissions import submission_round, submissions
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
PAYOUT_COLUMNS = (
    Column("round", Kind.INT, doc="the round's number"),
    Column("model", Kind.TEXT, doc="the model's name"),
    Column("payout", Kind.NMR, doc="NMR; a burn is negative"),
    Column("settled", Kind.BOOL, doc="true: settled; false: pending"),
    Column("resolve_date", Kind.TEXT, "resolves", "day of the resolution"),
    Column("payout_value", Kind.FIAT, "value", "the API's value of the payout"),
    Column("currency", Kind.TEXT, doc="currency of the value"),
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


class PayoutRow(NamedTuple):
    """A payout of one model in one round; NMR, and its value in `currency`."""

    round: int
    model: str
    payout: Decimal | None
    settled: bool
    resolve_date: str | None
    payout_value: Decimal | None
    currency: str | None
    tournament: str


def stakes(connection: sqlite3.Connection, tournament: Tournament, now: datetime, chosen: Models) -> Table:
    """The stakes of the chosen own models, legacy or Atomic."""
    own = {row.model for row in all_models(connection, tournament) if row.mine}
    keys = {name: key for name, key in known_models(connection, tournament, chosen).items() if key in own}
    system = staking_system(connection, tournament)
    figures = stake_figures(connection, tournament, system, keys.values(), now)
    sent = submissions(connection, tournament, submission_round(connection, tournament, now), keys.values())
    rows = [
        StakeRow(
            model=name,
            system=str(system),
            stake=figures[key].stake,
            at_risk=figures[key].at_risk,
            pending=figures[key].pending,
            due=figures[key].due,
            pending_payout=figures[key].pending_payout,
            per_round=figures[key].per_round if system is System.ATOMIC else None,
            submitted=is_submitted(sent[key]),
            submission=sent[key] and str(sent[key]),
            take_profit=figures[key].take_profit,
            status=figures[key].status,
            tournament=tournament.label,
        )
        for name, key in keys.items()
    ]
    return Table("stakes", STAKE_COLUMNS, rows)


def payouts(connection: sqlite3.Connection, tournament: Tournament, names: tuple[str, ...] = ()) -> Table:
    """Pending and settled payouts of the account's models, the newest round first."""
    wanted = {name.lower() for name in names}
    rows = [
        PayoutRow(*payout, tournament=tournament.label)
        for payout in account_payouts(connection, tournament)
        if not names or payout.model.lower() in wanted
    ]
    return Table("payouts", PAYOUT_COLUMNS, rows)


def days_to(at: datetime | None, now: datetime) -> float | None:
    """Days from `now` until `at`, negative when it is over; None when it is unknown."""
    return None if at is None else (at - now).total_seconds() / 86_400
