"""The backtest of a rule on past rounds: its actions, the NMR with and without it, and whether the user followed it.

The stake is legacy, continuous staking: one stake a model backs every unresolved round; a
release leaves when the newest round unresolved at that time resolves, can still burn until then, and is not at risk
in rounds that open after it was asked for. A model with a release under way is not changed again before it is
through, as plans have it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from numtui.analysis.rules.portfolio import Book, Holding, Proposal, Rule
from numtui.money import MINIMUM, MONEY, ZERO, floor_wei


@dataclass(frozen=True, slots=True)
class RoundReturn:
    """A model's settled round: its return on stake (after factor and clip), when it took the stake and resolved.

    `atomic`: on a stake of its own (staking v3).
    """

    model: str
    round: int
    opened: date
    resolved: date
    value: float
    clip: Decimal = Decimal("0.05")
    atomic: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """An action of the rule on a day in NMR; a release is negative; `done` is False where the NMR was not there."""

    day: date
    model: str
    amount: Decimal
    reason: str
    done: bool = True


@dataclass(frozen=True, slots=True)
class RuleBacktest:
    """The NMR owned (stakes and free NMR) at the end of each day, with the rule and without; and what the rule did."""

    days: tuple[date, ...]
    with_rule: tuple[Decimal, ...]
    without: tuple[Decimal, ...]
    actions: tuple[Action, ...]

    @property
    def gain(self) -> Decimal:
        """The NMR gained with the rule by the last day; 0 without any day."""
        return self.with_rule[-1] - self.without[-1] if self.days else ZERO


@dataclass(slots=True)
class Account:
    """One model's stake while the history runs. `stake` holds the release under way until it is due."""

    stake: Decimal
    base: Decimal
    peak: Decimal
    releasing: Decimal = ZERO
    due: date | None = None
    at_risk: dict[int, tuple[Decimal, RoundReturn]] = field(default_factory=dict)

    def settle(self, day: date) -> None:
        """Pay or burn what resolves on `day`, in the order of the rounds, which matters where a stake is used up.

        A stake never falls below 0, and a release under way never exceeds it.
        """
        for number in sorted(key for key, (_, row) in self.at_risk.items() if row.resolved <= day):
            risked, row = self.at_risk.pop(number)
            payout = floor_wei(MONEY.multiply(risked, Decimal(repr(row.value))))
            self.stake = max(ZERO, self.stake + payout)
        self.releasing = min(self.releasing, self.stake)
        self.peak = max(self.peak, self.stake - self.releasing)

    def release(self, day: date) -> Decimal:
        """The NMR that leaves on `day`."""
        if self.due is None or self.due > day:
            return ZERO
        left, self.releasing, self.due = self.releasing, ZERO, None
        self.stake -= left
        return left

    def holding(self, model: str) -> Holding:
        """The model as a rule sees it: without what is leaving."""
        worst = sum((risked * row.clip for risked, row in self.at_risk.values()), ZERO)
        return Holding(model, self.stake - self.releasing, self.base, self.peak, worst)


class AccountHistory:
    """The stakes and the free NMR of one run through the rounds."""

    def __init__(self, stakes: Mapping[str, Decimal], available: Decimal) -> None:
        self.available = available
        self.accounts = {model: Account(stake, stake, stake) for model, stake in stakes.items()}
        self.actions: list[Action] = []
        self._unfunded: set[str] = set()

    @property
    def owned(self) -> Decimal:
        """Stakes, releases under way and free NMR."""
        return self.available + sum((account.stake for account in self.accounts.values()), ZERO)

    def settle(self, day: date) -> None:
        """Resolve rounds, then let due releases go."""
        for account in self.accounts.values():
            account.settle(day)
            self.available += account.release(day)

    def act(self, day: date, rule: Rule) -> None:
        """Ask the rule and do what it proposes: releases before increases, and nothing where a release is under way."""
        book = Book(tuple(account.holding(model) for model, account in self.accounts.items()), self.available)
        steps = [step for step in rule.propose(book) if self.accounts[step.model].due is None]
        self._unfunded &= {step.model for step in steps}
        for step in sorted(steps, key=lambda step: step.proposed > step.current):
            self._do(day, step, self.accounts[step.model])

    def _do(self, day: date, step: Proposal, account: Account) -> None:
        change = step.proposed - step.current
        if change > self.available:
            if step.model not in self._unfunded:  # one line for as long as it stays so
                self.actions.append(Action(day, step.model, change, step.reason, done=False))
            self._unfunded.add(step.model)
            return
        self._unfunded.discard(step.model)
        account.base = account.peak = step.proposed
        if change > 0:
            self.available -= change
            account.stake += change
        else:
            account.releasing = -change
            account.due = max((row.resolved for _, row in account.at_risk.values()), default=day)
            self.available += account.release(day)
        self.actions.append(Action(day, step.model, change, step.reason))

    def open(self, rows: Iterable[RoundReturn]) -> None:
        """Put the stakes, less what is leaving, at risk in new rounds."""
        for row in rows:
            account = self.accounts[row.model]
            risked = account.stake - account.releasing
            if risked >= MINIMUM:
                account.at_risk[row.round] = (risked, row)


def backtest_rule(
    rule: Rule, stakes: Mapping[str, Decimal], rows: Sequence[RoundReturn], available: Decimal = ZERO
) -> RuleBacktest:
    """`rule` from `stakes` and `available` free NMR over the rounds of `rows`, asked when a round opens or resolves.

    On a day: rounds resolve, due releases leave, the rule acts, new rounds take the stakes. Rows of models without a
    stake in `stakes` are not used.
    """
    used = [row for row in rows if row.model in stakes]
    opening: dict[date, list[RoundReturn]] = {}
    for row in used:
        opening.setdefault(row.opened, []).append(row)
    days = sorted({row.opened for row in used} | {row.resolved for row in used})
    ruled, plain = AccountHistory(stakes, available), AccountHistory(stakes, available)
    with_rule, without = [], []
    for day in days:
        ruled.settle(day)
        plain.settle(day)
        ruled.act(day, rule)
        ruled.open(opening.get(day, ()))
        plain.open(opening.get(day, ()))
        with_rule.append(ruled.owned)
        without.append(plain.owned)
    return RuleBacktest(tuple(days), tuple(with_rule), tuple(without), tuple(ruled.actions))


@dataclass(frozen=True, slots=True)
class Change:
    """A change of stake that the user made: signed NMR (a release is negative)."""

    day: date
    model: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line of the comparison of a rule with what was done.

    `verdict`: `followed`, `other amount`, `not followed` (nothing was done within the grace), or `unprompted` (a
    change that the rule did not ask for; `expected` is then None).
    """

    day: date
    model: str
    expected: Decimal | None
    done: Decimal | None
    verdict: str
    reason: str


def rule_followed(
    rule: Rule,
    books: Sequence[tuple[date, Book]],
    changes: Sequence[Change],
    *,
    grace: timedelta = timedelta(days=7),
    tolerance: Decimal = Decimal("0.1"),
) -> list[Verdict]:
    """What `rule` asked for on the user's real books (oldest first), and what the user did within `grace` of it.

    A request that stands for days on end is one request, from its first day until a change answers it or the rule
    drops it. An amount within `tolerance` of the request (a share of it) counts as followed.
    """
    open_requests: dict[str, tuple[date, Proposal]] = {}
    left = sorted(changes, key=lambda change: change.day)
    verdicts: list[Verdict] = []
    for day, book in books:
        asked = {step.model: step for step in rule.propose(book)}
        for model in [model for model in open_requests if model not in asked]:
            verdicts.append(answered(open_requests.pop(model), left, grace, tolerance))
        for model, step in asked.items():
            open_requests.setdefault(model, (day, step))
    verdicts.extend(answered(request, left, grace, tolerance) for request in open_requests.values())
    verdicts.extend(
        Verdict(change.day, change.model, None, change.amount, "unprompted", "no rule asked for it") for change in left
    )
    return sorted(verdicts, key=lambda verdict: (verdict.day, verdict.model))


def answered(request: tuple[date, Proposal], left: list[Change], grace: timedelta, tolerance: Decimal) -> Verdict:
    """The verdict on one request; the change that answers it is taken from `left`."""
    day, step = request
    expected = step.proposed - step.current
    for change in left:
        same_way = (change.amount > 0) == (expected > 0)
        if change.model == step.model and same_way and day <= change.day <= day + grace:
            left.remove(change)
            close = abs(change.amount - expected) <= tolerance * abs(expected)
            return Verdict(
                day, step.model, expected, change.amount, "followed" if close else "other amount", step.reason
            )
    return Verdict(day, step.model, expected, None, "not followed", step.reason)
