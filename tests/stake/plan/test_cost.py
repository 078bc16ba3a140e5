"""What NMR that is out for a while would have brought."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from numtui.analysis.rules.backtest import RoundReturn
from numtui.stake.plan.cost import cost_of_being_out
from numtui.stake.plan.planner import make_plan
from tests.stake.states import LAST, D, model, snapshot


def settled(name: str, *values: float) -> list[RoundReturn]:
    days = (date(2026, 1, 1), date(2026, 2, 1))
    return [RoundReturn(name, number, *days, value) for number, value in enumerate(values, 1000)]


def test_the_mean_of_the_models_own_rounds_times_the_rounds_it_is_out_of() -> None:
    plan = make_plan(snapshot(model("a", "50")), {"a": D(20)})
    returns = [*settled("a", 0.02, -0.01, 0.05), *settled("b", 0.5)]
    (cost,) = cost_of_being_out(plan, returns)
    assert (cost.until, cost.settled) == (LAST, 3)
    assert cost.mean == pytest.approx(0.02)
    assert cost.rounds > 50, "85 days, five rounds a week"
    assert cost.cost == Decimal(30) * Decimal(repr(cost.mean)) * cost.rounds


def test_without_a_settled_round_the_cost_is_not_known() -> None:
    (cost,) = cost_of_being_out(make_plan(snapshot(model("a", "50")), {"a": D(20)}), settled("b", 0.5))
    assert (cost.mean, cost.cost, cost.settled) == (None, None, 0)
    assert "not known" in cost.line()


def test_an_increase_that_is_sent_now_costs_nothing() -> None:
    assert cost_of_being_out(make_plan(snapshot(model("a", "50")), {"a": D(60)}), settled("a", 0.1)) == []
