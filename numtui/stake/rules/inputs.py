"""The inputs of the stake rules (analysis/rules) from the cache: books now and in the past, returns, changes made.

Legacy stakes of the past are worked out backwards from today's, over the recorded stake transactions: payouts, burns
and the owner's changes, in the order of time.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from numtui.analysis.rules.backtest import Change, RoundReturn
from numtui.analysis.rules.portfolio import Book, Holding, Proposal, Rule, RuleError
from numtui.analysis.rules.rules import Combination
from numtui.analysis.stakes import RELEASES
from numtui.analysis.staking_system import System
from numtui.model import Tournament
from numtui.money import MONEY, ZERO
from numtui.reports.stake.snapshot import OWN_CHANGES, ModelState, Snapshot
from numtui.stake.plan.planner import make_plan
from numtui.stake.plan.steps import StakePlan
from numtui.store.queries.models import own_models
from numtui.store.queries.stakes.figures import settled_positions, stake_transactions
from numtui.store.queries.terms import round_payouts


@dataclass(frozen=True, slots=True)
class Event:
    """A recorded transaction of a model: signed NMR, and the stake after it. `by_owner`: the owner made it."""

    time: datetime
    amount: Decimal
    after: Decimal
    by_owner: bool


def _recorded(
    connection: sqlite3.Connection, tournament: Tournament, model: ModelState
) -> list[tuple[datetime, Decimal, bool]]:
    """(time, signed NMR, whether the owner made it) of a model's stake transactions, the newest first."""
    return [
        (row.time, signed((row.type or "").lower(), row.amount), (row.type or "").lower() in OWN_CHANGES)
        for row in stake_transactions(connection, tournament, model.id)
    ]


def signed(kind: str, amount: Decimal) -> Decimal:
    """The effect of a transaction on a stake in NMR: releases and burns lower it, whatever their sign."""
    return -abs(amount) if kind in RELEASES or "burn" in kind else amount


def heading(model: ModelState) -> Decimal:
    """The stake once the change under way is through."""
    return max(ZERO, model.stake + (model.pending.signed if model.pending else ZERO))


def events_of(connection: sqlite3.Connection, snapshot: Snapshot, model: ModelState) -> list[Event]:
    """A model's recorded transactions, the oldest first, each with the stake after it.

    The way back starts from where the stake is heading: a release counts from the day it was asked for. None under
    Atomic staking: each round has a stake of its own there, and no transaction says what the next ones will have.
    """
    if snapshot.system is System.ATOMIC:
        return []
    stake = heading(model)
    events = []
    for time, amount, by_owner in _recorded(connection, snapshot.tournament, model):
        events.append(Event(time, amount, stake, by_owner))
        stake -= amount
    return events[::-1]


def holding_after(model: ModelState, events: list[Event]) -> Holding:
    """The model after these events: gains count from the owner's last change, or from where the records begin."""
    if not events:
        return Holding(model.name, heading(model), worst_case=model.worst_case or ZERO)
    first = max((place for place, event in enumerate(events) if event.by_owner), default=None)
    since = events if first is None else events[first:]
    base = events[0].after - events[0].amount if first is None else events[first].after
    peak = max(base, *(event.after for event in since))
    return Holding(model.name, events[-1].after, base, peak, model.worst_case or ZERO)


def cached_book(connection: sqlite3.Connection, snapshot: Snapshot) -> Book:
    """The book of today: every model of the snapshot with its base and peak."""
    holdings = [holding_after(model, events_of(connection, snapshot, model)) for model in snapshot.models]
    return Book(tuple(holdings), snapshot.available or ZERO)


def cached_books(connection: sqlite3.Connection, snapshot: Snapshot) -> list[tuple[date, Book]]:
    """The books of the past, one after each moment at which anything was recorded, the oldest first.

    Past available NMR and worst cases are not known: they are 0 there.
    """
    known = {model.name: events_of(connection, snapshot, model) for model in snapshot.models}
    moments = sorted({event.time for events in known.values() for event in events})
    books = []
    for moment in moments:
        holdings = []
        for model in snapshot.models:
            past = [event for event in known[model.name] if event.time <= moment]
            if past:
                holdings.append(holding_after(ModelState(model.name, model.id, ZERO), past))
        books.append((moment.date(), Book(tuple(holdings))))
    return books


def cached_changes(connection: sqlite3.Connection, snapshot: Snapshot) -> list[Change]:
    """The changes of stake that the owner made, the oldest first."""
    changes = [
        Change(event.time.date(), model.name, event.amount)
        for model in snapshot.models
        for event in events_of(connection, snapshot, model)
        if event.by_owner
    ]
    return sorted(changes, key=lambda change: (change.day, change.model))


def cached_returns(connection: sqlite3.Connection, tournament: Tournament) -> list[RoundReturn]:
    """What the own models' resolved rounds returned on the stake at risk (settled payout / at risk), by round."""
    payouts = round_payouts(connection, tournament)
    returns = []
    for row in settled_positions(connection, tournament):
        value = float(MONEY.divide(row.payout, row.at_risk))
        paid = payouts[row.round]
        clip = Decimal(1) if paid.clip is None else paid.clip
        returns.append(
            RoundReturn(row.model, row.round, row.opened.date(), row.resolved.date(), value, clip, paid.atomic)
        )
    return returns


def own_model_names(connection: sqlite3.Connection) -> dict[str, tuple[Tournament, ...]]:
    """The account's models that are not archived, by name: the tournaments that have one of that name."""
    names: dict[str, tuple[Tournament, ...]] = {}
    for tournament in sorted(Tournament):
        for model in own_models(connection, tournament):
            names[model.name] = (*names.get(model.name, ()), tournament)
    return names


@dataclass(frozen=True, slots=True)
class OnThePast:
    """A rule on books of the past: where it could not have been used (too few models for a cap) it asks for nothing."""

    rule: Rule

    def propose(self, book: Book) -> list[Proposal]:
        """The rule's proposals, or none."""
        try:
            return self.rule.propose(book)
        except RuleError:
            return []


def on_the_past(rules: Combination) -> Combination:
    """The combination for backtests."""
    return Combination(tuple(OnThePast(rule) for rule in rules.rules))


def plan_by_rule(connection: sqlite3.Connection, snapshot: Snapshot, rule: Rule) -> tuple[StakePlan, list[Proposal]]:
    """The plan that a rule's proposals lead to, and the proposals; models without one stay as they are.

    RuleError where the rule cannot be used on this book, PlanError where the plan cannot be made.
    """
    proposals = rule.propose(cached_book(connection, snapshot))
    return make_plan(snapshot, {proposal.model: proposal.proposed for proposal in proposals}), proposals
