"""`stake status`: what is staked, at risk and under way, from the cache."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from numtui.analysis.submissions import SUBMISSION_COLUMNS, Submission, is_submitted
from numtui.calendar import ROUNDS_AT_ONCE
from numtui.model import Column, Kind, Row, Table, Tournament
from numtui.money import ZERO, decimal_of
from numtui.stake.cached_snapshot import cached_snapshot
from numtui.stake.snapshot import ModelState, OpenRound, Snapshot
from numtui.staking_system import System
from numtui.store.queries.stakes import StakeFigures, stake_figures
from numtui.store.queries.submissions import submission_round, submissions

NO_IDLE = "idle NMR is unknown: it lies in your strategy contract, and the API does not tell it"
NO_DEBT = "deferred burn debt is kept in the contract; the API does not tell it"
SCOPES = {"stake": "change stakes", "web3_staking": "see claims and the contracts"}


@dataclass(frozen=True, slots=True)
class Diversity:
    """Signals: churn and turnover of the week before against their limits; at a limit at-risk becomes 0."""

    churn: float | None
    churn_limit: float | None
    turnover: float | None
    turnover_limit: float | None

    @property
    def over(self) -> bool:
        """Whether one has reached its limit."""
        return _reached(self.churn, self.churn_limit) or _reached(self.turnover, self.turnover_limit)


def _reached(value: float | None, limit: float | None) -> bool:
    return value is not None and limit is not None and value >= limit


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """One model. `submission` is for the newest round, None where unknown. `locked`: a change of it is unknown."""

    state: ModelState
    figures: StakeFigures
    submission: Submission | None
    diversity: Diversity | None
    locked: bool

    @property
    def rounds(self) -> int:
        """Unresolved rounds that it has something at risk in."""
        return self.figures.rounds

    @property
    def submitted(self) -> bool | None:
        """Whether an accepted submission is in the newest round in time; None where unknown."""
        return is_submitted(self.submission)

    @property
    def staked(self) -> bool:
        """Whether there is something staked or at risk."""
        return self.state.stake > 0 or bool(self.figures.per_round)


@dataclass(frozen=True, slots=True)
class TournamentStatus:
    """One tournament; amounts in NMR, summed over its models.

    `committed` is what cannot be used elsewhere: the stakes (legacy), or what is at risk in open positions (Atomic).
    `per_round` is what the models put on a round (Atomic); `rounds_funded` is how many more rounds the available NMR
    pays for, None where nothing is put on rounds.
    """

    tournament: Tournament
    system: System
    models: tuple[ModelStatus, ...]
    open_round: OpenRound | None
    seconds_to_close: float | None
    stake: Decimal | None
    at_risk: Decimal
    worst_case: Decimal
    pending_increase: Decimal
    pending_release: Decimal
    next_due: datetime | None
    last_resolve: datetime | None
    committed: Decimal | None
    per_round: Decimal | None
    rounds_at_once: int
    rounds_funded: int | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """The account. `idle` NMR is available and not held for anything; `missing_scopes` -> what they would allow."""

    account: str
    available: Decimal | None
    on_chain: Decimal | None
    held_withdrawals: Decimal | None
    held_increases: Decimal | None
    idle: Decimal | None
    missing_scopes: tuple[tuple[str, str], ...]
    tournaments: tuple[TournamentStatus, ...]


def account_status(
    connection: sqlite3.Connection,
    now: datetime,
    locked_ids: frozenset[str] = frozenset(),
    tournaments: Sequence[Tournament] = tuple(Tournament),
) -> AccountStatus:
    """The account as the cache has it; `locked_ids` are the models whose last change is unknown (from the journal).

    PlanError where the cache has no account yet.
    """
    found = tuple(tournament_status(connection, one, now, locked_ids) for one in tournaments)
    sql = "SELECT username, available_nmr, on_chain, held_withdrawals, held_increases, scopes FROM wallet"
    username, *amounts, scopes = connection.execute(sql).fetchone()
    available, on_chain, withdrawals, increases = (decimal_of(amount) for amount in amounts)
    known = set((scopes or "").split())
    missing = tuple((scope, use) for scope, use in SCOPES.items() if scope not in known) if scopes is not None else ()
    return AccountStatus(username, available, on_chain, withdrawals, increases, available, missing, found)


def tournament_status(
    connection: sqlite3.Connection, tournament: Tournament, now: datetime, locked_ids: frozenset[str] = frozenset()
) -> TournamentStatus:
    """One tournament as the cache has it. PlanError where the cache has no account yet."""
    snapshot = cached_snapshot(connection, tournament, now)
    atomic = snapshot.system is System.ATOMIC
    models = _models(connection, snapshot, now, locked_ids)
    pending = [one.pending for one in snapshot.models if one.pending is not None]
    at_risk = sum((one.at_risk or ZERO for one in snapshot.models), ZERO)
    stakes = [one.figures.stake for one in models if one.figures.stake is not None]
    stake = sum(stakes, ZERO) if stakes or not models else None
    per_round = sum((one.per_round or ZERO for one in snapshot.models), ZERO) if atomic else None
    closes = snapshot.open_round.close_staking if snapshot.open_round else None
    return TournamentStatus(
        tournament=tournament,
        system=snapshot.system,
        models=models,
        open_round=snapshot.open_round,
        seconds_to_close=(closes - now).total_seconds() if closes else None,
        stake=stake,
        at_risk=at_risk,
        worst_case=sum((one.worst_case or ZERO for one in snapshot.models), ZERO),
        pending_increase=sum((one.amount for one in pending if one.signed > 0), ZERO),
        pending_release=sum((one.amount for one in pending if one.signed < 0), ZERO),
        next_due=min((due for one in models if (due := one.figures.due)), default=None),
        last_resolve=snapshot.last_resolve,
        committed=at_risk if atomic else stake,
        per_round=per_round,
        rounds_at_once=ROUNDS_AT_ONCE[tournament],
        rounds_funded=rounds_funded(None if atomic else snapshot.available, per_round),
        notes=(NO_IDLE, NO_DEBT) if atomic else (),
    )


def rounds_funded(idle: Decimal | None, per_round: Decimal | None) -> int | None:
    """How many whole rounds `idle` NMR pays for; None where that cannot be said."""
    return None if idle is None or not per_round else int(idle // per_round)


def _models(
    connection: sqlite3.Connection, snapshot: Snapshot, now: datetime, locked_ids: frozenset[str]
) -> tuple[ModelStatus, ...]:
    tournament = snapshot.tournament
    sql = "SELECT id, model FROM models WHERE tournament = ? AND mine AND NOT archived"
    keys = dict(connection.execute(sql, (tournament,)))
    figures = stake_figures(connection, tournament, snapshot.system, keys.values(), now)
    target = submission_round(connection, tournament, now)
    words = submissions(connection, tournament, target, keys.values())
    return tuple(
        ModelStatus(
            state=state,
            figures=figures[keys[state.id]],
            submission=words[keys[state.id]],
            diversity=_diversity(connection, keys[state.id]) if tournament is Tournament.SIGNALS else None,
            locked=state.id in locked_ids,
        )
        for state in snapshot.models
    )


def _diversity(connection: sqlite3.Connection, model: int) -> Diversity | None:
    """Churn and turnover of the newest round that states them."""
    sql = """SELECT churn, churn_limit, turnover, turnover_limit FROM positions
      WHERE model = ? AND (churn IS NOT NULL OR turnover IS NOT NULL) ORDER BY round DESC LIMIT 1"""
    found = connection.execute(sql, (model,)).fetchone()
    return None if found is None else Diversity(*found)


STATUS_COLUMNS = (
    Column("model", Kind.TEXT, doc="the model's name"),
    Column("system", Kind.TEXT, doc="legacy, atomic or undecided"),
    Column("stake", Kind.NMR, doc="NMR staked, without unsettled earnings; Atomic: per round x rounds at once"),
    Column("at_risk", Kind.NMR, "at risk", "NMR at risk, summed over the unresolved rounds"),
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


def status_table(status: AccountStatus) -> Table:
    """One row a model, tournament by tournament."""
    rows = [_row(tournament, model) for tournament in status.tournaments for model in tournament.models]
    return Table("stake_status", STATUS_COLUMNS, rows)


def _row(tournament: TournamentStatus, model: ModelStatus) -> Row:
    state, diversity = model.state, model.diversity
    return (
        state.name,
        str(tournament.system),
        model.figures.stake,
        model.figures.at_risk,
        state.worst_case,
        model.rounds,
        state.per_round if tournament.system is System.ATOMIC else None,
        model.figures.pending,
        model.figures.due,
        model.figures.pending_payout,
        model.submitted,
        model.submission and str(model.submission),
        diversity.churn if diversity else None,
        diversity.churn_limit if diversity else None,
        diversity.turnover if diversity else None,
        diversity.turnover_limit if diversity else None,
        model.locked,
        tournament.tournament.label,
    )
