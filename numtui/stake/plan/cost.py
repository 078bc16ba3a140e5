"""The cost of being out: what released NMR does not earn in the rounds that open until it is free again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import fsum

from numtui.analysis.rules.backtest import RoundReturn
from numtui.analysis.stakes import missed_earnings
from numtui.calendar import rounds_opened
from numtui.format import counted
from numtui.money import decimal_text
from numtui.stake.plan.steps import Action, StakePlan, State, Step


@dataclass(frozen=True, slots=True)
class BeingOut:
    """A step's NMR out of `rounds` rounds. `mean` return of the model's `settled` rounds; None where there are none.

    `cost` in NMR is amount x mean x rounds: what it would have earned at that mean; a negative one is a loss spared.
    """

    step: Step
    until: datetime
    rounds: int
    settled: int
    mean: float | None
    cost: Decimal | None

    def line(self) -> str:
        """In words."""
        out = f"{self.step.model}: {decimal_text(self.step.amount)} NMR is out of about {counted(self.rounds, 'round')}"
        until = f"{out} until {self.until:%d %b %Y}"
        if self.cost is None or self.mean is None:
            return f"{until}; what that costs is not known: the cache has no settled round of it"
        mean = f"its mean of {self.mean:+.4%} a round ({self.settled} settled rounds)"
        return f"{until}, where it would have brought {self.cost:+.4f} NMR at {mean}"


def cost_of_being_out(plan: StakePlan, returns: Sequence[RoundReturn]) -> list[BeingOut]:
    """A line a step that takes NMR out for a while: releases until they are due, increases that have to wait."""
    costs = []
    for step in plan.steps:
        until = step.not_before if step.state is State.LATER else step.due
        if until is None or step.state is State.BLOCKED or step.action is Action.INSTRUCT:
            continue
        values = [row.value for row in returns if row.model == step.model]
        rounds = rounds_opened(plan.snapshot.taken_at.date(), until.date())
        mean = fsum(values) / len(values) if values else None
        cost = None if mean is None else missed_earnings(step.amount, mean, rounds)
        costs.append(BeingOut(step, until, rounds, len(values), mean, cost))
    return costs
