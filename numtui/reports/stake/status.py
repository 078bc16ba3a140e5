"""The status of the account: what is staked, at risk, under way and free, in every tournament."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from numtui.analysis.staking_system import System
from numtui.analysis.submissions import Submission, is_submitted
from numtui.calendar import ROUNDS_AT_ONCE
from numtui.model import Tournament
from numtui.money import ZERO
from numtui.reports.stake.cached_snapshot import cached_snapshot, known_account, own_figures
from numtui.reports.stake.snapshot import ModelState, OpenRound, Snapshot
from numtui.store.queries.stakes.figures import Diversity, OwnStake, StakeFigures, diversity, own_stakes, stake_figures
from numtui.store.queries.submissions import submission_round, submissions

NO_IDLE = "idle NMR is unknown: it lies in your strategy contract, and the API does not report it"
NO_DEBT = "deferred burn debt is kept in the contract; the API does not report it"
SCOPES = {"stake": "change stakes", "web3_staking": "see claims and the contracts"}


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

    NoAccount where the cache has no account yet.
    """
    statuses = tuple(tournament_status(connection, tournament, now, locked_ids) for tournament in tournaments)
    account = known_account(connection)
    scopes = account.scopes
    missing = () if scopes is None else tuple((scope, use) for scope, use in SCOPES.items() if scope not in scopes)
    return AccountStatus(
        account=account.username,
        available=account.available,
        on_chain=account.on_chain,
        held_withdrawals=account.held_withdrawals,
        held_increases=account.held_increases,
        idle=account.available,
        missing_scopes=missing,
        tournaments=statuses,
    )


def tournament_status(
    connection: sqlite3.Connection, tournament: Tournament, now: datetime, locked_ids: frozenset[str] = frozenset()
) -> TournamentStatus:
    """One tournament as the cache has it. NoAccount where the cache has no account yet."""
    rows = own_stakes(connection, tournament)
    figures = own_figures(connection, tournament, rows, now)
    snapshot = cached_snapshot(connection, tournament, now, figures)
    atomic = snapshot.system is System.ATOMIC
    models = _models(connection, snapshot, rows, figures, now, locked_ids=locked_ids)
    pending = [model.pending for model in snapshot.models if model.pending is not None]
    at_risk = sum((model.at_risk or ZERO for model in snapshot.models), ZERO)
    stakes = [model.figures.stake for model in models if model.figures.stake is not None]
    stake = sum(stakes, ZERO) if stakes or not models else None
    per_round = sum((model.per_round or ZERO for model in snapshot.models), ZERO) if atomic else None
    closes = snapshot.open_round.close_staking if snapshot.open_round else None
    return TournamentStatus(
        tournament=tournament,
        system=snapshot.system,
        models=models,
        open_round=snapshot.open_round,
        seconds_to_close=(closes - now).total_seconds() if closes else None,
        stake=stake,
        at_risk=at_risk,
        worst_case=sum((model.worst_case or ZERO for model in snapshot.models), ZERO),
        pending_increase=sum((change.amount for change in pending if change.signed > 0), ZERO),
        pending_release=sum((change.amount for change in pending if change.signed < 0), ZERO),
        next_due=min((due for model in models if (due := model.figures.due)), default=None),
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


class ModelStake(NamedTuple):
    """What a model has staked and sent. `submission` is for the newest round, None where unknown."""

    figures: StakeFigures
    submission: Submission | None


def model_stakes(
    connection: sqlite3.Connection, tournament: Tournament, system: System, models: Collection[int], now: datetime
) -> dict[int, ModelStake]:
    """Stakes and submissions by model number, under the staking system that is in force."""
    figures = stake_figures(connection, tournament, system, models, now)
    sent = submissions(connection, tournament, submission_round(connection, tournament, now), models)
    return {model: ModelStake(figures[model], sent[model]) for model in models}


def _models(
    connection: sqlite3.Connection,
    snapshot: Snapshot,
    rows: Sequence[OwnStake],
    figures: Mapping[int, StakeFigures],
    now: datetime,
    *,
    locked_ids: frozenset[str],
) -> tuple[ModelStatus, ...]:
    tournament = snapshot.tournament
    numbers = {row.id: row.model for row in rows}
    target = submission_round(connection, tournament, now)
    sent = submissions(connection, tournament, target, numbers.values())
    return tuple(
        ModelStatus(
            state=state,
            figures=figures[numbers[state.id]],
            submission=sent[numbers[state.id]],
            diversity=diversity(connection, numbers[state.id]) if tournament is Tournament.SIGNALS else None,
            locked=state.id in locked_ids,
        )
        for state in snapshot.models
    )


def remarks(tournament: TournamentStatus) -> tuple[str, ...]:
    """Remarks on a tournament for the owner, one line each."""
    lines = []
    if tournament.system is System.UNDECIDED:
        lines.append("which staking system is in force is undecided: nothing can be planned or changed")
    if tournament.system is System.ATOMIC:
        lines.append("Atomic: changed in the dashboard with your wallet, never from here")
    locked = [model.state.name for model in tournament.models if model.locked]
    if locked:
        lines.append(f"locked, the last change has an unknown outcome, reconcile first: {', '.join(locked)}")
    over = [model.state.name for model in tournament.models if model.diversity is not None and model.diversity.over]
    if over:
        lines.append(f"at the limit of churn or turnover, nothing is at risk: {', '.join(over)}")
    missing = [_unsent(model) for model in tournament.models if model.submitted is False and model.staked]
    if missing:
        lines.append(f"staked without a submission for the newest round: {', '.join(missing)}")
    overlap = overlap_note(
        tournament.worst_case, tournament.stake, max((model.rounds for model in tournament.models), default=0)
    )
    return (*lines, *([overlap] if overlap else []), *tournament.notes)


def _unsent(model: ModelStatus) -> str:
    """The model's name, and what became of its submission where there was one."""
    name, word = model.state.name, model.submission
    return name if word is None or word is Submission.NONE else f"{name} ({word})"


def overlap_note(worst_case: Decimal | None, stake: Decimal | None, rounds: int) -> str | None:
    """The sentence that explains a worst case above the stake; None where it is not above it."""
    if worst_case is None or not stake or worst_case <= stake:
        return None
    return f"the worst case is above the stake: {rounds} unresolved rounds overlap, and each can burn up to its clip"
