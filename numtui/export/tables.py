"""The tables that `numtui export` knows, by name."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from numtui.model import Table, Tournament
from numtui.reports import leaderboard, rounds, scores
from numtui.reports.backtest.query import AllocationQuery, BacktestQuery
from numtui.reports.models import models
from numtui.reports.models.submissions import submission_board
from numtui.reports.overview import PARTS
from numtui.reports.stake.payouts import payouts
from numtui.reports.stake.prices import prices_table
from numtui.reports.stake.table import stakes
from numtui.store.queries.rounds import usual_days_from
from numtui.store.queries.selection import Models, Rounds, Window


@dataclass(frozen=True, slots=True)
class ReportContext:
    """The question that a table answers: tournament and moment, models and rounds, options of certain tables."""

    tournament: Tournament
    now: datetime
    models: Models = field(default_factory=Models)
    rounds: Rounds = field(default_factory=Rounds)
    latest: bool = False
    forecast: bool = False
    total: bool = False
    backtest: BacktestQuery = field(default_factory=BacktestQuery)  # of the same `models`
    predictive: bool = False
    window: Window = None  # the rounds of each model that risk is of
    allocation: AllocationQuery = field(default_factory=AllocationQuery)
    state_dir: Path | None = None  # where the stake journals and the notes lie
    config_file: Path | None = None  # with the stake rules
    cache: Path | None = None  # the cache's file
    fiat: str = "USD"  # the currency of prices
    benchmark: str | None = None  # model that those of the field are compared with
    weights: dict[str, float] | None = None  # of the field's scores; None: the multipliers of each round
    part: str = PARTS[0]  # of the overview


@dataclass(frozen=True, slots=True)
class Exported:
    """A table that can be exported.

    `about_models`: it needs some; `doc` is its line in the help; `cached`: the cache holds it, not another file;
    `days`: the rounds whose every day it is made of (None: none).
    """

    make: Callable[[sqlite3.Connection, ReportContext], Table]
    about_models: bool
    doc: str
    cached: bool = True
    days: Callable[[sqlite3.Connection, ReportContext], Rounds | None] = lambda connection, context: None


def _leaderboard(connection: sqlite3.Connection, context: ReportContext) -> Table:
    return leaderboard.leaderboard_table(connection, context.tournament, leaderboard.MODEL)


def _accounts(connection: sqlite3.Connection, context: ReportContext) -> Table:
    return leaderboard.leaderboard_table(connection, context.tournament, leaderboard.ACCOUNT)


def _models(connection: sqlite3.Connection, context: ReportContext) -> Table:
    from numtui.reports.notes.notes import tags_by_model, tier_by_model  # read another file than the cache
    from numtui.store.notes.notes import Notes
    from numtui.store.notes.records import Contents

    noted = Contents() if context.state_dir is None else Notes(context.state_dir, context.cache).contents()
    tags, tiers = tags_by_model(noted, context.tournament), tier_by_model(noted, context.tournament)
    return models.models(connection, context.tournament, context.now, context.models, tags=tags, tiers=tiers)


def _rounds(connection: sqlite3.Connection, context: ReportContext) -> Table:
    return rounds.rounds(connection, context.tournament, context.now, context.models, context.rounds)


def _scores(connection: sqlite3.Connection, context: ReportContext) -> Table:
    return scores.scores(connection, context.tournament, context.models, context.rounds, latest=context.latest)


def _drift(connection: sqlite3.Connection, context: ReportContext) -> Table:
    from numtui.reports.drift import table  # brings numpy with it: only for this table

    make = table.total_table if context.total else table.forecast_table if context.forecast else table.drift_table
    return make(connection, context.tournament, context.models, context.rounds)


def _backtest(connection: sqlite3.Connection, context: ReportContext) -> Table:
    from numtui.reports.backtest import table as backtest
    from numtui.reports.backtest import walk_forward  # brings numpy with it: only for this table

    if context.predictive:
        return walk_forward.predictive(connection, context.tournament, context.backtest, context.rounds)
    return backtest.backtest_table(connection, context.tournament, context.backtest, context.rounds)


def _ranking(connection: sqlite3.Connection, context: ReportContext) -> Table:
    from numtui.reports.backtest import ranking  # brings numpy with it: only for this table

    return ranking.ranking(connection, context.tournament, context.backtest, context.rounds)


def _risk(connection: sqlite3.Connection, context: ReportContext) -> Table:
    from numtui.reports.backtest.risk import risk  # brings numpy with it: only for this table

    return risk(connection, context.tournament, context.backtest, context.rounds, context.window)


def _allocation(connection: sqlite3.Connection, context: ReportContext) -> Table:
    from numtui.reports.allocation.table import allocation_table  # brings numpy with it: only for this table

    models_and_terms = (context.tournament, context.backtest, context.rounds)
    return allocation_table(connection, *models_and_terms, asked=context.allocation, now=context.now)


def _field(connection: sqlite3.Connection, context: ReportContext) -> Table:
    from numtui.reports.field.table import field_table  # brings numpy with it: only for this table

    which = (context.tournament, context.models, context.rounds)
    return field_table(connection, *which, weights=context.weights, benchmark=context.benchmark)


def _tournament(connection: sqlite3.Connection, context: ReportContext) -> Table:
    from numtui.reports.field.tournament import tournament_table  # brings numpy with it: only for this table

    return tournament_table(connection, context.tournament, context.rounds)


def _stakes(connection: sqlite3.Connection, context: ReportContext) -> Table:
    return stakes(connection, context.tournament, context.now, context.models)


def _overview(connection: sqlite3.Connection, context: ReportContext) -> Table:
    from functools import partial

    from numtui.reports.overview.overview import overview  # brings numpy with it: only for this table
    from numtui.stake.journal.journal import Journal, locks_of
    from numtui.stake.rules.due import proposals_due
    from numtui.store.queries.stakes.account import account_name

    account = account_name(connection)
    state = context.state_dir
    locked = frozenset[str]() if account is None or state is None else locks_of(Journal(state, account))[0]
    proposals = None if context.config_file is None else partial(proposals_due, context.config_file)
    read = overview(connection, context.now, fiat=context.fiat, locked_ids=locked, proposals=proposals)
    return read.table(context.part)


def _payouts(connection: sqlite3.Connection, context: ReportContext) -> Table:
    return payouts(connection, context.tournament, context.models.names, context.fiat)


def _prices(connection: sqlite3.Connection, context: ReportContext) -> Table:
    return prices_table(connection, context.fiat)


def _journal(_connection: sqlite3.Connection, context: ReportContext) -> Table:
    from numtui.stake.journal.journal import every_journal, journal_table  # only for this table

    return journal_table(every_journal(context.state_dir) if context.state_dir is not None else [])


def _asked_rounds(_connection: sqlite3.Connection, context: ReportContext) -> Rounds | None:
    return None if context.latest else context.rounds


def _usual_rounds(connection: sqlite3.Connection, context: ReportContext) -> Rounds:
    return Rounds(first=usual_days_from(connection, context.tournament))


def _alerts(connection: sqlite3.Connection, _context: ReportContext) -> Table:
    from numtui.reports.alerts.table import alerts_table  # only for this table

    return alerts_table(connection)


def _submissions(connection: sqlite3.Connection, context: ReportContext) -> Table:
    return submission_board(connection, context.tournament, context.now, context.models.names)


def _notes(_connection: sqlite3.Connection, context: ReportContext) -> Table:
    from numtui.reports.notes.notes import notes_table  # only for this table
    from numtui.store.notes.notes import Notes

    if context.state_dir is None:
        raise ValueError("notes lie in the state folder: name it")
    return notes_table(Notes(context.state_dir, context.cache).contents(), models=context.models.names)


TABLES = {
    "overview": Exported(
        _overview,
        False,
        f"{', '.join(PARTS[:-1])} or {PARTS[-1]} of the account, over all tournaments",
        days=_usual_rounds,
    ),
    "leaderboard": Exported(_leaderboard, False, "models by rank, a column a score"),
    "accounts": Exported(_accounts, False, "accounts by rank, a column a score"),
    "models": Exported(_models, True, "stake, money at risk, submission and newest scores"),
    "rounds": Exported(_rounds, False, "times, status, scoring days, payout factor and money at risk"),
    "scores": Exported(_scores, True, "every scoring day's value and percentile", days=_asked_rounds),
    "drift": Exported(
        _drift, True, "projected returns of unresolved rounds by day, their forecasts, daily totals", days=_usual_rounds
    ),
    "backtest": Exported(_backtest, True, "what models would have earned under payout terms or a grid of multipliers"),
    "ranking": Exported(_ranking, True, "models by their best multipliers, the best for all, and those really chosen"),
    "risk": Exported(_risk, True, "mean, spread, drawdown and shape of returns under one set of terms"),
    "allocation": Exported(_allocation, True, "how much each model should carry, and whether such weights served"),
    "field": Exported(_field, True, "models against everybody in their rounds: percentile, burns, relatives"),
    "tournament": Exported(_tournament, False, "what the tournament paid and burnt by round"),
    "submissions": Exported(
        _submissions, True, "what each own model has sent for the open round, and its last 60 rounds"
    ),
    "payouts": Exported(_payouts, True, "pending and settled payouts of the account"),
    "prices": Exported(_prices, False, "the price of NMR by day, its volatility and drawdown"),
    "stakes": Exported(_stakes, True, "stakes of the account's models and their pending changes"),
    "journal": Exported(
        _journal, False, "what was asked of stakes in every tournament, and what came of it", cached=False
    ),
    "alerts": Exported(_alerts, False, "alerts of all tournaments as they were last evaluated, with what is over"),
    "notes": Exported(_notes, False, "what was noted of models and rounds, in every tournament", cached=False),
}
