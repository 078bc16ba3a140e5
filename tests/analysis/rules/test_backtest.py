"""The backtest of a rule: a worked example, and a second simulation written the other way round as its oracle."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_DOWN, Context, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numtui.analysis.rules.backtest import Change, RoundReturn, backtest_rule, rule_followed
from numtui.analysis.rules.portfolio import Book, Holding, Rule
from numtui.analysis.rules.rules import Combination, Hold, Stop, TakeProfit, TopUp
from numtui.clock import FixedClock
from numtui.demo.market.market import Market
from numtui.model import Tournament

D = Decimal

START = date(2026, 1, 1)
EXACT = Context(prec=80)


def day(number: int) -> date:
    return START + timedelta(days=number)


def row(number: int, opened: int, resolved: int, value: float, model: str = "a") -> RoundReturn:
    return RoundReturn(model, number, day(opened), day(resolved), value)


def test_take_profit_by_hand() -> None:
    rows = [row(1, 0, 10, 0.25), row(2, 5, 15, 0.04), row(3, 10, 20, -0.1)]
    result = backtest_rule(TakeProfit(D("0.2")), {"a": D(100)}, rows)
    # Day 10: 100 + 25 = 125 is +25 %: 25 are asked for, due on day 15 with round 2; round 3 takes 125 - 25 = 100.
    # Day 15: round 2 took 100 and pays 4: 129; the 25 leave: 104. Day 20: round 3 took 100 and burns 10: 94.
    assert [(action.day, action.amount, action.done) for action in result.actions] == [(day(10), D(-25), True)]
    assert result.days == (day(0), day(5), day(10), day(15), day(20))
    assert result.with_rule == (D(100), D(100), D(125), D(129), D(119))
    # Without it round 3 takes 125 and burns 12.5 of 129.
    assert result.without == (D(100), D(100), D(125), D(129), D("116.5"))
    assert result.gain == D("2.5")


def test_a_top_up_needs_free_nmr() -> None:
    rows = [row(1, 0, 5, -0.25), row(2, 5, 10, 0.1), row(3, 6, 12, 0.0)]
    poor = backtest_rule(TopUp(D("0.25")), {"a": D(100)}, rows, available=D(24))
    assert [(action.day, action.amount, action.done) for action in poor.actions] == [(day(5), D(25), False)]
    rich = backtest_rule(TopUp(D("0.25")), {"a": D(100)}, rows, available=D(25))
    assert [(action.day, action.amount, action.done) for action in rich.actions] == [(day(5), D(25), True)]
    # 75 at risk earn 7.5, 100 at risk earn 10
    assert (poor.with_rule[-1], rich.with_rule[-1]) == (D("106.5"), D("110"))


def test_a_stop_leaves_and_stays_out() -> None:
    rows = [row(1, 0, 5, -0.08), row(2, 3, 8, -0.5), row(3, 6, 12, -0.9), row(4, 9, 14, 0.9)]
    result = backtest_rule(Stop(D("0.07")), {"a": D(100)}, rows)
    # Day 5: 92 is a loss of 8 %: out, due on day 8; round 2 had taken 100 and burns 50 of what is leaving.
    assert [(action.day, action.amount) for action in result.actions] == [(day(5), D(-92))]
    assert result.with_rule[-1] == D(42)


def test_no_rounds_and_no_rule_change_nothing() -> None:
    assert backtest_rule(Stop(), {"a": D(1)}, []).gain == 0
    idle = backtest_rule(Combination(), {"a": D(1)}, [row(1, 0, 3, 0.05)])
    assert idle.with_rule == idle.without == (D(1), D("1.05"))
    assert idle.actions == ()


def simulated(rule: Rule, stake: D, free: D, rows: list[RoundReturn]) -> list[tuple[date, D]]:
    """The NMR owned each day, from all events, added up anew each time: slow, but plain."""
    days = sorted({one.opened for one in rows} | {one.resolved for one in rows})
    risked: dict[int, D] = {}
    paid: set[int] = set()
    kept, leaving, due, base, peak = stake, D(0), None, stake, stake
    owned = []
    for today in days:
        total = kept + leaving
        for one in rows:
            if one.resolved <= today and one.round in risked and one.round not in paid:
                paid.add(one.round)
                change = EXACT.multiply(risked[one.round], D(repr(one.value)))
                total = max(D(0), total + change.quantize(D("1e-18"), ROUND_DOWN, context=EXACT))
        leaving = min(leaving, total)
        kept = total - leaving
        peak = max(peak, kept)
        if due is not None and due <= today:
            free, leaving, due = free + leaving, D(0), None
        wanted = rule.propose(Book((Holding("a", kept, base, peak),), free)) if due is None else []
        for step in wanted:
            if step.proposed > kept and step.proposed - kept <= free:
                free, kept, base, peak = free - (step.proposed - kept), step.proposed, step.proposed, step.proposed
            elif step.proposed < kept:
                leaving, kept, base, peak = kept - step.proposed, step.proposed, step.proposed, step.proposed
                due = max(
                    (one.resolved for one in rows if one.round in risked and one.round not in paid), default=today
                )
                if due <= today:
                    free, leaving, due = free + leaving, D(0), None
        for one in rows:
            if one.opened == today and kept >= D("0.01"):
                risked[one.round] = kept
        owned.append((today, free + kept + leaving))
    return owned


values = st.floats(-0.3, 0.3, allow_nan=False)
spans = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 30), values), min_size=1, max_size=15)
ruled = st.sampled_from(
    [
        Combination(),
        Hold(D(90)),
        TakeProfit(D("0.05")),
        TopUp(D("0.05")),
        Stop(D("0.07")),
        Combination((TakeProfit(D("0.1")), TopUp(D("0.1")), Hold(D(120)))),
    ]
)


@settings(deadline=None)
@given(ruled, st.integers(1, 200).map(D), st.integers(0, 50).map(D), spans)
def test_the_backtest_is_the_direct_simulation(
    rule: Rule, stake: D, free: D, found: list[tuple[int, int, float]]
) -> None:
    rows = [row(number, opened, opened + length, value) for number, (opened, length, value) in enumerate(found)]
    result = backtest_rule(rule, {"a": stake}, rows, free)
    assert list(zip(result.days, result.with_rule, strict=True)) == simulated(rule, stake, free, rows)
    assert list(zip(result.days, result.without, strict=True)) == simulated(Combination(), stake, free, rows)


@pytest.mark.parametrize("rule", [Combination(), TakeProfit(D("0.05")), TopUp(D("0.02")), Stop(), Hold(D(100))])
def test_on_the_demo_it_is_the_direct_simulation(rule: Rule) -> None:
    market = Market(seed=0, clock=FixedClock(datetime(2026, 11, 20, 13, 30, tzinfo=UTC)), models=60)
    model = next(one for one in market.account_models_of(Tournament.SIGNALS) if one.name == "demo_signal_a")
    rows = []
    for position in market.ledger.positions(model):
        times = market.times(Tournament.SIGNALS, position.number)
        payout = position.payout()
        if position.resolved and position.at_risk and payout is not None:
            value = float(payout / position.at_risk)
            rows.append(RoundReturn("a", position.number, times.open.date(), times.resolve.date(), value))
    rows = rows[-200:]
    result = backtest_rule(rule, {"a": D(100)}, rows, D(50))
    assert list(zip(result.days, result.with_rule, strict=True)) == simulated(rule, D(100), D(50), rows)
    assert len(rows) == 200 and result.without[-1] != 150


@settings(deadline=None)
@given(ruled, spans)
def test_nothing_earned_is_nothing_changed(rule: Rule, found: list[tuple[int, int, float]]) -> None:
    rows = [row(number, opened, opened + length, 0.0) for number, (opened, length, _) in enumerate(found)]
    assert set(backtest_rule(rule, {"a": D(100)}, rows, D(10)).with_rule) == {D(110)}


def books(*stakes: int) -> list[tuple[date, Book]]:
    return [(day(n), Book((Holding("a", D(stake)), Holding("b", D(1))))) for n, stake in enumerate(stakes)]


def test_a_rule_that_was_followed() -> None:
    # 120 stands above the fixed 100 for two days; 19 of 20 are released on the second
    verdicts = rule_followed(Hold(D(100)), books(100, 120, 120, 100), [Change(day(2), "a", D(-19))])
    assert [(v.day, v.expected, v.done, v.verdict) for v in verdicts] == [(day(1), D(-20), D(-19), "followed")]


@pytest.mark.parametrize(
    ("rule", "holding", "asked"),
    [
        (Hold(D(100)), Holding("a", D("100.5")), D("-0.5")),
        (TopUp(D("0.001")), Holding("a", D("99.5"), peak=D(100)), D("0.5")),
    ],
)
def test_less_than_one_nmr_is_followed_too(rule: Rule, holding: Holding, asked: Decimal) -> None:
    books = [(day(0), Book((holding,), D(10)))]
    verdicts = rule_followed(rule, books, [Change(day(1), "a", -asked), Change(day(2), "a", asked)])
    assert [(v.done, v.verdict) for v in verdicts] == [(asked, "followed"), (-asked, "unprompted")]


def test_a_rule_that_was_not() -> None:
    late = Change(day(9), "a", D(-20))
    other = Change(day(0), "b", D(5))
    verdicts = rule_followed(Hold(D(100)), books(120, 120), [late, other])
    assert [(v.model, v.verdict) for v in verdicts] == [("a", "not followed"), ("b", "unprompted"), ("a", "unprompted")]
    half = rule_followed(Hold(D(100)), books(120, 110), [Change(day(1), "a", D(-10))])
    assert [v.verdict for v in half] == ["other amount"]


def test_a_request_that_was_dropped_and_came_again_counts_twice() -> None:
    verdicts = rule_followed(Hold(D(100)), books(120, 90, 130), [])
    assert [(v.day, v.expected) for v in verdicts] == [(day(0), D(-20)), (day(2), D(-30))]


def test_a_rule_does_the_same_to_ten_times_the_nmr() -> None:
    """Releases of less than 1 NMR too: what leaves stays at risk until it is free."""
    rows = [row(number, number, number + 8, 0.05 if number % 3 else -0.04) for number in range(12)]
    small = backtest_rule(Hold(D(100)), {"a": D("100.5")}, rows, D(10))
    large = backtest_rule(Hold(D(1000)), {"a": D(1005)}, rows, D(100))
    assert [10 * total for total in small.with_rule] == list(large.with_rule)
    assert [action.amount * 10 for action in small.actions] == [action.amount for action in large.actions]
