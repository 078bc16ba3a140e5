"""The facts of models: of the account's own, and of watched ones."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from threading import Lock
from typing import NamedTuple

import numpy as np

from numtui.analysis.alerts.facts import (
    AtRiskFact,
    BurnFact,
    ClaimFact,
    PayoutFact,
    PercentileFact,
    RankFact,
    ReleaseFact,
    ReturnsFact,
    SubmissionFact,
    Unknown,
)
from numtui.analysis.staking_system import System
from numtui.model import Tournament
from numtui.money import ZERO
from numtui.reports.backtest.inputs import load_inputs
from numtui.reports.backtest.query import BacktestError, BacktestQuery
from numtui.reports.backtest.risk import round_returns
from numtui.reports.drift.monitor import ModelRow, by_model
from numtui.reports.stake.claims import claims
from numtui.reports.stake.status import SCOPES
from numtui.reports.terms import stake_shares
from numtui.store.queries.drift import cache_state
from numtui.store.queries.leaderboards import rank_history
from numtui.store.queries.models import all_models, model_facts
from numtui.store.queries.payout_scores import newest_payout_scores
from numtui.store.queries.scores.values import newest_percentiles
from numtui.store.queries.selection import Rounds
from numtui.store.queries.stakes.account import wallet
from numtui.store.queries.stakes.figures import StakeFigures, stake_figures
from numtui.store.queries.stakes.settled import payouts_since
from numtui.store.queries.submissions import submission_round, submissions
from numtui.store.queries.terms import staking_system

MOST_ROUNDS = 250  # percentiles of a model that a rule may average
MOST_DAYS = timedelta(days=60)  # of ranks and payouts that a rule may look back
NO_MODELS = Unknown("no own or watched model is here: set the API keys, or watch some")


class Followed(NamedTuple):
    """An own or watched model: its name, the cache's number, and whether it is the account's own."""

    name: str
    model: int
    own: bool


def followed(connection: sqlite3.Connection, tournament: Tournament) -> list[Followed]:
    """Own and watched models by name."""
    rows = (Followed(row.name, row.model, row.own) for row in all_models(connection, tournament) if row.followed)
    return sorted(rows)


def _figures(
    connection: sqlite3.Connection, tournament: Tournament, models: list[Followed], now: datetime
) -> dict[int, StakeFigures]:
    system = staking_system(connection, tournament)
    return stake_figures(connection, tournament, system, [row.model for row in models], now)


def submission_facts(
    connection: sqlite3.Connection, tournament: Tournament, now: datetime
) -> tuple[SubmissionFact, ...] | Unknown:
    """What each has for the newest round, and what it puts on a round, or else has at risk."""
    models = followed(connection, tournament)
    if not models:
        return NO_MODELS
    target = submission_round(connection, tournament, now)
    if target is None:
        return Unknown("no round is known that has opened and not resolved")
    sent = submissions(connection, tournament, target, [row.model for row in models])
    system = staking_system(connection, tournament)
    facts, figures = model_facts(connection, tournament), _figures(connection, tournament, models, now)
    staked = {row.model: figures[row.model].on_a_round(system) for row in models}
    return tuple(
        SubmissionFact(
            row.name,
            row.own,
            target.round,
            target.closes,
            sent[row.model],
            facts[row.model].submission_time,
            figures[row.model].at_risk if staked[row.model] is None else staked[row.model],
        )
        for row in models
    )


_lock = Lock()
_returns: dict[tuple[str, Tournament], tuple[object, tuple[ReturnsFact, ...] | Unknown]] = {}


def return_facts(
    connection: sqlite3.Connection, tournament: Tournament, _now: datetime
) -> tuple[ReturnsFact, ...] | Unknown:
    """The returns on the whole stake of settled rounds; kept while nothing changed."""
    path, state = cache_state(connection)
    with _lock:
        kept = _returns.get((path, tournament))
        if kept is None or kept[0] != state or not path:
            kept = state, _settled_returns(connection, tournament)
            _returns[path, tournament] = kept
    return kept[1]


def _settled_returns(connection: sqlite3.Connection, tournament: Tournament) -> tuple[ReturnsFact, ...] | Unknown:
    models = followed(connection, tournament)
    if not models:
        return NO_MODELS
    try:
        inputs = load_inputs(connection, tournament, BacktestQuery(), Rounds())
    except BacktestError as error:
        return Unknown(str(error))
    if inputs is None:
        return Unknown("no settled round of these models is here")
    shares = stake_shares(connection, tournament, inputs.rounds.numbers)
    rows = dict(zip(inputs.history.models, round_returns(inputs) * shares, strict=True))
    return tuple(
        ReturnsFact(row.name, row.own, tuple(rows[row.name][~np.isnan(rows[row.name])].tolist()))
        for row in models
        if row.name in rows
    )


def percentile_facts(
    connection: sqlite3.Connection, tournament: Tournament, _now: datetime
) -> tuple[PercentileFact, ...] | Unknown:
    """The newest percentiles of each score that the newest round pays."""
    models, paid = followed(connection, tournament), newest_payout_scores(connection, tournament)
    if not models:
        return NO_MODELS
    if not paid:
        return Unknown("what the newest round pays is not known yet")
    return tuple(
        PercentileFact(row.name, row.own, label, tuple(newest_percentiles(connection, row.model, score, MOST_ROUNDS)))
        for row in models
        for score, label in paid.items()
    )


def rank_facts(connection: sqlite3.Connection, tournament: Tournament, now: datetime) -> tuple[RankFact, ...] | Unknown:
    """The ranks of the last days."""
    models, since = followed(connection, tournament), (now - MOST_DAYS).date()
    if not models:
        return NO_MODELS
    return tuple(
        RankFact(row.name, row.own, tuple(rank_history(connection, tournament, row.name, since))) for row in models
    )


def burn_facts(
    connection: sqlite3.Connection, tournament: Tournament, _now: datetime
) -> tuple[BurnFact, ...] | Unknown:
    """The forecasts of the drift monitor, by model."""
    rows = [row for row in by_model(connection, tournament).rows if isinstance(row, ModelRow)]
    if not rows:
        return Unknown("no unresolved round of own or watched models is here")
    return tuple(BurnFact(row.model, row.mine, row.burn_probability, row.expected_payout) for row in rows)


def at_risk_facts(
    connection: sqlite3.Connection, tournament: Tournament, now: datetime
) -> tuple[AtRiskFact, ...] | Unknown:
    """What the account's models have at risk, and their parts of the sum."""
    models = [row for row in followed(connection, tournament) if row.own]
    if not models:
        return Unknown("no own model is here: set the API keys")
    figures = _figures(connection, tournament, models, now)
    amounts = {row.name: figures[row.model].at_risk or ZERO for row in models}
    total = sum(amounts.values(), ZERO)
    if not total:
        return ()
    return tuple(AtRiskFact(name, True, amount, float(amount / total)) for name, amount in amounts.items())


def claim_facts(
    connection: sqlite3.Connection, tournament: Tournament, _now: datetime
) -> tuple[ClaimFact, ...] | Unknown:
    """The open claims, as far as the key may see them; legacy staking has none."""
    if staking_system(connection, tournament) is System.LEGACY:
        return ()
    account = wallet(connection)
    if account is None:
        return Unknown("no key was used with this cache yet")
    if account.scopes is not None and "web3_staking" not in account.scopes:
        return Unknown(f"the key lacks the scope web3_staking: it is needed to {SCOPES['web3_staking']}")
    found = claims(connection, tournament)
    if not found.known:
        return Unknown("no claims were read: they may be your strategy contract's; set its address in [staker]")
    return tuple(ClaimFact(claim.model, True, claim.round, claim.claimable, claim.deadline) for claim in found.rows)


def payout_facts(
    connection: sqlite3.Connection, tournament: Tournament, now: datetime
) -> tuple[PayoutFact, ...] | Unknown:
    """What the rounds of the last days paid."""
    if not followed(connection, tournament):
        return NO_MODELS
    return tuple(
        PayoutFact(row.model, row.own, row.round, row.resolved, row.payout)
        for row in payouts_since(connection, tournament, now - MOST_DAYS)
    )


def release_facts(
    connection: sqlite3.Connection, tournament: Tournament, now: datetime
) -> tuple[ReleaseFact, ...] | Unknown:
    """The releases under way."""
    models = [row for row in followed(connection, tournament) if row.own]
    if not models:
        return Unknown("no own model is here: set the API keys")
    figures = _figures(connection, tournament, models, now)
    return tuple(
        ReleaseFact(row.name, True, -pending, figures[row.model].due)
        for row in models
        if (pending := figures[row.model].pending) is not None and pending < 0
    )
